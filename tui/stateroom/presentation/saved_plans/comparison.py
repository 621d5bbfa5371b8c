"""What has moved between a saved plan and the same request planned now, in words; nothing: it may run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.engine.requests import Info
from stateroom.errors import PlanError
from stateroom.model.plan import Plan
from stateroom.presentation.saved_plans.document import SavedPlan, stands_on, steps_of
from stateroom.presentation.saved_plans.fingerprints import secrets_digest

_SIDES: Final = {
    "stage": "the stage of {service}: it was {then}, and is {now}",
    "app": "the name of {service}'s state: it was {then}, and is {now}",
    "account": "the account of {service}: it was {then}, and is {now}",
    "region": "the region of {service}: it was {then}, and is {now}",
    "lineage": "the state of {service}: it is another one (lineage {then}, now {now})",
    "state": "the state of {service}: an operation wrote it since",
    "packages": "the packages of {service}: their files changed",
    "config": "the config of {service}: it says something else",
}
_AGAIN: Final = "plan again with `stateroom plan --out FILE`"
_SHOWN: Final = 6
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Words about a step, and readings that the comparison of clouds takes care of.
_BESIDE: Final = ("reason", "kept", "cloud_unread", "changes")


def refuse_moved(saved: SavedPlan, plan: Plan, info: Info, name: str) -> None:
    """Refuse a saved plan unless planning again gives the same plan on the same world.

    Args:
        saved: what was saved.
        plan: its request, planned now.
        info: what is open now.
        name: of the file, for messages.

    Raises:
        PlanError: something moved, and it names what; or the file was written by somebody else.
    """
    try:
        found = list(dict.fromkeys(moved(saved, plan, info)))
    except (TypeError, ValueError, LookupError, AttributeError):
        raise PlanError(
            f"{name} was changed since it was saved", why="it is not as stateroom writes it", todo=_AGAIN
        ) from None
    if not found:
        return
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise PlanError(
        f"{name} was not run: what it was planned for has moved",
        why="; ".join(found[:_SHOWN]) + more,
        todo="nothing was changed; plan again with `stateroom plan --out FILE`, and read the new plan",
    )


def moved(saved: SavedPlan, plan: Plan, info: Info) -> Iterator[str]:
    """Yield what is not as it was: places and identities; without them steps and values; without those secrets."""
    found = list(_places(saved.stands_on, stands_on(plan, info)))
    found = found or list(_steps(saved.steps, steps_of(plan)))
    yield from found
    if not found and secrets_digest(plan, bytes.fromhex(saved.salt)) != saved.secrets:
        yield "a secret value: it is another one"


def _places(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in ("project", "home"):
        if then.get(key) != now[key]:
            yield f"the {key}: it was {then.get(key)}, and is {now[key]}"
    before, after = then.get("services", {}), now["services"]
    if list(before) != list(after):
        yield f"the services: they were {', '.join(before)}, and are {', '.join(after)}"
        return
    for service in after:
        for key, text in _SIDES.items():
            old, new = before[service].get(key), after[service][key]
            if old != new:
                yield text.format(service=service, then=old or "none", now=new or "none")


def _steps(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if _parts(then) != _parts(now):
        yield "the home: other parts of it have to be made first"
    before, after = _by_id(then), _by_id(now)
    for id_ in dict.fromkeys((*before, *after)):
        old, new = before.get(id_), after.get(id_)
        if old is None or new is None:
            yield f"the steps: {id_} is {'needed now' if old is None else 'not needed any more'}"
        elif _core(old) != _core(new):
            yield f"the step of {new['address']}: it would do something else"
        else:
            yield from _clouds(old, new)
    frames = ([_frame(item) for item in side.get("services", ())] for side in (then, now))
    if set(before) == set(after) and next(frames) != next(frames):
        yield "the steps: they come in another order"


def _parts(steps: Mapping[str, Any]) -> list[Any]:
    """Return the parts of the home to be made, without the random end of a name that each planning chooses anew."""
    return [{**part, "name": _UUID.sub("…", part["name"])} for part in steps.get("bootstrap", ())]


def _by_id(steps: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {step["id"]: step for service in steps.get("services", ()) for step in service["steps"]}


def _frame(service: Mapping[str, Any]) -> Any:
    return (
        service["service"],
        service["waits_for"],
        service["outputs_change"],
        service["settles"],
        [item["id"] for item in service["steps"]],
    )


def _core(step: Mapping[str, Any]) -> Any:
    changes = [
        (change["name"], change.get("before"), change.get("after"), change["forces_replacement"])
        for change in step["changes"]
        if not _written_again(change)
    ]
    return {key: value for key, value in step.items() if key not in _BESIDE}, changes


def _written_again(change: Mapping[str, Any]) -> bool:
    return "before" in change and change.get("after") == change["before"] and change["before"] != "***"


def _clouds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the cloud has another value than the one that was shown; what was not read tells nothing."""
    if old["cloud_unread"] or new["cloud_unread"]:
        return
    before, after = ({item["name"]: item for item in step["changes"] if item["cloud_read"]} for step in (old, new))
    for name in dict.fromkeys((*before, *after)):
        was = before[name].get("cloud") if name in before else after[name].get("before")
        there = after[name].get("cloud") if name in after else before[name].get("before")
        if was != there:
            yield f"the cloud: {new['address']} {name} was {_word(was)}, and is {_word(there)}"


def _word(value: Any) -> str:
    return "unset" if value is None else str(value)
