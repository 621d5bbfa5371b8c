"""Handler of AWS::Lambda::Version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import paginate, wait_until
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import settings_of
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.lambda_provisioned import PROPERTY, provision, provisioned
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import reveal

# Seconds. A snapshot takes "a few minutes", at most 15 with retries of a slow start (AWS Lambda developer guide,
# "Lambda SnapStart").
_SNAPSHOT: Final = 900.0
_RUNTIME: Final = ("UpdateRuntimeOn", "RuntimeVersionArn")


class VersionHandler(DeclaredHandler):
    """Published version. Ref is its qualified ARN. Publishing unchanged code answers with the existing version."""

    type = "AWS::Lambda::Version"
    service = "lambda"
    settable = frozenset({"CodeSha256", "Description", "FunctionName", PROPERTY, "RuntimePolicy"})
    ref = "{FunctionArn}"
    address = {"FunctionName": "{before}", "Qualifier": "{last}"}
    retry = CHANGING
    reason = "waiting for the function to be free"
    creating = ApiCall(
        "publish_version",
        {"FunctionName": "{FunctionName}"},
        reason="waiting for the function to be ready to be published",
    )
    reading = ApiCall("get_function", answer="Configuration")  # Lambda's largest budget
    deleting = ApiCall("delete_function")
    settings = settings_of("CodeSha256", "Description")
    attributes = {"FunctionArn": "{id}", "FunctionName": "{before}", "Version": "{answer[Version]}"}

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return the ARN with the version, which an emulator may leave out."""
        arn, version = super().id_of(resource, made), made["Version"]
        return arn if arn.endswith(f":{version}") else f"{arn}:{version}"

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Publish the function as it is now. Of a function that is not this state's, only a version that is new."""
        inputs = reveal(resource.inputs)
        others, function = _versions_of_others(self, resource), inputs["FunctionName"]
        sent = without_empty(pick(inputs, ("CodeSha256", "Description")))
        made = yield from self.send(self.creating, {"FunctionName": function, **sent})
        if str(made["Version"]) in others:
            raise CloudError(
                f"version {made['Version']} of {function} exists already and is not this resource's",
                why="somebody else published it, and the function has not changed since",
                todo="change the function, or refer to the version by its number",
                code="ResourceConflictException",
                operation="PublishVersion",
            )
        physical_id = self.id_of(resource, made)
        yield Identified(physical_id)
        yield from self.settle(resource.at(physical_id), made)
        return physical_id

    def settle(self, resource: ResourceData, answer: Any) -> Task[Any]:
        """Wait until a version with SnapStart has its snapshot, and until its concurrency is provisioned.

        An alias to it would fail until then (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html).
        """
        (function, _, version), inputs = resource.id.rpartition(":"), reveal(resource.inputs)
        if answer.get("State") == "Pending":
            settled = lambda: _is_settled(self.answer(resource), function, version)  # noqa: E731
            yield from wait_until(settled, f"waiting for version {version} to be initialised", deadline=_SNAPSHOT)
        if policy := pick(inputs.get("RuntimePolicy") or {}, _RUNTIME):
            manage = ApiCall("put_runtime_management_config")
            yield from self.send(manage, {**self.arguments(manage, resource), **policy})
        if inputs.get(PROPERTY):
            yield from provision(self.client, function, version, inputs)

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties; those that cost a further call only where the config sets them."""
        found, (function, _, version) = super().model(resource, answer), resource.id.rpartition(":")
        if PROPERTY in resource.inputs:
            found |= provisioned(self.client, function, version)
        if "RuntimePolicy" in resource.inputs:
            policy = self.ask(ApiCall("get_runtime_management_config"), resource)
            found["RuntimePolicy"] = without_empty(pick(policy or {}, _RUNTIME))
        return found

    def locate(self, resource: ResourceData) -> Existing | None:
        """Answer None: publishing again answers the version that is there already."""
        return None


def _versions_of_others(table: VersionHandler, resource: ResourceData) -> frozenset[str]:
    """Numbers of the versions that somebody else published: all that there are, unless the function is ours."""
    api, function = table.client, str(reveal(resource.inputs["FunctionName"]))
    if tags.of_state(api.get_function(FunctionName=function).get("Tags") or {}, resource.owner):
        return frozenset()
    pages = paginate(api, "list_versions_by_function", "Versions", FunctionName=function)
    return frozenset(str(item["Version"]) for item in pages)


def _is_settled(state: Mapping[str, Any] | None, function: str, version: str) -> bool:
    if not state:
        return False
    if state.get("State") == "Failed":
        raise CloudError(
            f"version {version} of {function.rsplit(':', 1)[-1]} did not become active",
            why=str(state.get("StateReason") or "Lambda gives no reason"),
            todo="correct what the function does when it starts, then deploy again",
            code=str(state.get("StateReasonCode") or "Failed"),
            operation="PublishVersion",
        )
    return bool(state.get("State") != "Pending")
