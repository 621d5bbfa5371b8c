"""Local home: a directory next to the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from stateroom.model.plan import BootstrapPart
from stateroom.model.version import Holder
from stateroom.state.home import FirstWrite, Home
from stateroom.state.secrets.passphrase_source import PassphraseSource, makes_keyring_entry
from stateroom.state.stores.directory import DirectoryStore

DEFAULT: Final = ".stateroom"
_OF_A_SERVICE: Final = ("app", "snapshot", "journal")  # a state, a past one, one being made (state.object_names)


def local_home(root: Path, passphrase: PassphraseSource, *, holder: Holder, clock: Callable[[], datetime]) -> Home:
    """Open the home in a directory, usually `<project>/.stateroom`; the first write creates it."""
    root = root.absolute()
    url = root.resolve().as_uri()
    return Home(
        DirectoryStore(root),
        label=f"directory {DEFAULT if root.name == DEFAULT else root}",
        url=url,
        passphrase=passphrase,
        holder=holder,
        clock=clock,
        mark=f"directory {root} of {holder.user}@{holder.host}",
        unmade=lambda needs: _unmade(needs, url, passphrase),
    )


def _unmade(needs: FirstWrite, url: str, source: PassphraseSource) -> Iterator[BootstrapPart]:
    """Yield the entries that first secrets make in the keyring of this machine; its directory is not worth a word."""
    for app, stage in needs.secrets:
        if makes_keyring_entry(source, f"{url}#{app}/{stage}"):
            yield BootstrapPart("passphrase", "keyring entry", f"{app}/{stage}", "")


def services_in(root: Path) -> frozenset[str]:
    """Return the names of the services with a state, a past one or an unfinished one in a directory."""
    places = (root / kind for kind in _OF_A_SERVICE)
    services = (entry for place in places if place.is_dir() for entry in place.iterdir() if entry.is_dir())
    return frozenset(entry.name for entry in services if any(entry.iterdir()))
