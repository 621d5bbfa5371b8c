"""Bootstrap taken down and set up again without losing what is in it: guided, resumable.

The steps, each written down when it is done, so that a run that was killed is continued by the next one:

1. back up     every version of every object goes to a local directory
2. close       the parameters say that a reset is under way, and homes are not opened until it ends
3. remove      what is in the backup, and only that, is deleted; buckets that are empty then are deleted
4. make        new buckets, under new names
5. restore     everything is put back into them, version by version
6. point       the parameters are written anew and name the new buckets
7. sweep       what someone put into the old places meanwhile is brought along

At no moment does the home look as if nothing had ever been deployed, because the next deploy would then create it all
again: that is why the parameters are not missing in between, as they would be if they were deleted first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from stateroom.errors import LockedError, StateError
from stateroom.state.backup import Backup
from stateroom.state.homes.bootstrap import LOST, UNREADABLE, Bootstrap, Bucket, Part, Tenant

_ROUNDS: Final = 20  # of saving and deleting, while others keep writing


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a reset would move, for someone to look at first."""

    name: str  # of the home
    account: str
    parts: tuple[Part, ...]
    tenants: tuple[Tenant, ...]
    sizes: tuple[tuple[str, int, int], ...]  # bucket, versions, bytes
    directory: Path
    resumed: bool


