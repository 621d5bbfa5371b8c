"""Tell how a service stands, by its journal, its lock and its state file. Asks no cloud and decrypts nothing."""

from __future__ import annotations

from dataclasses import replace

from stateroom.errors import StateError
from stateroom.model.standing import Interruption, OpenStep, Standing, StateProblem
from stateroom.model.version import Lock
from stateroom.state.checkpoint.attention import REPAIR, pending_in, problems_in
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.home import Home, Leftover


def interruption_of(leftover: Leftover, lock: Lock | None, *, running: bool) -> Interruption:
    """Describe the operation of a journal.

    Args:
        leftover: the journal.
        lock: the lock that is held; None: by nobody, or by this process.
        running: whether an operation runs; it is this one if the lock does not name another.
    """
    running = running and (lock is None or lock.update_id in ("", leftover.update_id))
    return Interruption(
        leftover.update_id,
        leftover.command,
        leftover.by,
        leftover.since,
        leftover.finished,
        leftover.total,
        tuple(OpenStep(item.logical_id, item.type, item.action) for item in leftover.intents),
        running=running,
        stored=leftover.stored,
    )


def read_standing(home: Home, app: str, stage: str) -> Standing:
    """Read the standing of a service without decoding its state: needs no passphrase.

    Raises:
        StateError: the home cannot be read; a state that cannot be read is one of the problems.
    """
    lock = home.read_lock(app, stage)
    abandoned = lock is not None and home.is_abandoned(lock)
    held = lock if not abandoned else None
    leftover = home.journals.look(app, stage, values=False).leftover
    interrupted = interruption_of(leftover, held, running=held is not None) if leftover else None
    standing = Standing(interrupted, lock=lock, abandoned=abandoned)
    try:
        blob = home.documents.read(app, stage)
        if blob is not None:
            latest = CheckpointDocument.parse(blob.data).latest
            return replace(standing, pending=pending_in(latest), problems=problems_in(latest))
    except StateError as error:
        why = error.what + (f": {error.why}" if error.why else "")
        problem = StateProblem("unreadable", f"the state cannot be read: {why}", error.todo or REPAIR)
        return replace(standing, problems=(problem,))
    return standing if leftover else with_lost_state(standing, home, app, stage)


def with_lost_state(standing: Standing, home: Home, app: str, stage: str) -> Standing:
    """Add the problem that the state of a service is gone though its newest version has resources, if it is so."""
    count = home.documents.lost(app, stage)
    if not count:
        return standing
    text = f"the state is gone; its newest version has {count} resources"
    problem = StateProblem("lost", text, "`stateroom state repair` brings it back")
    return replace(standing, problems=(problem, *standing.problems))
