"""AWS call helpers: clients, error codes, waiting, retrying, paging.

boto3 is imported when the first client is built.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from stateroom.cloud.budgets.budgets import Budgets
from stateroom.cloud.provider import Identity, Pause, Task
from stateroom.errors import CloudError
from stateroom.model.problems.error_response import error_code, error_response
from stateroom.model.problems.web_pages import refuse_web_pages

T = TypeVar("T")

NOT_FOUND_CODES: Final = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "EntityDoesNotExist",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "ParameterNotFound",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "StateMachineDoesNotExist",
        "TableNotFoundException",
    }
)

# A create that makes a second object when it is sent twice: its name is not unique, its id is the cloud's.
# When its answer is lost it must not be repeated before a check.
_DUPLICATING: Final = frozenset(
    {
        "CreateApi",
        "CreateApiKey",
        "CreateAuthorizer",
        "CreateDeployment",
        "CreateGroup",
        "CreateIdentityPool",
        "CreateIdentityProvider",
        "CreateIntegration",
        "CreateKey",
        "CreateRequestValidator",
        "CreateResourceServer",
        "CreateRestApi",
        "CreateRoute",
        "CreateUsagePlan",
        "CreateUserPool",
        "CreateUserPoolClient",
        "CreateUserPoolDomain",
        "RequestCertificate",
    }
)


def next_token(page: Mapping[str, Any], name: str, before: str = "") -> str:
    """Return the token of the next page, "" without one. Raises CloudError for the token of the page before."""
    token = str(page.get(name) or "")
    if token and token == before:
        raise CloudError(
            "AWS answers the same page of a list again", why=f"its {name} does not change", todo="try again later"
        )
    return token


class Clients:
    """boto3 clients by service name, built on first use, cached; may be called from many threads.

    Args:
        region: region of every client; None: the user's AWS configuration.
        profile: a named profile of the user's AWS configuration.
        endpoint_url: send every service's calls there instead of to AWS.
        offline: refuse to make a client.
        budgets: that the calls keep; None: AWS's limits towards AWS, none towards emulators.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        offline: bool = False,
        budgets: Budgets | None = None,
    ) -> None:
        self._offline = offline
        self._budgets = budgets
        self.endpoint_url = endpoint_url
        self._region = region
        self._profile = profile
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._identity: Identity | None = None
        self._lock = threading.RLock()  # creating sessions and clients is not thread-safe, using clients is
        self._identity_lock = threading.Lock()  # held during a call, so it must not keep clients from being made
        self._reached = False

    def __call__(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service: `clients("lambda")`, in another region than the others if need be."""
        if self._offline:
            raise CloudError(f"{service} is not asked", why="--offline asks nothing", todo="leave --offline out")
        key = f"{service} {region}" if region else service
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key) or self._build(service, region)
                self._clients[key] = client
        return client

    def identity(self) -> Identity:
        """Return account, region and partition of the calls, cached. Raises botocore's errors."""
        with self._identity_lock:
            if self._identity is not None:
                return self._identity
            sts = self("sts")
            caller = sts.get_caller_identity()
            partition = caller["Arn"].split(":")[1]
            self._identity = Identity(account=caller["Account"], region=sts.meta.region_name, partition=partition)
            return self._identity

    @property
    def profile(self) -> str:
        """Name of the profile that was chosen; "" for the default one."""
        return self._profile or os.environ.get("AWS_PROFILE", "")

    @property
    def known_identity(self) -> Identity | None:
        """Return the cached result of `identity`, without a call."""
        return self._identity

    @property
    def reached(self) -> bool:
        """Tell whether any call was ever answered, even with an error."""
        return self._reached

    def _build(self, service: str, region: str | None) -> Any:
        from botocore.config import Config

        from stateroom.cloud.aws.loading import session
        from stateroom.cloud.aws.scalars import declared_scalars
        from stateroom.cloud.aws.throttling import ATTEMPTS, budgets_for, hook

        if self._session is None:
            self._session = session(self._profile, self._region)
        config = Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=48,
            tcp_keepalive=True,
            inject_host_prefix=not self.endpoint_url,
        )
        client = self._session.client(service, region, endpoint_url=self.endpoint_url, config=config)
        client.meta.events.register_first("needs-retry", self._before_retry)
        client.meta.events.register_last("provide-client-params", declared_scalars)
        hook(client, self._budgets or budgets_for(client, self.profile))
        refuse_web_pages(client)
        return client

    def _before_retry(self, *, operation: Any, attempts: int, caught_exception: BaseException | None, **_: Any) -> None:
        """Stop botocore's retries for an unreachable endpoint by raising.

        It is called after each attempt. An endpoint that never answered does not exist, so eight attempts would only
        keep the user waiting.
        """
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, HTTPClientError

        if caught_exception is None:
            self._reached = True
        elif isinstance(caught_exception, ConnectTimeoutError):
            if attempts >= (3 if self._reached else 1):
                raise caught_exception
        elif isinstance(caught_exception, EndpointConnectionError):
            if attempts >= (5 if self._reached else 2):
                raise caught_exception
        elif isinstance(caught_exception, HTTPClientError) and operation.name in _DUPLICATING:
            raise caught_exception


