"""A proxy in front of an emulator that throttles, delays, conflicts and breaks connections as a real cloud does.

    proxy.rules.append(Fault("CreateRole", Answer("Throttling", "Rate exceeded"), calls=(1, 2)))
    proxy.rules.append(Fault("CreateApi", Drop(after=True), calls=(1,)))      # done, but nobody is told

A rule sees the calls that match it and counts them from 1. The first rule that has something to do acts; `proxy.calls`
tells what was asked, in order.
"""

from __future__ import annotations

import http.client
import http.server
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from tests.support import wire
from tests.support.emulators import REGION, make_client


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as the proxy saw it: `Call("sqs", "CreateQueue", …)`. Services go by their boto3 names."""

    service: str
    operation: str
    method: str
    path: str
    body: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Refuse with an error of the cloud's own, without asking the emulator; status 200 says yes and does nothing."""

    code: str
    message: str = ""
    status: int = 400
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer in the emulator's place with a body of one's own."""

    body: bytes
    content_type: str = "text/xml"


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait, then go on as usual."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Reset the connection: before the emulator hears of the call, or after it has done it."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """Answer in the emulator's place with an answer that it once gave."""

    status: int
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the body of the emulator's answer."""

    edit: Callable[[bytes], bytes]


Action: TypeAlias = Answer | Reply | Delay | Drop | Whole | Edit
Callback: TypeAlias = Callable[[Call], Action | None]


class Rule(Protocol):
    """What a proxy asks about each call; `Fault` here, and the delays of a real cloud in tests.support.lags."""

    def decide(self, call: Call) -> Action | None:
        """The action for this call, if there is one."""

    def answered(self, call: Call, answer: Whole) -> None:
        """Hear what the emulator answered."""


@dataclass(slots=True)
class Fault:
    """What goes wrong, and when.

    Args:
        operation: "CreateQueue", or "*" for every one.
        action: what to do, or a function that is told of the call and decides (it may also just look, or block).
        calls: which of the matching calls, counted from 1; None for all of them.
        service: boto3's name of the service, or "*".
    """

    operation: str
    action: Action | Callback
    calls: Collection[int] | None = None
    service: str = "*"
    seen: int = 0

    def decide(self, call: Call) -> Action | None:
        """The action for this call, if there is one."""
        if self.operation not in ("*", call.operation) or self.service not in ("*", call.service):
            return None
        self.seen += 1
        if self.calls is not None and self.seen not in self.calls:
            return None
        return self.action(call) if callable(self.action) else self.action

    def answered(self, call: Call, answer: Whole) -> None:
        """Nothing: faults look at calls only."""


class Proxy:
    """A running proxy: `endpoint_url` to send calls to, `rules` to break them, `calls` to see them."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.removeprefix("http://")
        self.rules: list[Rule] = []
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, service: str, *, region: str = REGION) -> Any:
        """A boto3 client whose calls go through the proxy; never retries."""
        return make_client(service, self.endpoint_url, region)

    def operations(self, service: str = "*") -> list[str]:
        """The operations called so far, in order."""
        return [call.operation for call in list(self.calls) if service in ("*", call.service)]

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return self.operations().count(operation)

    def clear(self) -> None:
        """Forget rules and calls."""
        with self._lock:
            self.rules.clear()
            self.calls.clear()

    def decide(self, call: Call) -> Action | None:
        """Note a call and ask the rules. Callbacks run outside the lock, so that one may block without the others."""
        with self._lock:
            self.calls.append(call)
            rules = list(self.rules)
        for rule in rules:
            action = rule.decide(call)
            if action is not None:
                return action
        return None

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a callback may still block; it must not hold up the end of the test
    proxy: Proxy


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *args: Any) -> None:
        """Nothing: the calls are in `Proxy.calls`."""

    def _serve(self) -> None:
        body = self._read_body()
        asked = dict(self.headers.items())
        call = Call(*wire.identify(self.command, self.path, asked, body), self.command, self.path, body)
        action = self.server.proxy.decide(call)
        match action:
            case Answer():
                headers, answer = wire.error(call.service, asked, action.code, action.message)
                self._send(action.status, [*headers, *action.headers], answer)
            case Reply():
                self._send(200, [("Content-Type", action.content_type)], action.body)
            case Whole():
                self._send(action.status, action.headers, action.body)
            case Drop(after=False):
                self._reset()
            case _:
                if isinstance(action, Delay):
                    time.sleep(action.seconds)
                status, headers, answer = self._forward(body)
                for rule in list(self.server.proxy.rules):
                    rule.answered(call, Whole(status, headers, answer))
                if isinstance(action, Edit):
                    answer = action.edit(answer)
                if isinstance(action, Drop):
                    self._reset()
                else:
                    self._send(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.server.proxy.upstream, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "expect"):
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _reset(self) -> None:
        # Closing with zero linger sends RST: the client sees "connection reset by peer", as after a cut line.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.rfile.close()
