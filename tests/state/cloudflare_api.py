"""A stand-in for what an SST home at Cloudflare uses: the REST API's accounts and tokens, and R2's S3 API.

R2 as it is documented: conditional writes, no conditional deletions, no versions.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

TOKEN, TOKEN_ID, ACCOUNT, BUCKET = "a-token", "f0f0a1a1", "0123abcd", "sst-state"
_PAGE = 3  # few, so that paging is always walked
_META = "x-amz-meta-"


class Api(ThreadingHTTPServer):
    """Buckets by name, objects by key.

    `failing` answers that many calls with 500 first; `without_s3`: the token has no rights there; `owner`: whose it is.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.metadata: dict[tuple[str, str], dict[str, str]] = {}
        self.failing = 0
        self.without_s3 = False
        self.owner = "user"
        self.calls: list[str] = []
        self.turn = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Api
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or an answer's body waits 40 ms until its head is acknowledged

    def do_GET(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        rest = parts.path.startswith(("/accounts", "/user"))
        with self.server.turn:
            self.server.calls.append(f"{self.command} {self.path}")
            if self.server.failing:
                self.server.failing -= 1
                return self._refuse(500, 10001, "Internal error") if rest else self._error(500, "InternalError")
            return self._rest(parts.path) if rest else self._s3(parts.path, parse_qs(parts.query), data)

    do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _rest(self, path: str) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._refuse(403, 10000, "Authentication error")
        if path == "/accounts":
            return self._json([{"id": ACCOUNT, "name": "mine"}])
        owner = "/user" if self.server.owner == "user" else f"/accounts/{ACCOUNT}"
        if path == f"{owner}/tokens/verify":
            return self._json({"id": TOKEN_ID, "status": "active"})
        return self._refuse(404, 7003, "No route for that URI")

    def _s3(self, path: str, query: dict[str, list[str]], data: bytes) -> None:
        if self.server.without_s3 or f"Credential={TOKEN_ID}/" not in self.headers.get("Authorization", ""):
            return self._error(403, "AccessDenied")
        name, _, key = unquote(path.removeprefix("/")).partition("/")
        if not key and self.command == "PUT":
            self.server.buckets.setdefault(name, {})
            return self._send(200, b"")
        bucket = self.server.buckets.get(name)
        if bucket is None:
            return self._error(404, "NoSuchBucket")
        if not key:
            return self._send(200, _listing(bucket, query) if self.command == "GET" else b"")
        return self._object(bucket, (name, key), data)

    def _object(self, bucket: dict[str, bytes], place: tuple[str, str], data: bytes) -> None:
        key = place[1]
        if self.command == "DELETE":
            bucket.pop(key, None)
            return self._send(204, b"")
        if self.command == "PUT":
            wanted, current = self.headers.get("If-Match"), _etag(bucket[key]) if key in bucket else None
            if (wanted and wanted != current) or (self.headers.get("If-None-Match") == "*" and current):
                return self._error(412, "PreconditionFailed")
            bucket[key] = data
            metadata = {name: value for name, value in self.headers.items() if name.lower().startswith(_META)}
            self.server.metadata[place] = metadata
            return self._send(200, b"", {"ETag": _etag(data)})
        if key not in bucket:
            return self._error(404, "NoSuchKey")
        return self._send(200, bucket[key], {"ETag": _etag(bucket[key]), **self.server.metadata.get(place, {})})

    def _json(self, result: object) -> None:
        self._send(200, json.dumps({"success": True, "errors": [], "result": result}).encode())

    def _refuse(self, status: int, code: int, message: str) -> None:
        self._send(status, json.dumps({"success": False, "errors": [{"code": code, "message": message}]}).encode())

    def _error(self, status: int, code: str) -> None:
        self._send(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Last-Modified", formatdate(usegmt=True))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _listing(bucket: dict[str, bytes], query: dict[str, list[str]]) -> bytes:
    after = query.get("continuation-token", [""])[0]
    keys = sorted(key for key in bucket if key.startswith(query.get("prefix", [""])[0]) and key > after)
    page = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(bucket[key])}</Size><ETag>{escape(_etag(bucket[key]))}</ETag>"
        "<LastModified>2026-11-20T10:00:00.000Z</LastModified></Contents>"
        for key in keys[:_PAGE]
    )
    more = f"<NextContinuationToken>{escape(keys[_PAGE - 1])}</NextContinuationToken>" if len(keys) > _PAGE else ""
    truncated = "true" if more else "false"
    return f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{more}{page}</ListBucketResult>".encode()


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
