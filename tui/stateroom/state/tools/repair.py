"""Repair a state file's integrity without losing anything that exists in the cloud.

Unlike `sst state repair` it never drops a resource because its parent is gone, it reorders, it handles providers,
duplicates and pending operations, and unknown fields are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stateroom.state.checkpoint import references
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.integrity import magic_of
from stateroom.state.checkpoint.ordering import without_cycles
from stateroom.state.checkpoint.resource_codec import stack_resource
from stateroom.state.checkpoint.tokens import PROVIDER_PREFIX, STACK_TYPE, Urns, name_in
from stateroom.state.tools.edits import Alteration, Edit
from stateroom.state.tools.pending_operations import Answer, Ask, resolve_pending

__all__ = ["Answer", "Ask", "repair"]


def repair(document: CheckpointDocument, *, older: Iterable[CheckpointDocument] = (), ask: Ask | None = None) -> Edit:
    """Return the repaired document with its alterations.

    Args:
        document: the state.
        older: good versions, newest first. Components and providers that are missing come back from there.
        ask: asks the cloud about a resource of a pending operation; None: those are left as they are.

    Raises:
        StateError: parents or providers form a circle, which no order can hold.
    """
    return _Repair(document, older, ask).run()


class _Repair:
    """Repair in steps; each step relies on the ones before."""

    def __init__(self, document: CheckpointDocument, older: Iterable[CheckpointDocument], ask: Ask | None) -> None:
        self._document = document
        self._older = older
        self._ask = ask
        self._done: list[Alteration] = []
        self._resources: list[Raw] = []
        self._pending: list[Raw] = list(document.pending)
        self._urns = Urns(*document.owner)
        self._spare: dict[str, Raw] | None = None

    def run(self) -> Edit:
        self._keep_what_is_a_resource()
        self._correct_components()
        self._settle_pending()
        self._tell_copies_apart()
        self._bring_back_what_is_missing()
        self._take_out_what_leads_nowhere()
        before = [id(raw) for raw in self._resources]
        self._resources = without_cycles(self._resources)
        if [id(raw) for raw in self._resources] != before:
            self._say("~", "", "put in order: what is referred to stands before what refers to it")
        return self._finished()

    def _say(self, sign: str, urn: str, text: str) -> None:
        self._done.append(Alteration(sign, urn, text))

    def _keep_what_is_a_resource(self) -> None:
        items: Sequence[Any] = self._document.resources
        for index, raw in enumerate(items):
            if not isinstance(raw, dict) or not isinstance(raw.get("urn"), str) or not raw["urn"]:
                self._say("-", "", f"entry number {index} is not a resource: it has no URN")
                continue
            if not isinstance(raw.get("type"), str) or not raw["type"]:
                raw = {**raw, "type": _type_in(raw["urn"])}
                self._say("~", raw["urn"], f"has no type; its URN says {raw['type']}")
            self._resources.append(self._well_formed(raw))

    def _well_formed(self, raw: Raw) -> Raw:
        changed: Raw = {}
        for key in ("dependencies", "replaceWith"):
            if raw.get(key) and not _are_texts(raw[key]):
                changed[key] = [item for item in _items(raw[key]) if isinstance(item, str)]
        properties = raw.get("propertyDependencies")
        if properties and not (isinstance(properties, dict) and all(map(_are_texts, properties.values()))):
            kept = properties.items() if isinstance(properties, dict) else ()
            changed["propertyDependencies"] = {
                name: [item for item in _items(urns) if isinstance(item, str)] for name, urns in kept
            }
        for key in ("parent", "provider", "deletedWith"):
            if not isinstance(raw.get(key) or "", str) or raw.get(key) == raw["urn"]:
                changed[key] = ""
        if changed:
            self._say("~", raw["urn"], f"{', '.join(changed)}: what cannot be referred to is taken out")
        return {**raw, **changed} if changed else raw

    def _correct_components(self) -> None:
        for index, raw in enumerate(self._resources):
            if raw.get("id") and not raw.get("custom"):
                self._resources[index] = {**raw, "custom": True}
                self._say("~", raw["urn"], f"is {raw['id']} in the cloud and so no component")

    def _settle_pending(self) -> None:
        self._resources, self._pending, done = resolve_pending(self._resources, self._pending, self._ask)
        self._done += done

    def _tell_copies_apart(self) -> None:
        """Keep the newest of live resources with one URN; another cloud object becomes an old copy."""
        newest: dict[str, int] = {}
        for index, raw in enumerate(self._resources):
            if not raw.get("delete"):
                other = newest.get(raw["urn"])
                if other is None or _age(raw, index) > _age(self._resources[other], other):
                    newest[raw["urn"]] = index
        result: list[Raw] = []
        for raw in self._resources:
            winner = self._resources[newest[raw["urn"]]] if raw["urn"] in newest else raw
            if raw.get("delete") or raw is winner:
                result.append(raw)
            elif not raw.get("id") or raw.get("id") == winner.get("id"):
                self._say("-", raw["urn"], "stood there twice")
            else:
                result.append({**raw, "delete": True, "retainOnDelete": True})
                self._say(
                    "~",
                    raw["urn"],
                    f"{raw['id']} shares its URN with {winner.get('id')}: marked as the old copy,"
                    " which the next deploy drops from the state and leaves in the cloud",
                )
        self._resources = result

    def _bring_back_what_is_missing(self) -> None:
        """Restore missing components and providers from older versions.

        A provider with another id is the same provider.
        """
        while wanted := self._missing():
            found = [self._from_older(urn) for urn in wanted]
            brought = [raw for raw in found if raw is not None]
            if not brought:
                break
            self._resources = [*brought, *self._resources]
        if (
            self._resources
            and any(raw.get("parent") for raw in self._resources)
            and not references.root_of(self._resources)
        ):
            self._resources.insert(0, stack_resource(self._urns))
            self._say("+", self._urns.stack, "the root stack, made anew")
        ids = {raw["urn"]: raw.get("id") for raw in self._resources if raw["type"].startswith(PROVIDER_PREFIX)}
        self._resources = [self._with_provider(raw, ids) for raw in self._resources]

    def _missing(self) -> list[str]:
        existing = {raw["urn"] for raw in self._resources}
        wanted: dict[str, None] = {}
        for raw in self._resources:
            for urn in (raw.get("parent") or "", references.provider_urn(raw.get("provider") or "")):
                if urn and urn not in existing:
                    wanted[urn] = None
        return list(wanted)

    def _from_older(self, urn: str) -> Raw | None:
        if self._spare is None:
            self._spare = {}
            for document in self._older:
                for raw in document.resources:
                    if not raw.get("delete") and (not raw.get("custom") or raw["type"].startswith(PROVIDER_PREFIX)):
                        self._spare.setdefault(raw["urn"], raw)
        found = self._spare.get(urn)
        if found is not None:
            self._say("+", urn, "brought back from an older version: something needs it")
        return found

    def _with_provider(self, raw: Raw, ids: Mapping[str, Any]) -> Raw:
        reference = raw.get("provider") or ""
        if not reference or raw.get("pendingReplacement"):
            return raw
        urn = references.provider_urn(reference)
        if urn in ids:
            right = f"{urn}::{ids[urn]}"
            if right != reference:
                self._say("~", raw["urn"], "its provider has another id by now")
            return {**raw, "provider": right} if right != reference else raw
        others = [item for item in ids if _type_in(item) == _type_in(urn)]
        if len(others) != 1:
            self._say("?", raw["urn"], f"its provider {name_in(urn)} is nowhere to be found")
            return raw
        self._say("~", raw["urn"], f"its provider {name_in(urn)} is gone; {name_in(others[0])} is of the same kind")
        return {**raw, "provider": f"{others[0]}::{ids[others[0]]}"}

    def _take_out_what_leads_nowhere(self) -> None:
        existing = {raw["urn"] for raw in self._resources}
        root = references.root_of(self._resources)
        for index, raw in enumerate(self._resources):
            parent = raw.get("parent") or ""
            trimmed = references.without_references(
                raw, lambda urn: urn not in existing, root if raw["type"] != STACK_TYPE else ""
            )
            if trimmed is raw:
                continue
            self._resources[index] = trimmed
            if parent and parent not in existing:
                self._say(
                    "~", raw["urn"], f"its parent {name_in(parent)} is gone: put below the stack, nothing is dropped"
                )
            if references.targets(trimmed) - {root} != references.targets(raw) - {parent, root}:
                self._say("~", raw["urn"], "no longer refers to what does not exist")

    def _finished(self) -> Edit:
        latest = dict(self._document.latest)
        manifest = latest.get("manifest")
        manifest = dict(manifest) if isinstance(manifest, dict) else {}
        version = str(manifest.get("version") or "")
        if (version or manifest.get("magic")) and manifest.get("magic") != magic_of(version):
            manifest["magic"] = magic_of(version)
            latest["manifest"] = manifest
            self._say("~", "", "the manifest's checksum")
        metadata = latest.get("metadata")
        if isinstance(metadata, dict) and metadata.get("integrity_error"):
            latest["metadata"] = {key: value for key, value in metadata.items() if key != "integrity_error"}
            self._say("~", "", "the note that a rule was broken")
        document = self._document.with_latest(latest)
        if any(item.sign != "?" for item in self._done):
            document = document.with_resources(self._resources, self._pending)
        return Edit(document, tuple(self._done))


def _type_in(urn: str) -> str:
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) == 4 else "unknown:unknown:Unknown"


def _age(raw: Raw, index: int) -> tuple[str, bool, int]:
    return str(raw.get("modified") or raw.get("created") or ""), bool(raw.get("id")), index


def _are_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
