"""Handler of AWS::Lambda::EventSourceMapping: a queue, stream or topic that a function polls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.calls import wait_until
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import AS_IS, FLAG, NUMBER, Form
from stateroom.cloud.aws.declared.handler import ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.shapes import to_json
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import reveal

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

_ON: Final = frozenset({"Creating", "Enabled", "Enabling", "Updating"})
_PASSING: Final = frozenset({"Creating", "Deleting", "Disabling", "Enabling", "Updating"})


def _filters(criteria: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters with their patterns as text."""
    filters = criteria.get("Filters")
    return {"Filters": [{"Pattern": to_json(item["Pattern"])} for item in filters]} if filters else {}


def _servers(source: Mapping[str, Any]) -> dict[str, Any]:
    return {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": source["Endpoints"]["KafkaBootstrapServers"]}}


def _servers_back(source: Mapping[str, Any]) -> dict[str, Any]:
    servers = (source.get("Endpoints") or {}).get("KAFKA_BOOTSTRAP_SERVERS")
    return {"Endpoints": {"KafkaBootstrapServers": servers}} if servers else {}


_CREATE: Final = ApiCall(
    "create_event_source_mapping",
    retry=_CREATING,
    reason="waiting for Lambda to be allowed to read the event source",
)
_SETTINGS: Final = {
    **settings_of("AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig"),
    "BatchSize": Setting(NUMBER, 100),
    "BisectBatchOnFunctionError": Setting(FLAG, unset=False),
    "DestinationConfig": Setting(unset={"OnFailure": {}}),
    "Enabled": Setting(Form(FLAG.to_api, _ON.__contains__), unset=True, answered="State"),
    **settings_of("EventSourceArn", "Queues", "StartingPosition", "Topics", "SelfManagedKafkaEventSourceConfig"),
    "FilterCriteria": Setting(Form(_filters, AS_IS.from_api), unset={}),
    "FunctionName": Setting(answered="FunctionArn"),
    **settings_of("FunctionResponseTypes", "SourceAccessConfigurations", unset=()),
    "KmsKeyArn": Setting(unset="", name="KMSKeyArn"),
    **settings_of("MaximumBatchingWindowInSeconds", "TumblingWindowInSeconds", form=NUMBER, unset=0),
    **settings_of("MaximumRecordAgeInSeconds", "MaximumRetryAttempts", form=NUMBER, unset=-1),
    "LoggingConfig": Setting(unset={"SystemLogLevel": "WARN"}),
    "MetricsConfig": Setting(unset={"Metrics": []}),
    "ParallelizationFactor": Setting(NUMBER, 1),
    **settings_of("ProvisionedPollerConfig", "ScalingConfig", unset={}),
    "SelfManagedEventSource": Setting(Form(_servers, _servers_back)),
    "StartingPositionTimestamp": Setting(Form(AS_IS.to_api, lambda time: time.timestamp())),
}
_TAGGING: Final = Tagging(
    "tag_resource",
    "untag_resource",
    ApiCall("list_tags"),
    address={"Resource": "{answer[EventSourceMappingArn]}"},
    if_declared=True,
)


class EventSourceMappingHandler(ListedHandler):
    """Mapping, one for each source and function. Ref is its UUID, which the cloud chooses."""

    type = "AWS::Lambda::EventSourceMapping"
    unsettable = frozenset({"SelfManagedKafkaEventSourceConfig.ConsumptionMode"})
    service = "lambda"
    ref = "{UUID}"
    address = {"UUID": "{id}"}
    creating = _CREATE
    reading = ApiCall("get_event_source_mapping")
    listing = Listing(ApiCall("list_event_source_mappings", answer="EventSourceMappings"), "{UUID}")
    updating = {"": ApiCall("update_event_source_mapping", retry=_CHANGING, reason=_BUSY_REASON)}
    deleting = ApiCall("delete_event_source_mapping", retry=_CHANGING, reason=_BUSY_REASON)
    gone = ("waiting for the event source mapping to be gone", 300)
    leaving = {"State": frozenset({"Deleting"})}
    settling = Settling("State", _PASSING, reason="waiting for the event source mapping to become active")
    settings = _SETTINGS
    attributes = {"EventSourceMappingArn": "{answer[EventSourceMappingArn]}", "Id": "{id}"}
    tagging = _TAGGING

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Return to the batch size that a source of its kind has."""
        if "BatchSize" in settings and "BatchSize" not in resource.inputs:
            settings["BatchSize"] = 10 if ":sqs:" in str(resource.inputs.get("EventSourceArn", "")) else 100
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, without a destination that is none."""
        found = super().model(resource, answer)
        if found.get("DestinationConfig") in ({"OnFailure": {}}, {"OnFailure": None}):
            del found["DestinationConfig"]
        return found

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create the mapping, after a deletion for the same pair, and wait until it polls."""
        try:
            return (yield from super().create(resource))
        except Exception as error:
            leaving = [item for item in self._of_this_pair(resource) if item["State"] == "Deleting"]
            if error_code(error) != "ResourceConflictException" or not leaving:
                raise
            earlier = [resource.at(str(item["UUID"])) for item in leaving]
        gone = lambda: all(self.answer(it, even_leaving=True) is None for it in earlier)  # noqa: E731
        yield from wait_until(gone, "waiting for the earlier mapping of this source and function to be gone")
        return (yield from super().create(resource))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the mapping of this source and function."""
        for item in self._of_this_pair(resource):
            if item["State"] != "Deleting" and item.get("EventSourceMappingArn"):
                tagged = self.ask(ApiCall("list_tags"), resource, self.tagging.address, item)
                if tagged is not None:
                    return Existing(str(item["UUID"]), tagged.get("Tags") or {})
        return None

    def _of_this_pair(self, resource: ResourceData) -> list[Any]:
        inputs = reveal(resource.inputs)
        narrowed = {name: inputs[name] for name in ("FunctionName", "EventSourceArn") if name in inputs}
        return list(
            self.items(Listing(ApiCall(self.listing.call.operation, narrowed, "EventSourceMappings"), ""), resource)
        )
