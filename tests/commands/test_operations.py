"""deploy, refresh, heal, accept, remove and rollback: what they ask, what they refuse, how they end."""

from __future__ import annotations

import os
import pty
import signal
import termios
import time
from dataclasses import replace

import pytest

from stateroom.engine.requests import Control, Outcome, Request
from stateroom.errors import ConfigError, LockedError
from stateroom.model.events import OperationFinished, OperationStarted, StepFinished, StepStarted
from stateroom.model.plan import Action, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.values import ABSENT, Secret, Unresolved
from tests.commands.fake import INFO, FakeCockpit, Process

FUNCTION = "AWS::Lambda::Function"
CREATE = Step(
    "orders/Fn", "orders", "Fn", FUNCTION, Action.CREATE, changes=(Change(("Key",), ABSENT, Secret("s3cret")),)
)
DELETE = Step("orders/Old", "orders", "Old", FUNCTION, Action.DELETE, reason="gone from config")
DONE = Outcome(done=1, outputs={"orders": {"url": "https://shop.test", "key": Secret("s3cret")}})
LOG = (
    OperationStarted(Operation.DEPLOY, "dev", 1),
    StepStarted("orders", "orders/Fn", "Fn", FUNCTION, Action.CREATE),
    StepFinished("orders", "orders/Fn", "Fn", FUNCTION, Action.CREATE, 1.3),
    OperationFinished(Operation.DEPLOY, 1, 0, 0, 1.4),
)


def cockpit(*steps: Step) -> FakeCockpit:
    return FakeCockpit(steps=steps, outcome=DONE, running=LOG)


def test_deploy_shows_the_plan_asks_and_runs() -> None:
    process = Process(cockpit(CREATE), answers="y\n", terminal=True)
    run = process("deploy")
    assert run.code == 0
    assert len(process.cockpit.executed) == 1
    assert run.out.splitlines() == [
        "shop · dev · eu-west-1 · 123456789012",
        "Plan: deploy of orders to dev · home local",
        "+ create   orders/Fn  Lambda Function",
        "           Key: set to ***",
        "What is made is tagged as this state's, where its type bears tags: stateroom:service, stage, …",
        "",
        "deploy of stage dev: 1 to create; 3 unchanged",
        "Deploy? [y/N] orders.url: https://shop.test",
        "orders.key: ***",
    ]
    assert "created   orders/Fn  Lambda Function  (1.3s)" in run.err


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "maybe\n"])
def test_anything_but_yes_is_no(answer: str) -> None:
    process = Process(cockpit(CREATE), answers=answer, terminal=True)
    run = process("deploy")
    assert run.code == 1
    assert process.cockpit.executed == []
    assert run.out.endswith("Nothing was changed.\n")


@pytest.mark.parametrize(("answer", "runs"), [("dev\n", True), ("y\n", False), ("prod\n", False), ("\n", False)])
def test_a_plan_that_destroys_wants_the_stage_typed(answer: str, runs: bool) -> None:
    process = Process(cockpit(CREATE, DELETE), answers=answer, terminal=True)
    run = process("remove")
    assert bool(process.cockpit.executed) is runs
    assert run.code == (0 if runs else 1)
    # Destructive steps are read first.
    assert run.out.index("orders/Old") < run.out.index("orders/Fn")


@pytest.mark.parametrize(
    ("answer", "runs"), [("dev, prod\n", True), ("prod dev\n", True), ("dev\n", False), ("dev, prod, qa\n", False)]
)
def test_a_plan_that_destroys_on_several_stages_wants_all_of_them_typed(answer: str, runs: bool) -> None:
    services = tuple(ServicePlan(stage, (DELETE,), stage=stage) for stage in ("dev", "prod"))
    process = Process(FakeCockpit(outcome=DONE, made=Plan(Operation.REMOVE, services)), answers=answer, terminal=True)
    run = process("remove")
    assert "remove of stages dev, prod: 2 to delete" in run.out
    assert "Type the stages' names (dev, prod)" in run.out
    assert bool(process.cockpit.executed) is runs


def test_yes_does_not_ask() -> None:
    process = Process(cockpit(DELETE), answers="", terminal=True)
    assert process("deploy", "--yes").code == 0
    assert len(process.cockpit.executed) == 1


OLD = Step("orders/Old", "orders", "Old", "AWS::SQS::Queue", Action.DELETE, reason="gone from config")
TABLE = replace(DELETE, id="orders/Table", logical_id="Table", type="AWS::DynamoDB::Table", action=Action.REPLACE)


