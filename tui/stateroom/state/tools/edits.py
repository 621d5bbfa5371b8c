"""Edit operations on state files, which change no cloud resource; each returns an Edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.state.checkpoint import references
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.tokens import name_in
from stateroom.state.tools.selection import select

_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Alteration:
    """Single change of an edit: `+` adds, `~` changes, `-` drops, `>` moves, `?` is undecided."""

    sign: str
    urn: str  # empty: the file as a whole
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """State file before and after, not written yet. Without alterations there is nothing to write."""

    document: CheckpointDocument
    alterations: tuple[Alteration, ...] = ()

    @property
    def unsettled(self) -> tuple[Alteration, ...]:
        """Alterations that need a decision."""
        return tuple(item for item in self.alterations if item.sign == "?")

    @property
    def changes(self) -> tuple[Alteration, ...]:
        """Alterations that are made."""
        return tuple(item for item in self.alterations if item.sign != "?")


def remove(
    document: CheckpointDocument,
    names: Sequence[str],
    *,
    with_dependants: bool = False,
    keep: bool = False,
    force: bool = False,
) -> Edit:
    """Drop resources from the state; the cloud keeps them.

    Args:
        document: the state.
        names: URNs or unambiguous names.
        with_dependants: drop the resources that refer to them as well, their children above all.
        keep: keep what refers to them: children go to their parent's parent, other references are taken out.
        force: even resources that are protected.

    Raises:
        StateError: a name fits none or several; something refers to them and neither flag says what to do with it;
            one is protected; one is a provider that kept resources need.
    """
    chosen = [select(document.resources, name) for name in names]
    gone = {id(raw) for raw in chosen}
    still = {raw["urn"] for raw in document.resources if id(raw) not in gone}
    affected = references.dependants(document.resources, {raw["urn"] for raw in chosen} - still)
    affected = [raw for raw in affected if id(raw) not in gone]
    if affected and not (with_dependants or keep):
        raise StateError(
            f"{_few(affected)} depend{'s' if len(affected) == 1 else ''} on {_few(chosen)}",
            why="nothing was changed",
            todo="--with-dependants drops them, too; --keep-dependants keeps them and takes the references out",
        )
    if with_dependants:
        chosen += affected
        gone |= {id(raw) for raw in affected}
    _refuse_protected(chosen, force)
    return _without(document, gone, chosen)


def _refuse_protected(chosen: Iterable[Raw], force: bool) -> None:
    protected = [raw for raw in chosen if raw.get("protect")]
    if protected and not force:
        raise StateError(f"{_few(protected)} is protected", why="nothing was changed", todo="--force drops it anyway")


def _without(document: CheckpointDocument, gone: set[int], chosen: Sequence[Raw]) -> Edit:
    kept = [raw for raw in document.resources if id(raw) not in gone]
    existing = {raw["urn"] for raw in kept}
    parents = {raw["urn"]: raw.get("parent") or "" for raw in document.resources}
    alterations = [Alteration("-", raw["urn"], _what(raw)) for raw in chosen]
    result: list[Raw] = []
    for raw in kept:
        needed = references.provider_urn(raw.get("provider") or "")
        if needed and needed not in existing:
            raise StateError(
                f"{name_in(needed)} is the provider of {name_in(raw['urn'])}",
                why="a resource without its provider is a state that no tool accepts",
                todo="--with-dependants drops what it provides, too",
            )
        parent = raw.get("parent") or ""
        while parent and parent not in existing:
            parent = parents.get(parent, "")
        trimmed = references.without_references(raw, lambda urn: urn not in existing, parent)
        if trimmed is not raw:
            alterations.append(Alteration("~", raw["urn"], "no longer refers to what is dropped"))
        result.append(trimmed)
    return Edit(document.with_resources(result, _pending(document, chosen)), tuple(alterations))


def _pending(document: CheckpointDocument, chosen: Sequence[Raw]) -> list[Raw]:
    """Return the pending operations of the dropped resources."""
    dropped = {raw["urn"] for raw in chosen}
    return [item for item in document.pending if item.get("resource", {}).get("urn") not in dropped]


def _what(raw: Raw) -> str:
    physical = raw.get("id")
    return f"dropped; {physical} stays in the cloud" if raw.get("custom") and physical else "dropped"


def _few(resources: Sequence[Raw]) -> str:
    names = [name_in(raw["urn"]) for raw in resources]
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
