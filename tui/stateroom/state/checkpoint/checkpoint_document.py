"""Read and write a Pulumi checkpoint as plain JSON, without interpreting its resources."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from stateroom.errors import StateError
from stateroom.model.values import Value
from stateroom.state.checkpoint import integrity

Raw = dict[str, Any]
"""A resource, or another object, as the file has it."""

_VERSIONS = (3, 4)
_STACK = re.compile(rb'"stack"\s*:\s*"organization/([^"/]+)/([^"/]+)"')
_URN = re.compile(rb'"urn"\s*:\s*"urn:pulumi:([^":]+)::([^":]+)::')


def parse(data: bytes) -> Raw:
    """Parse a state file to JSON; checks its form, not its integrity rules.

    Raises:
        StateError: it is empty, cut off, or not a checkpoint.
    """
    if not data.strip():
        raise StateError("the file is empty")
    try:
        body = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise StateError("the file is not whole JSON", why=str(error)) from error
    if not isinstance(body, dict) or not isinstance(body.get("checkpoint"), dict):
        raise StateError("the file is not a Pulumi checkpoint", why="it has no `checkpoint` object")
    if body.get("version") not in _VERSIONS:
        raise StateError(
            f"the file has checkpoint version {body.get('version')}", why="stateroom reads versions 3 and 4"
        )
    latest = body["checkpoint"].get("latest")
    resources = latest.get("resources") if isinstance(latest, dict) else None
    if not isinstance(latest, dict | None) or not isinstance(resources, list | None):
        raise StateError("the file is not a Pulumi checkpoint", why="its `latest` is not a deployment")
    return body


def dump(body: Raw) -> bytes:
    """Serialize a JSON body to a state file. Raises StateError for a value that JSON cannot hold.

    The encoder's check for circular references is off: it takes two thirds of the time of a large state, and a circular
    value ends in a RecursionError all the same.
    """
    try:
        text = json.dumps(body, separators=(",", ":"), allow_nan=False, check_circular=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise StateError("the state holds a value that JSON cannot hold", why=str(error)) from error
    return text.encode()


def latest_of(body: Raw) -> Any:
    """Return the deployment in a body; empty when there is none."""
    return body.get("checkpoint", {}).get("latest") or {}


def entries_of(body: Raw) -> list[Any]:
    """Return the entries of `pending_operations`, which may be no objects in a damaged file."""
    found = latest_of(body).get("pending_operations")
    return found if isinstance(found, list) else []


def names_of(body: Raw) -> tuple[str, str]:
    """Return the (app, stage) that the file names as its owner. Raises StateError without one."""
    stack = body["checkpoint"].get("stack")
    parts = stack.split("/") if isinstance(stack, str) else []
    if len(parts) != 3 or not all(parts):
        raise StateError("the file does not say whose state it is", why="`stack` is not organization/<app>/<stage>")
    return parts[1], parts[2]


def owners_in(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return the (app, stage) that a file names inside: itself, and its first resource. Empty: it cannot be read.

    A large file is parsed only where a look at its text is not clear.
    """
    stacks, urn = set(_STACK.findall(data)), _URN.search(data)
    if urn and stacks == {(urn[2], urn[1])} and b"\\" not in urn[0]:
        return ((urn[2].decode(), urn[1].decode()),)
    try:
        body = parse(data)
        return tuple(owner for owner in (names_of(body), urn_owner(body)) if owner)
    except (StateError, ValueError):
        return ()


def urn_owner(body: Raw) -> tuple[str, str] | None:
    """Return the (app, stage) in the URN of a file's first resource, if it has one."""
    first = next(iter(latest_of(body).get("resources") or ()), None)
    parts = str(first.get("urn") if isinstance(first, dict) else "").split("::")
    if len(parts) < 4 or not parts[0].startswith("urn:pulumi:"):
        return None
    return parts[1], parts[0].removeprefix("urn:pulumi:")


def salt_of(body: Raw) -> str:
    """Return the salt text of the file's secrets; empty when there is none."""
    provider: Value = latest_of(body).get("secrets_providers") or {}
    if not isinstance(provider, dict) or provider.get("type") != "passphrase":
        return ""
    state = provider.get("state")
    return str(state.get("salt") or "") if isinstance(state, dict) else ""


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointDocument:
    """State file as an immutable document. Changes make a new one that shares unchanged data."""

    body: Raw = field(repr=False)

    @classmethod
    def parse(cls, data: bytes) -> CheckpointDocument:
        """Parse a file. Raises StateError as the function `parse` does, and for a file without an owner."""
        body = parse(data)
        names_of(body)
        return cls(body)

    @classmethod
    def empty(cls, app: str, stage: str) -> CheckpointDocument:
        """Return the document of a state without resources."""
        checkpoint = {"stack": f"organization/{app}/{stage}", "latest": {"manifest": {}, "resources": []}}
        return cls({"version": 3, "checkpoint": checkpoint})

    @property
    def owner(self) -> tuple[str, str]:
        """Owner of the state: (app, stage)."""
        return names_of(self.body)

    def foreign_to(self, app: str, stage: str) -> tuple[str, str] | None:
        """Return the (app, stage) that the file or its first resource carries, when it is not this one."""
        return next((owner for owner in (urn_owner(self.body), self.owner) if owner and owner != (app, stage)), None)

    @property
    def latest(self) -> Raw:
        """Deployment: `checkpoint.latest`."""
        found: Raw = latest_of(self.body)
        return found

    @property
    def resources(self) -> list[Raw]:
        """Return every resource, in file order."""
        return self.latest.get("resources") or []

    @property
    def pending(self) -> list[Raw]:
        """Return the pending operations, which may or may not have ended.

        Each is {"resource": …, "type": "creating"}.
        """
        return entries_of(self.body)

    @property
    def salt(self) -> str:
        """Salt text of the file's secrets."""
        return salt_of(self.body)

    def problems(self) -> tuple[str, ...]:
        """Return every broken integrity rule."""
        return tuple(integrity.problems(self.latest))

    def with_resources(self, resources: Sequence[Raw], pending: Sequence[Raw] | None = None) -> CheckpointDocument:
        """Return a copy with other resources, and other pending operations if given."""
        latest = {**self.latest, "resources": list(resources)}
        if pending is not None and (pending or "pending_operations" in latest):
            latest["pending_operations"] = list(pending)
        return self.with_latest(latest)

    def with_latest(self, latest: Raw) -> CheckpointDocument:
        """Return a copy with another deployment."""
        return CheckpointDocument({**self.body, "checkpoint": {**self.body["checkpoint"], "latest": latest}})

    def dump(self) -> bytes:
        """Serialize the document. Raises StateError when an integrity rule is broken."""
        integrity.check(self.latest)
        return dump(self.body)

    def same_as(self, other: CheckpointDocument) -> bool:
        """Compare two documents without their manifest, which holds the time and the release."""
        return _without_manifest(self.body) == _without_manifest(other.body)


def _without_manifest(body: Raw) -> Raw:
    latest = {key: value for key, value in latest_of(body).items() if key != "manifest"}
    return {**body, "checkpoint": {**body["checkpoint"], "latest": latest}}


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
