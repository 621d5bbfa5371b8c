"""Handler of AWS::Events::Rule with its targets, which CloudFormation spells as the API does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws import ecs_targets
from stateroom.cloud.aws.calls import none_if_missing, paginate, retry_while
from stateroom.cloud.aws.events_buses import (
    ApiDestinationHandler,
    ArchiveHandler,
    ConnectionHandler,
    EventBusHandler,
)
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, name_taken, to_json, without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_SETTINGS: Final = ("Description", "EventPattern", "RoleArn", "ScheduleExpression", "State")
_TARGETS_A_CALL: Final = 10  # PutTargets and RemoveTargets (API reference)
_UNSETTLED: Final[Mapping[str, Sequence[str]]] = {
    "ConcurrentModificationException": (),
    "ValidationException": ("assume the role", "assume role"),
}


class RuleHandler(AwsHandler):
    """Rule on an event bus: pattern or schedule, state, targets, tags.

    Ref is the rule's name on the default bus and `bus|name` on any other.
    """

    type = "AWS::Events::Rule"
    settable = frozenset({*_SETTINGS, "EventBusName", "Name", "Tags", "Targets"})
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Put the rule and its targets, unless the name is taken: PutRule would overwrite it."""
        inputs = reveal(resource.inputs)
        rule = _Address.of(inputs)
        there = self._describe(rule)
        if there is None:
            arguments = _rule_arguments(rule, inputs)
            arguments["Tags"] = tags.as_list(tags.wanted(inputs, resource.owner))
            yield from self._retried(lambda: self._clients("events").put_rule(**arguments))
            yield Identified(rule.physical_id)
            yield from self._write_targets(rule, inputs.get("Targets") or (), ())
        elif tags.owned_by(self._tags(there["Arn"]), resource.owner):
            yield Identified(rule.physical_id)
            yield from self.update(resource.whole(rule.physical_id))
        else:
            raise name_taken("rule", rule.name, "ResourceAlreadyExistsException", "PutRule")
        return rule.physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the rule, its targets and tags, or None."""
        rule = _Address.parse(resource.id)
        described = self._describe(rule)
        return None if described is None else self._model(rule, described)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield rules from the listing of their bus; only targets and tags are a call each."""
        wanted = {request.key: _Address.parse(request.physical_id) for request in requests}
        listed: dict[tuple[str, str], Mapping[str, Any]] = {}
        for bus in sorted({rule.bus for rule in wanted.values()}):
            listing = lambda bus=bus: list(paginate(self._clients("events"), "list_rules", "Rules", EventBusName=bus))  # noqa: E731
            found = none_if_missing(listing)
            listed |= {(bus, item["Name"]): item for item in found or ()}
        for request in requests:
            rule = wanted[request.key]
            described = listed.get((rule.bus, rule.name))
            model = None if described is None else self._model(rule, described)
            yield Reading(request.key, None if model is None else Live(request.physical_id, model))

    def update(self, resource: ResourceData) -> Task[None]:
        """Put the rule with all its settings, unchanged ones as they are, because PutRule sets them all."""
        inputs, rule, events = reveal(resource.inputs), _Address.parse(resource.id), self._clients("events")
        if resource.changed & set(_SETTINGS):
            current = events.describe_rule(**rule.arguments())
            merged = {name: (inputs if name in resource.changed else current).get(name) for name in _SETTINGS}
            arguments = _rule_arguments(rule, merged)
            yield from self._retried(lambda: events.put_rule(**arguments))
        if "Targets" in resource.changed:
            yield from self._write_targets(rule, inputs.get("Targets") or (), self._targets(rule))
        if "Tags" in resource.changed:
            wanted = tags.wanted(inputs, resource.owner)
            known = tags.known_keys(resource.previous)
            yield from self._retried(lambda: self._write_tags(rule, wanted, known))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the targets, then delete the rule."""
        rule = _Address.parse(resource.id)
        if self._describe(rule) is not None:
            yield from self._write_targets(rule, (), self._targets(rule))
        delete = self._clients("events").delete_rule
        yield from self._retried(lambda: none_if_missing(lambda: delete(**rule.arguments())))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the rule of that name."""
        rule = _Address.of(reveal(resource.inputs))
        there = self._describe(rule)
        return Existing(rule.physical_id, self._tags(there["Arn"])) if there else None

    def _retried(self, call: Any) -> Task[Any]:
        return (yield from retry_while(call, _UNSETTLED, "waiting for EventBridge"))

    def _describe(self, rule: _Address) -> dict[str, Any] | None:
        return none_if_missing(lambda: dict(self._clients("events").describe_rule(**rule.arguments())))

    def _tags(self, arn: str) -> dict[str, str]:
        return tags.from_list(self._clients("events").list_tags_for_resource(ResourceARN=arn).get("Tags"))

    def _targets(self, rule: _Address) -> list[dict[str, Any]]:
        events, where = self._clients("events"), {"Rule": rule.name, "EventBusName": rule.bus}
        answered = paginate(events, "list_targets_by_rule", "Targets", **where)
        found = (ecs_targets.from_api(target, ecs_targets.RULES) for target in answered)
        return sorted(found, key=lambda target: str(target["Id"]))

    def _model(self, rule: _Address, described: Mapping[str, Any]) -> Properties | None:
        targets = none_if_missing(lambda: self._targets(rule))
        current_tags = none_if_missing(lambda: self._tags(described["Arn"]))
        if targets is None or current_tags is None:
            return None
        return without_empty(
            {
                "Name": rule.name,
                "RuleName": rule.name,
                "EventBusName": rule.bus,
                **{name: described.get(name) for name in _SETTINGS},
                "EventPattern": from_json(described.get("EventPattern")),
                "Targets": targets,
                "Tags": tags.as_list(tags.user_tags(current_tags)),
                "Arn": described["Arn"],
            }
        )

    def _write_targets(
        self, rule: _Address, wanted: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]
    ) -> Task[None]:
        events, where = self._clients("events"), {"Rule": rule.name, "EventBusName": rule.bus}
        current = {target["Id"]: target for target in there}
        kept = {target["Id"] for target in wanted}
        for ids in _by_ten([name for name in current if name not in kept]):
            _check(events.remove_targets(**where, Ids=ids), rule)
        changed = [target for target in wanted if current.get(target["Id"]) != target]
        for targets in _by_ten([ecs_targets.to_api(target, ecs_targets.RULES) for target in changed]):
            answer = yield from self._retried(lambda targets=targets: events.put_targets(**where, Targets=targets))
            _check(answer, rule)

    def _write_tags(self, rule: _Address, wanted: Mapping[str, str], known: frozenset[str]) -> None:
        events = self._clients("events")
        arn = events.describe_rule(**rule.arguments())["Arn"]
        to_set, to_remove = tags.difference(self._tags(arn), wanted, known)
        if to_set:
            events.tag_resource(ResourceARN=arn, Tags=tags.as_list(to_set))
        if to_remove:
            events.untag_resource(ResourceARN=arn, TagKeys=list(to_remove))


