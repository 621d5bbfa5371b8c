"""Journal of the steps of one run, which goes on to its end when the journal cannot be written any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stateroom.errors import StateError
from stateroom.model.resource import Record
from stateroom.model.version import Intent
from stateroom.state.history.journal import Journal


class StepJournal:
    """Writer of a journal. Its first failure is kept in `error`: from then on no step may begin.

    What runs then comes to its end, and the state is stored if it can be. What is not written stays an open intent,
    about which the next operation asks the cloud.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.error: StateError | None = None

    def intend(self, intents: Sequence[Intent]) -> bool:
        """Announce steps; tells whether they are durable, so that they may begin."""
        return self._written(lambda: self._journal.intend(intents))

    def identified(self, step: str, physical_id: str) -> None:
        """Note the physical id of the resource that a step is creating."""
        self._written(lambda: self._journal.identified(step, physical_id))

    def done(self, step: str, record: Record | None, removed: Sequence[str]) -> None:
        """Note what a step made, and the addresses that are gone."""

        def write() -> None:
            for address in removed:
                self._journal.done(step, record=None, deleted=address)
            if record is not None:
                self._journal.done(step, record=record)

        self._written(write)

    def failed(self, step: str, message: str) -> bool:
        """Note that a step has made nothing; tells whether that was noted."""
        return self._written(lambda: self._journal.failed(step, message))

    def _written(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except StateError as error:
            self.error = self.error or error
        return self.error is None
