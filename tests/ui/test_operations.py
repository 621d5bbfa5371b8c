"""What keys set off: requests with the right targets, plans that are read first, and runs that can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from stateroom.engine.requests import Emit, Outcome, Request
from stateroom.errors import LockedError, PlanError, UsageError
from stateroom.model.diff import ALL_UNDECLARED, AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.events import ServiceWorking
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.plan import Action, BootstrapPart, DeferredService, Operation, Plan, ServicePlan, Step
from stateroom.model.values import ABSENT
from stateroom.ui.app import StateroomApp
from stateroom.ui.options import ScreenOptions
from stateroom.ui.screens.plan_lines import PlanLines
from tests.ui.driver import opened
from tests.ui.fake import INFO, MIXED_STEPS, NOW, FakeCockpit, step

CREATE = "orders/CreateLambdaFunction"
ON_BOTH_STAGES = (
    step("orders", "InboxQueue", "SQS::Queue", Action.CREATE),
    step("billing", "ReceiptsTopic", "SNS::Topic", Action.CREATE),
)


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        (("d",), Request(Operation.DEPLOY)),
        (("1", "down", "d"), Request(Operation.DEPLOY, services=("orders",))),
        (("1", "down", "2", "r"), Request(Operation.REFRESH, services=("orders",))),
        (("h",), Request(Operation.HEAL, services=("orders",), targets=(CREATE,))),
        (("1", "h"), Request(Operation.HEAL)),
        (("space", "space", "d"), Request(Operation.DEPLOY, ("orders",), (CREATE, "orders/ListLambdaFunction"))),
        (("4", "down", "a"), Request(Operation.ACCEPT, ("orders",), (CREATE,), (("Timeout",),))),
        (("4", "down", "A"), Request(Operation.ACCEPT, ("orders",), (CREATE,))),
        (("x",), Request(Operation.REMOVE, ("orders",), (CREATE,))),
        (("1", "down", "x"), Request(Operation.REMOVE, ("orders",))),
        (("3", "down", "b"), Request(Operation.ROLLBACK, ("orders",), version=41)),
        (("3", "down", "B"), Request(Operation.ROLLBACK, ("orders",), version=41, state_only=True)),
    ],
)
async def test_a_key_asks_for_what_the_cursor_and_the_marks_say(keys: tuple[str, ...], request_: Request) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press(*keys)
        assert cockpit.requests == [request_]
        assert cockpit.executed == []


async def test_all_that_a_filter_shows_can_be_marked_as_targets() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("slash")
        await screen.type("!")
        await screen.press("enter", "ctrl+a", "escape")  # the marks outlive the filter
        await screen.press("h")
        assert cockpit.requests[0].targets == (CREATE, "orders/IamRoleLambdaExecution")


async def test_enter_on_a_plan_means_no() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("d")
        assert ["MemorySize", "128", "?", "▸256"] in [line.split() for line in screen.lines("#steps")]
        assert "1 to create, 1 to update" in screen.text().lower()
        await screen.press("enter")
        assert cockpit.executed == []
        assert "cloud now" not in screen.text()


@pytest.mark.parametrize("keys", [("y",), ("right", "enter"), ("tab", "enter")])
async def test_agreeing_runs_the_plan_and_reads_everything_again(keys: tuple[str, ...]) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("space", "d", *keys)
        assert [plan.operation for plan in cockpit.executed] == [Operation.DEPLOY]
        assert cockpit.surveys == 2
        log = screen.text("#activity")
        assert "2/2" in log
        assert "updated   orders/CreateLambdaFunction" in log
        assert "finished  deploy: 2 done" in log
        assert any("deploy done, 2 steps" in toast for toast in screen.toasts)
        assert "marked" not in screen.text("#resources")


@pytest.mark.parametrize(
    ("errors", "said"), [(1, "deploy is not complete"), (2, "deploy failed in part")], ids=["left alone", "failed"]
)
async def test_what_was_only_left_alone_is_not_said_to_have_failed(
    monkeypatch: pytest.MonkeyPatch, errors: int, said: str
) -> None:
    outcome = Outcome(done=1, skipped=1, held=1, errors=(("orders/P", ("P was left alone",)),) * errors)
    monkeypatch.setattr(FakeCockpit, "execute", lambda *_, **__: outcome)
    async with opened(FakeCockpit()) as screen:
        await screen.press("d", "y")
        assert any(said in toast for toast in screen.toasts), screen.toasts


async def test_what_destroys_needs_the_stages_name_typed() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("x")
        assert "Type the stage's name, dev" in screen.text()
        await screen.type("y")
        await screen.press("enter")
        assert "That is not the stage's name" in screen.text()
        assert cockpit.executed == []
        await screen.press("backspace")
        await screen.type("dev")
        await screen.press("enter")
        assert [plan.operation for plan in cockpit.executed] == [Operation.REMOVE]


async def test_a_deploy_that_replaces_something_is_asked_like_a_removal() -> None:
    cockpit = FakeCockpit(steps={Operation.DEPLOY: MIXED_STEPS})
    async with opened(cockpit) as screen:
        await screen.press("d")
        steps = [line.split()[1] for line in screen.lines("#steps") if line[:1] in "-±~+"]
        assert steps == ["delete", "replace", "update", "create"]
        assert "forces replacement" in screen.text("#steps")
        await screen.press("enter", "escape")
        assert cockpit.executed == []


async def test_what_is_known_after_a_deploy_is_planned_and_asked_for_when_that_is_done() -> None:
    cockpit = FakeCockpit(deferred=[(DeferredService("billing", ("orders",), "it needs url of orders"),), ()])
    async with opened(cockpit) as screen:
        await screen.press("d")
        assert "billing: known after orders  (it needs url of orders)" in screen.text("#steps")
        await screen.press("y")
        assert [request.services for request in cockpit.requests] == [(), ("billing",)]
        assert len(cockpit.executed) == 1
        await screen.press("y")
        assert len(cockpit.executed) == 2
        assert len(cockpit.requests) == 2


async def test_an_empty_plan_says_why_and_what_to_try() -> None:
    async with opened(FakeCockpit(steps={})) as screen:
        await screen.press("d")
        assert "Nothing to do: config and state agree" in screen.text("#steps")
        assert "3 drifted in the cloud" in screen.text("#steps")
        await screen.press("y")
        assert "Nothing to do" in screen.text()
        await screen.press("enter")
        assert "Nothing to do" not in screen.text()


async def test_a_plan_that_cannot_be_made_says_why() -> None:
    async with opened(FakeCockpit(plan_error=PlanError("no such target", why="typo", todo="look"))) as screen:
        await screen.press("d")
        assert [line.strip() for line in screen.lines("#steps")] == ["no such target", "typo", "look"]
        await screen.press("y", "enter")
        assert "no such target" not in screen.text()


async def test_a_slow_plan_can_be_cancelled_and_its_answer_is_dropped() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.plan_gate.clear()
        await screen.press("d", settle=False)
        await screen.until(lambda: "planning" in screen.text())
        await screen.press("y", settle=False)
        await screen.press("escape", settle=False)
        cockpit.plan_gate.set()
        await screen.settle()
        assert cockpit.executed == []
        assert "MemorySize: 128" not in screen.text()


@pytest.mark.parametrize("read_only_from", ["option", "engine"])
async def test_read_only_shows_every_plan_and_runs_none(read_only_from: str) -> None:
    """Looking is what read-only is for (case `screen-read-only-heal`)."""
    every: dict[Operation, tuple[Step, ...]] = dict.fromkeys(Operation, MIXED_STEPS)
    cockpit = FakeCockpit(info_=replace(INFO, read_only=read_only_from == "engine"), steps=every)
    async with opened(cockpit, read_only=read_only_from == "option") as screen:
        assert "read-only" in screen.text("#title")
        for number, key in enumerate(("d", "r", "h", "a", "x"), 1):
            await screen.press(key)
            assert len(cockpit.requests) == number
            assert "MemorySize" in screen.text("#steps")
            assert "stateroom runs read-only" in screen.text("#notice")
            await screen.press("y", "enter")
            assert cockpit.executed == []
        for key in ("u", "R"):
            await screen.press(key)
            assert sum("read-only" in toast for toast in screen.toasts) == 1
            screen.app.clear_notifications()


def two_stages() -> FakeCockpit:
    """Orders on prod, which is protected, the others on dev."""
    stages = {"orders": "prod", "billing": "dev", "fulfilment": "dev"}
    return FakeCockpit(info_=replace(INFO, stage="prod, dev", stages=stages, protected=frozenset({"prod"})))


async def test_stages_that_differ_are_in_the_title_and_beside_their_services() -> None:
    async with opened(two_stages()) as screen:
        assert "prod, dev" in screen.text("#title")
        assert [line.split()[:2] for line in screen.lines("#services")[2:]] == [
            ["orders", "prod"],
            ["billing", "dev"],
            ["fulfilment", "dev"],
        ]
    async with opened() as screen:
        assert "dev" not in screen.text("#services")


async def test_many_stages_are_counted_in_the_title() -> None:
    names = ("orders", "billing", "fulfilment", "search")
    stages = {name: f"of-{name}" for name in names}
    info = replace(INFO, stage=", ".join(stages.values()), stages=stages, services=names)
    async with opened(FakeCockpit(info_=info)) as screen:
        assert "4 stages" in screen.text("#title")
        assert "of-search" in screen.text("#services")


async def test_only_the_services_on_a_protected_stage_are_kept_from_removal() -> None:
    cockpit = two_stages()
    async with opened(cockpit) as screen:
        await screen.press("1", "x")  # all services
        await screen.press("down", "x")  # orders
        assert cockpit.requests == []
        assert any("stage prod is protected" in toast for toast in screen.toasts)
        await screen.press("down", "x")
        assert cockpit.requests == [Request(Operation.REMOVE, ("billing",))]
        assert "Remove billing · dev" in screen.text()


async def test_a_plan_for_several_stages_needs_all_of_their_names() -> None:
    cockpit = replace(two_stages(), steps={Operation.DEPLOY: ON_BOTH_STAGES})
    async with opened(cockpit) as screen:
        await screen.press("d")
        assert "Deploy all services · prod, dev" in screen.text()
        assert "Stage prod is protected. Type the stages' names, prod, dev" in " ".join(screen.text().split())
        await screen.type("prod")
        await screen.press("enter")
        assert cockpit.executed == []
        assert "That is not the stages' names: prod, dev" in screen.text()
        await screen.press("space")
        await screen.type("dev")
        await screen.press("enter")
        assert [plan.stages for plan in cockpit.executed] == [("prod", "dev")]


async def test_a_protected_stage_is_not_removed_and_its_deploy_needs_the_name() -> None:
    cockpit = FakeCockpit(info_=replace(INFO, stage="prod", protected=frozenset({"prod"})))
    async with opened(cockpit) as screen:
        await screen.press("x")
        assert cockpit.requests == []
        assert any("stage prod is protected" in toast for toast in screen.toasts)
        await screen.press("d", "y", "enter")
        assert cockpit.executed == []
        await screen.press("backspace")
        await screen.type("prod")
        await screen.press("enter")
        assert len(cockpit.executed) == 1


async def test_keys_that_do_not_fit_here_say_why() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("down", "h")
        assert any("ListLambdaFunction has not drifted" in toast for toast in screen.toasts)
        await screen.press("b")
        assert any("choose a version" in toast for toast in screen.toasts)
        await screen.press("3", "b")
        assert any("version 42 is the current one" in toast for toast in screen.toasts)
        assert cockpit.requests == []


async def test_undeclared_changes_are_healed_and_accepted_where_the_cursor_is() -> None:
    """On the resource all of them, as it has no other difference; in the diff the one under the cursor."""
    path = ("Policy", "everybody")
    item = AttributeDiff(path, Mark.UNDECLARED, ABSENT, ABSENT, "*", managed=False, danger="anyone may call it")
    diff = ResourceDiff("orders", "Open", "AWS::Lambda::Function", X.SAME, Y.SAME, (item,), same=4, read_at=NOW)
    cockpit = FakeCockpit(diffs={"orders": [diff]})
    async with opened(cockpit) as screen:
        assert any("anyone may call it" in line for line in screen.lines("#diff"))
        await screen.press("h")
        assert cockpit.requests[-1] == Request(Operation.HEAL, ("orders",), ("orders/Open",), (ALL_UNDECLARED,))
        await screen.press("escape", "4", "a")
        assert cockpit.requests[-1] == Request(Operation.ACCEPT, ("orders",), ("orders/Open",), (path,))


async def test_while_an_operation_runs_no_other_can_be_started() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.step_gate.clear()
        await screen.press("d", "y", settle=False)
        await screen.until(lambda: "waiting for it to become active" in screen.text("#activity"))
        await screen.press("r", settle=False)
        assert any("deploy is running" in toast for toast in screen.toasts)
        await screen.press("down", "slash", "f", "escape", settle=False)  # looking around goes on
        assert not cockpit.controls[0].stopping
        assert len(cockpit.requests) == 1


@pytest.mark.parametrize("key", ["ctrl+c", "escape"])
async def test_once_stops_nicely_and_twice_at_once(key: str) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.step_gate.clear()
        await screen.press("d", settle=False)
        await screen.until(lambda: "1 to create" in screen.text().lower())
        await screen.press("y", settle=False)
        await screen.until(lambda: bool(cockpit.controls))
        await screen.press(key, settle=False)
        assert cockpit.controls[0].stopping
        assert not cockpit.controls[0].aborting
        assert "stopping" in screen.text("#activity")
        await screen.press(key, settle=False)
        assert cockpit.controls[0].aborting
        await screen.settle()
        assert "1 skipped" in screen.text("#activity")
        assert any("deploy stopped" in toast for toast in screen.toasts)


async def test_failed_steps_stay_in_the_log_with_their_reasons() -> None:
    cockpit = FakeCockpit(failing=frozenset({"CreateLambdaFunction"}))
    async with opened(cockpit) as screen:
        await screen.press("d", "y")
        log = screen.text("#activity")
        assert "could not update: CreateLambdaFunction was refused [AccessDenied]" in " ".join(log.split())
        assert "ask for the right" in log
        assert "1 failed" in log
        await screen.press("l")
        assert not screen.deck.panes.activity.display
        await screen.press("l")
        assert "ask for the right" in screen.text("#activity")


async def test_an_operation_that_is_refused_says_who_holds_the_lock() -> None:
    cockpit = FakeCockpit(execute_error=LockedError("orders is locked", why="ben@ci-7 deploys", todo="wait or unlock"))
    async with opened(cockpit) as screen:
        await screen.press("d", "y")
        assert any("ben@ci-7 deploys" in toast for toast in screen.toasts)
        assert "wait or unlock" in screen.text("#activity")
        await screen.press("d")
        assert len(cockpit.requests) == 2


async def test_quitting_while_something_runs_asks_stops_and_waits() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.step_gate.clear()
        await screen.press("d", settle=False)
        await screen.until(lambda: "1 to create" in screen.text().lower())
        await screen.press("y", settle=False)
        await screen.until(lambda: bool(cockpit.controls))
        await screen.press("q", "enter", settle=False)
        assert not cockpit.controls[0].stopping
        await screen.press("q", "y", settle=False)
        assert cockpit.controls[0].stopping
        assert screen.app.return_value is None
        cockpit.step_gate.set()
        await screen.until(lambda: screen.app.return_value == 0)
    assert not screen.deck.engine.busy


async def test_closing_stops_what_still_runs_and_waits_for_it() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        cockpit.step_gate.clear()
        await screen.press("d", settle=False)
        await screen.until(lambda: "1 to create" in screen.text().lower())
        await screen.press("y", settle=False)
        await screen.until(lambda: bool(cockpit.controls))
        screen.deck.engine.close()
        assert cockpit.controls[0].aborting
        assert not screen.deck.engine.busy


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_quitting_when_nothing_runs_needs_no_question(key: str) -> None:
    async with opened() as screen:
        await screen.press(key, settle=False)
    assert screen.app.return_value == 0


async def test_keys_can_be_remapped_by_the_commands_name() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit, keymap={"deploy": "f5"}) as screen:
        await screen.press("d")
        assert cockpit.requests == []
        assert "f5 deploy" in screen.text("#keys")
        await screen.press("f5")
        assert len(cockpit.requests) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ScreenOptions(keymap={"explode": "e"}), "no command 'explode'"),
        (ScreenOptions(keymap={"deploy": "r"}), "both deploy and refresh"),
        (ScreenOptions(theme="mauve"), "no theme 'mauve'"),
    ],
)
def test_options_that_make_no_sense_are_refused_with_a_reason(options: ScreenOptions, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        StateroomApp(FakeCockpit, options)


async def test_the_palette_runs_commands_from_the_same_list() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("ctrl+p")
        await screen.type("deploy")
        await screen.until(lambda: "deploy  (d)" in screen.text())
        await screen.press("enter")
        await screen.until(lambda: bool(cockpit.requests))
        assert cockpit.requests[0].operation is Operation.DEPLOY


async def test_help_lists_every_command_and_why_it_is_disabled() -> None:
    async with opened(size=(120, 120)) as screen:
        await screen.press("question_mark")
        text = screen.text("#help")
        assert "Not now: choose a version in the Versions" in text
        assert "gone from config" in text
        await screen.press("question_mark")
        assert "Not now" not in screen.text()


async def test_a_click_on_the_footer_runs_the_command() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.pilot.click("#keys", offset=(len(" all services:") + 3, 0))
        await screen.settle()
        assert cockpit.requests[0].operation is Operation.DEPLOY


async def test_a_plan_that_has_to_wait_says_for_what_and_is_stopped_when_it_is_dropped() -> None:
    cockpit = FakeCockpit()
    stopped = threading.Event()

    def wait(emit: Emit, cancelled: Callable[[], bool]) -> None:
        emit(ServiceWorking("orders", "installing requirements.txt"))
        while not cancelled():
            threading.Event().wait(0.01)
        stopped.set()

    cockpit.before_plan = wait
    async with opened(cockpit) as screen:
        await screen.press("d", settle=False)
        await screen.until(lambda: "orders: installing requirements.txt…" in screen.text("#summary"))
        await screen.press("escape", settle=False)
        await screen.settle()
        assert stopped.is_set()


async def test_a_plan_that_meets_somebody_elses_resource_can_be_read_and_not_run() -> None:
    owner = Ownership("orders", Claim.STACK, "orders-dev")
    refused = replace(
        step("orders", "OrdersQueue", "SQS::Queue", Action.REFUSE), reason="part of the stack orders-dev", owner=owner
    )
    cockpit = FakeCockpit(steps={Operation.DEPLOY: (refused,)})
    async with opened(cockpit) as screen:
        await screen.press("d")
        await screen.settle()
        text = screen.text()
        assert "refuse" in text
        assert "orders/OrdersQueue is not this state's" in text
        assert "Go on with the tool that" in text
        assert "Close" in text
        await screen.press("y")
        assert cockpit.executed == []


def test_the_plan_on_the_screen_shows_what_is_made_of_the_home_first() -> None:
    parts = (BootstrapPart("states", "bucket", "serverless-framework-state-1", "us-east-1", versioned=True),)
    plan = Plan(
        Operation.DEPLOY,
        (ServicePlan("orders", (step("orders", "Q", "AWS::SQS::Queue", Action.CREATE),), stage="dev"),),
        bootstrap=parts,
    )
    shown = ["".join(cell.text for cell in line) for _, line in PlanLines(plan).write(120)]
    assert shown[0].endswith("bucket serverless-framework-state-1 in us-east-1, with versioning  (the home's states)")
