"""Handlers of AWS::SNS::Topic and AWS::SNS::Subscription.

Attributes are text, one call for each that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.attached_policies import TopicPolicyHandler
from stateroom.cloud.aws.calls import error_message, none_if_missing, paginate
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, FLAG_AS_TEXT, TEXT, to_text
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, pick, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_GET_PROTECTION: Final = ApiCall(
    "get_data_protection_policy", {"ResourceArn": "{id}"}, answer="DataProtectionPolicy", addressed=False
)
_FLAGS: Final = frozenset({"RawMessageDelivery"})
_DOCUMENTS: Final = frozenset({"DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy"})
# What unsetting a property means; None: the attribute is sent without a value.
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


_TOPIC_SETTINGS: Final = {
    "ArchivePolicy": Setting(DOCUMENT, "{}"),
    "ContentBasedDeduplication": Setting(FLAG_AS_TEXT, "false"),
    "DataProtectionPolicy": Setting(
        DOCUMENT,
        "",
        at_create=False,
        write=ApiCall("put_data_protection_policy", {"ResourceArn": "{id}"}, addressed=False),
    ),
    "DeliveryStatusLogging": Setting(unset=()),
    "DisplayName": Setting(TEXT, ""),
    "FifoThroughputScope": Setting(TEXT, "Topic"),
    "FifoTopic": Setting(FLAG_AS_TEXT),
    "KmsMasterKeyId": Setting(TEXT, ""),
    "SignatureVersion": Setting(TEXT, "1"),
    "Subscription": Setting(at_create=False, group="of its own"),
    "TracingConfig": Setting(TEXT, "PassThrough"),
}
_TAGGING: Final = Tagging(
    "tag_resource",
    "untag_resource",
    ApiCall("list_tags_for_resource"),
    address={"ResourceArn": "{id}"},
    style="list",
    tells_absence=True,
)


class TopicHandler(DeclaredHandler):
    """Topic, with its inline subscriptions. Ref is the topic's ARN."""

    type = "AWS::SNS::Topic"
    service = "sns"
    ref = "arn:{partition}:sns:{region}:{account}:{TopicName}"
    address = {"TopicArn": "{id}"}
    overwrites = True
    retry = {"ConcurrentAccess": (), "ConcurrentAccessException": ()}
    reason = "waiting for SNS"
    creating = ApiCall("create_topic", {"Name": "{TopicName}"}, inside="Attributes")
    reading = ApiCall("get_topic_attributes", answer="Attributes")
    updating = {"": ApiCall("set_topic_attributes", each=("AttributeName", "AttributeValue"))}
    deleting = ApiCall("delete_topic")
    settings = _TOPIC_SETTINGS
    attributes = {"TopicArn": "{id}"}
    tagging = _TAGGING

    def meets_another(self, error: Exception) -> bool:
        """Tell whether CreateTopic refused a name in use with other attributes or tags."""
        return error_code(error) == "InvalidParameter" and "already exists" in error_message(error).lower()

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send FifoTopic only if true, as the API wants it, and each setting of a protocol's logging by itself."""
        if settings.get("FifoTopic") == "false":
            del settings["FifoTopic"]
        logging = settings.pop("DeliveryStatusLogging", None)
        if logging is None:
            return settings
        before = {} if call is self.creating else dict.fromkeys(_log_attributes(reveal(resource.previous)), "")
        return {**settings, **before, **_log_attributes({"DeliveryStatusLogging": logging})}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return attributes, and the subscriptions in the inputs; others are resources of their own."""
        name, asked = resource.id.rsplit(":", 1)[-1], resource.inputs.get("Subscription")
        found = {**super().model(resource, answer), "DeliveryStatusLogging": _logging(answer), "TopicName": name}
        if asked:
            there = self._subscriptions(resource.id)
            items = [pick(item, ("Endpoint", "Protocol")) for item in asked]
            found["Subscription"] = [item for item in items if (item["Protocol"], item["Endpoint"]) in there]
        if resource.inputs.get("DataProtectionPolicy"):
            policy = self.ask(_GET_PROTECTION, resource)
            found["DataProtectionPolicy"] = from_json(policy)
        return found

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says, then the inline subscriptions."""
        yield from super().update(resource)
        if "Subscription" in resource.changed:
            inputs, previous = reveal(resource.inputs), reveal(resource.previous)
            self._write_subscriptions(resource.id, inputs.get("Subscription") or (), previous.get("Subscription") or ())
        return None

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
            Attributes={key: to_text(inputs[key]) for key in _SUBSCRIPTION_DEFAULTS if key in inputs},
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
            value = to_text(inputs[name]) if name in inputs else _SUBSCRIPTION_DEFAULTS[name]
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
