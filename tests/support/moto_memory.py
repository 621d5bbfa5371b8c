"""What moto holds in this process, to be brought back as often as a test likes: cheaper than to fill it anew."""

from __future__ import annotations

import copy
import copyreg
import threading
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.base_backend import BackendDict
from moto.ssm.models import ParameterDict


def remember() -> Callable[[], None]:
    """Copy everything in every account, region and service. Calling the answer puts it all back."""
    kept = [(backend, _copy(backend.__dict__)) for backend in _backends()]
    known = {id(backend) for backend, _ in kept}

    def bring_back() -> None:
        for backend, content in kept:
            backend.__dict__ = _copy(content)
        for backend in _backends():
            if id(backend) not in known:
                backend.reset()

    return bring_back


def _parameters(found: Any) -> tuple[Any, ...]:
    return ParameterDict, (found.account_id, found.region_name), dict(found.__dict__), None, iter(found.items())


# What cannot be copied by itself: it is made without its arguments, and locks are not copied at all.
copyreg.pickle(ParameterDict, _parameters)
copyreg.pickle(type(threading.RLock()), lambda _: (threading.RLock, ()))


def _backends() -> Iterator[Any]:
    for service in BackendDict._instances:
        for account in service.values():
            yield from account.values()


def _copy(content: dict[str, Any]) -> dict[str, Any]:
    # Backends that know each other go on to do so: they are not copied with what they hold.
    copied: dict[str, Any] = copy.deepcopy(content, {id(backend): backend for backend in _backends()})
    return copied
