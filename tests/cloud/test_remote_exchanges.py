"""What is asked for values that a config takes from elsewhere, and what is made of answers and refusals, as agreed to.

`__snapshots__/remote.txt` is written by `--snapshot-update`.
"""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.cloud import remote_values
from stateroom.errors import StateroomError
from stateroom.model.remote import (
    Account,
    AvailabilityZones,
    Exports,
    ParameterRequest,
    RemoteRequest,
    StackOutputs,
    StoredObject,
    StoredSecret,
    WebDocument,
)
from stateroom.model.values import Secret
from tests.cloud.exchanges import Service, plain

AGREED: Final = Path(__file__).with_name("__snapshots__") / "remote.txt"
EU: Final = "eu-west-1"
REQUESTS: Final[tuple[RemoteRequest, ...]] = (
    Account(),
    Account("other"),
    ParameterRequest(EU, "Name"),
    ParameterRequest(EU, "Name:3", decrypt=False, profile="other"),
    ParameterRequest(EU, "/none"),
    StackOutputs(EU, "shop-dev"),
    StoredObject("bucket", "key", EU),
    StoredObject("bucket", "key", "", "other"),
    StoredSecret(EU, "token"),
    StoredSecret(EU, "token", "AWSPREVIOUS", "v1"),
    Exports(EU),
    AvailabilityZones(EU),
)
PAGES: Final[tuple[WebDocument, ...]] = (
    WebDocument("https://example.com/a.yml"),
    WebDocument("http://example.com/a.yml", "ana", Secret("hunter2")),
    WebDocument("http://example.com/a.yml", "ana"),
    WebDocument("http://example.com/a.yml", "", Secret("hunter2")),
    WebDocument("file:///a.yml"),
)
CODES: Final = ("AccessDenied", "NoSuchKey", "ValidationError", "ResourceNotFoundException", "ParameterNotFound")


def test_what_is_exchanged(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    told = "\n".join((*_services(monkeypatch), *_pages(monkeypatch))) + "\n"
    if request.config.getoption("--snapshot-update"):
        AGREED.write_text(told, "utf-8")
    assert told == AGREED.read_text("utf-8")


def _services(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for request in REQUESTS:
        for there, full in ((True, True), (True, False), (False, False)):
            service = Service(there=there, full=full)
            yield from (f"## {request}, there {there}, full {full}", *_asked(monkeypatch, service, request))
        for code in CODES:
            *_, last = _asked(monkeypatch, Service(there=True, refusing=(0, code)), request)
            yield f"{code}: {last}"
    many = [ParameterRequest(EU, f"/p{number}") for number in range(12)]
    yield from ("## many at once", *_asked(monkeypatch, Service(there=True), *many, *many[:2]))
    yield from (
        "## many at once, refused",
        *_asked(monkeypatch, Service(there=True, refusing=(0, CODES[0])), *many[:3]),
    )


def _asked(monkeypatch: pytest.MonkeyPatch, service: Service, *requests: RemoteRequest) -> Iterator[str]:
    opened: list[str] = []

    def clients(**options: Any) -> Service:
        opened.append(plain(options))
        return service

    monkeypatch.setattr(remote_values, "Clients", clients)
    monkeypatch.setattr(remote_values, "_THREADS", 1)
    answers = remote_values.AwsRemoteValues(profile="mine").read(requests)
    yield from (f"with {item}" for item in opened)
    yield from (f"> {operation.name} {plain(asked)}" for operation, asked in service.calls)
    yield from (f"{item}: {_text(answers[item])}" for item in answers)


def _pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    def refuse(error: Exception) -> Callable[..., Any]:
        def ask(*_: Any, **__: Any) -> Any:
            raise error

        return ask

    ways: dict[str, Callable[..., Any]] = {
        "text": lambda *_, **__: io.BytesIO("käse".encode()),
        "no text": lambda *_, **__: io.BytesIO(b"\xff\xfe"),
        "large": lambda *_, **__: io.BytesIO(b"x" * (remote_values._LARGEST + 1)),
        "as large as may be": lambda *_, **__: io.BytesIO(b"x" * remote_values._LARGEST),
        "404": refuse(urllib.error.HTTPError("https://example.com", 404, "none", None, None)),  # type: ignore[arg-type]
        "no address": refuse(urllib.error.URLError("no such host")),
        "broken": refuse(ConnectionResetError("reset")),
    }
    for page in PAGES:
        for name, way in ways.items():
            heads: list[str] = []

            def ask(asked: Any, way: Callable[..., Any] = way, heads: list[str] = heads, **options: Any) -> Any:
                heads.append(f"{asked.full_url} {asked.headers} {sorted(asked.unredirected_hdrs.items())}")
                return way(**options)

            monkeypatch.setattr(urllib.request, "urlopen", ask)
            (answer,) = remote_values.AwsRemoteValues().read([page]).values()
            yield f"{page}, {name}: {heads} {_text(answer)[:200]}"


def _text(answer: Any) -> str:
    if isinstance(answer, StateroomError):
        return f"! {' | '.join(answer.lines())}"
    return f"Secret({answer.reveal()})" if isinstance(answer, Secret) else repr(answer)