class _Address:
    """Address of a rule: its bus and its name."""

    def __init__(self, bus: str, name: str) -> None:
        self.bus = bus
        self.name = name
        self.physical_id = name if bus == "default" else f"{bus}|{name}"

    @classmethod
    def of(cls, inputs: Properties) -> _Address:
        """Make an address from a rule's properties; a bus may be given by its ARN."""
        bus = str(inputs.get("EventBusName") or "default")
        return cls(bus.rsplit("/", 1)[-1] if bus.startswith("arn:") else bus, str(inputs["Name"]))

    @classmethod
    def parse(cls, physical_id: str) -> _Address:
        """Parse an address from the value of Ref."""
        bus, _, name = physical_id.rpartition("|")
        return cls(bus or "default", name)

    def arguments(self) -> dict[str, str]:
        """Return the arguments that name a rule in most operations."""
        return {"Name": self.name, "EventBusName": self.bus}


def _rule_arguments(rule: _Address, settings: Mapping[str, Any]) -> dict[str, Any]:
    arguments = without_empty({name: settings.get(name) for name in _SETTINGS})
    if "EventPattern" in arguments:
        arguments["EventPattern"] = to_json(arguments["EventPattern"])
    return rule.arguments() | {"State": "ENABLED", "Description": ""} | arguments


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
