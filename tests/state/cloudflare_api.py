"""A stand-in for the part of Cloudflare's REST API that an SST home uses: accounts, R2 buckets, R2 objects."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN, ACCOUNT, BUCKET = "a-token", "0123abcd", "sst-state"
_PAGE = 3  # few, so that paging is always walked


class Api(ThreadingHTTPServer):
    """Buckets by name, objects by key. `failing` answers that many calls with 500 first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.failing = 0
        self.calls: list[str] = []

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

    def do_GET(self) -> None:
        self._answer()

    do_PUT = do_DELETE = do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.calls.append(f"{self.command} {self.path}")
        parts = urlsplit(self.path)
        if self.server.failing:
            self.server.failing -= 1
            return self._refuse(500, 10001, "Internal error")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._refuse(403, 10000, "Authentication error")
        if parts.path == "/accounts":
            return self._json([{"id": ACCOUNT, "name": "mine"}])
        prefix = f"/accounts/{ACCOUNT}/r2/buckets/"
        if self.command == "POST" and f"{parts.path}/" == prefix:
            return self._make(json.loads(data)["name"])
        name, _, rest = parts.path.removeprefix(prefix).partition("/")
        bucket = self.server.buckets.get(name)
        if not parts.path.startswith(prefix) or bucket is None:
            return self._refuse(404, 10006, "The specified bucket does not exist.")
        if not rest:
            return self._json({"name": name})
        if rest == "objects":
            return self._list(bucket, parse_qs(parts.query))
        return self._object(bucket, unquote(rest.removeprefix("objects/")), data)

    def _make(self, name: str) -> None:
        if name in self.server.buckets:
            return self._refuse(409, 10004, "The bucket you tried to create already exists, and you own it.")
        self.server.buckets[name] = {}
        return self._json({"name": name})

    def _list(self, bucket: dict[str, bytes], query: dict[str, list[str]]) -> None:
        after = query.get("cursor", [""])[0]
        keys = sorted(key for key in bucket if key.startswith(query.get("prefix", [""])[0]) and key > after)
        info = {"is_truncated": len(keys) > _PAGE, "cursor": keys[_PAGE - 1] if len(keys) > _PAGE else ""}
        self._json([_described(key, bucket[key]) for key in keys[:_PAGE]], info)

    def _object(self, bucket: dict[str, bytes], key: str, data: bytes) -> None:
        if self.command == "PUT":
            bucket[key] = data
            return self._json({"key": key})
        if self.command == "DELETE":
            bucket.pop(key, None)
            return self._json({"key": key})
        if key not in bucket:
            return self._refuse(404, 10007, "The specified key does not exist.")
        return self._send(200, bucket[key])

    def _json(self, result: object, info: object = None) -> None:
        self._send(200, json.dumps({"success": True, "errors": [], "result": result, "result_info": info}).encode())

    def _refuse(self, status: int, code: int, message: str) -> None:
        self._send(status, json.dumps({"success": False, "errors": [{"code": code, "message": message}]}).encode())

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Last-Modified", formatdate(usegmt=True))
        self.end_headers()
        self.wfile.write(data)


def _described(key: str, data: bytes) -> dict[str, object]:
    etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"key": key, "size": len(data), "etag": etag, "last_modified": "2026-11-20T10:00:00.000Z"}
