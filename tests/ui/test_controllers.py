"""Parts of the deck without a terminal: events reach handlers, marks keep their order, a reset its course."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, get_args

from stateroom.engine.requests import Control
from stateroom.engine.reset.guided_reset import Found
from stateroom.errors import StateError
from stateroom.ui.deck.dispatch import BATCH_SECONDS, EventDispatcher
from stateroom.ui.deck.selection.marks import Marks
from stateroom.ui.screens.reset.reset_guide import Moment, ResetGuide
from stateroom.ui.workers.engine_events import Answered, EngineEvent, ErrorLines, Opened, Unlocked
from stateroom.ui.workers.event_queue import EventQueue
from stateroom.ui.workers.reset_client import ResetClient
from tests.ui.driver import opened
from tests.ui.fake import INFO
from tests.ui.fake_home import ACCOUNT, FakeHome


class Timers:
    """Timers that go off when a test says so."""

    def __init__(self) -> None:
        self.set: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, delay: float, callback: Callable[[], None]) -> None:
        self.set.append((delay, callback))


def test_events_reach_the_handler_of_their_type_in_order_and_are_drawn_once() -> None:
    timers, handled, drawn = Timers(), list[EngineEvent](), list[int]()
    queue: EventQueue[EngineEvent] = EventQueue(lambda: None)
    dispatcher = EventDispatcher(queue, timers, lambda: drawn.append(len(handled)))
    dispatcher.on(Opened, handled.append)
    dispatcher.on(Unlocked, handled.append)
    sent: list[EngineEvent] = [Opened(INFO), Unlocked("orders"), Opened(INFO)]
    for event in sent:
        queue.put(event)
    dispatcher.ring()
    assert handled == sent
    assert drawn == [3]
    assert not timers.set


def test_events_right_after_a_batch_wait_for_the_next_one() -> None:
    timers, handled = Timers(), list[Unlocked]()
    queue: EventQueue[EngineEvent] = EventQueue(lambda: None)
    dispatcher = EventDispatcher(queue, timers, lambda: None)
    dispatcher.on(Unlocked, handled.append)
    dispatcher.ring()
    queue.put(Unlocked("orders"))
    dispatcher.ring()
    dispatcher.ring()
    assert len(timers.set) == 1
    delay, callback = timers.set[0]
    assert 0 < delay <= BATCH_SECONDS
    assert not dispatcher.idle
    callback()
    assert handled == [Unlocked("orders")]
    assert dispatcher.idle


async def test_every_kind_of_event_has_a_handler() -> None:
    async with opened() as screen:
        assert set(screen.deck.dispatcher._handlers) == set(get_args(EngineEvent))


def test_marking_what_is_marked_takes_the_mark_away() -> None:
    marks = Marks()
    marks.toggle([("orders", "B"), ("orders", "A")])
    marks.toggle([("orders", "A"), ("orders", "C")])
    assert list(marks) == [("orders", "B"), ("orders", "A"), ("orders", "C")]
    marks.toggle([("orders", "B"), ("orders", "C")])
    assert list(marks) == [("orders", "A")]
    marks.keep({("orders", "B")})
    assert not marks
    assert not marks.clear()


Value = TypeVar("Value")


def at_once(
    work: Callable[[], Value], then: Callable[[Value | None, ErrorLines], object], control: Control | None = None
) -> None:
    """A call without a thread."""
    try:
        value = work()
    except StateError as error:
        then(None, error.lines())
    else:
        then(value, ())


class Recorder:
    """A view that remembers what the guide asked it to show."""

    is_attached = True

    def __init__(self) -> None:
        self.summaries: list[str] = []
        self.shown: list[str] = []

    def show_moment(self, summary: str = "") -> None:
        self.summaries += [summary] if summary else []

    def show_found(self, found: Found) -> None:
        self.shown.append("found")

    def show_error(self, error: ErrorLines) -> None:
        self.shown.append(error[0])

    def show_log(self) -> None:
        self.shown.append("log")

    def ask_account(self, account: str, question: ErrorLines) -> None:
        self.shown.append(f"asks for {account}")

    def drop_question(self) -> None:
        self.shown.append("no question")


def guide_of(home: FakeHome) -> tuple[ResetGuide, Recorder]:
    view = Recorder()

    def deliver() -> None:
        for event in queue.take():
            assert isinstance(event, Answered)
            event.deliver()

    queue: EventQueue[EngineEvent] = EventQueue(lambda: deliver())
    return ResetGuide(ResetClient(lambda: home, at_once, queue), view), view


def moment_of(guide: ResetGuide) -> Moment:
    return guide.moment


def test_a_reset_goes_from_the_look_over_the_backup_and_the_question_to_its_end() -> None:
    guide, view = guide_of(FakeHome())
    guide.look()
    assert moment_of(guide) is Moment.READY
    guide.go_on()
    assert moment_of(guide) is Moment.ASKING
    assert view.shown[-1] == f"asks for {ACCOUNT}"
    assert not guide.changed
    guide.agree()
    assert moment_of(guide) is Moment.DONE
    assert guide.changed
    assert any("did sweep" in text for text, _ in guide.log)


def test_a_reset_that_breaks_keeps_its_log_and_can_be_looked_at_again() -> None:
    home = FakeHome()
    guide, _ = guide_of(home)
    guide.look()
    home.stopping.set()
    guide.go_on()
    assert moment_of(guide) is Moment.HALTED
    assert any("was stopped" in text for text, _ in guide.log)
    assert not guide.stop()
    guide.go_on()
    assert moment_of(guide) is Moment.READY


def test_a_home_that_cannot_be_read_shows_why() -> None:
    guide, view = guide_of(FakeHome(look_error=StateError("the home is gone")))
    guide.look()
    assert moment_of(guide) is Moment.REFUSED
    assert view.shown[-1] == "the home is gone"
