"""Wrong or expired credentials, and endpoints that are no AWS: a few lines that say what to do, never a traceback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream

pytestmark = pytest.mark.emulator

CONFIG = """\
service: orders
provider: {name: aws, region: eu-west-1}
resources: {Resources: {Jobs: {Type: AWS::SQS::Queue}}}
"""
COMMANDS = [["status"], ["diff"], ["versions"], ["outputs"], ["state", "list"], ["bootstrap"], ["unlock"]]
COMMANDS += [["deploy", "--yes"], ["refresh", "--yes"], ["remove", "--yes"], ["plan"], ["passphrase", "status"]]
COMMANDS += [["deploy", "--yes", "--home", "local"], ["bootstrap", "--home", "sst"], ["versions", "--home", "sst"]]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, kind, body = self._answer()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _answer(self) -> tuple[int, str, bytes]:
        code: str = self.server.code  # type: ignore[attr-defined]
        if not code:
            return 200, "text/html; charset=utf-8", b"<html><body>Sign in to this network</body></html>"
        if self.headers.get("X-Amz-Target"):
            return 400, "application/x-amz-json-1.1", f'{{"__type": "{code}", "message": "no"}}'.encode()
        error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        wrapped = f"<ErrorResponse>{error}</ErrorResponse>" if self.command == "POST" else error
        return 403, "text/xml", wrapped.encode()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def answering(code: str) -> Iterator[str]:
    """Answer every call with an error code; with none, with a web page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.code = code  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def command(directory: Path, endpoint_url: str, *arguments: str) -> Run:
    (directory / "serverless.yml").write_text(CONFIG)
    place = directory / "empty" if "sst" in arguments else directory
    place.mkdir(exist_ok=True)
    out, err = Stream(), Stream()
    environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(directory), "TERM": "dumb"}
    host = ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
    code = main([*arguments, "-C", str(place), "--region", "eu-west-1", "--endpoint-url", endpoint_url], host)
    return Run(code, out.getvalue(), err.getvalue(), [], [])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("ExpiredToken", "sign in again: aws sso login"),
        ("InvalidClientTokenId", "check the keys of the profile"),
        ("AccessDenied", "another --profile"),
        ("", "check --endpoint-url"),
    ],
)
def test_every_command_says_what_to_do_in_a_few_lines(
    code: str, way_out: str, arguments: list[str], tmp_path: Path
) -> None:
    with answering(code) as endpoint_url:
        run = command(tmp_path, endpoint_url, *arguments)
    assert run.code == 1
    assert way_out in run.err
    assert "bug" not in run.err
    assert len(run.err.splitlines()) <= 4
    assert "missing in the cloud" not in run.out
    assert "new in config" not in run.out