@pytest.mark.parametrize(
    ("answers", "runs"),
    [
        ("dev\nOld, Table\n", True),
        ("dev\norders/Table Old\n", True),
        ("dev\nTable\n", False),
        ("dev\ndev\n", False),
        ("dev\ny\n", False),
        ("dev\n\n", False),
    ],
)
def test_what_loses_data_has_to_be_named(answers: str, runs: bool) -> None:
    process = Process(cockpit(OLD, TABLE), answers=answers, terminal=True)
    run = process("deploy")
    assert "Data will be lost: orders/Old (its messages), orders/Table (its items)" in run.out
    assert bool(process.cockpit.executed) is runs


@pytest.mark.parametrize("command", [("deploy",), ("rollback", "3"), ("heal",), ("remove",)])
def test_yes_asks_nothing_and_says_what_is_lost(command: tuple[str, ...]) -> None:
    process = Process(cockpit(OLD, TABLE))
    run = process(*command, "--service", "orders", "--yes")
    assert run.code == 0
    assert "Data will be lost: orders/Old (its messages), orders/Table (its items)" in run.out
    assert len(process.cockpit.executed) == 1


def test_yes_covers_the_logs_of_a_function_that_goes_with_them() -> None:
    function = replace(DELETE, id="orders/Fn", logical_id="Fn", type="AWS::Lambda::Function", physical_id="shop-fn")
    group = replace(
        DELETE, id="orders/G", logical_id="G", type="AWS::Logs::LogGroup", physical_id="/aws/lambda/shop-fn"
    )
    assert Process(cockpit(function, group))("deploy", "--yes").code == 0
    assert Process(cockpit(group))("deploy", "--yes").code == 1, "the function stays, and its logs are to go"


def test_a_remove_of_a_stage_says_what_is_lost_and_the_stages_name_is_enough() -> None:
    process = Process(cockpit(OLD, TABLE), answers="dev\n", terminal=True)
    run = process("remove")
    assert run.code == 0
    assert "Data will be lost: orders/Old (its messages)" in run.out


def test_a_remove_of_single_resources_wants_them_named() -> None:
    plan = Plan(Operation.REMOVE, (ServicePlan("orders", (TABLE,), stage="dev"),), targets=("orders/Table",))
    made = FakeCockpit(outcome=DONE, made=plan)
    assert Process(made, answers="dev\ny\n", terminal=True)("remove", "-t", "orders/Table").code == 1
    assert Process(made, answers="dev\nTable\n", terminal=True)("remove", "-t", "orders/Table").code == 0
    assert Process(made)("remove", "-t", "orders/Table", "--yes").code == 0, "it was named on the command line"


@pytest.mark.parametrize("arguments", [("deploy",), ("deploy", "--json"), ("remove",)])
def test_without_anyone_to_ask_it_refuses(arguments: tuple[str, ...]) -> None:
    process = Process(cockpit(CREATE))
    run = process(*arguments)
    assert run.code == 1
    assert process.cockpit.executed == []
    assert "planned but not run: 1 to create" in run.err
    assert "--yes" in run.err


def test_json_does_not_ask_even_on_a_terminal() -> None:
    process = Process(cockpit(CREATE), answers="y\n", terminal=True)
    run = process("deploy", "--json")
    assert run.code == 1
    assert [*run.lines[0]] == ["event", "plan"]
    assert run.lines[1]["error"]["type"] == "PlanError"


def test_json_prints_events_and_a_result_and_no_secret() -> None:
    run = Process(cockpit(CREATE))("deploy", "--yes", "--json")
    assert run.code == 0
    assert [line["event"] for line in run.lines] == [
        "planned",
        "operation_started",
        "step_started",
        "step_finished",
        "operation_finished",
        "result",
    ]
    assert run.lines[-1] == {
        "event": "result",
        "operation": "deploy",
        "stage": "dev",
        "ok": True,
        "exit_code": 0,
        "done": 1,
        "failed": 0,
        "skipped": 0,
        "stopped": False,
        "errors": [],
        "outputs": {"orders": {"url": "https://shop.test", "key": "***"}},
        "endpoints": {},
    }
    assert "s3cret" not in run.out + run.err
    assert run.err == ""


def test_nothing_to_do_is_done() -> None:
    process = Process(cockpit())
    run = process("deploy")
    assert run.code == 0
    assert "Nothing to do: config and state agree" in run.out
    assert process.cockpit.executed == []
    assert Process(cockpit())("deploy", "--json").lines[-1]["ok"] is True


