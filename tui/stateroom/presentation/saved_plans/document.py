"""Saved plan as a JSON document: written, and read back with every reason why it cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stateroom.engine.requests import Info, Request
from stateroom.errors import PlanError
from stateroom.model.plan import Operation, Plan
from stateroom.presentation.saved_plans.fingerprints import config_digest, digest, packages, secrets_digest
from stateroom.presentation.steps.document import bootstrap_json, services_json

FORMAT: Final = "stateroom plan"
VERSION: Final = 1
_AGAIN: Final = "plan again with `stateroom plan --out FILE`"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """Plan that was saved.

    Args:
        request: what was asked for; it is planned again.
        stands_on: project, home and, by service, its place, state, config and packages.
        steps: JSON of the services with their steps, and of what is made of the home; no secrets.
        salt, secrets: of the digest of all secret values, in hex; `secrets` is "" without any.
        created: RFC 3339.
        stateroom: the version that made it.
        executed: RFC 3339; "" before it has run.
    """

    request: Request
    stands_on: Mapping[str, Any]
    steps: Mapping[str, Any]
    salt: str
    secrets: str
    created: str
    stateroom: str
    executed: str = ""


def saved_plan(plan: Plan, request: Request, info: Info, *, salt: bytes, created: str, stateroom: str) -> SavedPlan:
    """Save a plan as data. `salt` is random and used once."""
    return SavedPlan(
        request,
        stands_on(plan, info),
        steps_of(plan),
        salt.hex(),
        secrets_digest(plan, salt),
        created,
        stateroom,
    )


def stands_on(plan: Plan, info: Info) -> dict[str, Any]:
    """Return what a plan stands on: it may run only where all of it is the same."""
    services = {
        item.service: {
            "stage": item.stage,
            "app": item.target.app if item.target else "",
            "account": item.account,
            "region": item.region,
            "lineage": item.lineage,
            "state": item.base,
            "config": config_digest(item.target),
            "packages": packages(item.target),
        }
        for item in plan.services
    }
    return {"project": info.project, "home": info.home, "services": services}


def steps_of(plan: Plan) -> dict[str, Any]:
    """Return the steps of a plan as JSON."""
    return json.loads(json.dumps({"services": services_json(plan), "bootstrap": bootstrap_json(plan)}))  # type: ignore[no-any-return]


def dumps(saved: SavedPlan) -> str:
    """Write a saved plan as text, with a checksum."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "stateroom": saved.stateroom,
        "created": saved.created,
        "executed": saved.executed,
        "request": _request_json(saved.request),
        "stands_on": dict(saved.stands_on),
        "secrets": {"salt": saved.salt, "digest": saved.secrets},
        "steps": dict(saved.steps),
    }
    return json.dumps({**document, "checksum": digest(document)}, indent=1, ensure_ascii=True) + "\n"


def loads(text: str, name: str) -> SavedPlan:
    """Read a saved plan. `name` is its file's, for messages.

    Raises:
        PlanError: it is none, or of another format; it was cut off or changed; or it has run already.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(
            f"{name} is not a whole saved plan", why=f"its JSON ends or breaks: {error}", todo=_AGAIN
        ) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PlanError(
            f"{name} is not a saved plan", why=f"it does not say that its format is {FORMAT!r}", todo=_AGAIN
        )
    if document.get("version") != VERSION:
        raise PlanError(
            f"{name} was saved in format {document.get('version')} by stateroom {document.get('stateroom', '?')}",
            why=f"this stateroom runs plans of format {VERSION} only",
            todo=_AGAIN,
        )
    checksum = document.pop("checksum", None)
    try:
        if checksum != digest(document):
            raise ValueError
        saved = _saved(document)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PlanError(
            f"{name} was changed since it was saved", why="its checksum does not fit", todo=_AGAIN
        ) from None
    if saved.executed:
        raise PlanError(f"{name} has been executed already", why=f"on {saved.executed}", todo=_AGAIN)
    return saved


def executed(saved: SavedPlan, moment: str) -> SavedPlan:
    """Return the saved plan, marked as executed at a moment (RFC 3339)."""
    return replace(saved, executed=moment)


def _saved(document: Mapping[str, Any]) -> SavedPlan:
    return SavedPlan(
        _request(document["request"]),
        document["stands_on"],
        document["steps"],
        document["secrets"]["salt"],
        document["secrets"]["digest"],
        document["created"],
        document["stateroom"],
        document["executed"],
    )


def _request_json(request: Request) -> dict[str, Any]:
    return {
        "operation": request.operation.value,
        "services": list(request.services),
        "targets": list(request.targets),
        "attributes": [list(path) for path in request.attributes],
        "refresh": request.refresh,
        "version": request.version,
        "state_only": request.state_only,
        "deployer": request.deployer,
        "adopt": list(request.adopt),
        "keep_history": request.keep_history,
    }


def _request(document: Mapping[str, Any]) -> Request:
    return Request(
        Operation(document["operation"]),
        tuple(document["services"]),
        tuple(document["targets"]),
        tuple(tuple(path) for path in document["attributes"]),
        refresh=document["refresh"],
        version=document["version"],
        state_only=document["state_only"],
        deployer=document["deployer"],
        adopt=tuple(document["adopt"]),
        keep_history=document.get("keep_history", False),
    )
