"""Placement of states: what was copied or linked into another state's place is never used there."""

from __future__ import annotations

from stateroom.errors import MisplacedStateError
from stateroom.state.checkpoint.checkpoint_document import owners_in
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Blob


def foreign_owner(data: bytes, names: ObjectNames) -> tuple[str, str] | None:
    """Return the (app, stage) that a state names inside, when it is not the one whose place it lies in."""
    return next((owner for owner in owners_in(data) if owner != (names.app, names.stage)), None)


def refuse_misplaced(blob: Blob, names: ObjectNames) -> None:
    """Raise MisplacedStateError for the state of another app or stage. One that cannot be read says nothing."""
    owner = foreign_owner(blob.data, names)
    if owner is not None:
        raise MisplacedStateError(
            f"{names.state} holds the state of {'/'.join(owner)}",
            why="it was copied, linked or restored to there: whoever changes it changes what is that stage's",
            todo=f"put the file of {names.app}/{names.stage} back; or `stateroom state rename-stage {names.stage}` on "
            f"{names.app}/{names.stage} gives this one that name",
        )


def refuse_foreign(data: bytes, names: ObjectNames) -> None:
    """Raise MisplacedStateError when bytes that are to become a state name another app or stage inside."""
    owner = foreign_owner(data, names)
    if owner is not None:
        raise MisplacedStateError(
            f"the state of {'/'.join(owner)} cannot be stored as that of {names.app}/{names.stage}",
            why="nothing was written",
            todo=f"`stateroom state rename-stage` gives a state another name; or name {'/'.join(owner)}",
        )
