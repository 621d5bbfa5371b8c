"""How many examples a property is tried with: a sixth while one works, all in CI, twenty times as many at night.

The profile is `ci` where the variable CI is set and `quick` elsewhere; `--hypothesis-profile=night` names another. Each
run draws its examples anew, in CI as well, and what failed is tried first the next time.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator, Mapping
from typing import Final

from hypothesis import HealthCheck, settings

IN_CI: Final = 100
PROFILES: Final[Mapping[str, int]] = {"quick": IN_CI // 6, "ci": IN_CI, "night": IN_CI * 20}


def register_profiles() -> None:
    """Make the profiles known and load the one that the environment asks for."""
    for name, count in PROFILES.items():
        settings.register_profile(
            name,
            settings.get_profile("default"),  # not the library's own for CI, which draws the same examples every time
            max_examples=count,
            # Time says nothing about a property on a machine that is shared, or whose caches are cold.
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile("ci" if os.environ.get("CI") else "quick")


def points() -> Iterator[int]:
    """Yield where an operation is cut off: everywhere in CI and at night, else at every fourth point."""
    step = 1 if settings().max_examples >= IN_CI else 4
    return itertools.count(random.randrange(step), step)


def examples(in_ci: int) -> settings:
    """Settings of a property that is tried with another number of examples, given as in CI."""
    return settings(max_examples=max(1, in_ci * settings().max_examples // IN_CI))
