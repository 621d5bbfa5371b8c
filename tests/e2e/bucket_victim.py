"""The writes to a home in AWS's stores: to objects, buckets and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.copies import Copies
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3Store
from tests.support.victims import fatal

WRITES: tuple[tuple[type, str], ...] = (
    (S3Store, "put"),
    (S3Store, "delete"),
    (S3Store, "delete_all"),
    (Buckets, "create"),
    (Buckets, "keep_versions"),
    (Buckets, "delete_versions"),
    (Buckets, "delete"),
    (Copies, "download"),
    (Copies, "upload"),
    (Copies, "mark_deleted"),
    (Parameters, "create"),
    (Parameters, "replace"),
)


def arm(count: Iterator[int], point: int, when: str) -> None:
    """From now on, the chosen write is the last."""

    def deadly(write: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **settings: Any) -> Any:
            number = next(count)
            fatal(number, point, "before", when)
            result = write(*arguments, **settings)
            fatal(number, point, "after", when)
            return result

        return wrapper

    for owner, name in WRITES:
        setattr(owner, name, deadly(getattr(owner, name)))
