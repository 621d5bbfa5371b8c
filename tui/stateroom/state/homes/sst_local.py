"""Local home of SST (`home: "local"`): a user directory in SST's layout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from stateroom.errors import StateError
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.vault import ObjectVault
from stateroom.state.stores.directory import DirectoryStore


def sst_local_home(
    environment: Mapping[str, str],
    passphrase: PassphraseSource,
    *,
    holder: Holder,
    clock: Callable[[], datetime],
) -> Home:
    """Open the home in the user's configuration directory. Creates nothing.

    Raises:
        StateError: the environment names no such directory.
    """
    root = sst_directory(environment)
    store = DirectoryStore(root)
    return Home(
        store,
        label=f"sst directory {root}",
        url=root.as_uri(),
        passphrase=passphrase.with_vault(ObjectVault(store, ".json")),
        holder=holder,
        clock=clock,
    )


def sst_directory(environment: Mapping[str, str]) -> Path:
    """Return SST's directory below Go's os.UserConfigDir. Raises StateError."""
    base, home = environment.get("XDG_CONFIG_HOME"), environment.get("HOME")
    if home and sys.platform == "darwin":
        return Path(home) / "Library" / "Application Support" / "sst" / "state"
    if base:
        return Path(base) / "sst" / "state"
    if home:
        return Path(home) / ".config" / "sst" / "state"
    raise StateError("there is no home directory", why="neither XDG_CONFIG_HOME nor HOME is set", todo="set HOME")
