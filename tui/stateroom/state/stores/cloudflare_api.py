"""Cloudflare's REST API, for what R2's S3 API has no call: which accounts a token sees, and the token's own id."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from stateroom.errors import StateError
from stateroom.model.values import Secret
from stateroom.state.stores.patience import Patience

if TYPE_CHECKING:
    from stateroom.state.stores.r2 import R2Clients

API: Final = "https://api.cloudflare.com/client/v4"
_TIMEOUT: Final = 60.0  # seconds


@dataclass(frozen=True)
class Cloudflare:
    """Cloudflare's REST API for one account.

    Args:
        token: an API token.
        account: the account's id; asked when the first call is made.
        url: where the API is; another one than Cloudflare's answers S3's calls as well.
        patience: how long calls are repeated.
    """

    token: Secret
    account: Callable[[], str]
    url: str = API
    patience: Patience = field(default_factory=Patience)

    def result(self, method: str, path: str, body: object = None) -> tuple[Any, dict[str, Any]]:
        """(`result`, `result_info`) of an answer.

        Raises:
            StateError: Cloudflare refused or cannot be reached.
        """
        data = json.dumps(body).encode() if body is not None else None
        waiting = self.patience.begin(f"{method} {path.partition('?')[0]}")
        while True:
            try:
                document = json.loads(self._once(method, path, data))
                return document.get("result"), document.get("result_info") or {}
            except urllib.error.HTTPError as error:
                problem = _reason(error) or f"HTTP {error.code}"
                if error.code != 429 and error.code < 500:
                    raise StateError(
                        f"Cloudflare refuses to {_VERBS[method]} {path.partition('?')[0]}",
                        why=problem,
                        todo="check CLOUDFLARE_API_TOKEN and its permission for R2",
                    ) from None
            except OSError as error:
                problem = type(error).__name__
            if not waiting.again(problem):
                raise StateError("Cloudflare cannot be reached", why=problem, todo="check the network and try again")

    def token_id(self) -> str:
        """The token's id, asked once. Raises StateError."""
        return self._token_id

    def s3_url(self) -> str:
        """Where R2's S3 API of the account is."""
        return f"https://{self.account()}.r2.cloudflarestorage.com" if self.url == API else self.url

    @cached_property
    def clients(self) -> R2Clients:
        """Clients of R2's S3 API, built once."""
        from stateroom.state.stores.r2 import R2Clients

        return R2Clients(self)

    @cached_property
    def _token_id(self) -> str:
        try:
            found, _ = self.result("GET", "/user/tokens/verify")
        except StateError:  # a token that is the account's, not a user's
            found, _ = self.result("GET", f"/accounts/{self.account()}/tokens/verify")
        return str(found["id"])

    def _once(self, method: str, path: str, data: bytes | None) -> bytes:
        headers = {"Authorization": f"Bearer {self.token.reveal()}"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the URL is ours or the user's
            return bytes(answer.read())


_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete", "POST": "make"}


def _reason(error: urllib.error.HTTPError) -> str:
    """Cloudflare's first error, with its number; "" when it says none."""
    try:
        first = json.loads(error.read())["errors"][0]
        return f"{first.get('message')} ({first.get('code')})"
    except (ValueError, KeyError, IndexError, TypeError, OSError):
        return ""
