"""Runs a stateroom command and dies by SIGKILL at the n-th write to the home: `victim.py N before|after WORD…`.

The writes are those of the journal, the lock, the state, the versions and the artifacts. With N = 0 it lives, and
prints how many writes there were.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys

from stateroom.cli import main
from stateroom.state.stores.directory import DirectoryStore

POINT, WHEN = int(sys.argv[1]), sys.argv[2]
count = itertools.count(1)
put, delete = DirectoryStore.put, DirectoryStore.delete


def die(number: int, when: str) -> None:
    if number == POINT and when == WHEN:
        os.kill(os.getpid(), signal.SIGKILL)


def fatal_put(self: DirectoryStore, key: str, data: bytes, **conditions: object) -> str:
    number = next(count)
    die(number, "before")
    etag = put(self, key, data, **conditions)  # type: ignore[arg-type]
    die(number, "after")
    return etag


def fatal_delete(self: DirectoryStore, key: str, **conditions: object) -> None:
    number = next(count)
    die(number, "before")
    delete(self, key, **conditions)  # type: ignore[arg-type]
    die(number, "after")


DirectoryStore.put = fatal_put  # type: ignore[method-assign]
DirectoryStore.delete = fatal_delete  # type: ignore[method-assign]
code = main(sys.argv[3:])
print(f"writes: {next(count) - 1}")
sys.exit(code)
