"""How the story is told: a line a chapter, and it stops where it goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.demo import chapters, drift
from stateroom.demo.operate import Operator, WrongError
from stateroom.demo.sandbox import Sandbox, sandbox
from stateroom.demo.shop import Shop, until
from stateroom.demo.story import Chapter, StoryStage, tell_story
from stateroom.engine.requests import OperatingCockpit
from stateroom.errors import CloudError


def _no_cockpit() -> OperatingCockpit:
    raise AssertionError("the story's own tests need no engine")


@pytest.fixture
def stage(tmp_path: Path) -> StoryStage:
    return StoryStage(Shop(Sandbox(tmp_path, "http://127.0.0.1:9", {})), Operator(_no_cockpit))


def _wrong(_stage: StoryStage) -> str:
    raise WrongError("the timeout is 10, not 20")


def _refused(_stage: StoryStage) -> str:
    raise CloudError("the queue cannot be read", why="AccessDenied", todo="ask for sqs:GetQueueAttributes")


def _broken(_stage: StoryStage) -> str:
    raise KeyError("QueueUrl")


def test_each_chapter_that_came_out_right_is_a_ticked_line(stage: StoryStage) -> None:
    lines: list[str] = []
    told = tell_story((Chapter("one", lambda _: "seen"), Chapter("two", lambda _: "")), stage, lines.append)
    assert told
    assert [line.split()[:2] for line in lines[:2]] == [["✓", "one"], ["✓", "two"]]
    assert lines[0].endswith(" s  seen")
    assert lines[2].startswith("All 2 chapters came out right in ")


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (_wrong, ["    the timeout is 10, not 20"]),
        (_refused, ["    the queue cannot be read", "    AccessDenied", "    ask for sqs:GetQueueAttributes"]),
        (_broken, ["    KeyError: 'QueueUrl'"]),
    ],
)
def test_a_chapter_that_went_wrong_ends_the_story_with_its_reason(
    stage: StoryStage, play: object, reason: list[str]
) -> None:
    lines: list[str] = []
    later: list[str] = []

    def never(_stage: StoryStage) -> str:
        later.append("played")
        return ""

    assert callable(play)
    assert not tell_story((Chapter("bad", play), Chapter("later", never)), stage, lines.append)
    assert lines[0].startswith("✗ bad")
    assert lines[1:-1] == reason
    assert lines[-1] == "1 of 2 chapters were not told"
    assert not later


def test_every_edit_of_the_story_finds_its_one_place_in_the_sample() -> None:
    """The sample and the story that edits it must not drift apart."""
    with sandbox("http://127.0.0.1:9") as place:
        shop = Shop(place)
        stage = StoryStage(shop, Operator(_no_cockpit))
        chapters._set_timeout(stage, None, 30)
        chapters._set_timeout(stage, 30, 60)
        for edit in (drift._pending_edit, drift._new_resource):
            edit(shop)
        with pytest.raises(ValueError, match="0 places"):
            drift._pending_edit(shop)


def test_looking_again_ends_at_its_deadline() -> None:
    moments = iter(range(10))
    naps: list[float] = []
    assert until(lambda: False, seconds=3, clock=lambda: float(next(moments)), sleep=naps.append) is False
    assert len(naps) == 2
