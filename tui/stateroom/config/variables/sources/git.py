"""Source `${git:branch}`, `${git:sha1}` and others: the document's repository."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stateroom.config.document.suggestions import suggestion
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value

_TIMEOUT: Final = 10  # seconds
_LOG: Final = ("log", "-1")
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "branch": ("rev-parse", "--abbrev-ref", "HEAD"),
    "commit": ("rev-parse", "--short", "HEAD"),
    "sha1": ("rev-parse", "HEAD"),
    "describe": ("describe", "--always"),
    "describeLight": ("describe", "--always", "--tags"),
    "message": (*_LOG, "--format=%B"),
    "messageSubject": (*_LOG, "--format=%s"),
    "messageBody": (*_LOG, "--format=%b"),
    "user": ("config", "user.name"),
    "email": ("config", "user.email"),
    "isDirty": ("status", "--porcelain"),
    "repository": ("rev-parse", "--show-toplevel"),
    "tags": ("tag", "--points-at", "HEAD"),
}


def git(lookup: Lookup) -> Value:
    """Return git's answer; a commit's tags are joined by `::`, its id stands in without tags."""
    name = lookup.address
    if name not in _COMMANDS:
        raise ExpressionError(f"${{git:{name}}} is not known", suggestion(name, _COMMANDS))
    text = _run(lookup, _COMMANDS[name])
    if name == "isDirty":
        return bool(text)
    if name == "repository":
        return Path(text).name
    if name == "tags":
        return "::".join(text.split()) or _run(lookup, _COMMANDS["sha1"])
    return text or MISSING


def _run(lookup: Lookup, arguments: tuple[str, ...]) -> str:
    # A repository's own settings must not start programs, nor wait for an answer.
    command = ["git", "-c", "core.fsmonitor=false", "--no-pager", *arguments]
    environment = {**lookup.scope.environment, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command,
            cwd=lookup.resolver.directory,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ExpressionError(f"${{git:{lookup.address}}} cannot be read: git does not run", "install git") from None
    if done.returncode != 0 and arguments[0] != "config":
        reason = (done.stderr.strip().splitlines() or ["git failed"])[0]
        raise ExpressionError(f"${{git:{lookup.address}}} cannot be read: {reason}", "run it within a repository")
    return done.stdout.strip()