def test_a_failed_step_fails_the_command_and_says_what_to_do() -> None:
    outcome = Outcome(
        done=2, failed=1, skipped=3, errors=(("orders/Fn", ("role is missing", "AWS: x", "deploy again")),)
    )
    run = Process(FakeCockpit(steps=(CREATE,), outcome=outcome))("deploy", "--yes")
    assert run.code == 1
    assert run.err.splitlines() == [
        "orders/Fn: role is missing",
        "  AWS: x",
        "  deploy again",
        "deploy failed: 2 done, 1 failed, 3 skipped; run it again to finish",
    ]


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (
            Outcome(done=1, failed=1, errors=(("orders/Fn", ("throttled",)),)),
            "failed: 1 done, 1 failed, 0 skipped; run it",
        ),
        (
            Outcome(failed=1, lasting=1, errors=(("orders/Fn", ("denied",)),)),
            "failed: 0 done, 1 failed, 0 skipped; put right what failed, as said above, then run it again",
        ),
        (
            Outcome(failed=2, lasting=1, errors=(("orders/A", ("denied",)), ("orders/B", ("throttled",)))),
            "put right what failed, as said above, then run it again: what is done stays done",
        ),
        (
            Outcome(done=1, skipped=1, held=1, errors=(("orders/Fn", ("Fn was left alone", "pending")),)),
            "is not complete: 1 done, 0 failed, 1 skipped; put right what the rest waits for, as said above",
        ),
        (
            Outcome(done=1, skipped=1, stopped=True, lasting=1, errors=(("orders/Fn", ("no",)),)),
            "was stopped: 1 done, 0 failed, 1 skipped; run it again to finish",
        ),
    ],
)
def test_running_it_again_is_advised_alone_only_where_it_may_help(outcome: Outcome, ending: str) -> None:
    run = Process(FakeCockpit(steps=(CREATE,), outcome=outcome))("deploy", "--yes")
    assert f"deploy {ending}" in run.err or ending in run.err
    assert ("run it again to finish" in run.err) is ("put right" not in run.err)


def test_a_deploy_with_a_failed_step_is_not_done_but_for_its_outputs() -> None:
    outputs = {"orders": {"Url": Unresolved("no value")}}
    failed = Outcome(done=4, failed=1, skipped=3, errors=(("orders/Fn", ("no",)),), outputs=outputs)
    run = Process(FakeCockpit(steps=(CREATE,), outcome=failed))("deploy", "--yes")
    assert "deploy failed: 4 done, 1 failed, 3 skipped; run it again to finish" in run.err


def test_a_dry_run_plans_and_stops_even_read_only() -> None:
    process = Process(cockpit(DELETE))
    run = process("deploy", "--dry-run", "--read-only")
    assert run.code == 0
    assert "1 to delete" in run.out
    assert process.cockpit.executed == []
    assert Process(cockpit(DELETE))("deploy", "--dry-run", "--json").document["plan"]["destroys"] is True


@pytest.mark.parametrize(
    "arguments", [("deploy",), ("refresh",), ("heal",), ("accept", "Fn"), ("remove",), ("rollback", "2")]
)
def test_read_only_shows_the_plan_and_runs_nothing(arguments: tuple[str, ...]) -> None:
    """Case screen-read-only-heal, on the command line."""
    process = Process(cockpit(CREATE))
    run = process(*arguments, "--read-only", "--yes")
    assert run.code == 1
    assert "+ create   orders/Fn  Lambda Function" in run.out
    assert run.err.splitlines()[0] == "stateroom: read-only: nothing was run"
    assert "--read-only was given" in run.err
    assert len(process.cockpit.requests) == 1
    assert process.cockpit.executed == []


def test_read_only_refuses_before_anything_is_opened_where_there_is_no_plan_to_show() -> None:
    run = Process(cockpit(CREATE))("unlock", "--read-only", "--yes")
    assert run.code == 1
    assert "--read-only was given" in run.err
    assert run.settings == []


