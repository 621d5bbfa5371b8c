"""What the deck shows, and that it stays put under the user while things arrive."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from textual.pilot import Pilot

from stateroom.engine.requests import Cockpit, Emit
from stateroom.errors import ConfigError
from stateroom.model import events
from stateroom.model.diff import Mark, ResourceDiff, X, Y
from stateroom.ui.app import StateroomApp
from stateroom.ui.commands import Pane
from stateroom.ui.options import ScreenOptions
from stateroom.ui.screens.value_screen import value_lines
from tests.ui.driver import Driver, opened
from tests.ui.fake import INFO, LOCK, NOW, READ, FakeCockpit, attribute, resource
from tests.ui.fake_home import FakeHome


async def test_it_shows_services_resources_versions_and_the_three_way_diff() -> None:
    async with opened() as screen:
        assert "shop" in screen.text("#title")
        assert "dev" in screen.text("#title")
        assert screen.lines("#services")[2].split() == ["orders", "~1", "+1", "!3", "^1"]
        assert "~! orders/CreateLambdaFunction" in screen.text("#resources")
        assert "42 deploy" in screen.text("#versions")
        memory = next(line for line in screen.lines("#diff") if "MemorySize" in line)
        assert memory.split()[:6] == ["~", "MemorySize▸256", "128", "128", "deploy", "→"] or "▸256" in memory


async def test_the_odd_one_out_is_marked_on_the_side_that_moved() -> None:
    async with opened(size=(200, 60)) as screen:
        rows = {
            line.split()[1]: line for line in screen.lines("#diff") if line[1:2] in "~!*x" and len(line.split()) > 2
        }
        heading = screen.lines("#diff")[0]
        config, state, cloud = (heading.index(side) for side in ("config", "state", "cloud"))
        assert rows["MemorySize"].index("▸") == config - 1
        assert rows["Timeout"].index("▸") == cloud - 1
        assert rows["Tags.owner"].index("▸") == state - 1
        assert rows["Environment.Variables.QUEUE_URL"].count("▸") == 3


async def test_files_and_state_show_before_the_cloud_has_answered() -> None:
    cockpit = FakeCockpit()
    cockpit.cloud_gate.clear()
    async with opened(cockpit, settle=False) as screen:
        await screen.until(lambda: "OrdersTable" in screen.text("#resources"))
        assert " ? orders/OrdersTable" in screen.text("#resources")
        assert "reading cloud 1/15" in screen.text("#title")
        await screen.press("down", settle=False)
        assert screen.deck.panes.resources.cursor == 1
        cockpit.cloud_gate.set()
        await screen.settle()
        assert "cloud read" in screen.text("#title")
        assert "?" not in screen.text("#resources")


async def test_a_service_that_has_to_wait_says_for_what_until_its_config_is_there() -> None:
    cockpit = FakeCockpit()
    cockpit.before_cloud = lambda _number, emit: emit(events.ServiceWorking("orders", "installing requirements.txt"))
    cockpit.cloud_gate.clear()
    async with opened(cockpit, settle=False) as screen:
        await screen.until(lambda: "working" in screen.text("#services"))
        assert any("orders  installing requirements.txt" in text for text, _ in screen.deck.progress.log)
        cockpit.cloud_gate.set()
        await screen.settle()
        assert "working" not in screen.text("#services")


async def test_only_reading_again_by_key_asks_afresh_for_values_from_far_away() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("ctrl+r")
    assert cockpit.fresh == [False, True]


async def test_the_cursor_stays_on_its_resource_when_others_appear_above_it() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("down", "down", "down", "down")
        before = screen.deck.panes.resources.resource
        assert before is not None
        cockpit.diffs["orders"] = [
            resource("orders", f"New{n}", "SQS::Queue", "+.") for n in range(20)
        ] + cockpit.diffs["orders"]
        await screen.press("ctrl+r")
        after = screen.deck.panes.resources.resource
        assert after is not None
        assert after.logical_id == before.logical_id
        assert before.logical_id in screen.text("#resources")


async def test_readings_of_an_older_survey_are_dropped() -> None:
    cockpit = FakeCockpit()
    late: list[Emit] = []
    cockpit.before_cloud = lambda number, emit: late.append(emit)
    async with opened(cockpit) as screen:
        await screen.press("ctrl+r")
        stale = replace(cockpit.diffs["orders"][1], y=Y.MISSING)
        late[0](events.ResourcesRead("orders", (stale,)))
        await screen.settle()
        assert " x orders/ListLambdaFunction" not in screen.text("#resources")
        late[1](events.ResourcesRead("orders", (stale,)))
        await screen.settle()
        assert " x orders/ListLambdaFunction" in screen.text("#resources")


async def test_last_readings_stay_while_the_cloud_is_read_again() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.cloud_gate.clear()
        await screen.press("ctrl+r", settle=False)
        await screen.until(lambda: cockpit.surveys == 2 and screen.deck.queue.empty)
        assert "~! orders/CreateLambdaFunction" in screen.text("#resources")


async def test_they_stay_even_while_the_config_is_being_compiled_again() -> None:
    cockpit = FakeCockpit()
    seen: list[str] = []

    async with opened(cockpit) as screen:

        def state_alone(number: int, emit: Emit) -> None:
            unknown = tuple(replace(diff, x=X.UNKNOWN, y=Y.UNREAD) for diff in cockpit.diffs["orders"])
            emit(events.ServiceSurveyed("orders", unknown))

        cockpit.before_cloud = state_alone
        cockpit.cloud_gate.clear()
        await screen.press("ctrl+r", settle=False)
        await screen.until(lambda: cockpit.surveys == 2 and screen.deck.queue.empty)
        seen = screen.lines("#resources")
    assert seen[1].startswith(" ~! orders/CreateLambdaFunction")


async def test_a_service_whose_config_is_broken_still_shows_state_against_cloud() -> None:
    cockpit = FakeCockpit()

    def broken(number: int, emit: Emit) -> None:
        emit(events.ServiceUnreadable("orders", ("orders/serverless.yml:7: unknown key", "did you mean events?")))

    cockpit.before_cloud = broken
    async with opened(cockpit) as screen:
        assert "error" in screen.lines("#services")[2]
        assert "orders/OrdersTable" in screen.text("#resources")
        await screen.press("1", "down")
        lines = screen.lines("#resources")
        assert "orders/serverless.yml:7: unknown key" in lines[1]
        assert "CreateLambdaFunction" in lines[3]
        assert "Resources orders 10" in lines[0]


async def test_a_project_that_cannot_be_opened_says_why_and_can_be_tried_again() -> None:
    attempts: list[int] = []

    def factory() -> Cockpit:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConfigError(
                "unknown key 'functionz'", why="it is no key of serverless.yml", todo="did you mean functions?"
            )
        return FakeCockpit()

    async with opened(factory=factory) as screen:
        page = screen.text()
        assert "unknown key 'functionz'" in page
        assert "it is no key of serverless.yml" in page
        assert "did you mean functions?" in page
        await screen.press("r")
        assert "CreateLambdaFunction" in screen.text("#resources")


async def test_leaving_the_problem_page_ends_with_an_error_code() -> None:
    def factory() -> Cockpit:
        raise ConfigError("no serverless.yml here")

    async with opened(factory=factory) as screen:
        await screen.press("q", settle=False)
    assert screen.app.return_value == 1


async def test_an_unexpected_error_shows_its_type_and_place_but_never_its_text() -> None:
    def factory() -> Cockpit:
        raise ValueError("s3cr3t")

    async with opened(factory=factory) as screen:
        assert "ValueError at test_deck.py" in screen.text()
        assert "s3cr3t" not in screen.text()
        await screen.press("q", settle=False)


async def test_one_unreadable_service_leaves_the_others_usable() -> None:
    cockpit = FakeCockpit(unreadable={"billing": ("billing/serverless.yml:3: bad", "why it is", "do that")})
    async with opened(cockpit) as screen:
        assert screen.lines("#services")[3].split() == ["billing", "error"]
        assert "OrdersTable" in screen.text("#resources")
        await screen.press("1", "down", "down")
        assert [line.strip() for line in screen.lines("#resources")[1:]] == [
            "billing/serverless.yml:3: bad",
            "why it is",
            "do that",
        ]


async def test_without_a_network_rows_say_why_and_keys_still_work() -> None:
    def unread(diff: ResourceDiff) -> ResourceDiff:
        error = "could not read AWS::SQS::Queue orders-dev: cannot reach sqs.eu-west-1.amazonaws.com"
        return replace(diff, y=Y.UNREAD, read_at=None, error=error)

    cockpit = FakeCockpit()
    cockpit.diffs = {name: [unread(diff) for diff in diffs] for name, diffs in cockpit.diffs.items()}
    async with opened(cockpit) as screen:
        assert " ? orders/OrdersTable" in screen.text("#resources")
        assert "cannot reach sqs" in screen.text("#resources")
        assert "cannot reach sqs" in " ".join(screen.text("#diff").split())
        assert "cloud not read" in screen.text("#title")
        await screen.press("down")
        assert screen.deck.panes.resources.cursor == 2  # below the reason, which is said once for all


async def test_a_survey_that_breaks_off_is_told_and_not_for_ever_reading() -> None:
    cockpit = FakeCockpit(survey_error=ConfigError("variables go in circles", todo="break the circle"))
    async with opened(cockpit) as screen:
        assert any("variables go in circles" in toast for toast in screen.toasts)
        assert "reading cloud" not in screen.text("#title")


async def test_names_that_look_like_markup_are_shown_as_they_are() -> None:
    hostile = "[/x][bold]$v[/]"
    cockpit = FakeCockpit(info_=replace(INFO, project=hostile, warnings=(f"warning {hostile}",)))
    cockpit.diffs["orders"].insert(0, resource("orders", hostile, "SQS::Queue", "~ "))
    cockpit.plan_error = ConfigError(f"cannot plan {hostile}")
    async with opened(cockpit) as screen:
        assert hostile in screen.text("#title")
        assert hostile in screen.text("#resources")
        assert hostile in screen.text("#diff")
        await screen.press("x")
        assert f"Remove orders/{hostile}" in screen.text()
        assert f"cannot plan {hostile}" in screen.text()


async def test_control_characters_in_names_never_reach_the_terminal() -> None:
    cockpit = FakeCockpit()
    cockpit.diffs["orders"].insert(0, resource("orders", "evil\x1b[2Jname\n\u202e", "SQS::Queue"))
    async with opened(cockpit) as screen:
        assert "\x1b" not in screen.text()
        assert "\u202e" not in screen.text()
        assert "evil\\x1b[2Jname" in screen.text("#resources")


async def test_secrets_are_masked_until_asked_for_and_masked_again() -> None:
    async with opened() as screen:
        assert "s3cr3t" not in screen.text()
        await screen.press("4", "v")
        await screen.press("enter")  # the focus is on No
        assert "s3cr3t" not in screen.text()
        await screen.press("v", "y")
        assert "s3cr3t-new" in screen.text("#diff")
        await screen.press("v")
        assert "s3cr3t" not in screen.text()


async def test_folded_differences_unfold() -> None:
    async with opened() as screen:
        assert "TracingConfig" not in screen.text("#diff")
        assert "9 in step" in screen.text("#diff")
        await screen.press("4", "e")
        assert "TracingConfig.Mode" in screen.text("#diff")
        assert "AWS::Lambda::Function" in screen.text("#diff")


async def test_the_first_resource_that_differs_is_shown_first_unless_the_user_has_moved() -> None:
    def in_step_first() -> FakeCockpit:
        cockpit = FakeCockpit()
        cockpit.diffs["orders"][:0] = [resource("orders", f"Calm{n}", "SQS::Queue") for n in range(3)]
        return cockpit

    async with opened(in_step_first()) as screen:
        assert screen.deck.panes.resources.resource is not None
        assert screen.deck.panes.resources.resource.logical_id == "CreateLambdaFunction"
    cockpit = in_step_first()
    cockpit.cloud_gate.clear()
    async with opened(cockpit, settle=False) as screen:
        await screen.until(lambda: "OrdersTable" in screen.text("#resources"))
        await screen.press("down", settle=False)
        cockpit.cloud_gate.set()
        await screen.settle()
        assert screen.deck.panes.resources.cursor == 1


async def test_the_diff_leaves_the_lists_the_lines_that_it_does_not_need() -> None:
    async with opened() as screen:
        assert screen.deck.panes.diff.size.height < 12
        assert screen.deck.panes.resources.size.height > 25
        before = screen.deck.panes.diff.size.height
        await screen.press("down", "down")
        assert screen.deck.panes.diff.size.height == before


async def test_long_text_in_a_dialog_scrolls_and_says_how_much_more_there_is() -> None:
    async with opened(size=(80, 24)) as screen:
        await screen.press("question_mark")
        assert "Make them agree" in screen.text()
        assert "more ↓" in screen.text()
        await screen.press("pagedown")
        assert "Make them agree" not in screen.text()
        await screen.press("end")
        assert "the service's state is locked" in screen.text()
        assert "more ↓" not in screen.text()


async def test_n_goes_from_difference_to_difference() -> None:
    async with opened() as screen:
        await screen.press("n")
        assert screen.deck.panes.resources.resource is not None
        assert screen.deck.panes.resources.resource.logical_id == "IamRoleLambdaExecution"
        await screen.press("N", "4", "n")
        assert screen.deck.panes.diff.attribute is not None
        assert screen.deck.panes.diff.attribute.name == "Timeout"


async def test_enter_goes_deeper_and_escape_comes_back() -> None:
    async with opened() as screen:
        await screen.press("1", "enter")
        assert screen.pane == Pane.RESOURCES.value
        await screen.press("enter")
        assert screen.pane == Pane.DIFF.value
        await screen.press("down", "down", "enter")
        assert "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dev-by-hand" in screen.text()
        await screen.press("escape", "escape")
        assert screen.pane == Pane.RESOURCES.value
        await screen.press("escape")
        assert screen.pane == Pane.SERVICES.value


async def test_a_long_policy_is_shown_as_structure_with_its_different_lines_marked() -> None:
    async with opened() as screen:
        await screen.press("n", "4", "enter")
        marked = [line for line in screen.lines("#value") if "▸" in line and '"Action"' in line]
        assert [line.split()[-2:] for line in marked] == [
            ['"Action":', '"sqs:SendMessage",'],
            ['"Action":', '"sqs:*",'],
        ]
        assert "config = state" in screen.text("#value")


def test_in_a_long_value_what_is_the_same_everywhere_is_folded() -> None:
    numbers = [{"n": number} for number in range(60)]
    changed = [*numbers[:30], {"n": 999}, *numbers[31:]]
    diff = attribute("Rules", Mark.DRIFT, numbers, numbers, changed)
    lines = ["".join(cell.text for cell in line) for line in value_lines(diff, (numbers, numbers, changed), 80)]
    assert len(lines) < 40
    assert sum("lines that are the same" in line for line in lines) == 4
    assert any(line.startswith(" ▸") and "999" in line for line in lines)
    assert len(list(value_lines(diff, (numbers, numbers, changed), 80, whole=True))) > 300


async def test_versions_mark_the_current_and_the_interrupted_one() -> None:
    async with opened() as screen:
        lines = screen.lines("#versions")
        assert lines[1].startswith("● 42")
        assert "interrupted" in lines[3]
        assert "1 failed" in lines[4]


async def test_a_locked_service_is_marked_and_unlocked_only_when_agreed() -> None:
    cockpit = FakeCockpit(locks={"orders": LOCK})
    async with opened(cockpit) as screen:
        assert screen.lines("#services")[2].startswith("Lorders")
        await screen.press("1", "down", "u")
        assert "ben@ci-7" in screen.text()
        await screen.press("enter")
        assert cockpit.locks
        await screen.press("u", "y")
        assert not cockpit.locks
        assert not screen.lines("#services")[2].startswith("L")


async def test_copies_hold_the_differences_and_no_secrets() -> None:
    async with opened() as screen:
        await screen.press("v", "y", "y")
        copied = screen.app.clipboard
        assert "orders/CreateLambdaFunction" in copied
        assert "> cloud   20" in copied
        assert "s3cr3t" not in copied


async def test_what_cannot_be_copied_can_be_written(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    async with opened() as screen:
        await screen.press("Y")
        assert any("written to" in toast for toast in screen.toasts)
    assert "MemorySize" in Path("stateroom-CreateLambdaFunction.txt").read_text()


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (64, 20), (80, 24), (200, 60)])
async def test_it_draws_at_any_size_and_after_a_resize(size: tuple[int, int]) -> None:
    async with opened(size=size) as screen:
        for keys in (("4", "n", "enter", "escape"), ("d", "escape"), ("question_mark", "escape"), ("l", "5")):
            await screen.press(*keys)
        await screen.pilot.resize_terminal(100, 30)
        await screen.settle()
        assert "CreateLambdaFunction" in screen.text("#resources")


async def test_a_narrow_terminal_stacks_the_values_under_the_attribute() -> None:
    async with opened(size=(64, 24)) as screen:
        lines = screen.lines("#diff")
        start = next(index for index, line in enumerate(lines) if "MemorySize" in line)
        assert [line.split() for line in lines[start + 1 : start + 4]] == [
            ["config", "▸256"],
            ["state", "128"],
            ["cloud", "128"],
        ]
        await screen.press("4", "down")
        assert screen.deck.panes.diff.attribute is not None
        assert screen.deck.panes.diff.attribute.name == "Timeout"


async def test_ascii_mode_draws_nothing_but_ascii() -> None:
    async with opened(ascii=True, size=(80, 24), home=FakeHome) as screen:
        for keys in (
            *((), ("space",), ("d",), ("escape", "question_mark"), ("escape", "4", "enter"), ("escape", "l")),
            *(("escape", "ctrl+p"), ("escape", "T"), ("escape", "1", "x", "d"), ("escape", "S"), ("R",)),
        ):
            await screen.press(*keys)
            assert screen.text().isascii(), [line for line in screen.text().splitlines() if not line.isascii()]


async def test_no_color_draws_greys_and_reverses_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as screen:
        strip = screen.deck.panes.resources.render_line(1)
        assert all(segment.style and segment.style.reverse for segment in strip)
        assert "~!" in strip.text


@pytest.mark.parametrize("theme", ["dark", "light", "nord", "ansi-dark", "ansi-light"])
async def test_every_theme_can_draw_it(theme: str) -> None:
    async with opened(theme=theme) as screen:
        await screen.press("d", "escape")
        assert "CreateLambdaFunction" in screen.text("#resources")


async def test_an_unknown_status_letter_is_never_taken_for_equal() -> None:
    cockpit = FakeCockpit(info_=replace(INFO, services=("orders",)))
    cockpit.diffs = {"orders": [replace(resource("orders", "A", "SQS::Queue"), x=X.UNKNOWN, read_at=READ)]}
    async with opened(cockpit) as screen:
        assert "?" in screen.lines("#services")[1]
        await screen.press("slash", "question_mark", "enter")
        assert "Resources 1 of 1" in screen.text("#resources")


def test_a_crash_of_the_screen_itself_prints_no_variables(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken(StateroomApp):
        def on_mount(self) -> None:
            password = "s3cr3t"
            raise ValueError(f"{password} was wrong")

    app = Broken(FakeCockpit)
    app.run(headless=True)
    printed = "".join(capfd.readouterr())
    assert app.return_code == 1
    assert "stateroom has a bug: ValueError at test_deck.py" in printed
    assert "s3cr3t" not in printed


def test_a_ruined_survey_does_not_keep_the_program_from_ending() -> None:
    cockpit = FakeCockpit()
    cockpit.cloud_gate.clear()  # a network that never answers

    async def leave_soon(pilot: Pilot[object]) -> None:
        pilot.app.exit()

    began = perf_counter()
    StateroomApp(lambda: cockpit).run(headless=True, auto_pilot=leave_soon)
    assert perf_counter() - began < 5
    cockpit.cloud_gate.set()


class TypedAhead(StateroomApp):
    """A screen on which keys have been typed before it could take them."""

    def on_ready(self) -> None:
        for key in ("1", "down"):
            self.simulate_key(key)
        self.call_later(super().on_ready)


async def test_keys_that_were_typed_before_the_deck_was_there_are_not_lost() -> None:
    app = TypedAhead(FakeCockpit, ScreenOptions(), clock=lambda: NOW)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Driver(app, pilot)
        await screen.until(lambda: app.deck is not None and app.screen is app.deck)
        await screen.settle()
        assert screen.deck.panes.focused is Pane.SERVICES


@pytest.mark.parametrize("services", [("orders",), ("orders", "billing")])
@pytest.mark.parametrize(("key", "opens_on"), [("", "Queue"), ("2", "Queue"), ("down", "Topic")])
async def test_the_cursor_opens_on_a_difference_wherever_rows_that_came_later_have_taken_it(
    services: tuple[str, ...], key: str, opens_on: str
) -> None:
    """The state's rows come first, and the config sorts them anew: only somebody who moved it keeps the cursor."""
    drifted = resource("orders", "Queue", "SQS::Queue", " !", attribute("Size", Mark.DRIFT, 1, 1, 2))
    topic = resource("orders", "Topic", "SNS::Topic")
    cockpit = FakeCockpit(replace(INFO, services=services), {"orders": [topic, drifted]})
    sorted_anew = threading.Event()

    def sort_anew(_number: int, emit: Emit) -> None:
        sorted_anew.wait(10)
        unread = (replace(drifted, y=Y.UNREAD, attributes=()), replace(topic, y=Y.UNREAD))
        emit(events.ServiceSurveyed("orders", unread))

    cockpit.before_cloud = sort_anew
    async with opened(cockpit, settle=False) as screen:
        await screen.until(lambda: "Topic" in screen.text("#resources"))
        if key:
            await screen.press(key, settle=False)
            await screen.press("up", settle=False) if key == "down" else None
        sorted_anew.set()
        await screen.settle()
        found = screen.deck.panes.resources.resource
        assert found is not None
        assert found.logical_id == opens_on
