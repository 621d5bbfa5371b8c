"""Local home: a directory next to the project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.directory import DirectoryStore

DEFAULT: Final = ".stateroom"
_OF_A_SERVICE: Final = ("app", "snapshot", "journal")  # a state, a past one, one being made (state.object_names)


def local_home(root: Path, passphrase: PassphraseSource, *, holder: Holder, clock: Callable[[], datetime]) -> Home:
    """Open the home in a directory, usually `<project>/.stateroom`; the first write creates it."""
    root = root.absolute()
    return Home(
        DirectoryStore(root),
        label=f"directory {DEFAULT if root.name == DEFAULT else root}",
        url=root.resolve().as_uri(),
        passphrase=passphrase,
        holder=holder,
        clock=clock,
        mark=f"directory {root} of {holder.user}@{holder.host}",
    )


def services_in(root: Path) -> frozenset[str]:
    """Return the names of the services with a state, a past one or an unfinished one in a directory."""
    places = (root / kind for kind in _OF_A_SERVICE)
    services = (entry for place in places if place.is_dir() for entry in place.iterdir() if entry.is_dir())
    return frozenset(entry.name for entry in services if any(entry.iterdir()))
