"""Run the demo's chapters without a screen: one line a chapter, each checked against the cloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from stateroom.demo.operate import Operator, WrongError
from stateroom.demo.shop import Shop
from stateroom.errors import StateroomError


@dataclass(slots=True)
class StoryStage:
    """Shared context of the chapters, and what later ones need from earlier ones."""

    shop: Shop
    engine: Operator
    empty: frozenset[str] = field(default_factory=frozenset)  # what the cloud held before the first deploy


Tell: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Chapter of the story. `play` returns a summary and raises WrongError for a wrong result."""

    title: str
    play: Callable[[StoryStage], str]


def tell_story(chapters: tuple[Chapter, ...], stage: StoryStage, tell: Tell) -> bool:
    """Play every chapter in order, one line for each; returns whether all succeeded.

    A chapter that goes wrong ends the story: the next ones start from what it should have left.
    """
    started = time.monotonic()
    for number, chapter in enumerate(chapters, 1):
        begun = time.monotonic()
        try:
            seen = chapter.play(stage)
        except Exception as error:  # any error of the cloud or the engine fails this chapter
            tell(_line("✗", chapter.title, time.monotonic() - begun, ""))
            for line in _reason(error):
                tell(f"    {line}")
            tell(f"{len(chapters) - number} of {len(chapters)} chapters were not told")
            return False
        tell(_line("✓", chapter.title, time.monotonic() - begun, seen))
    tell(f"All {len(chapters)} chapters came out right in {time.monotonic() - started:.1f} s.")
    return True


def _line(mark: str, title: str, seconds: float, seen: str) -> str:
    return f"{mark} {title:<50} {seconds:5.1f} s  {seen}".rstrip()


def _reason(error: Exception) -> list[str]:
    known = isinstance(error, WrongError | StateroomError)
    return (str(error) if known else f"{type(error).__name__}: {error}").splitlines()
