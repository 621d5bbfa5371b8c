"""State tools: look into a state, and change it without touching the cloud.

Each change is prepared first, as an `Edit` that can be shown, and then applied: under the lock, only over the state
that it was prepared for, with a version made before and another made of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from stateroom.cloud.provider import Provider
from stateroom.engine.requests import Cockpit
from stateroom.engine.tools.drafts import (
    Draft,
    describe_damage,
    document_differences,
    newer_state,
    parse_if_whole,
    rename_in_place,
    summarize,
    with_salt,
)
from stateroom.engine.tools.pending_lookup import AskWithin
from stateroom.engine.tools.pending_settlement import settle_ours
from stateroom.errors import NewerStateError, ReadOnlyError, StateConflictError, StateError, UsageError
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, refuse_newer
from stateroom.state.home import Home, Update
from stateroom.state.tools import edits, move
from stateroom.state.tools.damaged_recovery import recover_resources
from stateroom.state.tools.edits import Alteration, Edit
from stateroom.state.tools.pending_operations import Ask
from stateroom.state.tools.repair import repair
from stateroom.state.tools.state_import import import_state

_LOST = "`stateroom versions` lists earlier ones; `stateroom state repair` brings the newest back"
_REPAIR = "`stateroom state repair` puts it right; `stateroom versions` lists earlier states"


@dataclass(frozen=True, slots=True)
class StateTools:
    """State tools for one service on one stage.

    Args:
        home: where the state lives.
        app, stage: of the state.
        read_only: refuse to apply anything.
        ask: asks the cloud about other tools' pending operations; None: no cloud.
        provider: opens the cloud of our own; None: no cloud.
    """

    home: Home
    app: str
    stage: str
    read_only: bool = False
    ask: AskWithin | None = None
    provider: Callable[[], Provider] | None = None

    def load(self, *, broken: bool = False) -> tuple[CheckpointDocument, str]:
        """Return the state and its etag.

        Raises:
            StateError: there is none, it cannot be read, or (unless `broken`) it breaks an integrity rule.
        """
        found = self.find()
        if found is None:
            earlier = self.home.histories.history(self.app, self.stage, 1).versions
            what = f"there is no state of {self.app}/{self.stage} in {self.home.label}"
            raise StateError(what, todo=_LOST if earlier else "it was never deployed; its first deploy makes the state")
        problems = () if broken else found[0].problems()
        if problems:
            raise StateError(
                f"the state of {self.app}/{self.stage} breaks a rule: {problems[0]}",
                why=f"and {len(problems) - 1} more" if len(problems) > 1 else "",
                todo=_REPAIR,
            )
        return found

    def find(self) -> tuple[CheckpointDocument, str] | None:
        """Return the state, valid or not, and its etag; None without one. Raises StateError."""
        blob = self.home.documents.read(self.app, self.stage)
        if blob is None:
            return None
        try:
            return CheckpointDocument.parse(blob.data), blob.etag
        except NewerStateError as error:
            raise newer_state(error, f"{self.app}/{self.stage}") from None
        except StateError as error:
            why = error.what + (f": {error.why}" if error.why else "")
            raise StateError(f"the state of {self.app}/{self.stage} cannot be read", why=why, todo=_REPAIR) from error

    # -- what can be done

    def remove(self, names: Sequence[str], *, with_dependants: bool, keep: bool, force: bool) -> Draft:
        """Drop resources from the state (state.tools.edits.remove)."""
        document, etag = self.load()
        edit = edits.remove(document, names, with_dependants=with_dependants, keep=keep, force=force)
        return Draft("state remove", edit, etag)

    def repair(self) -> Draft:
        """Repair the state's integrity; restore it from its newest good version when cut off or missing."""
        documents = self.home.documents
        blob = documents.read(self.app, self.stage)
        document = parse_if_whole(blob, f"{self.app}/{self.stage}")
        older = (past.document for past in documents.older(self.app, self.stage))
        if document is not None:
            return Draft("state repair", _repaired(self, document, older), blob.etag if blob else None)
        past = next(documents.older(self.app, self.stage), None)
        if past is None:
            raise StateError(
                f"nothing is left of the state of {self.app}/{self.stage}",
                why="it cannot be read, and no version of it is whole",
                todo="`stateroom state import FILE` takes one from a file",
            )
        fresh = recover_resources(blob.data, past.document) if blob else ()
        whole = _repaired(self, past.document.with_resources([*past.document.resources, *fresh]), older)
        said = [Alteration("+", "", f"the state was {describe_damage(blob)}: brought back from {past.name}")]
        said += [Alteration("+", raw["urn"], "newer than that version, found in the damaged file") for raw in fresh]
        edit = replace(whole, alterations=(*said, *whole.alterations))
        return Draft("state repair", edit, blob.etag if blob else None)

    def asking(self, document: CheckpointDocument) -> Ask | None:
        """Return what asks the cloud about pending operations of a document; None: no cloud."""
        return self.ask(document) if self.ask else None

    def take_in(self, data: bytes, command: str = "state import") -> Draft:
        """Replace the state by the one in a file: a checkpoint, `pulumi stack export` or `sst state export`.

        Raises:
            StateError: it is none of these, another service's, or breaks a rule.
            PassphraseError: it has secrets that the passphrase does not open.
        """
        blob = self.home.documents.read(self.app, self.stage)
        before = parse_if_whole(blob, f"{self.app}/{self.stage}")
        document = import_state(
            data, self.app, self.stage, before, lambda salt: self.home.keys.cipher(self.app, self.stage, salt)
        )
        return Draft(command, Edit(document, document_differences(before, document)), blob.etag if blob else None)

    def move(self, names: Sequence[str], other: StateTools) -> tuple[Draft, Draft]:
        """Move resources into another service's state: returns the drafts of (this state, the other)."""
        here, etag = self.load()
        there, other_etag = other._load_or_empty()
        ciphers = (
            self.home.keys.cipher(self.app, self.stage, here.salt),
            other.home.keys.cipher(other.app, other.stage, there.salt),
        )
        moved = move.move(here, there, names, ciphers)
        arriving = moved.destination
        if ciphers[1].salt and not there.salt:
            arriving = replace(arriving, document=with_salt(arriving.document, ciphers[1].salt))
        return Draft("state move", moved.source, etag), Draft("state move", arriving, other_etag)

    def rename_stage(self, stage: str) -> Draft:
        """Rename the stage to one without a state, or to its own to take over a copy. Apply with `apply_rename`."""
        if stage == self.stage:
            return rename_in_place(self.home, self.app, self.stage)
        document, _ = self.load()
        renamed = move.rename_stage(document, stage)
        text = f"{len(document.resources)} resources become those of stage {stage}; names in the cloud stay"
        edit = Edit(renamed, (Alteration(">", "", text),))
        other = replace(self, stage=stage)
        there, etag = other._load_or_empty()
        if etag is not None and not there.same_as(renamed):  # else a rename was cut off, and is taken up here
            raise StateError(f"{self.app}/{stage} has a state already", todo="choose another name")
        return Draft("state rename-stage", edit, etag)

    # -- doing it

    def apply(self, draft: Draft) -> int:
        """Write a draft; returns the number of its version.

        Raises:
            ReadOnlyError, LockedError: nothing was written.
            StateConflictError: the state is no longer the one that the draft was made from; nothing was written.
            StateError: the result would break a rule; nothing was written.
        """
        _refuse_read_only(self)
        draft.edit.document.dump()  # before anything is locked
        with ExitStack() as held:
            update = self._begin(draft.command, held)
            return self._write(draft, update)

    def apply_move(self, here: Draft, other: StateTools, there: Draft) -> tuple[int, int]:
        """Write both sides of a move, the destination first, under both locks."""
        _refuse_read_only(self)
        for draft in (here, there):
            draft.edit.document.dump()
        with ExitStack() as held:
            mine, theirs = self._begin(here.command, held), other._begin(there.command, held)
            arrived = other._write(there, theirs)
            return self._write(here, mine), arrived

    def apply_rename(self, draft: Draft, carry: Callable[[], None]) -> int:
        """Write the state under its new stage, then delete it here. `carry` first copies the secrets."""
        if draft.edit.document.owner == (self.app, self.stage):
            return self.apply(draft)
        _refuse_read_only(self)
        _, etag = self.load()
        other = replace(self, stage=draft.edit.document.owner[1])
        with ExitStack() as held:
            mine, theirs = self._begin(draft.command, held), other._begin(draft.command, held)
            carry()
            number = other._write(draft, theirs)
            self.home.documents.delete(self.app, self.stage, etag, mine)
            return number

    def exclusively(self, command: str, work: Callable[[], None]) -> None:
        """Run `work` on the versions under the lock. Raises ReadOnlyError, LockedError, MisplacedStateError."""
        _refuse_read_only(self)
        check_replaceable(self)  # before anything is written
        with ExitStack() as held:
            update = self._begin(command, held)
            work()
            self.home.withdraw(update)

    def _begin(self, command: str, held: ExitStack) -> Update:
        held.enter_context(self.home.patience.working())
        update = self.home.begin(self.app, self.stage, command)
        try:
            held.enter_context(self.home.lock(update))
            self.home.locks.confirmed(self.app, self.stage)
        except StateError:
            self.home.withdraw(update)
            raise
        return update

    def _write(self, draft: Draft, update: Update) -> int:
        try:
            return self.home.documents.write(draft.edit.document, draft.expected, update, summarize(draft.edit))
        except StateConflictError:
            self.home.withdraw(update)
            raise

    def _load_or_empty(self) -> tuple[CheckpointDocument, str | None]:
        if self.home.documents.read(self.app, self.stage) is not None:
            return self.load()
        return CheckpointDocument.empty(self.app, self.stage), None


@runtime_checkable
class Toolbox(Protocol):
    """Open project or home with states to work on."""

    def tools(self, service: str) -> StateTools:
        """Return the state tools for a service."""


def tools_of(cockpit: Cockpit, service: str) -> StateTools:
    """Return the state tools for a service of a cockpit. Raises UsageError when it has none."""
    if isinstance(cockpit, Toolbox):
        return cockpit.tools(service)
    raise UsageError("there are no states to work on here", todo="open a project or a home")


def _repaired(tools: StateTools, document: CheckpointDocument, older: Iterable[CheckpointDocument]) -> Edit:
    cipher = tools.home.keys.cipher(tools.app, tools.stage, document.salt)
    return settle_ours(repair(document, older=older, ask=tools.asking(document)), cipher, tools.provider)


def check_replaceable(tools: StateTools) -> None:
    """Raise MisplacedStateError or NewerStateError when the state is not this one's, or a newer release's."""
    blob = tools.home.documents.read(tools.app, tools.stage)
    if blob is not None:
        refuse_newer(blob.data)


def _refuse_read_only(tools: StateTools) -> None:
    if tools.read_only:
        raise ReadOnlyError("nothing was changed", why="--read-only was given", todo="leave --read-only out")
