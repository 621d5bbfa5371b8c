"""Compile `kafka`, `msk`, `activemq` and `rabbitmq` events to event source mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.intrinsics import arn_text
from stateroom.config.document.key_types import KeyTypes, key_types
from stateroom.config.events.event import Event, allow, checked_options, grouped, name_in_arn
from stateroom.config.events.mappings.mapping import (
    add_mapping,
    allow_network,
    allow_secrets,
    filters,
    starting_position,
)
from stateroom.config.naming import alphanumeric, normalised
from stateroom.model.values import Value

_COMMON: Final = key_types("batchSize:number maximumBatchingWindow:number enabled:flag filterPatterns:maps")
_TOPIC: Final = key_types(
    """topic:text startingPosition:text startingPositionTimestamp consumerGroupId:text provisionedPollerConfig:map"""
)
_KAFKA: Final = {
    **_COMMON,
    **_TOPIC,
    **key_types("accessConfigurations:map bootstrapServers:scalars onFailureDestination:scalar"),
}
_MSK: Final = {**_COMMON, **_TOPIC, **key_types("arn:scalar saslScram512:scalar")}
_MQ: Final = {**_COMMON, **key_types("arn:scalar basicAuthArn:scalar queue:text")}
_POLLERS: Final = key_types("minimumPollers:number maximumPollers:number")
# Access configuration → Lambda's type, and what its URIs begin with (None: they are secrets).
_ACCESS: Final[Mapping[str, tuple[str, str | None]]] = {
    "vpcSubnet": ("VPC_SUBNET", "subnet:"),
    "vpcSecurityGroup": ("VPC_SECURITY_GROUP", "security_group:"),
    "saslPlainAuth": ("BASIC_AUTH", None),
    "saslScram256Auth": ("SASL_SCRAM_256_AUTH", None),
    "saslScram512Auth": ("SASL_SCRAM_512_AUTH", None),
    "clientCertificateTlsAuth": ("CLIENT_CERTIFICATE_TLS_AUTH", None),
    "serverRootCaCertificate": ("SERVER_ROOT_CA_CERTIFICATE", None),
}
_ACCESS_KEYS: Final[KeyTypes] = dict.fromkeys(_ACCESS, "scalar|scalars")
_PART: Final = 79  # characters of a name in a logical id, which is limited to 255


def kafka(build: Compilation, events: Sequence[Event]) -> None:
    """Add a mapping for each self-managed Kafka cluster, and the function's grants for reaching it."""
    for own in grouped(events):
        secrets: list[Value] = []
        network = False
        for event in own:
            access = _kafka(build, event)
            secrets += [item["URI"] for item in access if not item["Type"].startswith("VPC_")]
            network = network or any(item["Type"].startswith("VPC_") for item in access)
        if secrets:
            allow_secrets(build, secrets)
        if network:
            allow_network(build)


def _kafka(build: Compilation, event: Event) -> list[dict[str, Value]]:
    service = build.service
    options = event.options(service, "", _KAFKA)
    event.required(service, options, "accessConfigurations", "bootstrapServers", "topic")
    access = _access(build, event)
    group, failure = options.get("consumerGroupId"), options.get("onFailureDestination")
    properties = {
        **_topic(build, event, options),
        "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": options["bootstrapServers"]}},
        "SourceAccessConfigurations": access,
        "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": group} if group else None,
        "DestinationConfig": {"OnFailure": {"Destination": failure}} if failure else None,
    }
    topic = alphanumeric(str(options["topic"]))[: 2 * _PART]
    add_mapping(build, event, f"{normalised(event.key)}EventSourceMappingKafka{topic}", properties)
    return access


def _access(build: Compilation, event: Event) -> list[dict[str, Value]]:
    given = checked_options(build.service, _ACCESS_KEYS, *event.path, "accessConfigurations")
    if bool(given.get("vpcSubnet")) != bool(given.get("vpcSecurityGroup")):
        todo = "write both vpcSubnet and vpcSecurityGroup, or neither"
        raise event.error(build.service, "half a VPC", "accessConfigurations", todo=todo)
    configurations = []
    for key, values in given.items():
        type_, prefix = _ACCESS.get(key, (key, None))
        configurations += [
            {"Type": type_, "URI": value if prefix is None else f"{prefix}{value}"} for value in as_list(values)
        ]
    return configurations


