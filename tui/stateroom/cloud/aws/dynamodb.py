"""Handler of AWS::DynamoDB::Table. A table allows one change at a time and must be active between changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from stateroom.cloud import tags
from stateroom.cloud.aws import dynamodb_model
from stateroom.cloud.aws.calls import none_if_missing, paginate, retry_while, wait_until
from stateroom.cloud.aws.dynamodb_features import FEATURES
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import name_taken, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Properties, reveal

_BUSY: Final[Mapping[str, Sequence[str]]] = {
    "ResourceInUseException": (),  # while it is created, updated, or an index is built
    "LimitExceededException": (),  # too many tables at once; tables with indexes are made one by one
}
_Change: TypeAlias = Callable[["TableHandler", str, Properties], Task[None]]


class TableHandler(AwsHandler):
    """Table with indexes, stream, encryption, TTL, backups and tags. Ref is the table's name."""

    type = "AWS::DynamoDB::Table"
    settable = dynamodb_model.CREATED | FEATURES.keys() | {"SSESpecification", "StreamSpecification", "Tags"}
    unsettable = dynamodb_model.UNSETTABLE

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the table, wait until it is active, then set what CreateTable does not accept."""
        inputs, dynamodb = reveal(resource.inputs), self._clients("dynamodb")
        name = str(inputs["TableName"])
        arguments = dynamodb_model.create_arguments(inputs)
        arguments["Tags"] = tags.as_list(tags.wanted(inputs, resource.owner))
        later = frozenset(inputs) & FEATURES.keys()
        try:
            retry = {"LimitExceededException": ()}
            yield from retry_while(lambda: dynamodb.create_table(**arguments), retry, "waiting for a free table slot")
        except Exception as error:
            if error_code(error) != "ResourceInUseException":
                raise
            if tags.ours(self.locate(resource), resource.owner) is None:
                raise name_taken("table", name, error_code(error), "CreateTable") from error
            later = frozenset(inputs)
        yield Identified(name)
        yield from self._settle(name, "waiting for the table to become active")
        yield from self.update(resource.at(name, later))
        return name

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the table and its features.

        Rare features that cost a call each are read only on request.
        """
        table = self._describe(resource.id)
        if table is None or table["TableStatus"] == "DELETING":
            return None
        dynamodb, model = self._clients("dynamodb"), dynamodb_model.model(table, resource.inputs)
        for name, feature in FEATURES.items():
            if feature.always or resource.inputs.get(name):
                model[name] = none_if_missing(lambda feature=feature: feature.read(dynamodb, table))  # type: ignore[misc]
        current_tags = none_if_missing(lambda: self._tags(table["TableArn"]))
        return without_empty({**model, "Tags": tags.as_list(tags.user_tags(current_tags or {}))})

    def update(self, resource: ResourceData) -> Task[None]:
        """Write the changed groups one after the other, each only where it differs from the table."""
        inputs = reveal(resource.inputs)
        for properties, change in _CHANGES:
            if properties & resource.changed:
                yield from change(self, resource.id, inputs)
        dynamodb = self._clients("dynamodb")
        for name, feature in FEATURES.items():
            if name in resource.changed:
                table = self._describe(resource.id)
                call = lambda feature=feature, name=name, table=table: feature.write(  # noqa: E731
                    dynamodb, table, inputs.get(name) or {}
                )
                yield from retry_while(call, {**_BUSY, **feature.retry}, f"waiting for DynamoDB to take {name}")
                yield from self._settle(resource.id, f"waiting for {name} to settle")
        if "Tags" in resource.changed:
            wanted = tags.wanted(inputs, resource.owner)
            known = tags.known_keys(resource.previous)
            yield from retry_while(lambda: self._write_tags(resource.id, wanted, known), _BUSY, "waiting for DynamoDB")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the table and wait until it is gone. DynamoDB refuses under deletion protection."""
        dynamodb = self._clients("dynamodb")
        yield from retry_while(
            lambda: none_if_missing(lambda: dynamodb.delete_table(TableName=resource.id)),
            _BUSY,
            "waiting for the table to finish another change",
        )
        yield from wait_until(lambda: self._describe(resource.id) is None, "waiting for the table to be gone")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the table of that name."""
        name = str(reveal(resource.inputs["TableName"]))
        table = self._describe(name)
        current_tags = None if table is None else none_if_missing(lambda: self._tags(table["TableArn"]))
        return None if current_tags is None else Existing(name, current_tags)

    def change_capacity(self, name: str, inputs: Properties) -> Task[None]:
        """Change billing mode and throughput; indexes follow when the mode becomes provisioned."""
        current = self._model(name)
        mode = inputs.get("BillingMode") or "PROVISIONED"
        arguments: dict[str, Any] = {}
        if mode != current["BillingMode"]:
            arguments["BillingMode"] = mode
        if mode == "PROVISIONED" and inputs.get("ProvisionedThroughput"):
            wanted = dynamodb_model.throughput(inputs["ProvisionedThroughput"])
            if wanted != current.get("ProvisionedThroughput"):
                arguments["ProvisionedThroughput"] = wanted
        if arguments.get("BillingMode") == "PROVISIONED":
            updates = self._index_throughputs(current, inputs)
            arguments |= {"GlobalSecondaryIndexUpdates": updates} if updates else {}
        if arguments:
            yield from self._update_table(name, **arguments)

    def change_indexes(self, name: str, inputs: Properties) -> Task[None]:
        """Change indexes one at a time, as DynamoDB requires: removals first, then additions."""
        current = {index["IndexName"]: index for index in self._model(name).get("GlobalSecondaryIndexes", ())}
        wanted = {index["IndexName"]: index for index in inputs.get("GlobalSecondaryIndexes") or ()}
        for index in list(current):
            if index not in wanted or not dynamodb_model.same_index(wanted[index], current[index]):
                yield from self._update_table(name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index}}])
                del current[index]
        for update in self._index_throughputs({"GlobalSecondaryIndexes": list(current.values())}, inputs):
            yield from self._update_table(name, GlobalSecondaryIndexUpdates=[update])
        for index in wanted:
            if index not in current:
                create = {"Create": dynamodb_model.new_index(wanted[index])}
                yield from self._update_table(
                    name, AttributeDefinitions=inputs["AttributeDefinitions"], GlobalSecondaryIndexUpdates=[create]
                )

    def change_stream(self, name: str, inputs: Properties) -> Task[None]:
        """Turn the stream on or off; another view type makes another stream (and another StreamArn)."""
        current, wanted = self._model(name).get("StreamSpecification"), inputs.get("StreamSpecification") or None
        if current and (wanted is None or current["StreamViewType"] != wanted["StreamViewType"]):
            yield from self._update_table(name, StreamSpecification={"StreamEnabled": False})
            current = None
        if wanted and current is None:
            yield from self._update_table(name, StreamSpecification=dynamodb_model.stream(inputs))

    def change_encryption(self, name: str, inputs: Properties) -> Task[None]:
        """Change the encryption key."""
        wanted = dynamodb_model.encryption(inputs)
        if wanted["Enabled"] or "SSESpecification" in self._model(name):
            yield from self._update_table(name, SSESpecification=wanted)

    def change_class(self, name: str, inputs: Properties) -> Task[None]:
        """Change the table class."""
        wanted = inputs.get("TableClass") or "STANDARD"
        if wanted != self._model(name).get("TableClass", "STANDARD"):
            yield from self._update_table(name, TableClass=wanted)

    def change_protection(self, name: str, inputs: Properties) -> Task[None]:
        """Change deletion protection."""
        yield from self._update_table(name, DeletionProtectionEnabled=bool(inputs.get("DeletionProtectionEnabled")))

    def change_limits(self, name: str, inputs: Properties) -> Task[None]:
        """Change the maximum throughput of an on-demand table; -1 removes a limit."""
        free = {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}
        yield from self._update_table(name, OnDemandThroughput=free | dict(inputs.get("OnDemandThroughput") or {}))

    def change_warmth(self, name: str, inputs: Properties) -> Task[None]:
        """Raise warm throughput, which cannot be lowered: unsetting leaves it."""
        if inputs.get("WarmThroughput"):
            yield from self._update_table(name, WarmThroughput=inputs["WarmThroughput"])

    def _index_throughputs(self, current: Mapping[str, Any], inputs: Properties) -> list[dict[str, Any]]:
        updates = []
        for index in current.get("GlobalSecondaryIndexes", ()):
            wanted = dynamodb_model.asked_index(inputs, index).get("ProvisionedThroughput")
            if wanted and dynamodb_model.throughput(wanted) != index.get("ProvisionedThroughput"):
                argument = {
                    "IndexName": index["IndexName"],
                    "ProvisionedThroughput": dynamodb_model.throughput(wanted),
                }
                updates.append({"Update": argument})
        return updates

    def _update_table(self, name: str, **arguments: Any) -> Task[None]:
        dynamodb = self._clients("dynamodb")
        call = lambda: dynamodb.update_table(TableName=name, **arguments)  # noqa: E731
        yield from retry_while(call, _BUSY, "waiting for the table to finish another change")
        yield from self._settle(name, f"waiting for the table to take {', '.join(sorted(arguments))}")

    def _settle(self, name: str, reason: str) -> Task[None]:
        yield from wait_until(lambda: _is_settled(self._describe(name)), reason, deadline=1800)

    def _describe(self, name: str) -> dict[str, Any] | None:
        answer = none_if_missing(lambda: self._clients("dynamodb").describe_table(TableName=name))
        return None if answer is None else dict(answer["Table"])

    def _model(self, name: str) -> Properties:
        return dynamodb_model.model(self._clients("dynamodb").describe_table(TableName=name)["Table"], {})

    def _tags(self, arn: str) -> dict[str, str]:
        return tags.from_list(paginate(self._clients("dynamodb"), "list_tags_of_resource", "Tags", ResourceArn=arn))

    def _write_tags(self, name: str, wanted: Mapping[str, str], known: frozenset[str]) -> None:
        dynamodb = self._clients("dynamodb")
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        to_set, to_remove = tags.difference(self._tags(arn), wanted, known)
        if to_set:
            dynamodb.tag_resource(ResourceArn=arn, Tags=tags.as_list(to_set))
        if to_remove:
            dynamodb.untag_resource(ResourceArn=arn, TagKeys=list(to_remove))


def _is_settled(table: Mapping[str, Any] | None) -> bool:
    # Right after CreateTable the table may not be described yet; during an index build the table itself is active.
    if table is None or table["TableStatus"] != "ACTIVE":
        return False
    return all(index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in table.get("GlobalSecondaryIndexes") or ())


# In this order: an index must not go before the mode that its throughput belongs to.
_CHANGES: Final[tuple[tuple[frozenset[str], _Change], ...]] = (
    (frozenset({"BillingMode", "ProvisionedThroughput"}), TableHandler.change_capacity),
    (frozenset({"GlobalSecondaryIndexes"}), TableHandler.change_indexes),
    (frozenset({"StreamSpecification"}), TableHandler.change_stream),
    (frozenset({"SSESpecification"}), TableHandler.change_encryption),
    (frozenset({"TableClass"}), TableHandler.change_class),
    (frozenset({"DeletionProtectionEnabled"}), TableHandler.change_protection),
    (frozenset({"OnDemandThroughput"}), TableHandler.change_limits),
    (frozenset({"WarmThroughput"}), TableHandler.change_warmth),
)

HANDLERS: tuple[HandlerFactory, ...] = (TableHandler,)
