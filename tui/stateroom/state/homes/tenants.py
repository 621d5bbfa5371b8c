"""States in a home of SST's layout, and their missing passphrases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stateroom.errors import StateError
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.homes.bootstrap import GONE, Part, Tenant
from stateroom.state.locks import lock
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.kept_stages import kept_without_state
from stateroom.state.secrets.vault import ObjectVault
from stateroom.state.stores.store import Store


def tenants_in(store: Store, names: type[ObjectNames], tool: str, place: str) -> Iterator[Tenant]:
    """Yield every app and stage with a state, then those of which something else is kept. Raises StateError.

    Args:
        store: of the home.
        names: of its objects.
        tool: what wrote them.
        place: the bucket or directory.
    """
    owners = {owner: key for key in store.list(names.STATES) if (owner := names.owner(key))}
    for owner, key in owners.items():
        blob, held = store.get(key), lock.read(store, names(*owner).lock)
        problem = "its object is empty" if blob and not blob.data.strip() else ""
        yield Tenant(tool, *owner, modified=blob.modified if blob else None, bucket=place, lock=held, problem=problem)
    for owner, kept in kept_without_state(store, names, ObjectVault(store, names.SUFFIX)).items():
        if owner not in owners:
            held = lock.read(store, names(*owner).lock)
            yield Tenant(tool, *owner, bucket=place, lock=held, problem=f"no state yet: only {' and '.join(kept)}")


def missing_passphrases(store: Store, names: type[ObjectNames], tenants: Iterable[Tenant]) -> Iterator[Part]:
    """Yield the passphrases that these states need and the home lacks. Raises StateError."""
    vault = ObjectVault(store, names.SUFFIX)
    for tenant in tenants:
        place = f"{tenant.service}/{tenant.stage}"
        if _is_encrypted(store, names(tenant.service, tenant.stage).state) and vault.get(place) is None:
            yield Part("passphrases", "passphrase", vault.name(place), "", exists=False, problem=GONE)


def _is_encrypted(store: Store, key: str) -> bool:
    blob = store.get(key)
    try:
        return bool(blob and CheckpointDocument.parse(blob.data).salt)
    except StateError:  # its error is raised when it is read
        return False
