"""Select a resource of a state by URN, name, or physical id of a copy."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from stateroom.errors import StateError
from stateroom.state.checkpoint.aliases import aliases_of
from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.checkpoint.tokens import name_in


def select(resources: Sequence[Raw], text: str) -> Raw:
    """Return the resource with this URN or name, today's or before a rename; `NAME#ID` is a copy by its physical id.

    Raises:
        StateError: there is none, or the name is that of several; lists their URNs.
    """
    found = [raw for raw in resources if text in (raw["urn"], name_in(raw["urn"]), _numbered(raw))]
    if not found:  # a name from before a rename
        found = [raw for raw in resources if any(text in (urn, name_in(urn)) for urn in aliases_of(raw))]
    living = [raw for raw in found if not raw.get("delete")] or found
    if len(living) == 1:
        return living[0]
    if living:
        raise StateError(
            f"{text} is the name of {len(living)} resources",
            why=", ".join(_numbered(raw) if _same_urn(living) else raw["urn"] for raw in living),
            todo="name one of these",
        )
    names = [name_in(raw["urn"]) for raw in resources]
    guesses = difflib.get_close_matches(text, names, n=1, cutoff=0.6)
    raise StateError(
        f"there is no resource {text} in the state",
        todo=f"did you mean {guesses[0]}?" if guesses else "`stateroom state list` shows them",
    )


def _numbered(raw: Raw) -> str:
    return f"{name_in(raw['urn'])}#{raw.get('id') or ''}"


def _same_urn(resources: Sequence[Raw]) -> bool:
    return len({raw["urn"] for raw in resources}) == 1
