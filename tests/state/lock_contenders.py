"""Eight processes that want one lock at once: `lock_contenders.py ENDPOINT BUCKET ROUND…`, told when by lines on stdin.

For each round: `go` lets all of them try, as an operation does, and each answers `won` or `lost`; `end` lets the winner
go. Those of one run have one pid namespace; the host's name is the same for all, whatever the machine is called.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

from stateroom.engine.opening.factory import holder
from stateroom.errors import LockedError
from stateroom.state.home import Home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.s3 import S3Store
from tests.state.buckets import EAST, clients_for
from tests.support.once import work_out_once

CONTENDERS = 8


def home_at(endpoint: str, bucket: str) -> Home:
    return Home(
        S3Store(clients_for(endpoint), bucket, EAST),
        label="bucket",
        url="bucket",
        passphrase=PassphraseSource("correct horse", environment={}),
        holder=replace(holder(), host="ci"),
        clock=lambda: datetime.now(UTC),
    )


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())  # at once: several write to one pipe


def contend(endpoint: str, bucket: str, rounds: list[str], gates: list[tuple[int, int]]) -> None:
    home = home_at(endpoint, bucket)
    home.read_lock("orders", "warm")
    say("ready")
    for stage, (start, stop) in zip(rounds, gates, strict=True):
        update = home.begin("orders", stage, "deploy")
        os.read(start, 1)  # returns when the parent closes its end
        try:
            if home.locks.break_abandoned("orders", stage):
                say("broke")
            with home.lock(update):
                say("won")
                os.read(stop, 1)
        except LockedError:
            say("lost")


def main() -> None:
    endpoint, bucket, *rounds = sys.argv[1:]
    work_out_once()
    clients_for(endpoint)("s3", EAST)  # what it has read of S3's description, all of them have
    pipes = [(os.pipe(), os.pipe()) for _ in rounds]
    for _ in range(CONTENDERS):
        if os.fork() == 0:
            for start, stop in pipes:
                os.close(start[1])
                os.close(stop[1])
            contend(endpoint, bucket, rounds, [(start[0], stop[0]) for start, stop in pipes])
            os._exit(0)
    for start, stop in pipes:
        for _, end in (start, stop):
            sys.stdin.readline()
            os.close(end)
    for _ in range(CONTENDERS):
        os.wait()


if __name__ == "__main__":
    main()
