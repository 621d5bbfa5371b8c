"""Handler of Custom::CognitoUserPool: triggers of a user pool that another service, or nobody, deploys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing, paginate
from stateroom.cloud.aws.cognito import UserPoolHandler
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal

_TOKENS: Final = "PreTokenGeneration"
_VERSIONED: Final = "PreTokenGenerationConfig"
_KEY: Final = "KMSKeyID"
_FIRST: Final = "V1_0"
_SENDERS: Final = frozenset({"CustomEmailSender", "CustomSMSSender"})


class PoolTriggersHandler(AwsHandler):
    """Triggers of an existing pool that call one function. Ref is `<pool's id>/<function>`, as it was made.

    A pool's triggers are one map; those that call other functions are kept. One that calls another's function is
    never taken: a pool calls one function for each.
    """

    type = "Custom::CognitoUserPool"
    settable = frozenset({"FunctionName", "UserPoolConfigs", "UserPoolName"})
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Set the triggers."""
        inputs = reveal(resource.inputs)
        physical_id = f"{self._pool(inputs['UserPoolName'])}/{inputs['FunctionName']}"
        self._refuse_what_is_taken(resource.at(physical_id))
        yield Identified(physical_id)
        yield from self.update(resource.whole(physical_id))
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the triggers that call the function, or None without one."""
        inputs = reveal(resource.inputs)
        there = self._triggers(resource.id)
        own = {name: it for name, it in there.items() if _calls(it, _function(resource))}
        if not own:
            return None
        found = {config["Trigger"]: config for config in _configs(own, there.get(_KEY))}
        asked = [str(config["Trigger"]) for config in inputs.get("UserPoolConfigs") or ()]
        ordered = [found[name] for name in dict.fromkeys((*asked, *found)) if name in found]
        return {
            "UserPoolName": inputs.get("UserPoolName"),
            "FunctionName": _function(resource),
            "UserPoolConfigs": ordered,
        }

    def update(self, resource: ResourceData) -> Task[None]:
        """Write the triggers, and take away those that called the function, or the one before it, for other reasons."""
        self._refuse_what_is_taken(resource)
        inputs, before = reveal(resource.inputs), reveal(resource.previous).get("FunctionName")
        answer = self._clients("lambda").get_function_configuration(FunctionName=inputs["FunctionName"])
        arn = answer["FunctionArn"].split(":$LATEST")[0]
        there = self._triggers(resource.id)
        own = _of(there, _function(resource), str(before or ""))
        kept = {name: it for name, it in there.items() if name not in own}
        wanted: dict[str, Any] = {}
        for config in inputs.get("UserPoolConfigs") or ():
            wanted |= _trigger(config, arn)
        yield from self._write(resource.id, {**kept, **wanted})

    def delete(self, resource: ResourceData) -> Task[None]:
        """Take away the triggers that call the function."""
        there = self._triggers(resource.id)
        own = _of(there, _function(resource))
        if own:
            yield from self._write(resource.id, {name: it for name, it in there.items() if name not in own})

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for triggers of the pool that call the function."""
        inputs = reveal(resource.inputs)
        pools = self._pools(inputs["UserPoolName"])
        ids = (f"{pool}/{inputs['FunctionName']}" for pool in pools)
        return next((Existing(item) for item in ids if self.read(resource.at(item)) is not None), None)

    def _write(self, physical_id: str, triggers: Mapping[str, Any]) -> Task[None]:
        """Write a pool's triggers, and leave everything else of it as it is."""
        changed = frozenset({"LambdaConfig"})
        pool = ResourceData(physical_id.split("/")[0], {"LambdaConfig": dict(triggers)}, changed=changed)
        yield from UserPoolHandler(self._clients).update(pool)

    def _triggers(self, physical_id: str) -> dict[str, Any]:
        cognito, pool = self._clients("cognito-idp"), physical_id.split("/")[0]
        found = none_if_missing(lambda: cognito.describe_user_pool(UserPoolId=pool)["UserPool"]) or {}
        return dict(found.get("LambdaConfig") or {})

    def _pools(self, name: str) -> list[str]:
        pools = paginate(self._clients("cognito-idp"), "list_user_pools", "UserPools", MaxResults=60)
        return [str(pool["Id"]) for pool in pools if pool.get("Name") == name]

    def _pool(self, name: str) -> str:
        """Return the id of the pool of a name. Raises CloudError when there is not exactly one."""
        found = self._pools(name)
        if len(found) == 1:
            return found[0]
        raise CloudError(
            f"there are {len(found)} user pools named {name}" if found else f"there is no user pool named {name}",
            why="existing: true says that one exists, and a pool is found by its name",
            todo="rename the others, or name the right one" if found else "create it first, or leave existing: out",
            refused=True,
        )

    def _refuse_what_is_taken(self, resource: ResourceData) -> None:
        """Raise CloudError when a trigger calls a function that is not of this state."""
        there = self._triggers(resource.id)
        names = {
            name for config in reveal(resource.inputs).get("UserPoolConfigs") or () for name in _trigger(config, "")
        }
        before = str(reveal(resource.previous).get("FunctionName") or "")
        for name in sorted(names - {_KEY}):
            arn = _arn(there.get(name))
            if not arn or _calls(arn, _function(resource)) or _calls(arn, before):
                continue
            if tags.of_state(self._tags(arn), resource.owner):
                continue
            raise CloudError(
                f"{name} of user pool {resource.id.split('/')[0]} calls {arn.rpartition(':')[2]} already",
                why="a pool calls one function for each trigger, and that function is not of this service's state",
                todo=f"take {name} away from that function's service, or from the pool, then deploy again",
                refused=True,
            )

    def _tags(self, arn: str) -> dict[str, str]:
        answer = none_if_missing(lambda: self._clients("lambda").list_tags(Resource=arn))
        return dict((answer or {}).get("Tags") or {})


