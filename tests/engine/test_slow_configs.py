"""A config that takes long keeps nothing else waiting: states, other services and the cloud show meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from stateroom.config.compile_options import Watch
from stateroom.config.siblings import OutputValue, symbolic
from stateroom.engine.requests import Request
from stateroom.errors import ConfigError
from stateroom.model.diff import X, Y
from stateroom.model.events import (
    Event,
    ResourcesRead,
    ServiceSurveyed,
    ServiceUnreadable,
    ServiceWorking,
    SurveyFinished,
)
from stateroom.model.plan import Operation
from stateroom.model.resource import Template
from tests.engine.lab import QUEUE, Config, Lab, LabWorkspace


class Slow:
    """Compiling orders takes until it is let, or until nobody waits any more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let = threading.Event()
        self.error: ConfigError | None = None
        quick = LabWorkspace.template

        def template(
            workspace: LabWorkspace,
            service: str,
            watch: Watch | None = None,
            *,
            install: bool = True,
            sources: bool = False,
            output: OutputValue = symbolic,
        ) -> Template:
            if service == "orders" and watch is not None:
                watch.tell("installing requirements.txt")
                while not self.let.wait(0.01) and not watch.cancelled():
                    pass
                if self.error or watch.cancelled():
                    raise self.error or ConfigError("stopped")
            return quick(workspace, service, watch, install=install, sources=sources)

        monkeypatch.setattr(LabWorkspace, "template", template)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    queues = {name: {"Q": (QUEUE, {"QueueName": name})} for name in ("orders", "billing")}
    made = Lab(tmp_path, Config(queues))
    assert made.run().ok
    return made


@pytest.fixture
def slow(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


def seen(lab: Lab, until: threading.Event) -> list[Event]:
    """The events of a survey; what is slow is let when the cloud has been read for both services."""
    events: list[Event] = []
    read: set[str] = set()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, ResourcesRead):
            read.add(event.service)
            if read == {"orders", "billing"}:
                until.set()

    lab.cockpit.survey(emit)
    return events


def test_it_is_announced_and_the_cloud_is_read_before_it_is_there(lab: Lab, slow: Slow) -> None:
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "orders", "DelaySeconds": 9})
    events = seen(lab, slow.let)
    assert ServiceWorking("orders", "installing requirements.txt") in events
    kinds = [(type(event), event.service) for event in events if not isinstance(event, SurveyFinished)]  # type: ignore[union-attr]
    assert kinds.index((ServiceSurveyed, "orders")) < kinds.index((ServiceWorking, "orders"))
    assert kinds[-1] == (ServiceSurveyed, "orders")
    (diff,) = events[-2].diffs  # type: ignore[union-attr]
    assert (diff.x, diff.y) == (X.CHANGED, Y.SAME)
    assert diff.read_at is not None, "what the cloud has answered is not lost"
    assert isinstance(events[-1], SurveyFinished)


def test_one_that_fails_in_the_end_says_so_and_the_state_stays_in_view(lab: Lab, slow: Slow) -> None:
    slow.error = ConfigError("Python requirements cannot be installed")
    events = seen(lab, slow.let)
    assert events[-2] == ServiceUnreadable("orders", ("Python requirements cannot be installed",))


def test_a_survey_that_nobody_wants_any_more_stops_it_and_says_nothing_further(lab: Lab, slow: Slow) -> None:
    events: list[Event] = []
    unwanted = threading.Event()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, ServiceWorking):
            unwanted.set()

    lab.cockpit.survey(emit, cancelled=unwanted.is_set)
    assert isinstance(events[-1], ServiceWorking)


def test_a_plan_says_what_it_waits_for_and_stops_when_nobody_waits(lab: Lab, slow: Slow) -> None:
    events: list[Event] = []
    with pytest.raises(ConfigError, match="stopped"):
        lab.cockpit.plan(Request(Operation.DEPLOY), events.append, lambda: bool(events))
    assert events == [ServiceWorking("orders", "installing requirements.txt")]
