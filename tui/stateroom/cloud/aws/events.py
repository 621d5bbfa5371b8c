"""Handler of AWS::Events::Rule with its targets, which CloudFormation spells as the API does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws import ecs_targets
from stateroom.cloud.aws.calls import none_if_missing, paginate
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.reading import model
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.events_buses import (
    ApiDestinationHandler,
    ArchiveHandler,
    ConnectionHandler,
    EventBusHandler,
)
from stateroom.cloud.aws.handler_base import BATCH_FROM, HandlerFactory
from stateroom.cloud.provider import Reading, ReadRequest, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_TARGETS_A_CALL: Final = 10  # PutTargets and RemoveTargets (API reference)
_UNSETTLED: Final[Mapping[str, Sequence[str]]] = {
    "ConcurrentModificationException": (),
    "ValidationException": ("assume the role", "assume role"),
}
_TAGGING: Final = Tagging(
    "tag_resource",
    "untag_resource",
    ApiCall("list_tags_for_resource"),
    address={"ResourceARN": "{answer[Arn]}"},
    style="list",
)


class RuleHandler(DeclaredHandler):
    """Rule on an event bus: pattern or schedule, state, targets, tags.

    Ref is the rule's name on the default bus and `bus|name` on any other.
    """

    type = "AWS::Events::Rule"
    service = "events"
    settable = frozenset(
        {"Description", "EventBusName", "EventPattern", "Name", "RoleArn", "ScheduleExpression", "State"}
        | {"Tags", "Targets"}
    )
    batch_from = BATCH_FROM
    retry = _UNSETTLED
    reason = "waiting for EventBridge"
    looks_first = True  # PutRule writes over what has the name
    creating = ApiCall("put_rule")
    reading = ApiCall("describe_rule")
    updating = {"": ApiCall("put_rule", keeps=True)}
    deleting = ApiCall("delete_rule")
    tagging = _TAGGING
    settings = {
        "Description": Setting(unset=""),
        "EventPattern": Setting(DOCUMENT),
        **settings_of("RoleArn", "ScheduleExpression"),
        "State": Setting(unset="ENABLED"),
        "Targets": Setting(at_create=False, group="targets"),
    }
    attributes = {"Arn": "{answer[Arn]}"}

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return the name, with the bus if it is not the default one."""
        return _Address.of(resource.inputs).physical_id

    def arguments(
        self, call: ApiCall, resource: ResourceData, address: Mapping[str, Value] | None = None, at_hand: Any = None
    ) -> dict[str, Any]:
        """Return the arguments that name the rule and its bus, but for calls that have an address of their own."""
        if address:
            return super().arguments(call, resource, address, at_hand)
        return (_Address.parse(resource.id) if resource.id else _Address.of(resource.inputs)).arguments()

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings with the targets."""
        rule = _Address.parse(resource.id)
        names = {"Name": rule.name, "RuleName": rule.name, "EventBusName": rule.bus}
        targets = none_if_missing(lambda: _targets(self.client, rule)) or []
        return {**super().model(resource, answer), **names, "Targets": targets}

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield rules from the listing of their bus; only targets and tags are a call each."""
        buses = {_Address.parse(request.physical_id).bus for request in requests}
        listed = {item: rule for bus in sorted(buses) for item, rule in _listed(self.client, bus)}
        for request in requests:
            rule = listed.get(_Address.parse(request.physical_id).physical_id)
            found = None if rule is None else model(self, request.resource, rule)
            yield Reading(request.key, None if found is None else Live(request.physical_id, found))

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Put the rule with all its settings, unchanged ones as they are; then the targets."""
        yield from super().update(resource)
        if "Targets" in resource.changed:
            yield from _write_targets(self, resource.id, reveal(resource.inputs).get("Targets") or ())
        return None

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Remove the targets, as EventBridge requires."""
        if self.answer(resource) is not None:
            yield from _write_targets(self, resource.id, ())


class _Address:
    """Address of a rule: its bus and its name."""

    def __init__(self, bus: str, name: str) -> None:
        self.bus = bus
        self.name = name
        self.physical_id = name if bus == "default" else f"{bus}|{name}"

    @classmethod
    def of(cls, inputs: Properties) -> _Address:
        """Make an address from a rule's properties; a bus may be given by its ARN."""
        bus = str(reveal(inputs.get("EventBusName")) or "default")
        return cls(bus.rsplit("/", 1)[-1] if bus.startswith("arn:") else bus, str(reveal(inputs["Name"])))

    @classmethod
    def parse(cls, physical_id: str) -> _Address:
        """Parse an address from the value of Ref."""
        bus, _, name = physical_id.rpartition("|")
        return cls(bus or "default", name)

    def arguments(self) -> dict[str, str]:
        """Return the arguments that name a rule in most operations."""
        return {"Name": self.name, "EventBusName": self.bus}


def _listed(events: Any, bus: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield physical id and answer of every rule of a bus; none when the bus is gone."""
    pages = none_if_missing(lambda: list(paginate(events, "list_rules", "Rules", EventBusName=bus)))
    yield from ((_Address(bus, item["Name"]).physical_id, item) for item in pages or ())


def _targets(events: Any, rule: _Address) -> list[dict[str, Any]]:
    where = {"Rule": rule.name, "EventBusName": rule.bus}
    answered = paginate(events, "list_targets_by_rule", "Targets", **where)
    found = (ecs_targets.from_api(target, ecs_targets.RULES) for target in answered)
    return sorted(found, key=lambda target: str(target["Id"]))


def _write_targets(table: RuleHandler, physical_id: str, wanted: Sequence[Mapping[str, Any]]) -> Task[None]:
    """Remove targets that are there and not wanted, and put those that differ."""
    rule, put = _Address.parse(physical_id), ApiCall("put_targets")
    where = {"Rule": rule.name, "EventBusName": rule.bus}
    current = {target["Id"]: target for target in _targets(table.client, rule)}
    kept = {target["Id"] for target in wanted}
    for ids in _by_ten([name for name in current if name not in kept]):
        _check(table.client.remove_targets(**where, Ids=ids), rule)
    changed = [target for target in wanted if current.get(target["Id"]) != target]
    for targets in _by_ten([ecs_targets.to_api(target, ecs_targets.RULES) for target in changed]):
        answer = yield from table.send(put, {**where, "Targets": targets})
        _check(answer, rule)


def _by_ten(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _TARGETS_A_CALL):
        yield items[start : start + _TARGETS_A_CALL]


def _check(answer: Mapping[str, Any], rule: _Address) -> None:
    """Raise the errors in an answer: both target operations return 200 even when they failed."""
    if answer.get("FailedEntryCount"):
        entry = answer["FailedEntries"][0]
        raise CloudError(
            f"EventBridge refused target {entry.get('TargetId', '')} of rule {rule.name}",
            why=f"{entry.get('ErrorCode', '')}: {entry.get('ErrorMessage', '')}",
            todo="correct the target in the config, then deploy again",
            code=str(entry.get("ErrorCode", "")),
            operation="PutTargets",
        )


HANDLERS: tuple[HandlerFactory, ...] = (
    RuleHandler,
    EventBusHandler,
    ArchiveHandler,
    ConnectionHandler,
    ApiDestinationHandler,
)
