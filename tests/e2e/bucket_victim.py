"""Runs a stateroom command and dies by SIGKILL at its n-th write to AWS's stores: `bucket_victim.py N before|after …`.

The writes are those to objects, buckets and parameters of a home. With N = 0 it lives, and prints how many there were.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from stateroom.cli import main
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.copies import Copies
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3Store

POINT, WHEN = int(sys.argv[1]), sys.argv[2]
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
count = itertools.count(1)


def fatal(write: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **settings: Any) -> Any:
        number = next(count)
        if number == POINT and WHEN == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = write(*arguments, **settings)
        if number == POINT:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapper


for owner, name in WRITES:
    setattr(owner, name, fatal(getattr(owner, name)))
code = main(sys.argv[3:])
print(f"writes: {next(count) - 1}")
sys.exit(code)