def _function(resource: ResourceData) -> str:
    """Return the function's name: the config's, which may have changed since the triggers were made."""
    return str(reveal(resource.inputs.get("FunctionName")) or resource.id.partition("/")[2])


def _arn(trigger: Any) -> str:
    return str(trigger.get("LambdaArn", "") if isinstance(trigger, Mapping) else trigger or "")


def _calls(trigger: Any, function: str) -> bool:
    return bool(function) and _arn(trigger).endswith(f":function:{function}")


def _of(triggers: Mapping[str, Any], *functions: str) -> set[str]:
    """Return the triggers that call one of the functions, with the key of senders when nobody else's need it."""
    own = {name for name, it in triggers.items() if any(_calls(it, function) for function in functions)}
    return own if triggers.keys() & _SENDERS - own else own | ({_KEY} if own & _SENDERS else set())


def _trigger(config: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Return the part of a pool's map that a configuration stands for."""
    name, version = str(config["Trigger"]), config.get("LambdaVersion")
    if config.get(_KEY):
        return {name: {"LambdaArn": arn, "LambdaVersion": version or _FIRST}, _KEY: config[_KEY]}
    if name == _TOKENS and version:
        return {_VERSIONED: {"LambdaArn": arn, "LambdaVersion": version}}
    return {name: arn}


def _configs(own: Mapping[str, Any], key: Any) -> Iterator[dict[str, Any]]:
    """Yield one configuration a trigger, as the framework writes them."""
    for name, trigger in own.items():
        if name == _VERSIONED:
            yield {"Trigger": _TOKENS, "LambdaVersion": trigger["LambdaVersion"]}
        elif name in _SENDERS:
            yield {"Trigger": name, "LambdaVersion": trigger["LambdaVersion"], _KEY: key}
        elif name != _TOKENS or _VERSIONED not in own:
            yield {"Trigger": name}
