"""Handler of AWS::SQS::Queue. Property names are the API's attribute names; API values are text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stateroom.cloud.aws.attached_policies import QueuePolicyHandler
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, FLAG_AS_TEXT, NUMBER_AS_TEXT, TEXT
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData


class QueueHandler(DeclaredHandler):
    """Queue, standard or FIFO. Ref is the queue's URL."""

    type = "AWS::SQS::Queue"
    service = "sqs"
    ref = "{QueueUrl}"
    address = {"QueueUrl": "{id}"}
    looks_first = True  # CreateQueue returns a foreign queue if its attributes happen to agree
    locating = ApiCall("get_queue_url", {"QueueName": "{QueueName}"}, answer="QueueUrl")
    creating = ApiCall(
        "create_queue",
        {"QueueName": "{QueueName}"},
        inside="Attributes",
        # A queue's name stays blocked for 60 seconds after its deletion (API reference, DeleteQueue).
        retry={"AWS.SimpleQueueService.QueueDeletedRecently": (), "QueueDeletedRecently": ()},
        reason="a queue of that name was deleted less than a minute ago; it is blocked until then",
        deadline=75,
    )
    reading = ApiCall("get_queue_attributes", {"AttributeNames": ["All"]}, answer="Attributes")
    updating = {"": ApiCall("set_queue_attributes", inside="Attributes")}
    deleting = ApiCall("delete_queue")
    gone = ("waiting for SQS to forget the queue", 120)  # attributes can be read for up to a minute longer
    exists = ("QueueAlreadyExists", "QueueNameExists")
    tagging = Tagging("tag_queue", "untag_queue", ApiCall("list_queue_tags"), at_create="tags")
    # What unsetting a property means: the value a new queue has. SetQueueAttributes has no "reset".
    settings = {
        "ContentBasedDeduplication": Setting(FLAG_AS_TEXT, "false"),
        "DeduplicationScope": Setting(TEXT, "queue"),
        "DelaySeconds": Setting(NUMBER_AS_TEXT, "0"),
        "FifoQueue": Setting(FLAG_AS_TEXT, fixed=True),
        "FifoThroughputLimit": Setting(TEXT, "perQueue"),
        "KmsDataKeyReusePeriodSeconds": Setting(NUMBER_AS_TEXT, "300"),
        "KmsMasterKeyId": Setting(TEXT, ""),
        "MaximumMessageSize": Setting(NUMBER_AS_TEXT, "1048576"),
        "MessageRetentionPeriod": Setting(NUMBER_AS_TEXT, "345600"),
        "ReceiveMessageWaitTimeSeconds": Setting(NUMBER_AS_TEXT, "0"),
        "RedriveAllowPolicy": Setting(DOCUMENT, ""),
        "RedrivePolicy": Setting(DOCUMENT, ""),
        "SqsManagedSseEnabled": Setting(FLAG_AS_TEXT, "true"),
        "VisibilityTimeout": Setting(NUMBER_AS_TEXT, "30"),
    }
    attributes = {"Arn": "{answer[QueueArn]}", "QueueUrl": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send FifoQueue only if true, as the API wants it, and the managed encryption only without a key."""
        if settings.get("FifoQueue") == "false":
            del settings["FifoQueue"]
        if settings.get("KmsMasterKeyId") and "SqsManagedSseEnabled" not in resource.inputs:
            settings.pop("SqsManagedSseEnabled", None)
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings; maxReceiveCount comes back as a number or as text."""
        found = super().model(resource, answer)
        redrive = found.get("RedrivePolicy") or {}
        if "maxReceiveCount" in redrive:
            redrive["maxReceiveCount"] = int(redrive["maxReceiveCount"])
        return {**found, "QueueName": answer["QueueArn"].rsplit(":", 1)[-1]}


HANDLERS: tuple[HandlerFactory, ...] = (QueueHandler, QueuePolicyHandler)
