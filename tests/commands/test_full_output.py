"""Output that goes to a full disk: told as what it is, and an operation goes on to its end."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Stream
from tests.engine.lab import QUEUE, Lab, one_service

pytestmark = pytest.mark.pure


class Full(Stream):
    """A stream on which `room` more lines can be written."""

    def __init__(self, room: int, code: int = errno.ENOSPC) -> None:
        super().__init__()
        self.room, self.code = room, code

    def write(self, text: str) -> int:
        self.room -= 1
        if self.room < 0:
            raise OSError(self.code, os.strerror(self.code))
        return super().write(text)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, one_service(A=(QUEUE, {"QueueName": "a"}), B=(QUEUE, {"QueueName": "b"})))


def run(lab: Lab, line: Sequence[str], out: Stream, err: Stream) -> int:
    host = ProcessEnvironment(
        out=out, err=err, input=Stream(), environment={"TERM": "dumb"}, open_cockpit=lambda *_: lab.cockpit
    )
    return main(list(line), host)


@pytest.mark.parametrize("line", [("status",), ("status", "--json"), ("diff",), ("versions",)])
def test_an_answer_that_cannot_be_written_is_no_bug(lab: Lab, line: Sequence[str]) -> None:
    err = Stream()
    assert run(lab, line, Full(0), err) == 1
    assert "the output cannot be written\n  No space left on device" in err.getvalue()
    assert "bug" not in err.getvalue()


@pytest.mark.parametrize("room", [0, 1, 3])
@pytest.mark.parametrize("json", [True, False])
def test_a_deploy_whose_output_has_no_room_is_carried_out(lab: Lab, room: int, json: bool) -> None:
    out, err = (Full(room), Stream()) if json else (Stream(), Full(room))
    code = run(lab, ["deploy", "--yes", *(["--json"] if json else [])], out, err)
    if json and room < 1:
        assert not lab.cloud.things, "the plan could not be shown, so nothing was done"
        return
    assert len(lab.cloud.things) == 2
    assert lab.statuses() == {}
    assert code == (1 if json else 0)
    if json:
        assert "went on to its end: 2 done, 0 failed" in err.getvalue()


def test_a_reader_that_goes_away_stops_no_deploy(lab: Lab) -> None:
    assert run(lab, ["deploy", "--yes", "--json"], Full(1, errno.EPIPE), Stream()) == 141
    assert lab.statuses() == {}
