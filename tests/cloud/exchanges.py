"""What a handler exchanges with its service, as text: each call with its arguments, and what the handler made of it.

The service is a stand-in that knows the API's model: it answers with every member that the model has, each text named
for its member. It remembers only whether the resource is there.
"""

from __future__ import annotations

import functools
import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from stateroom.cloud import tags
from stateroom.cloud.provider import Identified, Identity, Owner, Pause, Remark
from stateroom.errors import StateroomError
from stateroom.model.resource import Live
from tests.cloud.sent import ModelClient

OWNER: Final = Owner("shop", "dev", "Thing", lineage="l1")
LONG: Final = 160  # characters of a line that is not said twice
MOST_CALLS: Final = 15  # of a handler that waits for a state that never comes
_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_TEXTS: Final = {
    "LastUpdateStatus": "Successful",
    "OperationStatus": "SUCCESS",
    "Status": "ACTIVE",
    "StatusType": "READY",
    "TableStatus": "ACTIVE",
    "IndexStatus": "ACTIVE",
    "StreamStatus": "ACTIVE",
    "TimeToLiveStatus": "ENABLED",
    "PointInTimeRecoveryStatus": "ENABLED",
    "ContinuousBackupsStatus": "ENABLED",
    "State": "Enabled",
    "KeyState": "Enabled",
    "stateMachineStatus": "ACTIVE",
    "NextToken": "",
    "nextToken": "",
    "NextMarker": "",
    "Marker": "",
    "position": "",
}
_DOCUMENTS: Final = ("policy", "document", "definition", "deliverypolicy", "redrivepolicy", "filterpolicy")
# What stands in maps whose keys no model tells.
_ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "GetQueueAttributes": {
        "Attributes": {
            "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:thing",
            "DelaySeconds": "5",
            "VisibilityTimeout": "30",
            "FifoQueue": "true",
            "ContentBasedDeduplication": "false",
            "RedrivePolicy": '{"deadLetterTargetArn":"arn:dead","maxReceiveCount":3}',
            "SqsManagedSseEnabled": "true",
            "Policy": '{"Statement":[]}',
        }
    },
    "GetBucketNotificationConfiguration": {
        "LambdaFunctionConfigurations": [
            {
                "Id": f"id-{name}",
                "LambdaFunctionArn": f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}]}},
            }
            for name in ("shop-pay", "another")
        ],
        "QueueConfigurations": [{"Id": "q", "QueueArn": "arn:queue", "Events": ["s3:ObjectRemoved:*"]}],
    },
    "GetParameters": {
        "Parameters": [
            {"Name": "Name", "ARN": "arn:parameter/Name", "Version": 4, "Type": "SecureString", "Value": "now"},
            {"Name": "Name", "Selector": ":3", "Version": 3, "Type": "String", "Value": "then"},
            *({"Name": f"/p{number}", "Version": 1, "Type": "String", "Value": f"{number}"} for number in range(11)),
        ]
    },
    "GetResource": {
        "ResourceDescription": {
            "Identifier": "thing",
            "Properties": '{"Name":"thing","Description":"text","Arn":"arn:x"}',
        }
    },
    "GetTopicAttributes": {
        "Attributes": {
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:thing",
            "DisplayName": "shop",
            "FifoTopic": "true",
            "ContentBasedDeduplication": "false",
            "TracingConfig": "Active",
            "ArchivePolicy": '{"MessageRetentionPeriod":"30"}',
            "LambdaSuccessFeedbackRoleArn": "arn:role",
            "LambdaSuccessFeedbackSampleRate": "7",
            "Policy": '{"Statement":[]}',
        }
    },
    "GetSubscriptionAttributes": {
        "Attributes": {
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:thing",
            "Protocol": "sqs",
            "Endpoint": "arn:queue",
            "RawMessageDelivery": "true",
            "FilterPolicy": '{"kind":["a"]}',
            "FilterPolicyScope": "MessageBody",
            "RedrivePolicy": '{"deadLetterTargetArn":"arn:dead"}',
            "PendingConfirmation": "false",
        }
    },
}
_FILLED: dict[tuple[str, str, bool], bytes] = {}


class TooManyCalls(BaseException):
    """The handler waits for what this service never has."""


class Service:
    """Stands for Clients.

    Args:
        there: whether what is asked for exists.
        full: whether lists and maps of answers hold something.
        refusing: which call fails, counted from 0, and the code of its error.
    """

    endpoint_url = None

    def __init__(self, *, there: bool, full: bool = True, refusing: tuple[int, str] | None = None) -> None:
        self.there, self.full, self.refusing = there, full, refusing
        self._leaves = 0
        self.calls: list[tuple[Any, Mapping[str, Any]]] = []

    def __call__(self, service: str, region: str | None = None) -> Any:
        return ModelClient(self.answer, service, region or "")

    def identity(self) -> Identity:
        return Identity("123456789012", "eu-west-1")

    def answer(self, operation: Any, arguments: Mapping[str, Any]) -> Any:
        """Note the call, and answer it or raise ClientError."""
        if len(self.calls) == MOST_CALLS:
            raise TooManyCalls
        number = len(self.calls)
        self.calls.append((operation, arguments))
        if self.refusing and self.refusing[0] == number:
            raise _error(self.refusing[1], "as the test wants it", operation)
        if operation.name.startswith(("Create", "Put", "Publish", "Add")):
            self.there, self._leaves = True, 0
        if operation.name.startswith(("Delete", "Schedule")):
            self._leaves = 2
        elif self._leaves:  # it is still seen once when it has been deleted
            self._leaves -= 1
            self.there = self.there and self._leaves > 0
        asks = (
            operation.name.startswith(("Get", "Describe", "Delete", "Head")) and operation.name != "GetRandomPassword"
        )
        if asks and not self.there:
            raise _error("ResourceNotFoundException", "it is not there", operation)
        key = (operation.service_model.service_name, operation.name, self.full and self.there)
        if key not in _FILLED:  # an answer of its own for each call: handlers may change it
            _FILLED[key] = pickle.dumps(_filled(operation.output_shape, "", key[2]))
        answer = pickle.loads(_FILLED[key])
        return {**answer, **_ANSWERS.get(operation.name, {})}


