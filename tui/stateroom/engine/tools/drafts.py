"""Drafts: changes of a state that are ready to be applied, and what they would change."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.errors import NewerStateError, StateError
from stateroom.model.version import UpdateSummary
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.home import Home
from stateroom.state.secrets.cipher import unlock
from stateroom.state.stores.store import Blob
from stateroom.state.tools import move
from stateroom.state.tools.edits import Alteration, Edit


@dataclass(frozen=True, slots=True)
class Draft:
    """Prepared change."""

    command: str
    edit: Edit
    expected: str | None  # etag of the state that it was made from; None: there is none

    @property
    def empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.edit.changes


def rename_in_place(home: Home, app: str, stage: str) -> Draft:
    """Rename the state that lies in a place under another name inside, to that of the place.

    Raises:
        StateError: there is none, or it has the place's name.
        PassphraseError: its secrets open with no passphrase of either name.
    """
    blob = home.documents.read(app, stage, misplaced=True)
    document = CheckpointDocument.parse(blob.data) if blob else None
    old = document.foreign_to(app, stage) if document else None
    if blob is None or document is None or old is None:
        raise StateError(f"{app}/{stage} has no state of another name", todo="name another stage")
    ciphers = home.keys.cipher(*old, document.salt), home.keys.cipher(app, stage)
    sealed = document.salt and not _opens(home, app, stage, document.salt)
    renamed = move.rename_state(document, (app, stage), ciphers if sealed else None)
    said = (
        f"{len(document.resources)} resources of {'/'.join(old)} become those of {app}/{stage}, here; their names in "
    )
    said += f"the cloud stay: if {'/'.join(old)} has a state of its own, both say that they are theirs"
    return Draft("state rename-stage", Edit(renamed, (Alteration(">", "", said),)), blob.etag)


def _opens(home: Home, app: str, stage: str, salt: str) -> bool:
    """Tell whether a passphrase of an app and stage opens secrets with this salt."""
    known = [item.passphrase for item in home.keys.passphrases.candidates(home.keys.user(app, stage))]
    return any(item and unlock(item.phrase.reveal(), salt) for item in known)


def parse_if_whole(blob: Blob | None, place: str) -> CheckpointDocument | None:
    """Return the document in an object; None when there is none, or it is damaged. Raises NewerStateError."""
    try:
        return CheckpointDocument.parse(blob.data) if blob else None
    except NewerStateError as error:
        raise newer_state(error, place) from None
    except StateError:
        return None


def newer_state(error: NewerStateError, place: str) -> NewerStateError:
    """Make the error of a state that a newer release wrote, with its place: `app/stage`."""
    return NewerStateError(f"the state of {place}: {error.what}", why=error.why, todo=error.todo)


def describe_damage(blob: Blob | None) -> str:
    """Say what is wrong with a state that cannot be read: gone, empty or damaged."""
    if blob is None:
        return "gone"
    return "damaged" if blob.data.strip() else "empty"


def with_salt(document: CheckpointDocument, salt: str) -> CheckpointDocument:
    """Return the document with the salt of its passphrase."""
    provider = {"type": "passphrase", "state": {"salt": salt}}
    return document.with_latest({**document.latest, "secrets_providers": provider})


def document_differences(before: CheckpointDocument | None, after: CheckpointDocument) -> tuple[Alteration, ...]:
    """List what a whole new document changes, resource by resource."""
    if before is None:
        return (Alteration("+", "", f"a state of {len(after.resources)} resources"),)
    old = {(raw.get("urn"), raw.get("id")): raw for raw in before.resources if isinstance(raw, dict)}
    new = {(raw.get("urn"), raw.get("id")): raw for raw in after.resources}
    found = [Alteration("+", raw["urn"], "comes in") for key, raw in new.items() if key not in old]
    found += [
        Alteration("~", raw["urn"], _fields(old[key], raw)) for key, raw in new.items() if old.get(key, raw) != raw
    ]
    found += [Alteration("-", str(raw.get("urn")), "goes") for key, raw in old.items() if key not in new]
    if not found and not before.same_as(after):
        found.append(Alteration("~", "", "the file around the resources"))
    return tuple(found)


def _fields(old: dict[str, object], new: dict[str, object]) -> str:
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return f"changes: {', '.join(sorted(changed))}"


def summarize(edit: Edit) -> UpdateSummary:
    """Count resources that come, change and go, for the update record."""
    counts = {sign: sum(item.sign == sign for item in edit.alterations) for sign in "+~-"}
    return UpdateSummary(counts["+"], counts["~"], counts["-"])
