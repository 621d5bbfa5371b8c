"""`http` of a state machine."""

from __future__ import annotations

from collections.abc import Sequence

from stateroom.config.build import Build
from stateroom.config.document import KeyPath
from stateroom.config.stepfunctions.machine import Machine


def compile_http(build: Build, events: Sequence[tuple[Machine, KeyPath]]) -> None:
    """Temporary until the REST API's rooms are there: refuses. Raises ConfigError."""
    for _, path in events:
        raise build.service.error("the event http is not supported yet on state machines", *path, todo="use a function")
