"""Stages that a home keeps something of without a state: secrets, and so a passphrase, come before a first deploy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stateroom.errors import StateError
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.secrets_file import FALLBACK
from stateroom.state.secrets.vault import NEXT, Vault
from stateroom.state.stores.store import Store

SECRETS: Final = "secrets"
PASSPHRASE: Final = "a passphrase"  # noqa: S105 - its name
LOCK: Final = "a lock"
_PREFIXES: Final = {"secret/": SECRETS, "lock/": LOCK}


def kept_without_state(
    store: Store, names: type[ObjectNames], vault: Vault | None = None, app: str = ""
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what a home keeps of stages without resources, by (app, stage).

    A stage that was removed keeps an empty state and its passphrase: only its secrets, if it has any, count.

    Args:
        store: of the home.
        names: of its objects.
        vault: where its passphrases are; None: they are not looked for.
        app: of this app only; empty: of all.

    Raises:
        StateError: the store or the vault cannot be listed.
    """
    stored = {owner for key in store.list(names.STATES) if (owner := names.owner(key))}
    found: dict[tuple[str, str], list[str]] = {}
    for place, kind in _places(store, names, vault, app):
        name, separator, stage = place.partition("/")
        if not separator or "/" in stage or stage == FALLBACK or (app and name != app):
            continue
        if kind == SECRETS or (name, stage) not in stored:
            found.setdefault((name, stage), []).append(kind)
    return {owner: tuple(dict.fromkeys(kinds)) for owner, kinds in sorted(found.items())}


def _places(store: Store, names: type[ObjectNames], vault: Vault | None, app: str) -> Iterator[tuple[str, str]]:
    """Yield `<app>/<stage>` and what is kept of it."""
    for prefix, kind in _PREFIXES.items():
        for key in store.list(f"{prefix}{app}/" if app else prefix):
            if key.endswith(names.SUFFIX):
                yield key.removeprefix(prefix).removesuffix(names.SUFFIX), kind
    for place in vault.places(app) if vault else ():
        if not place.endswith(NEXT):
            yield place, PASSPHRASE


def kept_of(store: Store, names: ObjectNames, vault: Vault | None) -> tuple[str, ...]:
    """Return what a home keeps of one stage besides states and versions; a vault that does not answer is left out."""
    keys = {SECRETS: f"secret/{names.app}/{names.stage}{names.SUFFIX}", LOCK: names.lock}
    found = [kind for kind, key in keys.items() if store.get(key) is not None]
    try:
        if vault is not None and vault.get(f"{names.app}/{names.stage}") is not None:
            found.append(PASSPHRASE)
    except StateError:
        pass
    return tuple(found)
