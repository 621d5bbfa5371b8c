"""Reset a home's bootstrap: move its content to a new one without loss; resumable.

Each step (engine.reset.steps) is written down when it is done, so that the next run continues one that was killed:

1. back up   every version of every object goes to a local directory
2. close     the pointers say that a reset is under way, and homes are not opened until it ends
3. remove    what is in the backup, and only that, is deleted; buckets that are empty then are deleted
4. make      new buckets, under new names
5. restore   everything is put back into them, version by version
6. forget    the pointers are deleted, if they still say that this reset is under way
7. point     new pointers name the new buckets; they are only written where there are none
8. sweep     objects that were written to the old buckets meanwhile are moved, too

A deploy that finds no pointer makes a second home and creates everything again. So the marked pointers stay while the
long steps run, and are missing for the two calls between 6 and 7 only. Killed right there, the new buckets are full and
stateroom refuses to look past them; SST would make a second home. A pointer that was written in that moment is
found by 7, which overwrites nothing: an empty second home is swept away, and one that holds something is named, and a
person chooses.

A home without a pointer (R2) has no step 6, and is closed by the locks of all its states until step 7.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from stateroom.engine.reset.inventory import Inventory, refuse_locked, refuse_unclear, take_inventory
from stateroom.engine.reset.progress_file import ProgressFile, described
from stateroom.engine.reset.steps import Guide, ResetStage, ResetStep, Tell
from stateroom.engine.reset.transfer import remove, restore, save
from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import Bootstrap, Bucket
from stateroom.state.tools.backup import Backup


class Reset:
    """Reset of a home, begun or continued. `stop` is thread-safe, the rest is for one thread.

    Args:
        bootstrap: of the home.
        directory: of the backup and of the notes about what is done; an unfinished reset in it is continued.
        tell: told of each step and of each thing that is done, from many threads.
        clock: now, UTC.
        who: does it, for others to see: `ana@laptop`.
    """

    def __init__(
        self, bootstrap: Bootstrap, directory: Path, tell: Tell, clock: Callable[[], datetime], who: str
    ) -> None:
        self.directory = directory
        self._bootstrap = bootstrap
        self._clock = clock
        self._who = who
        self._backup = Backup(directory)
        self._notes = ProgressFile(directory)
        self._guide = Guide(self._notes, tell, () if bootstrap.pointed else (ResetStep.FORGET,))

    @property
    def agreed(self) -> bool:
        """Whether the removal was confirmed in an earlier run that was interrupted."""
        return "agreed" in self._notes

    def stages(self) -> tuple[ResetStage, ...]:
        """Return every step, done or to do."""
        return self._guide.stages()

    def stop(self) -> None:
        """Stop at the next safe point.

        `back_up` or `replace` then raises a StateError that explains how to continue.
        """
        self._guide.stop()

    def inventory(self) -> Inventory:
        """Return the content of the home, with owners and sizes. Changes nothing.

        Raises:
            StateError: the unfinished reset in the directory is another home's.
        """
        return take_inventory(self._bootstrap, self._old(), self._notes)

    def back_up(self) -> None:
        """Back up everything. Deletes nothing; a reset may end here.

        Raises:
            LockedError: an operation is running on one of the states.
            StateError: something cannot be read or saved; or it was stopped.
        """
        if not self._notes:
            refuse_unclear(self._bootstrap)
            refuse_locked(self._bootstrap)
            self._notes.write(
                home=self._bootstrap.name,
                account=self._bootstrap.account,
                begun=self._clock().isoformat(),
                old=described(self._bootstrap.buckets()),
            )
        with self._guide.step(ResetStep.SAVE) as to_do:
            for bucket in self._old() if to_do else ():
                if count := save(bucket, self._backup, self._guide.counting(ResetStep.SAVE)):
                    self._guide.say(ResetStep.SAVE, f"saved {count} versions of {bucket.name} to {self.directory}")

    def replace(self, choices: Collection[str] = ()) -> None:
        """Run the remaining steps; `back_up` comes first. Run it again to continue.

        Args:
            choices: the new buckets, by name, where a second home was made meanwhile.

        Raises:
            LockedError: an operation is running on one of the states.
            StateError: it was stopped; or a second home is not empty, and no choice was given.
        """
        self._backup.check()
        work: dict[ResetStep, Callable[[], None]] = {
            ResetStep.CLOSE: self._close,
            ResetStep.REMOVE: self._remove,
            ResetStep.MAKE: self._make,
            ResetStep.RESTORE: self._restore,
            ResetStep.FORGET: self._forget,
            ResetStep.POINT: lambda: self._point(choices),
            ResetStep.SWEEP: lambda: self._sweep(choices),
        }
        for step, carry_out in work.items():
            with self._guide.step(step) as to_do:
                if to_do:
                    carry_out()
        self._notes.write(finished=self._clock().isoformat())

    def _close(self) -> None:
        refuse_locked(self._bootstrap)
        self._notes.write(agreed=True)
        self._bootstrap.close(f"{self._who} at {self._clock():%Y-%m-%d %H:%M} UTC in {self.directory}")

    def _remove(self) -> None:
        refuse_locked(self._bootstrap)
        for bucket in self._old():
            self._empty(bucket, ResetStep.REMOVE)

    def _make(self) -> None:
        if "new" not in self._notes:  # their names, before they are made, so that none is made twice
            self._notes.write(new=described([self._bootstrap.fresh(bucket.role) for bucket in self._old()]))
        for bucket in self._new():
            there = bucket.buckets.exists(bucket.name)
            self._bootstrap.make(bucket)
            if not there:
                self._guide.say(ResetStep.MAKE, f"made {bucket.name}")

    def _restore(self) -> None:
        kept = {bucket.name for bucket in self._old()}
        for bucket in self._new():
            if bucket.name in kept:  # a home of one name: what others have put there meanwhile is newer
                save(bucket, self._backup, self._guide.counting(ResetStep.RESTORE))
            self._fill(bucket, ResetStep.RESTORE)

    def _forget(self) -> None:
        if "pointers" not in self._notes:
            self._notes.write(pointers=dict(self._bootstrap.pointers()))
        for name in self._bootstrap.forget():
            self._guide.say(ResetStep.FORGET, f"deleted {name}")

    def _point(self, choices: Collection[str]) -> None:
        self._settle(choices)
        self._guide.say(ResetStep.POINT, f"it is open again: {', '.join(bucket.name for bucket in self._new())}")

    def _settle(self, choices: Collection[str]) -> None:
        """Create new pointers, replacing those of an empty home that was created meanwhile."""
        rivals = self._bootstrap.begin(self._new(), self._notes.texts("pointers"))
        for rival in rivals:
            ours = self._ours(rival)
            there = rival.buckets.exists(rival.name) and rival.buckets.may_hold_anything(rival.name)
            if there and ours.name not in choices:
                raise StateError(
                    f"someone has made another home meanwhile: its {rival.role} are in {rival.name}",
                    why=f"nothing of it was overwritten; what was restored is in {ours.name}",
                    todo="`stateroom bootstrap status` shows whose states are in each; when its deploys have ended, "
                    f"`stateroom reset --bucket {ours.name}` goes on, and brings along what only the other one has",
                )
        if rivals:
            known = self._notes.buckets("rivals", self._bootstrap)
            self._notes.write(rivals=described([*known, *rivals]))
            self._bootstrap.point(self._new())

    def _sweep(self, choices: Collection[str]) -> None:
        for old, new in zip(self._old(), self._new(), strict=True):
            if old.name != new.name and self._empty(old, ResetStep.SWEEP):
                self._fill(new, ResetStep.SWEEP)
        self._settle(choices)  # SST writes its pointer last, over ours, if it had begun before ours was there
        for rival in self._notes.buckets("rivals", self._bootstrap):
            ours = self._ours(rival)
            apart = replace(rival, role=f"{rival.name}: {rival.role}")  # it is not to come before what was restored
            if self._empty(apart, ResetStep.SWEEP):
                count = self._backup.fill(apart.role, list(ours.store.versions()), ours.copies)
                self._guide.say(ResetStep.SWEEP, f"brought along {count} objects that only {rival.name} had")
        for name in self._bootstrap.make_rest():
            self._guide.say(ResetStep.SWEEP, f"made {name}")

    def _empty(self, bucket: Bucket, step: ResetStep) -> bool:
        there = remove(bucket, self._bootstrap, self._backup, self._guide.counting(step))
        if there:
            self._guide.say(step, f"{'removed' if self._bootstrap.pointed else 'emptied'} {bucket.name}")
        return there

    def _fill(self, bucket: Bucket, step: ResetStep) -> None:
        if count := restore(bucket, self._backup, self._guide.counting(step)):
            self._guide.say(step, f"restored {count} objects to {bucket.name}")

    def _ours(self, rival: Bucket) -> Bucket:
        return next(bucket for bucket in self._new() if bucket.role == rival.role)

    def _old(self) -> Sequence[Bucket]:
        return self._notes.buckets("old", self._bootstrap) if self._notes else self._bootstrap.buckets()

    def _new(self) -> Sequence[Bucket]:
        return self._notes.buckets("new", self._bootstrap)
