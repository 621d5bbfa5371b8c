"""Validate number fields: seconds, counts, percentages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.asl.fields import JSONATA
from stateroom.config.asl.report import CheckReport
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.model.values import Value

_MOST: Final = 99_999_999  # seconds that AWS takes
# Field → (smallest, greatest).
_WHOLE: Final[Mapping[str, tuple[int, int]]] = {
    "TimeoutSeconds": (1, _MOST),
    "HeartbeatSeconds": (1, _MOST),
    "Seconds": (0, _MOST),
    "MaxConcurrency": (0, 2**31),
    "ToleratedFailureCount": (0, 2**31),
}
_PERCENTAGE: Final = "ToleratedFailurePercentage"


def check_numbers(report: CheckReport, state: Mapping[str, Value], language: str, path: KeyPath) -> None:
    """Check numbers against AWS's limits; intrinsics and JSONata are not checked. Raises ConfigError."""
    for field, (least, most) in _WHOLE.items():
        value = state.get(field)
        if value is None or _is_open(value, language):
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise report.error(f"not a whole number from {least}", *path, field, todo="write the number without quotes")
    percentage = state.get(_PERCENTAGE)
    if percentage is not None and not _is_open(percentage, language):
        number = isinstance(percentage, int | float) and not isinstance(percentage, bool)
        if not number or not 0 <= percentage <= 100:
            raise report.error("not a percentage", *path, _PERCENTAGE, todo="write a number from 0 to 100")
    heartbeat, timeout = state.get("HeartbeatSeconds"), state.get("TimeoutSeconds")
    if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
        why = f"the state ends after {timeout} seconds"
        raise report.error(
            "HeartbeatSeconds is less than TimeoutSeconds", *path, "HeartbeatSeconds", why=why, todo="lower it"
        )


def _is_open(value: Value, language: str) -> bool:
    """Tell whether the value is not known before deploy or run time."""
    if intrinsic(value):
        return True
    if not isinstance(value, str):
        return False
    return value.startswith("${") or (language == JSONATA and value.strip().startswith("{%"))