def error_message(error: BaseException) -> str:
    """Return AWS's message of a ClientError; the text of anything else."""
    response = error_response(error)
    return response.message if response else str(error)


def is_missing(error: BaseException, *codes: str) -> bool:
    """Tell whether an error means "not found": one of `codes`, or a code that always means it."""
    code = error_code(error)
    return bool(code) and (code in codes or code in NOT_FOUND_CODES)


def was_repeated(error: BaseException) -> bool:
    """Whether botocore sent the call more than once: an earlier try may have succeeded, its answer lost."""
    response = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return False
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def none_if_missing(call: Callable[[], T], *codes: str) -> T | None:
    """Return the result of `call`, or None when it fails with "not found"."""
    try:
        return call()
    except Exception as error:
        if is_missing(error, *codes):
            return None
        raise


def backoff(reason: str, deadline: float, *, first: float = 0.1, longest: float = 2.0) -> Iterator[Pause]:
    """Yield pauses that grow by a fifth, with jitter, until they add up to `deadline` seconds.

    An event after t seconds is noticed after about 1.2 t, with a dozen polls in the first four seconds. The deadline
    counts pauses, not clock time, so a suspended laptop does not fail a deploy.
    """
    waited, seconds = 0.0, first
    while waited < deadline:
        jittered = seconds * random.uniform(0.8, 1.2)  # noqa: S311 (spreads pollers, protects nothing)
        yield Pause(jittered, reason, deadline - waited)
        waited += jittered
        seconds = min(seconds * 1.2, longest)


def wait_until(done: Callable[[], bool], reason: str, *, deadline: float = 300.0) -> Task[None]:
    """Poll `done` until it is true; the user sees `reason`. Raises CloudError after the deadline."""
    for pause in backoff(reason, deadline):
        if done():
            return
        yield pause
    if not done():
        raise CloudError(
            f"gave up after {deadline:.0f} s: {reason}",
            why="the cloud accepted the call but did not finish it in time",
            todo="look at the resource in the AWS console, then run the same command again: it continues from here",
            code="Timeout",
            passes=True,
        )


def retry_while(
    call: Callable[[], T], retry: Mapping[str, Sequence[str]], reason: str, *, deadline: float = 120.0
) -> Task[T]:
    """Retry `call` on transient errors; the last error is raised after the deadline.

    Args:
        call: the API call.
        retry: error code → fragments of the message, one of which must occur in it (none given: any message).
        reason: what the user sees while waiting.
        deadline: seconds of pauses.
    """
    for pause in backoff(reason, deadline, first=0.5, longest=3.0):
        try:
            return call()
        except Exception as error:
            if not _matches(error, retry):
                raise
        yield pause
    return call()


def _matches(error: BaseException, retry: Mapping[str, Sequence[str]]) -> bool:
    fragments = retry.get(error_code(error))
    if fragments is None:
        return False
    message = error_message(error).lower()
    return not fragments or any(fragment.lower() in message for fragment in fragments)


def in_background(call: Callable[[], T]) -> Callable[[], T]:
    """Start `call` on a daemon thread; returns a function that waits for its result."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="stateroom-call", daemon=True).start()
    return future.result


def paginate(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    """Yield the items under a dotted key of every page: `paginate(lambda_, "list_functions", "Functions")`."""
    for page in client.get_paginator(operation).paginate(**arguments):
        for name in key.split("."):
            page = page.get(name) or {}
        yield from page
