"""Handlers of AWS::SNS::Topic and AWS::SNS::Subscription.

Attributes are text, one call for each that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.attached_policies import TopicPolicyHandler
from stateroom.cloud.aws.calls import error_message, none_if_missing, paginate, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, name_taken, pick, to_json, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Properties, Value, reveal

_FLAGS: Final = frozenset({"ContentBasedDeduplication", "FifoTopic", "RawMessageDelivery"})
_DOCUMENTS: Final = frozenset({"ArchivePolicy", "DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy"})
_CONCURRENT: Final[Mapping[str, Sequence[str]]] = {"ConcurrentAccess": (), "ConcurrentAccessException": ()}

# What unsetting a property means; None: the attribute is sent without a value.
_TOPIC_DEFAULTS: Final[Mapping[str, str]] = {
    "ArchivePolicy": "{}",
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "FifoThroughputScope": "Topic",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
# What has calls or arguments of its own.
_TOPIC_PARTS: Final = frozenset(
    {"DataProtectionPolicy", "DeliveryStatusLogging", "FifoTopic", "Subscription", "Tags", "TopicName"}
)
_SUBSCRIPTION_DEFAULTS: Final[Mapping[str, str | None]] = {
    "DeliveryPolicy": "",
    "FilterPolicy": "{}",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
    "RedrivePolicy": None,
    "ReplayPolicy": "",
    "SubscriptionRoleArn": "",
}
# CloudFormation's protocol names in DeliveryStatusLogging and the prefix of the three attributes that each stands for.
_LOGGED: Final = {
    "application": "Application",
    "firehose": "Firehose",
    "http/s": "HTTP",
    "lambda": "Lambda",
    "sqs": "SQS",
}
_LOG_SETTINGS: Final = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")


class TopicHandler(AwsHandler):
    """Topic, with its inline subscriptions. Ref is the topic's ARN."""

    type = "AWS::SNS::Topic"
    settable = _TOPIC_DEFAULTS.keys() | _TOPIC_PARTS
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the topic, or complete one that an earlier attempt left.

        CreateTopic refuses a name in use with other attributes or tags, so a foreign topic is never adopted.
        """
        inputs, sns = reveal(resource.inputs), self._clients("sns")
        name, wanted_tags = inputs["TopicName"], tags.wanted(inputs, resource.owner)
        attributes = {key: _to_text(inputs[key]) for key in (*_TOPIC_DEFAULTS, "FifoTopic") if key in inputs}
        attributes |= _log_attributes(inputs)
        if attributes.get("FifoTopic") == "false":
            del attributes["FifoTopic"]
        try:
            answer = sns.create_topic(Name=name, Attributes=attributes, Tags=tags.as_list(wanted_tags))
        except Exception as error:
            if error_code(error) != "InvalidParameter" or "already exists" not in error_message(error).lower():
                raise
            arn = tags.ours(self.locate(resource), resource.owner)
            if arn is None:
                raise name_taken("topic", name, error_code(error), "CreateTopic") from error
            yield Identified(arn)
            yield from self.update(resource.whole(arn))
            return arn
        arn = str(answer["TopicArn"])
        yield Identified(arn)
        later = frozenset(inputs) & {"DataProtectionPolicy", "Subscription"}
        yield from self.update(resource.at(arn, later))
        return arn

    def read(self, resource: ResourceData) -> Properties | None:
        """Return attributes and tags, and the subscriptions in the inputs; others are resources of their own."""
        sns = self._clients("sns")
        answer = none_if_missing(lambda: sns.get_topic_attributes(TopicArn=resource.id))
        current_tags = none_if_missing(lambda: sns.list_tags_for_resource(ResourceArn=resource.id))
        if answer is None or current_tags is None:
            return None
        attributes = answer["Attributes"]
        model = {key: _from_text(key, attributes[key]) for key in (*_TOPIC_DEFAULTS, "FifoTopic") if key in attributes}
        if resource.inputs.get("Subscription"):
            there = self._subscriptions(resource.id)
            asked = [pick(item, ("Endpoint", "Protocol")) for item in reveal(resource.inputs["Subscription"])]
            model["Subscription"] = [item for item in asked if (item["Protocol"], item["Endpoint"]) in there]
        if resource.inputs.get("DataProtectionPolicy"):
            policy = none_if_missing(lambda: sns.get_data_protection_policy(ResourceArn=resource.id)) or {}
            model["DataProtectionPolicy"] = from_json(policy.get("DataProtectionPolicy"))
        return without_empty(
            {
                **model,
                "DeliveryStatusLogging": _logging(attributes),
                "TopicName": resource.id.rsplit(":", 1)[-1],
                "TopicArn": resource.id,
                "Tags": tags.as_list(tags.user_tags(tags.from_list(current_tags.get("Tags")))),
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Update one attribute a call, then subscriptions and tags."""
        inputs, sns = reveal(resource.inputs), self._clients("sns")
        values = {key: _to_text(inputs[key]) if key in inputs else _TOPIC_DEFAULTS[key] for key in _TOPIC_DEFAULTS}
        values = {key: value for key, value in values.items() if key in resource.changed}
        if "DeliveryStatusLogging" in resource.changed:
            before = dict.fromkeys(_log_attributes(resource.previous), "")
            values |= before | _log_attributes(inputs)
        for name, value in values.items():
            sns.set_topic_attributes(TopicArn=resource.id, AttributeName=name, AttributeValue=value)
        if "DataProtectionPolicy" in resource.changed:
            policy = to_json(inputs.get("DataProtectionPolicy") or "")
            sns.put_data_protection_policy(ResourceArn=resource.id, DataProtectionPolicy=policy)
        if "Subscription" in resource.changed:
            self._write_subscriptions(
                resource.id, inputs.get("Subscription") or (), resource.previous.get("Subscription") or ()
            )
        if "Tags" in resource.changed:
            wanted = tags.wanted(inputs, resource.owner)
            yield from retry_while(lambda: self._write_tags(resource.id, wanted), _CONCURRENT, "waiting for SNS")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the topic with its subscriptions; a missing one is a success to SNS as well."""
        none_if_missing(lambda: self._clients("sns").delete_topic(TopicArn=resource.id))
        yield from ()

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the topic of that name."""
        here = self._clients.identity()
        name = reveal(resource.inputs["TopicName"])
        arn = f"arn:{here.partition}:sns:{here.region}:{here.account}:{name}"
        answer = none_if_missing(lambda: self._clients("sns").list_tags_for_resource(ResourceArn=arn))
        return Existing(arn, tags.from_list(answer.get("Tags"))) if answer else None

    def _subscriptions(self, arn: str) -> dict[tuple[str, str], str]:
        pages = paginate(self._clients("sns"), "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn)
        return {(item["Protocol"], item["Endpoint"]): item["SubscriptionArn"] for item in pages}

    def _write_subscriptions(
        self, arn: str, wanted: Sequence[Mapping[str, Any]], previous: Sequence[Mapping[str, Any]]
    ) -> None:
        sns, there = self._clients("sns"), self._subscriptions(arn)
        asked = {(item["Protocol"], item["Endpoint"]) for item in wanted}
        for protocol, endpoint in sorted(asked - there.keys()):
            sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
        for item in reveal(previous):
            key = (item["Protocol"], item["Endpoint"])
            if key not in asked and there.get(key, "").startswith("arn:"):
                sns.unsubscribe(SubscriptionArn=there[key])

    def _write_tags(self, arn: str, wanted: Mapping[str, str]) -> None:
        sns = self._clients("sns")
        current = tags.from_list(sns.list_tags_for_resource(ResourceArn=arn).get("Tags"))
        to_set, to_remove = tags.difference(current, wanted)
        if to_set:
            sns.tag_resource(ResourceArn=arn, Tags=tags.as_list(to_set))
        if to_remove:
            sns.untag_resource(ResourceArn=arn, TagKeys=list(to_remove))


class SubscriptionHandler(AwsHandler):
    """Subscription, at most one for a topic, protocol and endpoint. Ref is its ARN."""

    type = "AWS::SNS::Subscription"
    settable = _SUBSCRIPTION_DEFAULTS.keys() | {"Endpoint", "Protocol", "Region", "TopicArn"}
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Subscribe, or correct the existing subscription."""
        inputs = reveal(resource.inputs)
        arn = tags.ours(self.locate(resource), resource.owner)
        if arn is not None:
            yield Identified(arn)
            yield from self.update(resource.whole(arn))
            return arn
        answer = self._sns(inputs).subscribe(
            TopicArn=inputs["TopicArn"],
            Protocol=inputs["Protocol"],
            Endpoint=inputs["Endpoint"],
            Attributes={key: _to_text(inputs[key]) for key in _SUBSCRIPTION_DEFAULTS if key in inputs},
            ReturnSubscriptionArn=True,
        )
        yield Identified(answer["SubscriptionArn"])
        return str(answer["SubscriptionArn"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return attributes, or None. No listing has them, so every subscription is one call."""
        sns = self._sns(resource.inputs)
        answer = none_if_missing(lambda: sns.get_subscription_attributes(SubscriptionArn=resource.id))
        if answer is None:
            return None
        attributes = answer["Attributes"]
        names = ("TopicArn", "Protocol", "Endpoint", *_SUBSCRIPTION_DEFAULTS)
        model = {key: _from_text(key, attributes[key]) for key in names if key in attributes}
        if not model.get("FilterPolicy"):
            model.pop("FilterPolicyScope", None)  # says nothing without a policy, and appears only after having one
        return without_empty({**model, **pick(reveal(resource.inputs), ("Region",)), "Arn": resource.id})

    def update(self, resource: ResourceData) -> Task[None]:
        """Update one attribute a call."""
        inputs, sns = reveal(resource.inputs), self._sns(resource.inputs)
        names = [name for name in _SUBSCRIPTION_DEFAULTS if name in resource.changed]
        if inputs.get("FilterPolicyScope") == "MessageBody":
            # A policy on the message's body may nest, which is refused while the scope is still its attributes.
            names.sort(key=lambda name: name != "FilterPolicyScope")
        for name in names:
            value = _to_text(inputs[name]) if name in inputs else _SUBSCRIPTION_DEFAULTS[name]
            setting = {} if value is None else {"AttributeValue": value}
            sns.set_subscription_attributes(SubscriptionArn=resource.id, AttributeName=name, **setting)
        yield from ()

    def delete(self, resource: ResourceData) -> Task[None]:
        """Unsubscribe. A pending one cannot be deleted; SNS drops it by itself after two days."""
        try:
            none_if_missing(lambda: self._sns(resource.inputs).unsubscribe(SubscriptionArn=resource.id))
        except Exception as error:
            if error_code(error) != "InvalidParameter" or "pending confirmation" not in error_message(error).lower():
                raise
        yield from ()

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the subscription of this endpoint to this topic."""
        inputs, sns = reveal(resource.inputs), self._sns(resource.inputs)
        listed = none_if_missing(
            lambda: list(paginate(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=inputs["TopicArn"]))
        )
        for item in listed or ():
            same = item["Protocol"] == inputs["Protocol"] and item["Endpoint"] == inputs["Endpoint"]
            if same and item["SubscriptionArn"].startswith("arn:"):
                return Existing(str(item["SubscriptionArn"]))
        return None

    def _sns(self, inputs: Properties) -> Any:
        """Return the client of the topic's region, which alone takes subscriptions to it."""
        return self._clients("sns", reveal(inputs.get("Region")))


def _to_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value) if isinstance(value, Mapping) else str(value)


def _from_text(name: str, text: str) -> Value:
    if name in _FLAGS:
        return str(text).lower() == "true"
    return from_json(text) if name in _DOCUMENTS and text else text


def _log_attributes(inputs: Properties) -> dict[str, str]:
    """Convert DeliveryStatusLogging to topic attributes: {"SQSFailureFeedbackRoleArn": …}."""
    return {
        _LOGGED[item["Protocol"]] + setting: str(item[setting])
        for item in inputs.get("DeliveryStatusLogging") or ()
        for setting in _LOG_SETTINGS
        if setting in item
    }


def _logging(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Convert topic attributes back to DeliveryStatusLogging."""
    found = []
    for protocol, prefix in _LOGGED.items():
        settings = {name: attributes[prefix + name] for name in _LOG_SETTINGS if attributes.get(prefix + name)}
        if settings:
            found.append({"Protocol": protocol, **settings})
    return found


HANDLERS: tuple[HandlerFactory, ...] = (TopicHandler, SubscriptionHandler, TopicPolicyHandler)
