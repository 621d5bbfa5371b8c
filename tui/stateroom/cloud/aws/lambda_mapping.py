"""Handler of AWS::Lambda::EventSourceMapping: a queue, stream or topic that a function polls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing, paginate, retry_while, wait_until
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler
from stateroom.cloud.aws.lambda_function import CHANGING
from stateroom.cloud.aws.shapes import to_json, without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_ROLE_REASON: Final = "waiting for Lambda to be allowed to read the event source"
_BUSY_REASON: Final = "waiting for the event source mapping to finish an earlier change"
_CREATING: Final[Mapping[str, Sequence[str]]] = {
    "InvalidParameterValueException": (
        "cannot be assumed by lambda",
        "cannot access stream",
        "does not have permissions to call",
        "execution role does not have permissions",
    ),
    "TooManyRequestsException": (),
}
_CHANGING: Final[Mapping[str, Sequence[str]]] = {**CHANGING, **_CREATING, "ResourceInUseException": ()}

# Property → what unsetting it means to UpdateEventSourceMapping. BatchSize depends on the source.
_SETTINGS: Final[Mapping[str, Any]] = {
    "AmazonManagedKafkaEventSourceConfig": None,
    "BatchSize": None,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "DocumentDBEventSourceConfig": None,
    "Enabled": True,
    "FilterCriteria": {},
    "FunctionName": None,
    "FunctionResponseTypes": [],
    "KmsKeyArn": "",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "MetricsConfig": {"Metrics": []},
    "ParallelizationFactor": 1,
    "ProvisionedPollerConfig": {},
    "ScalingConfig": {},
    "SelfManagedKafkaEventSourceConfig": None,
    "SourceAccessConfigurations": [],
    "TumblingWindowInSeconds": 0,
}
_FIXED: Final = (
    "EventSourceArn",
    "Queues",
    "SelfManagedEventSource",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
)
_ON: Final = frozenset({"Creating", "Enabled", "Enabling", "Updating"})
_SETTLED: Final = frozenset({"Enabled", "Disabled"})


class EventSourceMappingHandler(AwsHandler):
    """Mapping, one for each source and function. Ref is its UUID, which the cloud chooses."""

    type = "AWS::Lambda::EventSourceMapping"
    settable = frozenset({*_SETTINGS, *_FIXED, "Tags"})
    unsettable = frozenset({"SelfManagedKafkaEventSourceConfig.ConsumptionMode"})
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the mapping, after a deletion for the same pair, and wait until it polls."""
        inputs = reveal(resource.inputs)
        arguments = {name: _argument(name, inputs[name]) for name in (*_SETTINGS, *_FIXED) if name in inputs}
        arguments = _renamed(arguments) | {"Tags": tags.wanted(inputs, resource.owner)}
        call = lambda: self._lambda.create_event_source_mapping(**arguments)  # noqa: E731
        try:
            answer = yield from retry_while(call, _CREATING, _ROLE_REASON)
        except Exception as error:
            leaving = [item for item in self._of_this_pair(inputs) if item["State"] == "Deleting"]
            if error_code(error) != "ResourceConflictException" or not leaving:
                raise
            yield from wait_until(
                lambda: all(self._get(item["UUID"]) is None for item in leaving),
                "waiting for the earlier mapping of this source and function to be gone",
            )
            answer = yield from retry_while(call, _CREATING, _ROLE_REASON)
        yield Identified(answer["UUID"])
        yield from self._settle(answer["UUID"])
        return str(answer["UUID"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the mapping, or None; one that is being deleted is gone.

        Tags are read where the config sets some.
        """
        answer = self._get(resource.id)
        return self._model(answer, resource.inputs) if answer and answer["State"] != "Deleting" else None

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield mappings from ListEventSourceMappings, which has the fields of a single read."""
        wanted = {request.physical_id: request for request in requests}
        for row in paginate(self._lambda, "list_event_source_mappings", "EventSourceMappings"):
            request = wanted.get(row["UUID"])
            if request and row["State"] != "Deleting":
                yield Reading(request.key, Live(row["UUID"], self._model(row, request.inputs)))

    def update(self, resource: ResourceData) -> Task[None]:
        """Update all changed settings in one call, then the tags."""
        inputs = reveal(resource.inputs)
        arguments: dict[str, Any] = {}
        for name in sorted(resource.changed & _SETTINGS.keys()):
            value = inputs[name] if name in inputs else _reset(name, inputs)
            if value is not None:
                arguments[name] = _argument(name, value)
        if arguments:
            renamed = _renamed(arguments)
            call = lambda: self._lambda.update_event_source_mapping(UUID=resource.id, **renamed)  # noqa: E731
            yield from retry_while(call, _CHANGING, _BUSY_REASON)
            yield from self._settle(resource.id)
        if "Tags" in resource.changed:
            arn = self._get(resource.id)["EventSourceMappingArn"]
            current = self._lambda.list_tags(Resource=arn).get("Tags") or {}
            to_set, to_remove = tags.difference(current, tags.wanted(inputs, resource.owner))
            if to_set:
                self._lambda.tag_resource(Resource=arn, Tags=to_set)
            if to_remove:
                self._lambda.untag_resource(Resource=arn, TagKeys=list(to_remove))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete and wait until it is gone, which takes AWS some seconds."""
        call = lambda: none_if_missing(lambda: self._lambda.delete_event_source_mapping(UUID=resource.id))  # noqa: E731
        yield from retry_while(call, _CHANGING, _BUSY_REASON)
        yield from wait_until(lambda: self._get(resource.id) is None, "waiting for the event source mapping to be gone")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the mapping of this source and function."""
        for item in self._of_this_pair(reveal(resource.inputs)):
            arn = str(item.get("EventSourceMappingArn") or "")
            current_tags = self._tags(arn) if arn and item["State"] != "Deleting" else None
            if current_tags is not None:
                return Existing(str(item["UUID"]), current_tags)
        return None

    def _tags(self, arn: str) -> Mapping[str, str] | None:
        answer = none_if_missing(lambda: self._lambda.list_tags(Resource=arn))
        return None if answer is None else answer.get("Tags") or {}

    @property
    def _lambda(self) -> Any:
        return self._clients("lambda")

    def _get(self, uuid: str) -> Any:
        return none_if_missing(lambda: self._lambda.get_event_source_mapping(UUID=uuid))

    def _of_this_pair(self, inputs: Properties) -> list[Any]:
        narrowed = {"FunctionName": inputs["FunctionName"]}
        if "EventSourceArn" in inputs:
            narrowed["EventSourceArn"] = inputs["EventSourceArn"]
        pages = lambda: list(paginate(self._lambda, "list_event_source_mappings", "EventSourceMappings", **narrowed))  # noqa: E731
        return none_if_missing(pages) or []

    def _settle(self, uuid: str) -> Task[None]:
        yield from wait_until(
            lambda: (self._get(uuid) or {}).get("State") in _SETTLED,
            "waiting for the event source mapping to become active",
        )

    def _model(self, answer: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
        current_tags: Mapping[str, str] = {}
        if "Tags" in inputs and answer.get("EventSourceMappingArn"):
            current_tags = self._lambda.list_tags(Resource=answer["EventSourceMappingArn"]).get("Tags") or {}
        properties = {name: answer.get(name) for name in (*_SETTINGS, *_FIXED)}
        if properties.get("DestinationConfig") in ({"OnFailure": {}}, {"OnFailure": None}):
            del properties["DestinationConfig"]
        if answer.get("StartingPositionTimestamp"):
            properties["StartingPositionTimestamp"] = answer["StartingPositionTimestamp"].timestamp()
        endpoints = ((answer.get("SelfManagedEventSource") or {}).get("Endpoints") or {}).get("KAFKA_BOOTSTRAP_SERVERS")
        properties |= {
            "Enabled": answer["State"] in _ON,
            "EventSourceMappingArn": answer.get("EventSourceMappingArn"),
            "FunctionName": answer.get("FunctionArn"),
            "Id": answer["UUID"],
            "KmsKeyArn": answer.get("KMSKeyArn"),
            "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": endpoints}} if endpoints else None,
            "Tags": tags.as_list(tags.user_tags(current_tags)),
        }
        return without_empty(properties)


def _reset(name: str, inputs: Properties) -> Value:
    if name == "BatchSize":
        return 10 if ":sqs:" in str(inputs.get("EventSourceArn", "")) else 100
    return _SETTINGS[name]


def _argument(name: str, value: Value) -> Value:
    if name == "FilterCriteria" and value:
        return {"Filters": [{"Pattern": to_json(item["Pattern"])} for item in value.get("Filters") or ()]}
    if name == "SelfManagedEventSource":
        return {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": value["Endpoints"]["KafkaBootstrapServers"]}}
    if isinstance(_SETTINGS.get(name), int) and isinstance(value, str):
        return value.lower() == "true" if isinstance(_SETTINGS[name], bool) else int(value)
    return int(value) if name == "BatchSize" else value


def _renamed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"KMSKeyArn" if name == "KmsKeyArn" else name: value for name, value in arguments.items()}
