"""Handlers of AWS::Lambda::Version and AWS::Lambda::Alias."""

from __future__ import annotations

from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing, paginate, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.lambda_function import CHANGING
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, Owner, Pause, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal

_POLL: Final = 1.0  # seconds between two looks at provisioned concurrency


class VersionHandler(AwsHandler):
    """Published version. Ref is its qualified ARN. Publishing unchanged code returns the existing version."""

    type = "AWS::Lambda::Version"
    settable = frozenset({"CodeSha256", "Description", "FunctionName"})

    def create(self, resource: ResourceData) -> Task[str]:
        """Publish the function as it is now. Of a function that is not this state's, only a version that is new."""
        others, function = self._versions_of_others(resource.inputs, resource.owner), _function(resource.inputs)
        arguments = without_empty(
            {
                "FunctionName": function,
                "CodeSha256": resource.inputs.get("CodeSha256"),
                "Description": resource.inputs.get("Description"),
            }
        )
        publish = lambda: self._clients("lambda").publish_version(**reveal(arguments))  # noqa: E731
        answer = yield from retry_while(publish, CHANGING, "waiting for the function to be ready to be published")
        if str(answer["Version"]) in others:
            raise CloudError(
                f"version {answer['Version']} of {function} exists already and is not this resource's",
                why="somebody else published it, and the function has not changed since",
                todo="change the function, or refer to the version by its number",
                code="ResourceConflictException",
                operation="PublishVersion",
            )
        physical_id = str(answer["FunctionArn"])
        if not physical_id.endswith(f":{answer['Version']}"):  # an emulator may leave it out
            physical_id = f"{physical_id}:{answer['Version']}"
        yield Identified(physical_id)
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the version as properties, or None."""
        function, _, version = resource.id.rpartition(":")
        answer = none_if_missing(
            lambda: self._clients("lambda").get_function_configuration(FunctionName=function, Qualifier=version)
        )
        if answer is None:
            return None
        return without_empty(
            {
                "FunctionArn": resource.id,
                "FunctionName": function,
                "Version": answer["Version"],
                "Description": answer.get("Description") or None,
                "CodeSha256": answer.get("CodeSha256"),
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Do nothing: a version is immutable, changes publish another."""
        yield from ()

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the version; a missing one is a success."""
        function, _, version = resource.id.rpartition(":")
        delete = lambda: none_if_missing(  # noqa: E731
            lambda: self._clients("lambda").delete_function(FunctionName=function, Qualifier=version)
        )
        yield from retry_while(delete, CHANGING, "waiting for the function to be free")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Answer None: publishing again answers the version that is there already."""
        return None

    def _versions_of_others(self, inputs: Properties, owner: Owner) -> frozenset[str]:
        """Numbers of the versions that somebody else published: all that there are, unless the function is ours."""
        api, function = self._clients("lambda"), _function(inputs)
        if tags.of_state(api.get_function(FunctionName=function).get("Tags") or {}, owner):
            return frozenset()
        pages = paginate(api, "list_versions_by_function", "Versions", FunctionName=function)
        return frozenset(str(item["Version"]) for item in pages)


