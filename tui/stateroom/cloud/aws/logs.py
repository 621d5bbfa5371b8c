"""Handler of AWS::Logs::LogGroup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing, paginate, retry_while, wait_until
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import name_taken, without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_BUSY: Final[Mapping[str, Sequence[str]]] = {"OperationAbortedException": ()}
_REASON: Final = "waiting for another change of the log group to end"
_SUPPORTED: Final = frozenset(
    {"Arn", "DeletionProtectionEnabled", "KmsKeyId", "LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"}
)


class LogGroupHandler(AwsHandler):
    """Log group. Ref is its name."""

    type = "AWS::Logs::LogGroup"
    settable = _SUPPORTED
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the group, or finish the one that an earlier try of ours made."""
        inputs = reveal(resource.inputs)
        _check_supported(inputs)
        name = str(inputs["LogGroupName"])
        arguments = without_empty(
            {
                "logGroupName": name,
                "kmsKeyId": inputs.get("KmsKeyId"),
                "logGroupClass": inputs.get("LogGroupClass"),
                "tags": tags.wanted(inputs, resource.owner),
            }
        )
        remaining = frozenset(inputs) & {"RetentionInDays", "DeletionProtectionEnabled"}
        try:
            yield from retry_while(lambda: self._logs.create_log_group(**arguments), _BUSY, _REASON)
        except Exception as error:
            if error_code(error) != "ResourceAlreadyExistsException":
                raise
            if not tags.owned_by(self._tags(name), resource.owner):
                raise name_taken("log group", name, error_code(error), "CreateLogGroup") from None
            remaining = frozenset(inputs) | {"Tags"}
        yield Identified(name)
        yield from self.update(resource.at(name, remaining))
        return name

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the group, or None. Tags are read where the config sets some."""
        group = self._group(resource.id)
        return None if group is None else self._model(group, resource.inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield groups from pages with the common name prefix of the requested ones."""
        wanted = {request.physical_id: request for request in requests}
        prefix = _common_start(list(wanted))
        arguments = {"logGroupNamePrefix": prefix} if prefix else {}
        for group in paginate(self._logs, "describe_log_groups", "logGroups", **arguments):
            request = wanted.pop(group["logGroupName"], None)
            if request:
                yield Reading(request.key, Live(request.physical_id, self._model(group, request.inputs)))
            if not wanted:
                return
        for request in wanted.values():
            yield Reading(request.key)

    def update(self, resource: ResourceData) -> Task[None]:
        """Update retention, key, deletion protection and tags, one call each."""
        inputs = reveal(resource.inputs)
        _check_supported({name: inputs[name] for name in resource.changed & inputs.keys()})
        writers = {
            "RetentionInDays": lambda: self._write_retention(resource.id, inputs),
            "KmsKeyId": lambda: self._write_key(resource.id, inputs),
            "DeletionProtectionEnabled": lambda: self._write_protection(resource.id, inputs),
            "Tags": lambda: self._write_tags(resource.id, tags.wanted(inputs, resource.owner)),
        }
        for name, write in writers.items():
            if name in resource.changed:
                yield from retry_while(write, _BUSY, _REASON)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the group and its logs."""
        call = lambda: none_if_missing(lambda: self._logs.delete_log_group(logGroupName=resource.id))  # noqa: E731
        yield from retry_while(call, _BUSY, _REASON)
        yield from wait_until(lambda: self._group(resource.id) is None, "waiting for the log group to be gone")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the group of that name."""
        name = str(reveal(resource.inputs["LogGroupName"]))
        return None if self._group(name) is None else Existing(name, self._tags(name))

    @property
    def _logs(self) -> Any:
        return self._clients("logs")

    def _group(self, name: str) -> dict[str, Any] | None:
        groups = paginate(self._logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
        return next((item for item in groups if item["logGroupName"] == name), None)

    def _arn(self, name: str) -> str:
        # ListTagsForResource and TagResource take the ARN without the `:*` that DescribeLogGroups ends it with.
        group = self._group(name)
        return str(group["arn"]).removesuffix(":*") if group else ""

    def _tags(self, name: str) -> Mapping[str, str]:
        arn = self._arn(name)
        answer = none_if_missing(lambda: self._logs.list_tags_for_resource(resourceArn=arn)) if arn else None
        return (answer or {}).get("tags") or {}

    def _model(self, group: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
        current_tags: Mapping[str, str] = {}
        if "Tags" in inputs:
            arn = group["arn"].removesuffix(":*")
            current_tags = self._logs.list_tags_for_resource(resourceArn=arn).get("tags") or {}
        return without_empty(
            {
                "Arn": group["arn"],
                "DeletionProtectionEnabled": group.get("deletionProtectionEnabled"),
                "KmsKeyId": group.get("kmsKeyId"),
                "LogGroupClass": group.get("logGroupClass"),
                "LogGroupName": group["logGroupName"],
                "RetentionInDays": group.get("retentionInDays"),
                "Tags": tags.as_list(tags.user_tags(current_tags)),
            }
        )

    def _write_retention(self, name: str, inputs: Properties) -> None:
        days = inputs.get("RetentionInDays")
        if days is None:
            self._logs.delete_retention_policy(logGroupName=name)
        else:
            self._logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))

    def _write_key(self, name: str, inputs: Properties) -> None:
        key = inputs.get("KmsKeyId")
        if key:
            self._logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
        else:
            none_if_missing(lambda: self._logs.disassociate_kms_key(logGroupName=name))

    def _write_protection(self, name: str, inputs: Properties) -> None:
        protected = inputs.get("DeletionProtectionEnabled")
        if protected is not None:
            self._logs.put_log_group_deletion_protection(
                logGroupIdentifier=name, deletionProtectionEnabled=str(protected).lower() == "true"
            )

    def _write_tags(self, name: str, wanted: Mapping[str, str]) -> None:
        arn = self._arn(name)
        current = self._logs.list_tags_for_resource(resourceArn=arn).get("tags") or {}
        to_set, to_remove = tags.difference(current, wanted)
        if to_set:
            self._logs.tag_resource(resourceArn=arn, tags=to_set)
        if to_remove:
            self._logs.untag_resource(resourceArn=arn, tagKeys=list(to_remove))


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    return next((first[:index] for index, letter in enumerate(first) if last[index : index + 1] != letter), first)


def _check_supported(inputs: Properties) -> None:
    unknown = sorted(inputs.keys() - _SUPPORTED)
    if unknown:
        raise CloudError(
            f"AWS::Logs::LogGroup: {', '.join(unknown)} cannot be set yet",
            why="stateroom does not write this property, and will not pretend that it did",
            todo="leave it out of the config; if it was set by hand, it stays as it is",
        )


HANDLERS: tuple[HandlerFactory, ...] = (LogGroupHandler,)
