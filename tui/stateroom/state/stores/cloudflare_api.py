"""Cloudflare's APIs: its own for accounts and the token's id, and R2's S3 API for everything else.

An API token is a key of the S3 API, too: the access key is the token's id, the secret the SHA-256 of the token, in hex
(https://developers.cloudflare.com/r2/api/tokens/). SST speaks Cloudflare's own API to the same objects.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Secret
from stateroom.state.stores.aws import AwsClients, explained
from stateroom.state.stores.patience import Patience

API: Final = "https://api.cloudflare.com/client/v4"
REGION: Final = "auto"  # of every R2 bucket
_TIMEOUT: Final = 60.0  # seconds
_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete", "POST": "make"}
_REFUSED: Final = frozenset(
    {"AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized", "401", "403"}
)


@dataclass(frozen=True)
class Cloudflare:
    """Client of Cloudflare's REST API for one account.

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
        """Call the API; returns (`result`, `result_info`) of the answer.

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
            except (ValueError, RecursionError, AttributeError):
                problem = "it answers what is no JSON of its API"
            except OSError as error:
                problem = type(error).__name__
            if not waiting.again(problem):
                raise StateError("Cloudflare cannot be reached", why=problem, todo="check the network and try again")

    def token_id(self) -> str:
        """Return the token's id, asked once. Raises StateError."""
        return self._token_id

    def s3_url(self) -> str:
        """Return the URL of R2's S3 API for the account."""
        return f"https://{self.account()}.r2.cloudflarestorage.com" if self.url == API else self.url

    @cached_property
    def clients(self) -> R2Clients:
        """Return clients of R2's S3 API, built once."""
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


def _reason(error: urllib.error.HTTPError) -> str:
    """Return Cloudflare's first error, with its number; "" without one."""
    try:
        first = json.loads(error.read())["errors"][0]
        return f"{first.get('message')} ({first.get('code')})"
    except (ValueError, KeyError, IndexError, TypeError, OSError):
        return ""


class R2Clients(AwsClients):
    """Clients of R2's S3 API for an account, with an API token for a key."""

    def __init__(self, api: Cloudflare) -> None:
        super().__init__(region=REGION, patience=api.patience)
        self._api = api

    def explained(self, what: str, *, missing: str = "", needs: str = "") -> AbstractContextManager[None]:
        """Turn errors into StateErrors, which say what a token lacks."""
        return _explained(what, missing, needs)

    def _build(self, service: str, region: str) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",  # R2 does not know all of S3's checksums
            response_checksum_validation="when_required",
        )
        access, token = self._api.token_id(), self._api.token.reveal()
        secret = hashlib.sha256(token.encode()).hexdigest()
        with explained("the AWS configuration cannot be used"):
            return _session().client(
                service,
                region_name=region,
                endpoint_url=self._api.s3_url(),
                aws_access_key_id=access,
                aws_secret_access_key=secret,
                config=config,
            )


@cache
def _session() -> Any:
    """Return one session for all accounts: each would load the service models anew; clients get their credentials."""
    import boto3

    return boto3.Session()


@contextmanager
def _explained(what: str, missing: str, needs: str) -> Iterator[None]:
    from botocore.exceptions import ClientError

    with explained(what, missing=missing, needs=needs):
        try:
            yield
        except ClientError as error:
            if error_code(error) in _REFUSED:
                raise StateError(
                    f"Cloudflare refuses: {what}",
                    why=f"{error_code(error)}: the token in CLOUDFLARE_API_TOKEN may not use R2's S3 API, which the "
                    "state and its lock are written with",
                    todo="give it the permission `Workers R2 Storage: Edit` of this account, or make a token with "
                    "`Admin Read & Write` under R2 > Manage API tokens",
                ) from error
            raise
