"""The plan on the screen: three columns, folded properties, its scope, and what has to be read before a yes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Button

from stateroom.engine.requests import Emit, Request
from stateroom.model.plan import Action, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.values import ABSENT
from stateroom.model.version import Past
from stateroom.ui.screens.plan_lines import PlanColumns, PlanLines
from stateroom.ui.screens.plan_steps import MANY
from stateroom.ui.widgets.text_list import TextList
from tests.ui.driver import Driver, opened
from tests.ui.fake import FakeCockpit, step

SMALL, USUAL = (80, 24), (120, 40)
POLICY = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
UPDATE = step(
    "orders",
    "CreateOrderFunction",
    "Lambda::Function",
    Action.UPDATE,
    Change(("MemorySize",), 256, 512, cloud=1024),
    Change(("Environment", "Variables", "QUEUE_URL"), "orders-intake", "orders-intake-v2", cloud="orders-by-hand"),
    Change(("Description",), ABSENT, "new"),
)
ROLE = replace(
    step("orders", "Role", "IAM::Role", Action.CREATE),
    inputs={"RoleName": "worker", "Tags": [{"Key": "team", "Value": "a"}], "PolicyDocument": POLICY},
)
QUEUE = replace(
    step("orders", "Queue", "SQS::Queue", Action.CREATE), inputs={"QueueName": "q", "VisibilityTimeout": 30}
)


class Planning(FakeCockpit):
    """Plans what it is given."""

    def __init__(self, *steps: Step, **more: object) -> None:
        super().__init__()
        service = ServicePlan("orders", steps, stage="dev", account="123456789012", region="eu-west-1")
        self.made = Plan(Operation.DEPLOY, (replace(service, **more),), project_services=3)  # type: ignore[arg-type]

    def plan(self, request: Request, emit: Emit = lambda _: None, cancelled: object = None) -> Plan:
        self.requests.append(request)
        return self.made


def words(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines]


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["80x24", "120x40"])
async def test_changes_stand_in_three_columns(size: tuple[int, int]) -> None:
    """Case plan-hides-cloud-value, on the screen."""
    async with opened(Planning(replace(UPDATE, kept=(Change(("Timeout",), 10, 60, cloud=60),))), size=size) as screen:
        await screen.press("d")
        shown = words(screen.lines("#steps"))
        assert ["changes", "state", "cloud", "now", "will", "be"] in shown
        assert ["MemorySize", "256", "▸1024", "▸512"] in shown
        assert ["Description", "·", "?", "▸new"] in shown
        assert any(line[0].endswith(".QUEUE_URL") and line[2].endswith("by-hand") for line in shown)
        assert "Timeout: stays 60 in the cloud, the state has 10" in screen.text("#steps")


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["80x24", "120x40"])
async def test_the_title_names_what_the_plan_acts_on(size: tuple[int, int]) -> None:
    async with opened(Planning(UPDATE), size=size) as screen:
        await screen.press("d")
        text = " ".join(screen.text("#scope").split())
        assert text == (
            "Plan: deploy of orders (1 of 3 services) to dev · eu-west-1 · account 123456789012 · home local .stateroom"
        )


async def test_policies_are_shown_at_once_and_the_rest_unfolds() -> None:
    """Case create-without-properties, on the screen."""
    async with opened(Planning(ROLE, QUEUE)) as screen:
        await screen.press("d")
        text = screen.text("#steps")
        assert "PolicyDocument: Allow * on *" in text
        assert "RoleName: worker" in text  # all of a role is guarded but its tags
        assert "▸ 1 property" in text
        assert "▸ 2 properties" in text
        assert "QueueName" not in text
        assert "enter opens one, f all" in screen.text()
        await screen.press("f")
        text = screen.text("#steps")
        assert "QueueName: q" in text
        assert "Tags.team: a" in text
        await screen.press("f")
        assert "QueueName" not in screen.text("#steps")


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_one_step_unfolds_under_the_cursor(key: str) -> None:
    cockpit = Planning(QUEUE, ROLE)
    async with opened(cockpit) as screen:
        await screen.press("d", "shift+tab")  # from No to the steps
        assert isinstance(screen.app.focused, TextList)
        await screen.press(key)
        text = screen.text("#steps")
        assert "VisibilityTimeout: 30" in text
        assert "Tags.team" not in text
        await screen.press("down", key)  # from any of its lines
        assert "VisibilityTimeout" not in screen.text("#steps")
        await screen.press("end", key)
        assert "Tags.team: a" in screen.text("#steps")
        assert cockpit.executed == []
        await screen.press("y")
        assert len(cockpit.executed) == 1


async def test_the_buttons_say_their_keys_and_what_lies_below() -> None:
    steps = tuple(replace(QUEUE, id=f"orders/Q{number}", logical_id=f"Q{number}") for number in range(40))
    cockpit = Planning(*steps)
    async with opened(cockpit, size=SMALL) as screen:
        await screen.press("d")
        yes = screen.app.screen.query_one("#yes", Button)
        assert str(screen.app.screen.query_one("#no", Button).label) == "No (n)"
        last = screen.lines("#steps")[-1].split()[2]
        below = 39 - int(last.removeprefix("orders/Q"))
        assert 20 < below < 40
        assert str(yes.label) == f"Yes, deploy (y) · {below} more steps below"
        await screen.press(*["pagedown"] * 4)
        assert str(yes.label) == "Yes, deploy (y)"
        await screen.press("y")
        assert len(cockpit.executed) == 1


async def typed(screen: Driver) -> None:
    await screen.type("dev")
    await screen.press("enter")


async def test_what_destroys_runs_only_when_its_end_has_been_in_view() -> None:
    steps = tuple(
        replace(step("orders", f"Q{number}", "SQS::Queue", Action.DELETE), reason="gone from config")
        for number in range(40)
    )
    cockpit = Planning(*steps)
    async with opened(cockpit, size=SMALL) as screen:
        await screen.press("d")
        await typed(screen)
        assert cockpit.executed == []
        assert "Read it to the end first" in screen.text()
        await screen.press(*["pagedown"] * 8)
        await screen.press("enter")
        assert cockpit.executed == []
        assert "Type all 40" in " ".join(screen.text().split())
        await screen.type("all 40")
        await screen.press("enter")
        assert len(cockpit.executed) == 1


async def test_what_loses_data_is_asked_for_by_its_name() -> None:
    cockpit = Planning(replace(QUEUE, action=Action.REPLACE))
    async with opened(cockpit) as screen:
        await screen.press("d")
        await typed(screen)
        assert cockpit.executed == []
        assert "its messages" in " ".join(screen.text().split())
        await screen.type("yes")
        await screen.press("enter")
        assert "Not named: orders/" in " ".join(screen.text().split())
        await screen.press("backspace", "backspace", "backspace")
        await screen.type(QUEUE.logical_id)
        await screen.press("enter")
        assert len(cockpit.executed) == 1


def written(*steps: Step, room: int = 100, opened_: tuple[str, ...] = ()) -> list[str]:
    plan = Plan(Operation.DEPLOY, (ServicePlan("orders", steps, stage="dev"),))
    return ["".join(cell.text for cell in line) for _, line in PlanLines(plan).write(room, opened_)]


@pytest.mark.parametrize(
    ("kept", "says"),
    [(True, "The bucket keeps what is deleted"), (False, "Nothing brings that back."), (None, "may not be asked")],
)
def test_a_remove_says_what_it_clears_of_the_home(kept: bool | None, says: str) -> None:
    past = Past(versions=3, records=4, kept=kept, secrets=True)
    plan = Plan(Operation.REMOVE, (ServicePlan("orders", stage="dev", past=past),))
    text = " ".join("".join(cell.text for cell in line).strip() for _, line in PlanLines(plan).write(100, ()))
    assert "- clear orders: 3 versions of its state" in " ".join(text.split())
    assert says in text
    assert "Its passphrase stays" in text
    assert plan.destroys, "so the stage's name has to be typed"


@pytest.mark.parametrize("room", [40, 60, 74, 108, 200])
def test_no_row_is_wider_than_the_room(room: int) -> None:
    lines = written(UPDATE, ROLE, replace(QUEUE, reason="not in state"), room=room, opened_=("orders/Role",))
    assert max(map(len, lines)) <= room
    columns = PlanColumns.within(room)
    assert len("".join(cell.text for cell in columns.heading(Operation.DEPLOY))) <= room


def test_a_guarded_change_is_in_full_wherever_it_does_not_fit_into_its_column() -> None:
    long = "arn:aws:iam::123456789012:role/" + "x" * 100
    change = step("orders", "Fn", "Lambda::Function", Action.UPDATE, Change(("Role",), "short", long, cloud="by-hand"))
    text = "".join(line.strip() for line in written(change, room=60))
    assert long in text
    assert "the cloud has by-hand" in text
    statements = step(
        "orders",
        "P",
        "S3::BucketPolicy",
        Action.UPDATE,
        Change(("PolicyDocument",), ABSENT, POLICY, cloud={"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}),
    )
    lines = [line.strip() for line in written(statements)]
    assert "+ PolicyDocument: Allow * on *" in lines
    assert "^ PolicyDocument: Allow s3:*  (only in the cloud: written over)" in lines


def test_what_was_not_read_is_said_once_above_the_steps() -> None:
    unread = replace(UPDATE, unread="AccessDenied")
    lines = written(unread, replace(unread, id="orders/Other"))
    assert lines[0] == "the cloud was not read (orders/CreateOrderFunction and 1 more): AccessDenied"


async def test_of_very_many_steps_only_those_in_view_are_opened_at_once() -> None:
    steps = tuple(replace(QUEUE, id=f"orders/Q{number}", logical_id=f"Q{number}") for number in range(MANY + 1))
    async with opened(Planning(*steps), size=SMALL) as screen:
        await screen.press("d", "f")
        shown = screen.app.screen.query_one(TextList)
        assert "QueueName: q" in screen.text("#steps")
        assert MANY < len(shown.rows) < MANY + 100
