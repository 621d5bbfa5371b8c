"""Rename a stage, or move resources into another state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.model.values import Value
from stateroom.state.checkpoint import references
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.ordering import without_cycles
from stateroom.state.checkpoint.resource_codec import provider_id, stack_resource
from stateroom.state.checkpoint.tokens import Urns, name_in
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE
from stateroom.state.tools.edits import Alteration, Edit
from stateroom.state.tools.selection import select


def rename_stage(document: CheckpointDocument, stage: str) -> CheckpointDocument:
    """Return the state under another stage.

    Physical names in the cloud stay, and so do owner tags.
    """
    return rename_state(document, (document.owner[0], stage))


def rename_state(
    document: CheckpointDocument, owner: tuple[str, str], ciphers: tuple[Cipher, Cipher] | None = None
) -> CheckpointDocument:
    """Return the state under another name: URNs, references, aliases, root name and owner.

    Args:
        document: the state.
        owner: (app, stage) that it is to be of.
        ciphers: what opens its secrets, and what they are encrypted with anew; None: they stay.

    Raises:
        PassphraseError: its secrets do not open.
    """
    old, new = Urns(*(document.foreign_to(*owner) or document.owner)), Urns(*owner)
    name = _renamer(old, new)
    latest = dict(document.latest)
    for key in ("resources", "pending_operations"):
        if latest.get(key):
            latest[key] = references.rename_urns(latest[key], name)
    latest["resources"] = [_provider(raw, old, new) for raw in latest.get("resources") or ()]
    if ciphers:
        latest = reencrypt(latest, *ciphers)
        latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": ciphers[1].salt}}
    checkpoint = {**document.body["checkpoint"], "stack": "/".join(("organization", *owner)), "latest": latest}
    return CheckpointDocument({**document.body, "checkpoint": checkpoint})


def _renamer(old: Urns, new: Urns) -> Callable[[str], str]:
    prefix, fresh = f"urn:pulumi:{old.stage}::{old.app}::", f"urn:pulumi:{new.stage}::{new.app}::"
    own = f"{old.provider}::{provider_id(old)}", f"{new.provider}::{provider_id(new)}"
    whole = {old.stack: new.stack, own[0]: own[1]}

    def name(text: str) -> str:
        if not text.startswith(prefix):
            return text
        return whole.get(text) or fresh + text[len(prefix) :]

    return name


def _provider(raw: Raw, old: Urns, new: Urns) -> Raw:
    """Return our own provider with the id derived from its changed URN."""
    return {**raw, "id": provider_id(new)} if raw["urn"] == new.provider and raw.get("id") == provider_id(old) else raw


@dataclass(frozen=True, slots=True)
class Move:
    """Both sides of a move. The destination is written first: an interruption leaves a copy, not a loss."""

    source: Edit
    destination: Edit


def move(
    source: CheckpointDocument, destination: CheckpointDocument, names: Sequence[str], ciphers: tuple[Cipher, Cipher]
) -> Move:
    """Move resources and their children into another state.

    Providers that the destination lacks are copied; references to remaining resources are removed; secrets are
    encrypted again with the destination's cipher.

    Args:
        source, destination: the states.
        names: URNs or unambiguous names.
        ciphers: of source and destination.

    Raises:
        StateError: a name fits none or several; a moved resource exists there already; something that stays needs
            one of them as its provider.
        PassphraseError: a secret has to be moved and a passphrase is missing or wrong.
    """
    chosen = {select(source.resources, name)["urn"] for name in names}
    chosen |= _descendants(source.resources, chosen)
    moved = [raw for raw in source.resources if raw["urn"] in chosen]
    root = references.root_of(source.resources)
    if root in chosen:
        raise StateError("the root stack cannot be moved", todo="`stateroom state rename-stage` renames a whole stage")
    _refuse_used_providers(source.resources, chosen)
    arriving, providers = _arriving(source, destination, moved, chosen, ciphers)
    alterations = [Alteration("+", raw["urn"], "copied: what is moved needs it") for raw in providers]
    alterations += [Alteration("+", raw["urn"], "moved here") for raw in arriving]
    there = without_cycles([*destination.resources, *providers, *arriving])
    return Move(_departed(source, moved, chosen), Edit(destination.with_resources(there), tuple(alterations)))


def _descendants(resources: Sequence[Raw], chosen: set[str]) -> set[str]:
    found = set(chosen)
    for raw in resources:  # parents stand before their children
        if raw.get("parent") in found:
            found.add(raw["urn"])
    return found


def _refuse_used_providers(resources: Sequence[Raw], chosen: set[str]) -> None:
    for raw in resources:
        needed = references.provider_urn(raw.get("provider") or "")
        if needed in chosen and raw["urn"] not in chosen:
            raise StateError(
                f"{name_in(needed)} is the provider of {name_in(raw['urn'])}, which stays",
                todo="move what it provides; a provider is copied when it is needed",
            )


def _departed(source: CheckpointDocument, moved: Sequence[Raw], chosen: set[str]) -> Edit:
    alterations = [Alteration("-", raw["urn"], "moved away") for raw in moved]
    kept: list[Raw] = []
    for raw in source.resources:
        if raw["urn"] in chosen:
            continue
        trimmed = references.without_references(raw, chosen.__contains__)
        if trimmed is not raw:
            alterations.append(Alteration("~", raw["urn"], "no longer refers to what is moved"))
        kept.append(trimmed)
    pending = [item for item in source.pending if item.get("resource", {}).get("urn") not in chosen]
    return Edit(source.with_resources(kept, pending), tuple(alterations))


def _arriving(
    source: CheckpointDocument,
    destination: CheckpointDocument,
    moved: Sequence[Raw],
    chosen: set[str],
    ciphers: tuple[Cipher, Cipher],
) -> tuple[list[Raw], list[Raw]]:
    """Return (resources, providers) in the destination's form."""
    old, new = Urns(*source.owner), Urns(*destination.owner)
    name = _renamer(old, new)
    existing = {raw["urn"]: raw for raw in destination.resources}
    providers: dict[str, Raw] = {}
    if not references.root_of(destination.resources):
        providers[new.stack] = stack_resource(new)
    by_urn = {raw["urn"]: raw for raw in source.resources}
    for raw in moved:
        needed = references.provider_urn(raw.get("provider") or "")
        if needed and needed not in chosen and name(needed) not in existing and needed in by_urn:
            copy = references.without_references(by_urn[needed], lambda urn: name(urn) not in existing, old.stack)
            providers[name(needed)] = reencrypt(_provider(references.rename_urns(copy, name), old, new), *ciphers)
    known = set(existing) | set(providers) | {name(urn) for urn in chosen}
    result: list[Raw] = []
    for raw in moved:
        there = existing.get(name(raw["urn"]))
        if there is not None and there.get("id") == raw.get("id") and there["type"] == raw["type"]:
            continue  # a move that was cut off brought it there already
        if there is not None:
            raise StateError(
                f"{name_in(raw['urn'])} exists there already",
                why="two resources cannot have one URN",
                todo="`stateroom state remove` drops the one that is not wanted",
            )
        kept = references.without_references(raw, lambda urn: name(urn) not in known, old.stack)
        result.append(
            reencrypt(
                _provided(references.rename_urns(kept, name), [*destination.resources, *providers.values()]), *ciphers
            )
        )
    return result, list(providers.values())


def _provided(raw: Raw, resources: Sequence[Raw]) -> Raw:
    """Return the resource with its provider's id in the destination."""
    reference = raw.get("provider")
    if not reference:
        return raw
    urn = references.provider_urn(reference)
    found = next((item for item in resources if item["urn"] == urn and not item.get("delete")), None)
    return {**raw, "provider": f"{urn}::{found.get('id')}"} if found else raw


def reencrypt(value: Value, old: Cipher, new: Cipher) -> Value:
    """Return the value with each secret encrypted by the other cipher. Raises PassphraseError."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
            return {**value, "ciphertext": new.encrypt(old.decrypt(str(value["ciphertext"])))}
        return {key: reencrypt(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [reencrypt(item, old, new) for item in value]
    return value