class Reset:
    """One reset, begun or continued.

    Args:
        bootstrap: of the home.
        directory: of the backup and of the notes about what is done; an unfinished reset in it is continued.
        say: told of each thing that is done.
        clock: now, UTC.
        who: does it, for others to see: `ana@laptop`.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        directory: Path,
        say: Callable[[str], None],
        clock: Callable[[], datetime],
        who: str,
    ) -> None:
        self._who = who
        self._bootstrap = bootstrap
        self._directory = directory
        self._say = say
        self._clock = clock
        self._backup = Backup(directory)
        self._notes = _read_notes(directory)

    @property
    def agreed(self) -> bool:
        """Whether someone has agreed to the removal already, in a run that did not get to its end."""
        return bool(self._notes.get("agreed"))

    def inventory(self) -> Inventory:
        """What is there, whose it is, and how much. Changes nothing.

        Raises:
            StateError: the unfinished reset in the directory is another home's.
        """
        account = self._bootstrap.account
        theirs = (self._notes.get("home"), self._notes.get("account"))
        if self._notes and theirs != (self._bootstrap.name, account):
            raise StateError(
                f"{self._directory} holds an unfinished reset of {theirs[0]} in account {theirs[1]}",
                why=f"this is {self._bootstrap.name} in account {account}",
                todo="choose the profile and home that it was begun with, or another --backup directory",
            )
        sizes = []
        for bucket in self._old():
            if bucket.buckets.exists(bucket.name):
                versions = list(bucket.store.versions())
                sizes.append((bucket.name, len(versions), sum(item.size for item in versions)))
        return Inventory(
            self._bootstrap.name,
            account,
            self._bootstrap.parts(),
            self._bootstrap.tenants(),
            tuple(sizes),
            self._directory,
            resumed=bool(self._notes),
        )

    def back_up(self) -> None:
        """Save everything. Deletes nothing, and may be the end of it.

        Raises:
            LockedError: an operation is running on one of the states.
            StateError: something cannot be read or saved.
        """
        if not self._notes:
            self._refuse_lost()
            self._refuse_locked()
            self._note(
                home=self._bootstrap.name,
                account=self._bootstrap.account,
                begun=self._clock().isoformat(),
                old=[_described(bucket) for bucket in self._bootstrap.buckets()],
                done=[],
            )
        for bucket in self._step("backed up", self._old()):
            if count := self._save(bucket):
                self._say(f"saved {count} versions of {bucket.name} to {self._directory}")

    def replace(self) -> None:
        """Carry out the rest; `back_up` comes first. Raises StateError; run it again to continue."""
        self._backup.check()
        if "removed" not in self._notes["done"]:
            self._refuse_locked()
            self._note(agreed=True)
            self._bootstrap.close(f"{self._who} at {self._clock():%Y-%m-%d %H:%M} UTC in {self._directory}")
        for bucket in self._step("removed", self._old()):
            self._remove(bucket)
        if "new" not in self._notes:  # their names, before they are made, so that none is made twice
            self._note(new=[_described(self._bootstrap.fresh(bucket.role)) for bucket in self._old()])
        for bucket in self._step("made", self._new()):
            self._bootstrap.make(bucket)
            self._say(f"made {bucket.name}")
        for bucket in self._step("restored", self._new()):
            self._restore(bucket)
        if "pointed" not in self._notes["done"]:
            self._bootstrap.point(self._new())
            self._note(done=[*self._notes["done"], "pointed"])
            self._say("the parameters name the new buckets")
        for old, new in zip(self._old(), self._new(), strict=True):
            if self._remove(old):
                self._restore(new)
        for made in self._bootstrap.make_rest():
            self._say(f"made {made}")
        self._note(finished=self._clock().isoformat())

    def _step(self, name: str, buckets: tuple[Bucket, ...]) -> Iterator[Bucket]:
        if name in self._notes["done"]:
            return
        yield from buckets
        self._note(done=[*self._notes["done"], name])

    def _save(self, bucket: Bucket) -> int:
        """Save what of a bucket is not saved yet; returns how many versions were saved."""
        if not bucket.buckets.exists(bucket.name):
            return 0
        unsaved = self._backup.unsaved(bucket.name, list(bucket.store.versions()))
        self._backup.save(bucket.role, bucket.name, unsaved, bucket.copies)
        return len(unsaved)

    def _remove(self, bucket: Bucket) -> bool:
        """Delete what is saved, save what has come since, until nothing is left. Whether there was a bucket."""
        if not bucket.buckets.exists(bucket.name):
            return False
        self._bootstrap.make(bucket)  # versions on, so that no write takes the place of what is being deleted
        for _ in range(_ROUNDS):
            self._save(bucket)
            versions = list(bucket.store.versions())
            unsaved = {(item.key, item.version_id) for item in self._backup.unsaved(bucket.name, versions)}
            self._backup.check()
            saved = [item for item in versions if (item.key, item.version_id) not in unsaved]
            bucket.buckets.delete_versions(bucket.name, saved)
            if not unsaved and bucket.buckets.delete(bucket.name):
                self._say(f"removed {bucket.name}")
                return True
        raise StateError(
            f"the bucket {bucket.name} does not get empty",
            why="someone keeps writing to it; all that was deleted is in the backup",
            todo="stop what writes to it and run it again: it continues from here",
        )

    def _restore(self, bucket: Bucket) -> None:
        count = self._backup.restore(bucket.role, bucket.name, bucket.copies)
        wanted = self._backup.current(bucket.role)
        there = {item.key: item.size for item in bucket.store.versions() if item.latest and not item.deleted}
        if missing := [key for key, size in wanted.items() if there.get(key) != size]:
            raise StateError(
                f"{len(missing)} objects are not back in {bucket.name} as they were",
                why=f"the first is {missing[0]}",
                todo=f"everything is in {self._directory}; run it again",
            )
        if count:
            self._say(f"restored {count} objects to {bucket.name}")

    def _old(self) -> tuple[Bucket, ...]:
        if not self._notes:
            return self._bootstrap.buckets()
        return tuple(self._bootstrap.open(**item) for item in self._notes["old"])

    def _new(self) -> tuple[Bucket, ...]:
        return tuple(self._bootstrap.open(**item) for item in self._notes["new"])

    def _refuse_lost(self) -> None:
        for part in self._bootstrap.parts():
            if part.problem in (LOST, UNREADABLE):
                raise StateError(
                    f"the parameter {part.name} in {part.region}: {part.problem}",
                    why="nothing was changed: it is not clear which buckets belong to the home",
                    todo="`stateroom reset --only missing` first",
                )

    def _refuse_locked(self) -> None:
        for tenant in self._bootstrap.tenants():
            if tenant.lock:
                raise LockedError(
                    f"{tenant.service}/{tenant.stage} is locked by {tenant.lock}",
                    why="nothing was changed: an operation may be writing its state right now",
                    todo="wait for it; if it is sure that nothing runs any more, `stateroom unlock`",
                )

    def _note(self, **notes: Any) -> None:
        """Write down how far it is, whole or not at all."""
        self._notes |= notes
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._directory / ".reset.json"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._notes, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._directory / "reset.json")


def unfinished(base: Path, home: str) -> Path | None:
    """The newest directory below `base` with a reset of a home that was not finished."""
    found = [path.parent for path in base.glob(f"{home}-*/reset.json") if not _read_notes(path.parent).get("finished")]
    return max(found, default=None)


def _read_notes(directory: Path) -> dict[str, Any]:
    path = directory / "reset.json"
    try:
        notes = json.loads(path.read_text()) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise StateError(
            f"the notes of a reset in {path} cannot be read",
            why=str(error),
            todo="choose another --backup directory; what is in this one stays",
        ) from error
    return notes if isinstance(notes, dict) else {}


def _described(bucket: Bucket) -> dict[str, str]:
    return {"role": bucket.role, "name": bucket.name, "region": bucket.store.region}