class AliasHandler(AwsHandler):
    """Alias, with provisioned concurrency if configured. Ref is its ARN."""

    type = "AWS::Lambda::Alias"
    settable = frozenset(
        {"Description", "FunctionName", "FunctionVersion", "Name", "ProvisionedConcurrencyConfig", "RoutingConfig"}
    )
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Make the alias, or put right the one with our name that is there already."""
        existing = self.locate(resource)
        if existing is None:
            make = lambda: self._clients("lambda").create_alias(**reveal(_arguments(resource.inputs)))  # noqa: E731
            answer = yield from retry_while(make, CHANGING, "waiting for the function to be free")
            arn = str(answer["AliasArn"])
            yield Identified(arn)
            yield from self._provision(resource.inputs)
            return arn
        yield Identified(existing.physical_id)
        yield from self.update(resource.whole(existing.physical_id))
        return existing.physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the alias as properties, or None."""
        function, _, name = resource.id.rpartition(":")
        answer = none_if_missing(lambda: self._clients("lambda").get_alias(FunctionName=function, Name=name))
        if answer is None:
            return None
        wanted = self._provisioned(function, name)
        weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return without_empty(
            {
                "AliasArn": resource.id,
                "FunctionName": function,
                "FunctionVersion": answer["FunctionVersion"],
                "Name": name,
                "Description": answer.get("Description") or None,
                "ProvisionedConcurrencyConfig": wanted and {"ProvisionedConcurrentExecutions": wanted["Requested"]},
                "RoutingConfig": {
                    "AdditionalVersionWeights": [
                        {"FunctionVersion": version, "FunctionWeight": weight} for version, weight in weights.items()
                    ]
                }
                if weights
                else None,
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Update the alias's version and its provisioned concurrency."""
        if resource.changed & {"FunctionVersion", "Description", "RoutingConfig"}:
            arguments = {
                "Description": "",
                "RoutingConfig": {"AdditionalVersionWeights": {}},
                **_arguments(resource.inputs),
            }
            point = lambda: self._clients("lambda").update_alias(**reveal(arguments))  # noqa: E731
            yield from retry_while(point, CHANGING, "waiting for the function to be free")
        if "ProvisionedConcurrencyConfig" in resource.changed or "FunctionVersion" in resource.changed:
            yield from self._provision(resource.inputs)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the alias with its provisioned concurrency."""
        function, _, name = resource.id.rpartition(":")
        delete = lambda: none_if_missing(  # noqa: E731
            lambda: self._clients("lambda").delete_alias(FunctionName=function, Name=name)
        )
        yield from retry_while(delete, CHANGING, "waiting for the function to be free")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the function's alias of that name."""
        function, name = _function(resource.inputs), str(resource.inputs["Name"])
        answer = none_if_missing(lambda: self._clients("lambda").get_alias(FunctionName=function, Name=name))
        return Existing(str(answer["AliasArn"])) if answer else None

    def _provision(self, inputs: Properties) -> Task[None]:
        where = {"FunctionName": _function(inputs), "Qualifier": str(inputs["Name"])}
        wanted = (inputs.get("ProvisionedConcurrencyConfig") or {}).get("ProvisionedConcurrentExecutions")
        if wanted is None:
            if self._provisioned(where["FunctionName"], where["Qualifier"]) is not None:
                self._clients("lambda").delete_provisioned_concurrency_config(**where)
            return
        self._clients("lambda").put_provisioned_concurrency_config(
            **where, ProvisionedConcurrentExecutions=int(reveal(wanted))
        )
        while (answer := self._provisioned(where["FunctionName"], where["Qualifier"]) or {}).get("Status") != "READY":
            if answer.get("Status") == "FAILED":
                raise CloudError(
                    f"no provisioned concurrency for {where['FunctionName']}",
                    why=str(answer.get("StatusReason") or "Lambda gives no reason"),
                    todo="check the account's concurrency limit",
                    code="ProvisionedConcurrencyFailed",
                    operation="PutProvisionedConcurrencyConfig",
                )
            yield Pause(_POLL, "waiting for provisioned concurrency")

    def _provisioned(self, function: str, name: str) -> dict[str, Any] | None:
        """Return Requested, Status and StatusReason; None when there is none."""
        answer = none_if_missing(
            lambda: self._clients("lambda").get_provisioned_concurrency_config(FunctionName=function, Qualifier=name),
            "ProvisionedConcurrencyConfigNotFoundException",
        )
        if not answer:
            return None
        return {
            "Requested": answer["RequestedProvisionedConcurrentExecutions"],
            "Status": answer["Status"],
            "StatusReason": answer.get("StatusReason"),
        }


def _arguments(inputs: Properties) -> dict[str, Any]:
    """Return the arguments that creating and updating an alias share."""
    weights = (inputs.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    return without_empty(
        {
            "FunctionName": _function(inputs),
            "Name": inputs["Name"],
            "FunctionVersion": inputs["FunctionVersion"],
            "Description": inputs.get("Description"),
            "RoutingConfig": weights
            and {"AdditionalVersionWeights": {item["FunctionVersion"]: item["FunctionWeight"] for item in weights}},
        }
    )


def _function(inputs: Properties) -> str:
    return str(reveal(inputs["FunctionName"]))
