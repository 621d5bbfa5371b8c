"""Pointer to a bucket: an SSM parameter as the Serverless Framework writes it, with the mark of a reset."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from stateroom.errors import StateError
from stateroom.state.stores.parameters import Parameter, Parameters

RESET_KEY: Final = "stateroomReset"  # next to the bucket's name while a reset runs; other tools ignore it
_LOCALLY: Final = "or --home local for a state in this directory"
_FRESH: Final = timedelta(minutes=15)
REPAIR: Final = "`stateroom bootstrap status` shows what is there; `stateroom reset --only missing` repairs it"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Location of a bucket's name, and the name of a new bucket.

    `region` is the parameter's and a new bucket's; `prefix` begins the name of every bucket of this kind.
    """

    role: str  # "state" or "packages", for people
    parameter: str
    region: str
    prefix: str
    fresh_name: Callable[[], str]


@dataclass(frozen=True, slots=True)
class PointerTarget:
    """Content of the parameter.

    `fresh`: it was written once and minutes ago, so the bucket may not exist yet; a second write confirms that it does.
    `reset`: the process that is moving the bucket's content.
    """

    bucket: str
    region: str
    fresh: bool = False
    reset: str = ""


def read_target(parameters: Parameters, pointer: Pointer, now: datetime) -> PointerTarget | None:
    """Read what a pointer names; None without a parameter. Raises StateError, also for one that names no bucket."""
    parameter = _read(parameters, pointer.parameter)
    if parameter is None:
        return None
    try:
        body = json.loads(parameter.value)
        bucket, region = str(body["bucketName"] or ""), str(body["bucketRegion"] or "")
        reset = str(body.get(RESET_KEY) or "")
    except (ValueError, KeyError, TypeError):
        bucket = region = reset = ""
    if not bucket or not region:
        raise StateError(
            f"the parameter {pointer.parameter} in {pointer.region} names no bucket",
            why='it should hold {"bucketName": …, "bucketRegion": …}',
            todo=REPAIR,
        )
    fresh = parameter.version == 1 and now - parameter.modified < _FRESH
    return PointerTarget(bucket, region, fresh=fresh, reset=reset)


def _read(parameters: Parameters, name: str) -> Parameter | None:
    """Return the parameter. Raises StateError: what is missing, and how to do without the account."""
    try:
        return parameters.get(name)
    except StateError as error:
        raise StateError(error.what, why=error.why, todo=_with_local(error.todo)) from error.__cause__


def _with_local(todo: str) -> str:
    return todo if "--home local" in todo else f"{todo}; {_LOCALLY}"


def is_resetting(text: str) -> bool:
    """Tell whether a parameter's text marks a reset."""
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get(RESET_KEY))


def refuse_unversioned(bucket: str, todo: str) -> NoReturn:
    """Raise StateError for a bucket without versioning, which cannot restore earlier states."""
    raise StateError(
        f"the bucket {bucket} keeps no versions",
        why="the Serverless Framework, too, takes only versioned buckets for states",
        todo=todo,
    )


def refuse_during_reset(reset: str) -> None:
    """Raise StateError during a reset: the home's content is incomplete while it is moved."""
    if reset:
        raise StateError(
            "the home is being reset",
            why=f"begun by {reset}; everything that was in it is in the backup there",
            todo="`stateroom reset`, run by them, continues and ends it",
        )


def pointer_text(bucket: str, region: str, reset: str = "") -> str:
    """Return the parameter's text for a bucket, with the process that resets it."""
    body = {"bucketName": bucket, "bucketRegion": region}
    return json.dumps(body | ({RESET_KEY: reset} if reset else {}), separators=(",", ":"))
