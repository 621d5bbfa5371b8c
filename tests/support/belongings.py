"""What a state has by its own records, beside what an emulator holds by its own account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

# Kinds of inventory() that are not called as the type is, in small letters.
_KINDS: Final = {"EventSourceMapping": "mapping", "LogGroup": "group"}
_UNLISTED: Final = frozenset({"lambda:version"})  # retained by default: they go with their function
_LINEAGE: Final = re.compile(r'"stateroom:lineage"(?:, "[Vv]alue")?: "(\w+)"')


def records(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Native resources of an exported state; [] of one that is empty."""
    resources = (state["checkpoint"].get("latest") or {}).get("resources") or []
    return [item for item in resources if item["type"].startswith("aws-native:")]


def lineage_of(state: Mapping[str, Any]) -> str:
    """Identity of an exported state; "" of one that is empty."""
    resources = (state["checkpoint"].get("latest") or {}).get("resources") or []
    return next((str(item["inputs"]["stateroom:lineage"]) for item in resources if not item.get("custom")), "")


def recorded(state: Mapping[str, Any]) -> list[str]:
    """Each resource of a state as `service:kind/id`, sorted; an old copy counts as one more."""
    lines = (_line(item["type"], str(item["id"])) for item in records(state))
    return sorted(line for line in lines if line.partition("/")[0] not in _UNLISTED)


def held(inventory: Iterable[str], contents: Mapping[str, Any]) -> list[str]:
    """Each object of an inventory and each permission in raw contents, as `recorded` has them."""
    lines = [f"{line.partition('/')[0]}/{_last(line)}" for line in inventory]
    return sorted([*lines, *(f"lambda:permission/{_last(key)}" for key in contents if "/permission/" in key)])


def lineages(contents: Mapping[str, str]) -> dict[str, str]:
    """Address of each object in raw contents that bears the tag → the lineage that it names."""
    found = {address: _LINEAGE.search(text) for address, text in contents.items()}
    return {address: match[1] for address, match in found.items() if match}


def _line(type_: str, physical_id: str) -> str:
    _, service, name = type_.split(":")
    return f"{service}:{_KINDS.get(name, name.lower())}/{_last(physical_id)}"


def _last(text: str) -> str:
    return text.rsplit("/", 1)[-1]
