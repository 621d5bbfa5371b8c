"""Move buckets through a backup: save, empty, fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import Bootstrap, Bucket
from stateroom.state.tools.backup import Backup

Count = Callable[[int, int], None]  # told how many objects of how many are done

_ROUNDS: Final = 20  # of saving and deleting, while others keep writing
_PAGE: Final = 1000  # versions deleted at once


def save(bucket: Bucket, backup: Backup, count: Count) -> int:
    """Back up what is not saved yet; returns the number of versions. Raises StateError."""
    if not bucket.buckets.exists(bucket.name):
        return 0
    unsaved = backup.unsaved(bucket.name, list(bucket.store.versions()))
    backup.save(bucket.role, bucket.name, unsaved, bucket.copies, count)
    return len(unsaved)


def remove(bucket: Bucket, bootstrap: Bootstrap, backup: Backup, count: Count) -> bool:
    """Delete saved versions, saving newer ones, until the bucket is empty; returns whether it existed.

    Raises:
        StateError: another writer does not stop; or the backup is damaged.
    """
    if not bucket.buckets.exists(bucket.name):
        return False
    bootstrap.make(bucket)  # versions on, so that no write takes the place of what is being deleted
    for _ in range(_ROUNDS):
        save(bucket, backup, count)
        versions = list(bucket.store.versions())
        unsaved = {(item.key, item.version_id) for item in backup.unsaved(bucket.name, versions)}
        backup.check()
        saved = [item for item in versions if (item.key, item.version_id) not in unsaved]
        for start in range(0, len(saved), _PAGE):
            bucket.buckets.delete_versions(bucket.name, saved[start : start + _PAGE])
            count(min(start + _PAGE, len(saved)), len(saved))
        if not unsaved and bucket.buckets.delete(bucket.name):
            return True
    raise StateError(
        f"the bucket {bucket.name} does not get empty",
        why="someone keeps writing to it; all that was deleted is in the backup",
        todo="stop what writes to it and run it again: it continues from here",
    )


def restore(bucket: Bucket, backup: Backup, count: Count) -> int:
    """Restore all objects of a role to a bucket and verify them; returns their number.

    Raises:
        StateError: something is not back as it was.
    """
    restored = backup.restore(bucket.role, bucket.name, bucket.copies, count)
    there = {item.key: item.size for item in bucket.store.versions() if item.latest and not item.deleted}
    if missing := [key for key, size in backup.current(bucket.role).items() if there.get(key) != size]:
        raise StateError(
            f"{len(missing)} objects are not back in {bucket.name} as they were",
            why=f"the first is {missing[0]}",
            todo=f"everything is in {backup.directory}; run it again",
        )
    return restored