def test_a_workspace_that_is_read_only_by_itself_shows_the_plan_and_runs_nothing() -> None:
    process = Process(FakeCockpit(title=replace(INFO, read_only=True), steps=(CREATE,)))
    run = process("deploy", "--yes")
    assert run.code == 1
    assert "+ create   orders/Fn" in run.out
    assert process.cockpit.executed == []


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("deploy", Request(Operation.DEPLOY)),
        ("deploy --refresh --service orders,billing", Request(Operation.DEPLOY, ("orders", "billing"), refresh=True)),
        ("deploy -t orders/Fn --target orders/Q", Request(Operation.DEPLOY, (), ("orders/Fn", "orders/Q"))),
        ("refresh --service orders", Request(Operation.REFRESH, ("orders",))),
        ("heal", Request(Operation.HEAL)),
        ("heal orders/Fn Timeout", Request(Operation.HEAL, (), ("orders/Fn",), (("Timeout",),))),
        (
            "accept Fn Policies[0].PolicyName Timeout",
            Request(Operation.ACCEPT, (), ("Fn",), (("Policies", 0, "PolicyName"), ("Timeout",))),
        ),
        ('accept Fn ["Tags","a.b"]', Request(Operation.ACCEPT, (), ("Fn",), (("Tags", "a.b"),))),
        ("remove", Request(Operation.REMOVE)),
        ("rollback 41 --service orders", Request(Operation.ROLLBACK, ("orders",), version=41)),
        ("rollback 41 --state-only", Request(Operation.ROLLBACK, version=41, state_only=True)),
    ],
)
def test_the_command_line_becomes_a_request(line: str, request_: Request) -> None:
    process = Process(cockpit())
    assert process(*line.split()).code == 0
    assert process.cockpit.requests == [request_]


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[x]", "a[", "a[0]b", "[]", "[1.5]", "[true]", "[nope"])
def test_an_unreadable_path_is_wrong_usage(path: str) -> None:
    run = Process(cockpit())("accept", "Fn", path)
    assert run.code == 64
    assert "is not the path of an attribute" in run.err


def test_an_address_and_targets_do_not_go_together() -> None:
    assert Process(cockpit())("heal", "Fn", "--target", "Other").code == 64


def test_undo_and_waiting_for_the_lock_are_passed_on() -> None:
    process = Process(cockpit(CREATE))
    process("deploy", "--yes", "--on-failure", "undo", "--wait-for-lock", "30")
    process("refresh", "--yes")
    assert [(undo, wait) for _, undo, wait in process.cockpit.executed] == [(True, 30.0), (False, 0.0)]


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", "inf"])
def test_a_wait_that_is_no_number_of_seconds_is_wrong_usage(seconds: str) -> None:
    assert Process(cockpit())("deploy", "--wait-for-lock", seconds).code == 64


def test_an_error_is_three_lines_and_with_json_an_object_as_well() -> None:
    locked = LockedError("orders is locked", why="by ana@laptop", todo="wait with --wait-for-lock 60")
    run = Process(FakeCockpit(steps=(CREATE,), failure=locked))("deploy", "--yes", "--json")
    assert run.code == 1
    assert run.err.splitlines() == ["stateroom: orders is locked", "  by ana@laptop", "  wait with --wait-for-lock 60"]
    assert run.lines[-1] == {
        "error": {
            "type": "LockedError",
            "what": "orders is locked",
            "why": "by ana@laptop",
            "todo": "wait with --wait-for-lock 60",
            "where": None,
        }
    }


def test_a_plan_that_cannot_be_made_says_why() -> None:
    run = Process(FakeCockpit(error=ConfigError("unknown key", todo="did you mean x?")))("deploy", "--yes")
    assert run.code == 1
    assert run.err.splitlines() == ["stateroom: unknown key", "  did you mean x?"]


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 20
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "the signal never arrived"
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_finishes_what_runs_and_ends_with_130(number: signal.Signals) -> None:
    def during(control: Control) -> None:
        os.kill(os.getpid(), number)
        wait_for(lambda: control.stopping)
        assert not control.aborting

    process = Process(FakeCockpit(steps=(CREATE,), outcome=Outcome(done=1, skipped=1), during=during))
    run = process("deploy", "--yes")
    assert run.code == 130
    assert "stopping: what runs is finished, nothing new starts" in run.err
    assert "deploy was stopped: 1 done, 0 failed, 1 skipped" in run.err


def test_two_signals_stop_at_once() -> None:
    def during(control: Control) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: control.stopping)
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: control.aborting)

    run = Process(FakeCockpit(steps=(CREATE,), during=during))("deploy", "--yes", "--json")
    assert run.code == 130
    assert "stays in the journal" in run.err
    assert run.lines[-1]["stopped"] is True


def test_ctrl_c_while_planning_changes_nothing() -> None:
    release: list[bool] = []

    def planning() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: release)

    process = Process(FakeCockpit(steps=(CREATE,), planning=planning))
    run = process("deploy", "--yes")
    release.append(True)
    assert run.code == 130
    assert run.err == "stopped\n"
    assert process.cockpit.executed == []


def test_ctrl_c_at_a_passphrase_gives_the_terminal_back_with_its_echo_on() -> None:
    controller, terminal = pty.openpty()
    echo_off = termios.tcgetattr(terminal)
    echo_off[3] &= ~termios.ECHO

    def planning() -> None:
        termios.tcsetattr(terminal, termios.TCSANOW, echo_off)
        raise KeyboardInterrupt

    with os.fdopen(terminal, "r") as stream:
        process = Process(FakeCockpit(planning=planning))
        process.input = stream
        assert process("deploy").code == 130
        assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(controller)


def test_signal_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    Process(cockpit(CREATE))("deploy", "--yes")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
