"""Local home: a directory next to the project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.directory import DirectoryStore

DEFAULT = ".stateroom"


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
