"""Cloudflare R2 bucket as a store, over Cloudflare's REST API, as SST uses it.

The API has no conditional writes, so a condition is checked by reading first, and an object that may exist only once (a
lock) is read again a moment later: of two writers that both found nothing, the one that was overwritten gives way. This
excludes writers with calls shorter than that moment; SST itself checks nothing.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from stateroom.errors import StateConflictError, StateError
from stateroom.model.values import Secret
from stateroom.state.stores.packing import decompress
from stateroom.state.stores.store import Blob

API: Final = "https://api.cloudflare.com/client/v4"
NO_KEY: Final = 10007  # "The specified key does not exist."
NO_BUCKET: Final = 10006  # "The specified bucket does not exist."
_TIMEOUT: Final = 60.0  # seconds
_TRIES: Final = 4
_SETTLED: Final = 1.0  # seconds; longer than a call takes


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """Client of Cloudflare's REST API for one account.

    Args:
        token: an API token.
        account: the account's id; asked when the first call is made.
        url: where the API is.
        sleep: waits between tries, seconds.
    """

    token: Secret
    account: Callable[[], str]
    url: str = API
    sleep: Callable[[float], None] = field(default=lambda _: None)

    def call(
        self, method: str, path: str, data: bytes | None = None, *, missing: int = NO_KEY
    ) -> tuple[bytes, dict[str, str]] | None:
        """Call the API; returns (body, headers), None for Cloudflare's error code `missing`.

        Raises:
            StateError: Cloudflare refused or cannot be reached.
        """
        for attempt in range(_TRIES):
            try:
                return self._once(method, path, data)
            except urllib.error.HTTPError as error:
                code, message = _reason(error)
                if error.code == 404 and code == missing:
                    return None
                if error.code != 429 and error.code < 500:
                    raise StateError(
                        f"Cloudflare refuses to {_VERBS[method]} {path.partition('?')[0]}",
                        why=message or f"HTTP {error.code}",
                        todo="check CLOUDFLARE_API_TOKEN and its permission for R2",
                    ) from None
                problem = message or f"HTTP {error.code}"
            except OSError as error:
                problem = type(error).__name__
            if attempt + 1 < _TRIES:
                self.sleep(0.25 * 2**attempt)
        raise StateError("Cloudflare cannot be reached", why=problem, todo="check the network and try again")

    def result(self, method: str, path: str, body: object = None) -> tuple[Any, dict[str, Any]]:
        """Call the API; returns (`result`, `result_info`) of a JSON answer."""
        data = json.dumps(body).encode() if body is not None else None
        answer = self.call(method, path, data)
        document = json.loads(answer[0]) if answer else {}
        return document.get("result"), document.get("result_info") or {}

    def _once(self, method: str, path: str, data: bytes | None) -> tuple[bytes, dict[str, str]]:
        headers = {"Authorization": f"Bearer {self.token.reveal()}"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the URL is ours or the user's
            return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


class R2Store:
    """Objects of one R2 bucket."""

    def __init__(self, api: Cloudflare, bucket: str) -> None:
        self._api = api
        self.bucket = bucket

    def get(self, key: str) -> Blob | None:
        """Return the object, decompressed."""
        answer = self.raw(key)
        if answer is None:
            return None
        data, headers = answer
        return Blob(decompress(data), _etag(data), _date(headers.get("last-modified")))

    def raw(self, key: str) -> tuple[bytes, dict[str, str]] | None:
        """Return (bytes, headers) of an object as stored; None when there is none."""
        return self._api.call("GET", self._object(key))

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object. With a condition: read, write, and read again to detect an overwrite."""
        if if_match is None and not if_none_match:
            self._api.call("PUT", self._object(key), data)
            return _etag(data)
        self._require(key, if_match)
        self._api.call("PUT", self._object(key), data)
        if if_none_match:
            self._api.sleep(_SETTLED)
        stored = self.get(key)
        if stored is None or stored.data != data:
            raise StateConflictError(f"{key} has changed", why="someone else wrote it in the same moment")
        return _etag(data)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object, if it has the expected etag."""
        if if_match is not None:
            self._require(key, if_match)
        self._api.call("DELETE", self._object(key))

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, sorted, page by page."""
        yield from (item["key"] for item in self.items(prefix))

    def items(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Yield the API's listing of each object: key, size, etag, last_modified."""
        cursor = ""
        while True:
            query = (
                {"per_page": "1000"} | ({"prefix": prefix} if prefix else {}) | ({"cursor": cursor} if cursor else {})
            )
            found, info = self._api.result("GET", f"{self._path()}/objects?{urlencode(query)}")
            yield from found or ()
            cursor = str(info.get("cursor") or "") if info.get("is_truncated", bool(info.get("cursor"))) else ""
            if not cursor:
                return

    def _require(self, key: str, etag: str | None) -> None:
        current = self.get(key)
        if (current.etag if current else None) != etag:
            what = "exists already" if etag is None else "has changed" if current else "is gone"
            raise StateConflictError(f"{key} {what}", why="someone else wrote it first")

    def _path(self) -> str:
        return f"/accounts/{self._api.account()}/r2/buckets/{self.bucket}"

    def _object(self, key: str) -> str:
        return f"{self._path()}/objects/{quote(key)}"


_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete", "POST": "make"}


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _date(text: str | None) -> datetime:
    try:
        return parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def _reason(error: urllib.error.HTTPError) -> tuple[int, str]:
    """Return (code, message) of Cloudflare's first error."""
    try:
        first = json.loads(error.read())["errors"][0]
        return int(first.get("code") or 0), f"{first.get('message')} ({first.get('code')})"
    except (ValueError, KeyError, IndexError, TypeError, OSError):
        return 0, ""
