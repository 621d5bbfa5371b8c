"""Handler of AWS::Lambda::Function.

Creating and updating are asynchronous: each call is followed by a wait until the function has settled.
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws import lambda_model as shape
from stateroom.cloud.aws.calls import in_background, none_if_missing, paginate, retry_while, wait_until
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler
from stateroom.cloud.aws.lambda_extras import EXTRAS, read_extras, write_extras
from stateroom.cloud.aws.lambda_model import CHANGING, CREATING
from stateroom.cloud.provider import Identified, Pause, Reading, ReadRequest, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_LATER: Final = EXTRAS | {"ReservedConcurrentExecutions"}  # written by calls of their own
_FIRST_LOOK: Final = 0.3  # seconds after a change that is not done at once
_ROLE_REASON: Final = "waiting for Lambda to be able to assume the role"


class FunctionHandler(AwsHandler):
    """Function: code, configuration, tags, reserved concurrency. Ref is the function's name."""

    type = "AWS::Lambda::Function"
    settable = shape.SETTABLE
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create, wait until active, then write what a create does not take."""
        inputs = reveal(resource.inputs)
        shape.check_supported(inputs)
        name = str(inputs["FunctionName"])
        arguments = {
            **shape.configuration(inputs, frozenset(inputs)),
            **{key: inputs[key] for key in ("PackageType", "Architectures") if key in inputs},
            "FunctionName": name,
            "Code": shape.code(inputs, self._artifacts),
            "Tags": tags.wanted(inputs, resource.owner),
        }
        if "ImageUri" in arguments["Code"]:
            arguments["PackageType"] = "Image"
        made = yield from retry_while(lambda: self._lambda.create_function(**arguments), CREATING, _ROLE_REASON)
        yield Identified(name)
        settled = yield from self._settle(name, made)
        if not inputs.keys() & _LATER:
            return settled
        if "ReservedConcurrentExecutions" in inputs:
            yield from self._write_concurrency(name, inputs)
        yield from write_extras(self._lambda, name, inputs, frozenset(inputs))
        return name

    def read(self, resource: ResourceData) -> Properties | None:
        """Return GetFunction's answer without volatile fields (State, LastModified, RevisionId)."""
        answer = self._get(resource.id)
        return None if answer is None else _model(answer) | read_extras(self._lambda, resource.id, resource.inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield functions from ListFunctions, where it has all their properties.

        A listing has neither tags nor reserved concurrency. It is enough for a function with neither in its config,
        while no function of the account reserves any and the tagging API knows of no tags but ours.
        """
        reserves, tagged = in_background(self._somebody_reserves), in_background(self._tagged_by_others)
        plain = {request.physical_id: request for request in requests if not request.inputs.keys() & {"Tags", *_LATER}}
        rows = dict(self._listed(plain, pages=1 + len(plain) // 4))
        if reserves():
            return
        by_others = tagged()
        for name, row in rows.items():
            if row.get("PackageType") != "Image" and row["FunctionArn"] not in by_others:
                yield Reading(plain[name].key, Live(name, shape.model(row)))

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update code, then configuration, then concurrency and tags; waits after each of the first two."""
        settled = None
        inputs = reveal(resource.inputs)
        shape.check_supported({name: inputs[name] for name in resource.changed & inputs.keys()})
        if resource.changed & shape.CODE:
            architectures = inputs.get("Architectures") or ["x86_64"]
            package = {"Architectures": architectures, **shape.code(inputs, self._artifacts)}
            settled = yield from self._change(
                resource.id, lambda: self._lambda.update_function_code(FunctionName=resource.id, **package)
            )
        settings = shape.configuration({**inputs, "FunctionName": resource.id}, resource.changed)
        if settings:
            settled = yield from self._change(
                resource.id, lambda: self._lambda.update_function_configuration(FunctionName=resource.id, **settings)
            )
        if "ReservedConcurrentExecutions" in resource.changed:
            yield from self._write_concurrency(resource.id, inputs)
        yield from write_extras(self._lambda, resource.id, inputs, resource.changed)
        if "Tags" in resource.changed:
            self._write_tags(resource.id, tags.wanted(inputs, resource.owner), tags.known_keys(resource.previous))
        return None if resource.inputs.keys() & EXTRAS or resource.changed & {"Tags", *_LATER} else settled

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete, with every version and the resource policy."""
        yield from retry_while(
            lambda: none_if_missing(lambda: self._lambda.delete_function(FunctionName=resource.id)),
            CHANGING,
            f"waiting for {resource.id} to be free for deletion",
        )
        yield from wait_until(lambda: self._get(resource.id) is None, f"waiting for {resource.id} to be gone")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the function of that name."""
        name = str(reveal(resource.inputs["FunctionName"]))
        answer = self._get(name)
        return Existing(name, answer.get("Tags") or {}) if answer else None

    @property
    def _lambda(self) -> Any:
        return self._clients("lambda")

    def _get(self, name: str) -> Any:
        return none_if_missing(lambda: self._lambda.get_function(FunctionName=name))

    def _change(self, name: str, call: Callable[[], Any]) -> Task[Live]:
        answer = yield from retry_while(call, CHANGING, f"waiting for {name} to finish an earlier change")
        return (yield from self._settle(name, answer))

    def _settle(self, name: str, answer: Mapping[str, Any]) -> Task[Live]:
        """Wait until the function has settled and return it. `answer`: of the call that changed it."""
        reason = f"waiting for {name} to become active"
        if _is_settling(name, answer):
            yield Pause(_FIRST_LOOK, reason)
        found: Mapping[str, Any] = {}

        # GetFunction has a budget of its own (100 a second); every other read shares Lambda's 15 a second.
        def settled() -> bool:
            nonlocal found
            found = self._lambda.get_function(FunctionName=name)
            return not _is_settling(name, found["Configuration"])

        yield from wait_until(settled, reason)
        return Live(name, _model(found))

    def _write_concurrency(self, name: str, inputs: Properties) -> Task[None]:
        reserved = inputs.get("ReservedConcurrentExecutions")

        def write() -> None:
            if reserved is None:
                none_if_missing(lambda: self._lambda.delete_function_concurrency(FunctionName=name))
            else:
                self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))

        yield from retry_while(write, CHANGING, f"waiting for {name} to finish an earlier change")

    def _write_tags(self, name: str, wanted: Mapping[str, str], known: frozenset[str]) -> None:
        answer = self._lambda.get_function(FunctionName=name)
        arn = answer["Configuration"]["FunctionArn"]
        to_set, to_remove = tags.difference(answer.get("Tags") or {}, wanted, known)
        if to_set:
            self._lambda.tag_resource(Resource=arn, Tags=to_set)
        if to_remove:
            self._lambda.untag_resource(Resource=arn, TagKeys=list(to_remove))

    def _somebody_reserves(self) -> bool:
        limits = self._lambda.get_account_settings()["AccountLimit"]
        return bool(limits["ConcurrentExecutions"] != limits["UnreservedConcurrentExecutions"])

    def _tagged_by_others(self) -> set[str]:
        resources = paginate(
            self._clients("resourcegroupstaggingapi"),
            "get_resources",
            "ResourceTagMappingList",
            ResourceTypeFilters=["lambda:function"],
            TagFilters=[{"Key": tags.SERVICE}],
        )
        return {item["ResourceARN"] for item in resources if tags.user_tags(tags.from_list(item["Tags"]))}

    def _listed(self, wanted: Mapping[str, Any], *, pages: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        # Names cannot be filtered for, so in an account full of other functions paging soon costs more than it saves.
        missing = set(wanted)
        for page in self._lambda.get_paginator("list_functions").paginate(PaginationConfig={"MaxItems": pages * 50}):
            for row in page["Functions"]:
                if row["FunctionName"] in missing:
                    missing.discard(row["FunctionName"])
                    yield row["FunctionName"], row
            if not missing:
                return


def _model(answer: Mapping[str, Any]) -> dict[str, Any]:
    return shape.model(
        answer["Configuration"],
        image=answer.get("Code", {}).get("ImageUri"),
        current_tags=answer.get("Tags"),
        reserved=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    )


def _is_settling(name: str, state: Mapping[str, Any]) -> bool:
    """Tell whether a function is still settling. Raises CloudError when it has failed."""
    if state.get("State") == "Failed" or state.get("LastUpdateStatus") == "Failed":
        raise _failed(name, state)
    return state.get("State") == "Pending" or state.get("LastUpdateStatus") == "InProgress"


def _failed(name: str, state: Mapping[str, Any]) -> CloudError:
    failed = state.get("State") == "Failed"
    reason = state.get("StateReason" if failed else "LastUpdateStatusReason") or "Lambda gave no reason"
    return CloudError(
        f"{name} did not become active",
        why=str(reason),
        todo="correct the cause, then deploy again: the function is there and will be updated",
        code=str(state.get("StateReasonCode" if failed else "LastUpdateStatusReasonCode") or "Failed"),
    )
