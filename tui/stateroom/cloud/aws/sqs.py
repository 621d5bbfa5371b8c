"""Handler of AWS::SQS::Queue. Property names are the API's attribute names; API values are text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.attached_policies import QueuePolicyHandler
from stateroom.cloud.aws.calls import none_if_missing, retry_while, wait_until
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, name_taken, to_json, without_empty
from stateroom.cloud.provider import Identified, Owner, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Properties, Value, reveal

_NUMBERS: Final = frozenset(
    {
        "DelaySeconds",
        "KmsDataKeyReusePeriodSeconds",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "VisibilityTimeout",
    }
)
_FLAGS: Final = frozenset({"ContentBasedDeduplication", "FifoQueue", "SqsManagedSseEnabled"})
_DOCUMENTS: Final = frozenset({"RedriveAllowPolicy", "RedrivePolicy"})

# What unsetting a property means: the value a new queue has. SetQueueAttributes has no "reset".
_DEFAULTS: Final[Mapping[str, str]] = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
_ATTRIBUTES: Final = frozenset(_DEFAULTS) | {"FifoQueue"}

# A queue's name stays blocked for 60 seconds after its deletion (API reference, DeleteQueue).
_DELETED_RECENTLY: Final[Mapping[str, Sequence[str]]] = {
    "AWS.SimpleQueueService.QueueDeletedRecently": (),
    "QueueDeletedRecently": (),
}
_EXISTS: Final = ("QueueAlreadyExists", "QueueNameExists")
_MISSING: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


class QueueHandler(AwsHandler):
    """Queue, standard or FIFO. Ref is the queue's URL."""

    type = "AWS::SQS::Queue"
    settable = _ATTRIBUTES | {"QueueName", "Tags"}

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:
        """Create the queue, after the minute that follows a deletion.

        CreateQueue returns a foreign queue if its attributes happen to agree, so the name is looked up first.
        """
        inputs, sqs = reveal(inputs), self._clients("sqs")
        name = inputs["QueueName"]
        url = self._url(name)
        if url is None:
            attributes = {key: _to_text(inputs[key]) for key in sorted(_ATTRIBUTES & inputs.keys())}
            if attributes.get("FifoQueue") == "false":
                del attributes["FifoQueue"]  # the API knows only "true"
            wanted_tags = tags.wanted(inputs, owner)
            try:
                answer = yield from retry_while(
                    lambda: sqs.create_queue(QueueName=name, Attributes=attributes, tags=wanted_tags),
                    _DELETED_RECENTLY,
                    f"a queue named {name} was deleted less than a minute ago; its name is blocked until then",
                    deadline=75,
                )
            except Exception as error:
                if error_code(error) not in _EXISTS:
                    raise
            else:
                yield Identified(answer["QueueUrl"])
                return str(answer["QueueUrl"])
        url = tags.ours(self.locate(inputs, owner), owner)
        if url is None:
            raise name_taken("queue", name, "QueueNameExists", "CreateQueue")
        yield Identified(url)
        yield from self.update(url, inputs, {}, frozenset(inputs), owner)
        return url

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:  # noqa: ARG002 (Handler)
        """Return attributes and tags, or None."""
        sqs = self._clients("sqs")
        attributes = none_if_missing(
            lambda: sqs.get_queue_attributes(QueueUrl=physical_id, AttributeNames=["All"]), *_MISSING
        )
        current_tags = none_if_missing(lambda: sqs.list_queue_tags(QueueUrl=physical_id), *_MISSING)
        if attributes is None or current_tags is None:
            return None
        answered = attributes["Attributes"]
        model = {key: _from_text(key, answered[key]) for key in sorted(_ATTRIBUTES & answered.keys())}
        arn = answered["QueueArn"]
        return without_empty(
            {
                **model,
                "QueueName": arn.rsplit(":", 1)[-1],
                "QueueUrl": physical_id,
                "Arn": arn,
                "Tags": tags.as_list(tags.user_tags(current_tags.get("Tags", {}))),
            }
        )

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[None]:
        """Update all changed attributes in one call, then the tags."""
        inputs, sqs = reveal(inputs), self._clients("sqs")
        names = (_ATTRIBUTES - {"FifoQueue"}) & changed
        # Only one kind of encryption can be on, so turning a key off and the managed kind on must not cross.
        attributes = {key: _to_text(inputs[key]) if key in inputs else _DEFAULTS[key] for key in sorted(names)}
        if attributes.get("KmsMasterKeyId") and "SqsManagedSseEnabled" not in inputs:
            attributes.pop("SqsManagedSseEnabled", None)
        if attributes:
            sqs.set_queue_attributes(QueueUrl=physical_id, Attributes=attributes)
        if "Tags" in changed:
            current = sqs.list_queue_tags(QueueUrl=physical_id).get("Tags", {})
            to_set, to_remove = tags.difference(current, tags.wanted(inputs, owner))
            if to_set:
                sqs.tag_queue(QueueUrl=physical_id, Tags=to_set)
            if to_remove:
                sqs.untag_queue(QueueUrl=physical_id, TagKeys=list(to_remove))
        yield from ()

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Delete the queue; its attributes can be read for up to a minute longer."""
        sqs = self._clients("sqs")
        none_if_missing(lambda: sqs.delete_queue(QueueUrl=physical_id), *_MISSING)

        def gone() -> bool:
            asked = lambda: sqs.get_queue_attributes(QueueUrl=physical_id, AttributeNames=["QueueArn"])  # noqa: E731
            return none_if_missing(asked, *_MISSING) is None

        yield from wait_until(gone, "waiting for SQS to forget the queue", deadline=120)

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the queue of that name."""
        url = self._url(str(reveal(inputs["QueueName"])))
        current_tags = None if url is None else self.tags_by_id(url, inputs)
        return None if url is None or current_tags is None else Existing(url, current_tags)

    def tags_by_id(self, physical_id: str, inputs: Properties) -> Mapping[str, str] | None:  # noqa: ARG002 (TaggedById)
        """Tags of the queue; its URL may be spelled with another host than a look-up by name answers."""
        sqs = self._clients("sqs")
        current_tags = none_if_missing(lambda: sqs.list_queue_tags(QueueUrl=physical_id), *_MISSING)
        return None if current_tags is None else current_tags.get("Tags", {})

    def _url(self, name: str) -> str | None:
        answer = none_if_missing(lambda: self._clients("sqs").get_queue_url(QueueName=name), *_MISSING)
        return None if answer is None else str(answer["QueueUrl"])


def _to_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value) if isinstance(value, Mapping) else str(value)


def _from_text(name: str, text: str) -> Value:
    if name in _NUMBERS:
        return int(text)
    if name in _FLAGS:
        return text.lower() == "true"
    if name not in _DOCUMENTS:
        return text
    document: Any = from_json(text) if text else {}
    if "maxReceiveCount" in document:
        document["maxReceiveCount"] = int(document["maxReceiveCount"])  # comes back as a number or as text
    return document


HANDLERS: tuple[HandlerFactory, ...] = (QueueHandler, QueuePolicyHandler)
