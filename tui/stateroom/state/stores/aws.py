"""AWS clients for homes, and their errors as StateErrors; imports boto3 at the first client."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.model.problems.aws_errors import ErrorKind, advice, error_kind
from stateroom.model.problems.error_response import error_response
from stateroom.model.problems.outside_errors import client_reason, with_profile
from stateroom.model.problems.web_pages import refuse_web_pages
from stateroom.state.stores.patience import Patience

_BUSY_STATUS: Final = frozenset({429, 500, 502, 503, 504})
_BUSY_CODES: Final = frozenset(
    {
        "InternalError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)


_LOOK: Final = "`stateroom bootstrap status` shows what is there"
_OF_A_HOME: Final[Mapping[ErrorKind, str]] = {
    ErrorKind.ABSENT: _LOOK,
    ErrorKind.TAKEN: _LOOK,
    ErrorKind.VALUE: "check the home's name and --region: AWS does not take what was asked for",
    ErrorKind.UNKNOWN: f"{_LOOK}; look the code up in AWS's documentation of that call",
}


def refuse_offline(offline: bool) -> None:
    """Raise StateError when nothing may be asked."""
    if offline:
        raise StateError(
            "the state is not read: its home is in the cloud",
            why="--offline asks nothing",
            todo="leave --offline out, or name a home on this machine: --home local",
        )


class AwsClients:
    """boto3 clients by service and region, built on first use and cached; may be called from many threads.

    Args:
        profile: a named profile of the user's AWS configuration.
        region: default region of calls; None: the user's AWS configuration.
        endpoint_url: send every call there instead of to AWS.
        patience: how long calls are repeated.
        offline: refuse to make a client.
    """

    def __init__(
        self,
        *,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        patience: Patience | None = None,
        offline: bool = False,
    ) -> None:
        self._offline = offline
        self.patience = patience or Patience()
        self._profile = profile
        self._region = region
        self._endpoint_url = endpoint_url
        self._session: Any = None
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._account = ""
        self._lock = threading.RLock()

    def __call__(self, service: str, region: str, *, once: bool = False) -> Any:
        """Return the client of a service in a region. `once`: without retries, which could mislead."""
        refuse_offline(self._offline)
        key = service, region, once
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._build(service, region)
                refuse_web_pages(self._clients[key])
                if not once:
                    self._clients[key].meta.events.register("needs-retry", self._again)
            return self._clients[key]

    def explained(self, what: str, *, missing: str = "", needs: str = "") -> AbstractContextManager[None]:
        """Turn errors of these clients into StateErrors; advice to sign in names their profile."""
        return explained(what, missing=missing, needs=needs, profile=self._profile or "")

    @property
    def region(self) -> str:
        """Return the region of option, variable or profile; us-east-1 without any."""
        with self._lock:
            return self._region or str(self._opened().region_name or "us-east-1")

    @property
    def account(self) -> str:
        """Return the account of the credentials, cached. Raises StateError."""
        with self._lock:
            if not self._account:
                with self.explained("AWS does not say whose credentials these are"):
                    self._account = str(self("sts", self.region).get_caller_identity()["Account"])
            return self._account

    def _opened(self) -> Any:
        if self._session is None:
            import boto3

            with self.explained("the AWS configuration cannot be used"):
                self._session = boto3.Session(profile_name=self._profile)
        return self._session

    def _build(self, service: str, region: str) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
            inject_host_prefix=not self._endpoint_url,
            s3={"addressing_style": "path"} if self._endpoint_url else None,
        )
        with self.explained("the AWS configuration cannot be used"):
            return self._opened().client(service, region_name=region, endpoint_url=self._endpoint_url, config=config)

    def _again(
        self, *, operation: Any, response: Any, caught_exception: BaseException | None, request_dict: Any, **_: Any
    ) -> float | None:
        """Answer botocore after each try: seconds to wait before the next one, or None for no other.

        `response` is (HTTP response, parsed answer). What is waited has been waited when this returns.
        """
        why = _stumble(response[1] if response else {}, caught_exception)
        if not why:
            return None
        context = request_dict["context"]
        waiting = context.setdefault("stateroom", None) or self.patience.begin(str(operation.name))
        context["stateroom"] = waiting
        return 0.0 if waiting.again(why) else None


def _stumble(answer: Mapping[str, Any], caught: BaseException | None) -> str:
    """Tell why a call may do better in a moment: busy server, server error or no answer; "" for a real answer."""
    from botocore.exceptions import HTTPClientError

    if caught is not None:
        return type(caught).__name__ if isinstance(caught, HTTPClientError) else ""
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(answer.get("Error", {}).get("Code", ""))
    return (code or f"HTTP {status}") if status in _BUSY_STATUS or code in _BUSY_CODES else ""


def stumble_of(error: BaseException) -> str:
    """Tell why a failed call may do better in a moment; "" when it will not."""
    response = getattr(error, "response", None)
    return _stumble(response, None) if isinstance(response, Mapping) else _stumble({}, error)


def is_uncertain(error: BaseException) -> bool:
    """Tell whether a failed call may have been carried out: lost answer or server error."""
    from botocore.exceptions import HTTPClientError

    response = error_response(error)
    if response is not None:
        return response.status >= 500 or response.code in {"RequestTimeout", "SlowDown", "InternalError"}
    return isinstance(error, HTTPClientError)


@contextmanager
def explained(what: str, *, missing: str = "", needs: str = "", profile: str = "") -> Iterator[None]:
    """Turn boto3's errors into StateErrors.

    Args:
        what: what could not be done.
        missing: what is gone when AWS knows no such bucket, with "the" in front.
        needs: the permission that is wanted, for when it is denied: `s3:GetObject`.
        profile: named in advice to sign in; "": that of the environment, if any.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _of_answer(error, what, missing, needs, profile or _ambient_profile()) from error
    except (BotoCoreError, ValueError) as error:
        if client_reason(error) is None:
            raise
        raise _of_client(error, what, profile) from error


def _of_answer(error: Any, what: str, missing: str, needs: str, profile: str) -> StateError:
    response = error_response(error)
    code = response.code if response else ""
    if code == "NoSuchBucket":
        return StateError(
            f"{missing or 'the bucket'} does not exist",
            why="it was deleted, or it belongs to another account than these credentials",
            todo="`stateroom bootstrap status` shows what is there; `stateroom reset --only missing` repairs",
        )
    kind = error_kind(code, response.status if response else 0)
    if kind is ErrorKind.DENIED:
        return StateError(
            f"{what}: access denied",
            why="these credentials may not do that, or they belong to another account",
            todo=f"allow {needs}, or choose another --profile" if needs else "choose another --profile",
        )
    message = response.message.strip() if response else ""
    why, todo = f"{code}: {message}" if message else code, with_profile(advice(kind, needs), profile)
    if kind in (ErrorKind.SIGN_IN, ErrorKind.KEYS):
        return StateError(f"{what}: AWS does not accept the credentials", why=why, todo=todo)
    made = StateError(what, why=why, todo=_OF_A_HOME.get(kind, todo))
    made.passes = kind.passes
    return made


def _of_client(error: Any, what: str, profile: str) -> StateError:
    # The text may hold a URL, but no credentials: botocore puts those into headers.
    reason, todo = client_reason(error) or ("AWS cannot be reached", "check the network and --endpoint-url")
    todo = with_profile(todo, profile or _ambient_profile())
    return StateError(f"{what}: {reason}", why=str(error), todo=todo)


def _ambient_profile() -> str:
    return os.environ.get("AWS_PROFILE", "")