def msk(build: Compilation, events: Sequence[Event]) -> None:
    """Add a mapping for each MSK cluster, and the function's grants for reaching it."""
    for own in grouped(events):
        clusters = [_msk(build, event) for event in own]
        allow(build, ["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"], clusters)
        allow_network(build)


def _msk(build: Compilation, event: Event) -> Value:
    service = build.service
    options = event.options(service, "", _MSK)
    event.required(service, options, "arn", "topic")
    arn = options["arn"]
    # arn:aws:kafka:region:account:cluster/name/uuid
    text = arn_text(arn)
    name = text.split("/")[1] if text and "/" in text else name_in_arn(arn)
    if not name or (text is not None and "/" not in text):
        raise event.error(service, "not a cluster's ARN", "arn", todo="write arn:aws:kafka:…:cluster/name/…")
    secret, group = options.get("saslScram512"), options.get("consumerGroupId")
    properties = {
        "EventSourceArn": arn,
        **_topic(build, event, options),
        "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": group} if group else None,
        "SourceAccessConfigurations": [{"Type": "SASL_SCRAM_512_AUTH", "URI": secret}] if secret else None,
    }
    suffix = f"{alphanumeric(name)[:_PART]}{alphanumeric(str(options['topic']))[:_PART]}"
    add_mapping(build, event, f"{normalised(event.key)}EventSourceMappingMSK{suffix}", properties)
    return arn


def activemq(build: Compilation, events: Sequence[Event]) -> None:
    """Add a mapping for each ActiveMQ queue, and the function's grants for reading it."""
    _queues(build, events, "ActiveMQ", _MQ)


def rabbitmq(build: Compilation, events: Sequence[Event]) -> None:
    """Add a mapping for each RabbitMQ queue, and the function's grants for reading it."""
    _queues(build, events, "RabbitMQ", {**_MQ, **key_types("virtualHost:text")})


def _queues(build: Compilation, events: Sequence[Event], product: str, keys: KeyTypes) -> None:
    for own in grouped(events):
        each = [_queue(build, event, product, keys) for event in own]
        allow_secrets(build, [options["basicAuthArn"] for options in each])
        allow(build, ["mq:DescribeBroker"], [options["arn"] for options in each])
        allow_network(build)


def _queue(build: Compilation, event: Event, product: str, keys: KeyTypes) -> dict[str, Value]:
    options = event.options(build.service, "", keys)
    event.required(build.service, options, "arn", "basicAuthArn", "queue")
    access = [{"Type": "BASIC_AUTH", "URI": options["basicAuthArn"]}]
    if options.get("virtualHost"):
        access.append({"Type": "VIRTUAL_HOST", "URI": options["virtualHost"]})
    properties = {
        "EventSourceArn": options["arn"],
        "Queues": [options["queue"]],
        "SourceAccessConfigurations": access,
        **_batches(options),
    }
    queue = alphanumeric(str(options["queue"]))[:150]
    add_mapping(build, event, f"{normalised(event.key)}EventSourceMapping{product}{queue}", properties)
    return options


def _topic(build: Compilation, event: Event, options: Mapping[str, Value]) -> dict[str, Value]:
    pollers = checked_options(build.service, _POLLERS, *event.path, "provisionedPollerConfig")
    config = {"MinimumPollers": pollers.get("minimumPollers"), "MaximumPollers": pollers.get("maximumPollers")}
    return {
        "StartingPosition": starting_position(build.service, event, options),
        "StartingPositionTimestamp": options.get("startingPositionTimestamp"),
        "Topics": [options["topic"]],
        "ProvisionedPollerConfig": {key: value for key, value in config.items() if value is not None} or None,
        **_batches(options),
    }


def _batches(options: Mapping[str, Value]) -> dict[str, Value]:
    return {
        "BatchSize": options.get("batchSize") or None,
        "MaximumBatchingWindowInSeconds": options.get("maximumBatchingWindow") or None,
        "Enabled": options.get("enabled"),
        "FilterCriteria": filters(options.get("filterPatterns")),
    }
