"""Homes, records and clocks for the tests of the state wing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Secret, Value
from stateroom.model.version import Holder, Intent, UpdateSummary
from stateroom.state.home import Home, StoredState
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.cipher import Cipher, Passphrase
from stateroom.state.secrets.passphrase_source import PassphraseSource

ANA = Holder("ana", "laptop", 4711, "deploy")
BEN = Holder("ben", "desk", 4712, "deploy")


def ticking() -> Callable[[], datetime]:
    """A clock that moves a second with every look at it."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return clock


def home_in(root: Path, phrase: str | None = "correct horse", holder: Holder = ANA) -> Home:
    source = PassphraseSource(phrase, environment={}, keyring=None)
    return local_home(root / ".stateroom", source, holder=holder, clock=ticking())


def cipher(phrase: str = "correct horse", salt: str = "") -> Cipher:
    return Cipher(lambda new: Passphrase(Secret(phrase), "given"), "orders/dev", salt)


def sealed_shut() -> Cipher:
    """A cipher that fails the test when anything asks it for its passphrase."""

    def refuse(new: bool) -> Passphrase:
        raise AssertionError("the passphrase was asked for")

    return Cipher(refuse, "orders/dev")


def queue(name: str = "Queue", **inputs: Value) -> Record:
    return Record(
        logical_id=name,
        type="AWS::SQS::Queue",
        physical_id=f"https://sqs/{name}",
        inputs={"QueueName": name.lower(), **inputs},
        observed={"QueueName": name.lower(), "Arn": f"arn:aws:sqs:eu-west-1:1:{name.lower()}"},
        created="2026-11-21T12:00:00Z",
    )


def function(name: str = "Fn", *dependencies: str, **inputs: Value) -> Record:
    return Record(
        logical_id=name,
        type="AWS::Lambda::Function",
        physical_id=f"orders-dev-{name}",
        inputs={"MemorySize": 128, "Timeout": 10, **inputs},
        observed={"MemorySize": 128, "Timeout": 10, "Arn": f"arn:{name}"},
        dependencies=dependencies,
    )


def snapshot(*records: Record, **outputs: Value) -> Snapshot:
    return Snapshot("orders", "dev", records, outputs, account="123456789012", region="eu-west-1")


def deploy(home: Home, state: Snapshot, expected: str | None = None, command: str = "deploy") -> StoredState:
    """One whole operation that ends with this state."""
    update = home.begin(state.service, state.stage, command)
    with home.lock(update):
        return home.commit(state, expected=expected, update=update, summary=UpdateSummary(created=len(state.records)))


def everything_in(root: Path) -> bytes:
    """The bytes of every file below a directory, one after the other."""
    return b"\n".join(path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file())


def intent(step: str = "orders/Queue", name: str = "Queue", action: str = "create", physical_id: str = "") -> Intent:
    """A step that is about to run, with a secret among its inputs."""
    return Intent(step, name, "AWS::SQS::Queue", action, physical_id, {"Token": Secret("hunter2")}, ("Other",))
