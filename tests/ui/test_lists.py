"""Lists and the pure pieces under them: cost, cursor, cutting, news."""

from __future__ import annotations

import subprocess
import sys
import threading
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.model import events
from stateroom.presentation.text import cells
from stateroom.ui.commands import COMMANDS, CommandContext, markdown
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.widgets.cells import fit, share
from stateroom.ui.workers.event_queue import EventQueue
from tests.ui.driver import Driver, opened
from tests.ui.fake import INFO, NOW, FakeCockpit, resource


def many(count: int) -> FakeCockpit:
    kinds = ("Lambda::Function", "SQS::Queue", "IAM::Role", "SNS::Topic")
    diffs = [resource("orders", f"Thing{n:06}", kinds[n % 4], " !" if n % 50 == 0 else "  ") for n in range(count)]
    return FakeCockpit(diffs={"orders": diffs, "billing": [], "fulfilment": []})


async def cost_of_painting(screen: Driver) -> float:
    """Seconds to filter, clear and page, the scan of the rows left out."""
    pane = screen.deck.panes.resources
    rows = screen.deck.model.rows("")
    some = rows[::10]
    began = perf_counter()
    for shown in (some, rows, some, rows):
        pane.show(shown)
        pane.action_page(1)
        for y in range(pane.size.height):
            pane.render_line(y)
    return perf_counter() - began


async def test_a_hundred_times_the_rows_cost_about_the_same_to_show() -> None:
    seconds = {}
    for count in (200, 20_000):
        async with opened(many(count)) as screen:
            assert f"Resources all {count}" in screen.text("#resources")
            seconds[count] = min([await cost_of_painting(screen) for _ in range(5)])
    assert seconds[20_000] < 10 * seconds[200]


async def test_the_end_of_a_long_list_is_one_key_away() -> None:
    async with opened(many(5_000)) as screen:
        await screen.press("G")
        assert "Thing004999" in screen.lines("#resources")[-1]
        await screen.press("g")
        assert "Thing000000" in screen.lines("#resources")[1]
        await screen.press("n")
        assert screen.deck.panes.resources.cursor == 50


async def test_the_mouse_moves_the_cursor_and_a_double_click_opens() -> None:
    async with opened() as screen:
        await screen.pilot.click("#resources", offset=(5, 3))
        assert screen.deck.panes.resources.cursor == 2
        await screen.pilot.click("#diff", offset=(5, 2), times=2)
        await screen.settle()
        assert "config" in screen.text("#value")


@given(st.text(), st.integers(min_value=0, max_value=40), st.booleans(), st.booleans())
def test_a_cell_is_exactly_as_wide_as_it_was_asked_to_be(text: str, width: int, right: bool, middle: bool) -> None:
    cut = fit(text, width, right=right, middle=middle)
    assert cells(cut) == width
    assert cut.isprintable()


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60), st.integers(0, 4)), max_size=6))
def test_columns_never_take_more_than_there_is(total: int, wants: list[tuple[int, int, int]]) -> None:
    widths = share(total, *wants)
    assert sum(widths) <= max(total, 0)
    assert all(width >= 0 for width in widths)


def test_the_mailbox_rings_once_for_many_and_loses_none() -> None:
    rings: list[int] = []
    box: EventQueue[int] = EventQueue(lambda: rings.append(1))
    threads = [threading.Thread(target=lambda: [box.put(n) for n in range(500)]) for _ in range(4)]  # type: ignore[func-returns-value]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rings) == 1
    assert len(box.take()) == 2_000
    box.put(1)
    assert len(rings) == 2


def test_the_board_drops_what_an_older_survey_says() -> None:
    board = DeckModel()
    board.open(INFO.services, {})
    old = board.begin(keep_readings=False)
    new = board.begin(keep_readings=False)
    read = events.ServiceSurveyed("orders", (resource("orders", "A", "SQS::Queue"),))
    assert not board.apply(old, read, NOW)
    assert board.rows("orders") == []
    assert board.apply(new, read, NOW)
    assert len(board.rows("orders")) == 1
    board.end(old)
    assert board.surveying


def test_every_command_has_its_own_name_key_and_help() -> None:
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    keys = [key for command in COMMANDS for key in command.key.split(",")]
    assert len(set(keys)) == len(keys)
    assert all(command.help.endswith(".") for command in COMMANDS)
    table = markdown().splitlines()
    assert len(table) == len(COMMANDS) + 2
    assert len({line.count("|") - line.count("\\|") for line in table}) == 1


def test_before_the_project_is_open_nothing_that_writes_is_enabled() -> None:
    writing = [command for command in COMMANDS if command.danger.name != "NONE"]
    assert writing
    assert all(command.disabled(CommandContext()) for command in writing)


@pytest.mark.parametrize("module", ["boto3", "botocore", "yaml", "deepdiff", "keyring", "cryptography"])
def test_the_screen_loads_none_of_the_heavy_libraries(module: str) -> None:
    code = f"import sys, stateroom.ui.app; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
