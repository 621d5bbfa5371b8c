"""Compile `cognitoUserPool` events to triggers of a user pool, which is created unless it exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, permit
from stateroom.config.events.existing import existing_pool
from stateroom.config.naming import alphanumeric
from stateroom.config.service import Service
from stateroom.model.values import Value

_KEYS: Final = key_types("pool:text trigger:text existing:flag forceDeploy:flag kmsKeyId:scalar lambdaVersion:text")
_SENDERS: Final = frozenset({"CustomSMSSender", "CustomEmailSender"})
_TOKENS: Final = "PreTokenGeneration"
_TRIGGERS: Final = _SENDERS | {
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    _TOKENS,
    "CustomMessage",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "UserMigration",
}
_VERSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_SENDERS, ("V1_0",)),
    _TOKENS: ("V1_0", "V2_0", "V3_0"),
}

_Users = list[tuple[Event, dict[str, Value]]]


def cognito_user_pool(build: Compilation, events: Sequence[Event]) -> None:
    """Add user pools with their triggers, and a permission for each trigger."""
    made: dict[str, _Users] = {}
    there: dict[str, _Users] = {}
    for event in events:
        options = _options(build.service, event)
        if options.get("existing"):
            there.setdefault(event.key, []).append((event, options))
        else:
            made.setdefault(str(options["pool"]), []).append((event, options))
    for pool, users in made.items():
        _check_key(build.service, users)
        _pool(build, pool, users)
    for users in there.values():
        _check_key(build.service, users)
        existing_pool(build, users, [_config(options) for _, options in users])


def _options(service: Service, event: Event) -> dict[str, Value]:
    options = event.options(service, "", _KEYS)
    event.required(service, options, "pool", "trigger")
    if intrinsic(options["pool"]):
        raise event.account_needed(service, "the user pool's name", "pool")
    event.one_of(service, options, "trigger", _TRIGGERS)
    trigger = str(options["trigger"])
    versions = _VERSIONS.get(trigger, ())
    if options.get("lambdaVersion") and not versions:
        todo = f"remove it: only {', '.join(sorted(_VERSIONS))} have versions"
        raise event.error(service, f"{trigger} has no versions", "lambdaVersion", todo=todo)
    event.one_of(service, options, "lambdaVersion", versions)
    if trigger in _SENDERS and not options.get("kmsKeyId"):
        raise event.error(service, f"{trigger} without a key", todo="add kmsKeyId: with the key's ARN")
    return options


def _check_key(service: Service, users: _Users) -> None:
    """Check that a pool's custom senders name one KMS key. Raises ConfigError."""
    keys: list[Value] = []
    for event, options in users:
        if options["trigger"] in _SENDERS:
            keys.append(options["kmsKeyId"])
            if keys[-1] != keys[0]:
                raise event.error(service, "a second key for one pool", "kmsKeyId", todo="use the same key")


def _pool(build: Compilation, pool: str, users: _Users) -> None:
    suffix = alphanumeric(pool)
    logical_id = f"CognitoUserPool{suffix}"
    triggers: dict[str, Value] = {}
    after: list[str] = []
    for event, options in users:
        triggers |= _trigger(event, options)
        after += event.after or (event.function.logical_id,)
    properties = {"UserPoolName": pool, "LambdaConfig": triggers}
    depends_on = tuple(dict.fromkeys(after))
    build.add(logical_id, "AWS::Cognito::UserPool", properties, users[0][0].path, depends_on=depends_on)
    for event, options in users:
        permission = f"{logical_id}TriggerSource{alphanumeric(str(options['trigger']))}"
        source = {"Fn::GetAtt": [logical_id, "Arn"]}
        permit(build, event, permission, "cognito-idp.amazonaws.com", SourceArn=source)


def _trigger(event: Event, options: Mapping[str, Value]) -> dict[str, Value]:
    """Return the trigger's part of LambdaConfig."""
    trigger, version = str(options["trigger"]), options.get("lambdaVersion")
    if trigger in _SENDERS:
        return {
            trigger: {"LambdaArn": event.target, "LambdaVersion": version or "V1_0"},
            "KMSKeyID": options["kmsKeyId"],
        }
    if trigger == _TOKENS and version:
        return {"PreTokenGenerationConfig": {"LambdaArn": event.target, "LambdaVersion": version}}
    return {trigger: event.target}


def _config(options: Mapping[str, Value]) -> dict[str, Any]:
    """Return the trigger's configuration for the custom resource of an existing pool."""
    trigger, version = str(options["trigger"]), options.get("lambdaVersion")
    config: dict[str, Any] = {"Trigger": trigger}
    if trigger in _SENDERS:
        return {**config, "LambdaVersion": version or "V1_0", "KMSKeyID": options["kmsKeyId"]}
    return {**config, "LambdaVersion": version} if trigger == _TOKENS and version else config
