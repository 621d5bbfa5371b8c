"""What each table of undeclared children asks and makes of the answers, as it was last read and agreed to.

`__snapshots__/children` holds a file a table; `--snapshot-update` writes them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.cloud.aws.undeclared.attributes import GUARDED
from stateroom.cloud.aws.undeclared.child_list import ChildList
from stateroom.cloud.aws.undeclared.tables import TABLES, AwsChildTables
from stateroom.cloud.children import Recorded
from stateroom.model.values import ABSENT
from tests.cloud.exchanges import Service, error_codes, exchange, plain, shortened

AGREED: Final = Path(__file__).with_name("__snapshots__") / "children"
PARENTS: Final = {
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:thing",
    "AWS::SQS::Queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/thing",
}
PROPERTIES: Final = (
    "FunctionName",
    "Queues",
    "Topics",
    "Bucket",
    "TopicArn",
    "RestApiId",
    "ApiId",
    "LogGroupName",
    "TargetFunctionArn",
)
IDS: Final = ("thing", "other", "arn:aws:lambda:eu-west-1:123456789012:function:thing")
EVERYBODY: Final = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
VALUES: Final[tuple[Any, ...]] = (
    ABSENT,
    None,
    0,
    3,
    True,
    False,
    "text",
    {},
    [],
    EVERYBODY,
    {**EVERYBODY, "Effect": "Deny"},
    {**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
    {**EVERYBODY, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
    {**EVERYBODY, "Principal": {"AWS": ["*"]}, "Action": ["sqs:SendMessage"]},
    {"AuthType": "NONE"},
    {"AuthType": "AWS_IAM", "Cors": {"AllowOrigins": ["*"]}},
    {"AuthorizationType": "NONE"},
    {"AuthorizationType": "AWS_IAM", "ApiKeyRequired": True},
    {"Protocol": "https", "Endpoint": "https://example.com"},
    {"DestinationConfig": {"OnFailure": {"Destination": "arn:queue"}}, "MaximumRetryAttempts": 0},
    ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/Other"],
    ["arn:aws:iam::aws:policy/Other"],
    [{"PolicyName": "mine", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}],
    [
        {
            "PolicyName": "mine",
            "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "x"}},
        }
    ],
    ["no policy"],
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.parent}/{table.kind}")
def test_what_is_exchanged(table: type[ChildList], request: pytest.FixtureRequest) -> None:
    name = f"{table.parent.removeprefix('AWS::').replace('::', '.')}.{table.kind}.txt"
    _agreed(name, shortened(_story(table)), request)


def test_what_is_dangerous(request: pytest.FixtureRequest) -> None:
    _agreed("dangers.txt", _dangers(), request)


def _agreed(name: str, lines: Iterator[str], request: pytest.FixtureRequest) -> None:
    told = "\n".join(lines) + "\n"
    if request.config.getoption("--snapshot-update"):
        (AGREED / name).write_text(told, "utf-8")
    assert told == (AGREED / name).read_text("utf-8")


def _dangers() -> Iterator[str]:
    tables = AwsChildTables(Service(there=True), threading.Semaphore(4))  # type: ignore[arg-type]
    paths = [(type_, (name,)) for type_, names in GUARDED.items() for name in names]
    paths += [("AWS::SQS::Queue", ("Unguarded",)), ("AWS::None::Such", ("Any",))]
    for type_, path in [*paths, *((table.parent, (table.kind, "identity")) for table in TABLES)]:
        yield f"## {type_} {path} guarded {plain(tables.guarded(type_))} kinds {plain(tables.kinds(type_))}"
        for value in VALUES:
            try:
                yield f"{plain(value)}: {plain(tables.danger(type_, path, value))}"
            except (AttributeError, TypeError) as error:  # no value of this kind
                yield f"{plain(value)}: ! {type(error).__name__}"


def _story(table: type[ChildList]) -> Iterator[str]:
    parent = Recorded("parent", table.parent, PARENTS.get(table.parent, "thing"))
    found: dict[str, Any] = {}

    def listed(service: Service) -> Any:
        found.update(table(service).children(parent.physical_id))  # type: ignore[arg-type]
        return dict(found)

    yield from _works(table, "children", listed)
    for identity, value in list(found.items()):
        yield from _works(table, f"remove {identity}", partial(_undo, parent, table, identity, ABSENT))
        yield from _works(table, f"put {identity}", partial(_undo, parent, table, identity, value))
    yield ""
    yield "## declared"
    one = table(Service(there=True))  # type: ignore[arg-type]
    yield f"whole {one.is_whole(parent)}, restorable {one.restorable}, permission {one.permission}"
    for type_, name, of in itertools.product(table.stands_for, PROPERTIES, (*IDS, parent.physical_id)):
        for given in (of, [of]):
            inputs = {name: given, "Endpoint": "arn:queue", "Qualifier": "live", "FilterName": "f", "Id": "sid"}
            identities = _identities(one, parent, Recorded("other", type_, "other-id", inputs))
            if identities:
                yield f"{type_} {name}={plain(given)}: {plain(identities)}"


def _identities(table: ChildList, parent: Recorded, other: Recorded) -> set[str]:
    try:
        return set(table.identities(parent, other))
    except (AttributeError, TypeError):  # no value of this kind
        return {"not understood"}


def _undo(parent: Recorded, table: type[ChildList], identity: str, value: Any, service: Service) -> Any:
    tables = AwsChildTables(service, threading.Semaphore(4))  # type: ignore[arg-type]
    return tables.undo(parent, (table.kind, identity), value)


def _works(table: type[ChildList], title: str, work: Callable[[Service], Any]) -> Iterator[str]:
    for there, full in ((True, True), (True, False), (False, False)):
        service = Service(there=there, full=full)
        yield ""
        yield f"## {title}, {'full' if full else 'empty' if there else 'nothing there'}"
        yield from list(exchange(service, partial(work, service)))
    plainly = Service(there=True)
    list(exchange(plainly, lambda: work(plainly)))
    yield ""
    yield f"## {title}, when calls fail"
    for number, (operation, _) in enumerate(plainly.calls[:6]):
        for code in error_codes(operation):
            service = Service(there=True, refusing=(number, code))
            *_, last = exchange(service, partial(work, service))
            after = [each.name for each, _ in service.calls[number + 1 :]]
            yield f"{number} {operation.name} {code}: {' '.join(after)} {last}"