def exchange(service: Service, work: Callable[[], Any]) -> Iterator[str]:
    """Let a handler work, and tell of it: calls, pauses, and at the end the result or the error."""
    told = 0
    try:
        for line in _followed(work()):
            for call in service.calls[told:]:
                yield _call_text(*call)
            told = len(service.calls)
            yield line
    except TooManyCalls:
        yield "... and so on"
    except (StateroomError, ClientError, LookupError, TypeError, ValueError, AttributeError) as error:
        yield from (_call_text(*call) for call in service.calls[told:])
        yield f"! {_error_text(error)}"


def _followed(work: Any) -> Iterator[str]:
    if not hasattr(work, "send"):
        yield f"= {plain(list(work) if hasattr(work, '__next__') else work)}"
        return
    while True:
        try:
            progress = next(work)
        except StopIteration as end:
            yield f"= {plain(end.value)}"
            return
        if isinstance(progress, Pause):
            yield f"~ {progress.reason}"
        elif isinstance(progress, Identified):
            yield f"@ {progress.physical_id}"
        else:
            yield f"# {progress.text if isinstance(progress, Remark) else plain(progress)}"


def _call_text(operation: Any, arguments: Mapping[str, Any]) -> str:
    return f"> {operation.name} {plain(arguments)}"


def _error_text(error: Exception) -> str:
    lines = error.lines() if isinstance(error, StateroomError) else (str(error),)
    return f"{type(error).__name__}: {' | '.join(' '.join(line.split()) for line in lines)}"


def plain(value: Any) -> str:
    """Write a value as one line: sorted keys, sets as lists, and what JSON has no form for by its name."""
    return json.dumps(value, sort_keys=True, default=_unusual, separators=(", ", ": "), ensure_ascii=False)


def _unusual(value: Any) -> Any:
    if isinstance(value, Live):
        return {value.physical_id: dict(value.properties)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, bytes):
        return value.decode()
    return str(value)


def error_codes(operation: Any) -> Iterator[str]:
    """Codes of the errors that the model of an operation has, and one that each may meet."""
    for shape in operation.error_shapes:
        yield shape.metadata.get("error", {}).get("code", shape.name)
    yield "AccessDeniedException"


def _error(code: str, message: str, operation: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation.name)


def _filled(shape: Any, name: str, full: bool, depth: int = 0) -> Any:
    if shape is None or depth > 6:
        return {}
    inner = functools.partial(_filled, full=full, depth=depth + 1)
    match shape.type_name:
        case "structure":
            return {key: inner(member, key) for key, member in shape.members.items()}
        case "map" if "tags" in name.lower():
            return tags.wanted({}, OWNER) if full else {}
        case "map":
            return {_text(shape.key, f"{name}Key"): inner(shape.value, name)} if full else {}
        case "list":
            return _list(shape, inner(shape.member, name)) if full else []
        case "integer" | "long":
            return 0 if name.startswith("Failed") else 1 + len(name)
    return _single(shape, name, full)


def _list(shape: Any, item: Any) -> list[Any]:
    if shape.member.type_name == "structure" and len(shape.member.members) == 2:
        key, value = sorted(shape.member.members, key=str.lower)
        if (key.lower(), value.lower()) in (("key", "value"), ("tagkey", "tagvalue")):
            return [{key: name, value: text} for name, text in tags.wanted({}, OWNER).items()]
    return [item]


def _single(shape: Any, name: str, full: bool) -> Any:
    match shape.type_name:
        case "float" | "double":
            return len(name) + 0.5
        case "boolean":
            return full
        case "timestamp":
            return _NOW
        case "blob":
            return b"PK"
    return _text(shape, name)


def _text(shape: Any, name: str) -> str:
    if name in _TEXTS:
        return _TEXTS[name]
    if name.lower().endswith(_DOCUMENTS):
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": name, "Effect": "Allow"}]})
    if getattr(shape, "enum", None):
        return str(shape.enum[0])
    if name == "LayerVersionArn":
        return "arn:aws:lambda:eu-west-1:123456789012:layer:shop:7"
    if name.lower().endswith("arn"):
        return f"arn:aws:any:eu-west-1:123456789012:{name}"
    if name.lower().endswith("url"):
        return f"https://example.com/123456789012/{name}"
    return name or "text"


def shortened(lines: Iterable[str]) -> Iterator[str]:
    """Say a long line, and an exchange, once only; later ones say where."""
    first: dict[str, str] = {}
    title, body = "", list[str]()
    for line in (*lines, ""):
        if line:
            title, body = (line, body) if line.startswith("## ") and not body else (title, [*body, line])
            continue
        text = "\n".join(body)
        if title and text in first:
            body = [f"as: {first[text]}"]
        first.setdefault(text, title.removeprefix("## "))
        yield from filter(None, (title, *(_once(each, title, first) for each in body)))
        yield ""
        title, body = "", []


def _once(line: str, title: str, first: dict[str, str]) -> str:
    if len(line) <= LONG:
        return line
    where = first.setdefault(line, title.removeprefix("## "))
    return line if where == title.removeprefix("## ") else f"{line[: LONG // 2]}… as: {where}"
