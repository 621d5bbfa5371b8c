"""status, diff, versions and unlock: what they print, in which form, with which exit code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stateroom.errors import CloudError
from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.events import (
    Event,
    ResourcesRead,
    ServiceSurveyed,
    ServiceUnreadable,
    ServiceWorking,
    SurveyFinished,
)
from stateroom.model.values import ABSENT, UNREAD, Secret
from stateroom.model.version import Holder, Lock, Version
from stateroom.presentation.survey.standing import standing_json
from stateroom.presentation.table import layout
from stateroom.presentation.text import cells
from tests.commands.fake import NOW, FakeCockpit, Process, Stream

PENDING = AttributeDiff(("MemorySize",), Mark.PENDING, 256, 128, 128)
DRIFT = AttributeDiff(("Timeout",), Mark.DRIFT, 10, 10, 20)
SECRET = AttributeDiff(("Environment", "Variables", "KEY"), Mark.CONFLICT, Secret("a"), Secret("b"), Secret("s3cret"))
UNMANAGED = AttributeDiff(("TracingConfig",), Mark.UNDECLARED, ABSENT, "PassThrough", "Active", managed=False)
FN = ResourceDiff(
    "orders", "OrdersFn", "AWS::Lambda::Function", X.CHANGED, Y.DRIFT, (PENDING, DRIFT, UNMANAGED), same=14, read_at=NOW
)
QUEUE = ResourceDiff("orders", "Queue", "AWS::SQS::Queue", X.SAME, Y.SAME, same=5, read_at=NOW)
TOPIC = ResourceDiff("billing", "Topic", "AWS::SNS::Topic", X.SAME, Y.SAME, same=2, read_at=NOW)


def survey(*diffs: ResourceDiff) -> FakeCockpit:
    """A survey that shows everything unread first, and then as given."""
    services = dict.fromkeys(diff.service for diff in diffs)
    first = [
        ServiceSurveyed(s, tuple(replace(d, y=Y.UNREAD, read_at=None) for d in diffs if d.service == s))
        for s in services
    ]
    read: list[Event] = [ResourcesRead(diff.service, (diff,)) for diff in diffs]
    return FakeCockpit(events=(*first, *read, SurveyFinished(0.1, len(diffs), 0)))


def test_status_counts_services_and_lists_what_is_not_in_step() -> None:
    run = Process(survey(FN, QUEUE, TOPIC))("status")
    assert run.code == 0
    assert run.out.splitlines() == [
        "shop · dev · eu-west-1 · 123456789012",
        "  orders      2 resources  ~1 !1 ^1",
        "  billing     1 resource   2 attributes agree",
        "  What the config does not set (alarms, dashboards, …) was not all looked at.",
        "",
        "~! orders/OrdersFn  Lambda Function  1 pending: deploy writes it; "
        "1 drifted: deploy does nothing, refresh keeps it, heal undoes it; 1 undeclared",
    ]


def test_what_a_survey_has_to_wait_for_is_progress_and_no_part_of_the_answer() -> None:
    cockpit = survey(QUEUE)
    cockpit.events = (ServiceWorking("orders", "installing requirements.txt"), *cockpit.events)
    run = Process(cockpit)("status")
    assert run.err == "working   orders  installing requirements.txt\n"
    assert "installing" not in run.out
    assert Process(cockpit)("status", "--json").document["complete"] is True


def test_status_exits_2_only_when_asked() -> None:
    assert Process(survey(FN))("status").code == 0
    assert Process(survey(FN))("status", "--exit-code").code == 2
    assert Process(survey(QUEUE))("status", "--exit-code").code == 0


def test_status_offline_calls_no_cloud_and_claims_nothing_about_it() -> None:
    process = Process(FakeCockpit(events=(ServiceSurveyed("orders", (replace(QUEUE, y=Y.UNREAD, read_at=None),)),)))
    run = process("status", "--offline", "--service", "orders", "--exit-code")
    assert run.code == 0
    assert process.cockpit.surveyed == [(("orders",), False)]
    assert "the cloud was not read" in run.out


def test_status_json() -> None:
    cockpit = survey(FN, QUEUE, TOPIC)
    cockpit.locks["billing"] = LOCK
    document = Process(cockpit)("status", "--json").document
    assert document["services"] == [
        {
            "service": "orders",
            "stage": "dev",
            "resources": 2,
            "counts": {"^": 1, "~": 1, "!": 1},
            "lock": None,
            "elsewhere": None,
            "standing": standing_json(None),
        },
        {
            "service": "billing",
            "stage": "dev",
            "resources": 1,
            "counts": {},
            "lock": {
                "service": "billing",
                "user": "ana",
                "host": "laptop",
                "pid": 4711,
                "command": "deploy",
                "since": "2026-03-01T10:00:00+00:00",
                "update_id": "u1",
            },
            "elsewhere": None,
            "standing": standing_json(None),
        },
    ]
    assert [item["address"] for item in document["out_of_step"]] == ["orders/OrdersFn"]
    assert document["different"] is True
    assert document["complete"] is True
    assert document["stage"] == "dev"


def test_diff_shows_three_columns_and_marks_the_odd_one_out() -> None:
    run = Process(survey(FN, QUEUE))("diff")
    assert run.code == 2
    assert run.out.splitlines() == [
        "   attribute │ config│ state │ cloud │ would",
        "~! orders/OrdersFn  Lambda Function  1 pending: deploy writes it; "
        "1 drifted: deploy does nothing, refresh keeps it, heal undoes it; 1 undeclared",
        " ~ MemorySize│▸256   │ 128   │ 128   │ deploy → 256",
        " ! Timeout   │ 10    │ 10    │▸20    │ refresh keeps 20, heal → 10",
        "   14 in step, ^1 undeclared (--all shows them)",
        "",
        "1 resource not in step: ~1 !1 ^1   ~ pending   ! drift   ^ undeclared",
    ]


def test_diff_without_differences_exits_0_and_says_so() -> None:
    run = Process(survey(QUEUE, TOPIC))("diff")
    assert run.code == 0
    assert run.out == (
        "7 attributes of 2 resources agree.\n"
        "What the config does not set (alarms, dashboards, …) was not all looked at.\n"
    )


def test_diff_all_unfolds_what_is_not_managed() -> None:
    shown = Process(survey(FN))("diff", "--all").out
    assert "TracingConfig" in shown
    assert "undeclared (--all" not in shown


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_diff_fits_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = AttributeDiff(("Policy", "A" * 50), Mark.CONFLICT, "x" * 300, "x" * 299 + "y", "x" * 299 + "z")
    cockpit = survey(replace(FN, attributes=(PENDING, long)))
    run = Process(cockpit, terminal=True)("diff")
    rows = [line for line in run.out.splitlines() if line.startswith((" ~", " x", "     "))]
    assert len(rows) >= 2
    assert all(cells(row) <= width for row in rows)
    assert "▸" in run.out


def test_a_narrow_diff_stacks_the_values() -> None:
    assert layout((PENDING, DRIFT), 50).stacked
    assert not layout((PENDING, DRIFT), 80).stacked


def test_secrets_are_masked_in_text_and_json() -> None:
    cockpit = survey(replace(FN, attributes=(SECRET,)))
    text, document = Process(cockpit)("diff").out, Process(cockpit)("diff", "--json").out
    assert "s3cret" not in text + document
    assert "▸***" in text


def test_diff_json() -> None:
    run = Process(survey(FN, QUEUE))("diff", "--json")
    assert run.code == 2
    (resource,) = run.document["resources"]
    assert resource["address"] == "orders/OrdersFn"
    assert [item["odd_one_out"] for item in resource["attributes"]] == [["config"], ["cloud"], ["cloud"]]
    assert run.document["project"] == "shop"
    assert run.err == ""


@pytest.mark.parametrize("line", ["diff orders/Queue", "diff Queue", "diff --target orders/Queue"])
def test_diff_of_one_resource_does_not_mind_the_others(line: str) -> None:
    assert Process(survey(FN, QUEUE))(*line.split()).code == 0


def test_diff_of_a_resource_that_does_not_exist_is_wrong_usage() -> None:
    run = Process(survey(FN, QUEUE))("diff", "orders/Quee")
    assert run.code == 64
    assert "did you mean orders/Queue?" in run.err


@pytest.mark.parametrize("command", ["diff", "status"])
def test_what_could_not_be_read_is_never_said_to_agree(command: str) -> None:
    unread = replace(QUEUE, y=Y.UNREAD, read_at=None, error="AccessDenied", attributes=(unread_attribute(),))
    run = Process(survey(unread))(command)
    assert run.code == 1
    assert "cloud not read: AccessDenied" in run.out
    assert "agree" not in run.out


def unread_attribute() -> AttributeDiff:
    return AttributeDiff(("QueueName",), Mark.UNKNOWN, "q", "q", UNREAD)


def test_a_service_that_cannot_be_read_fails_the_command_and_the_others_are_shown() -> None:
    cockpit = survey(FN)
    cockpit.events = (ServiceUnreadable("billing", ("serverless.yml:3: unknown key", "fix it")), *cockpit.events)
    run = Process(cockpit)("diff", "--json")
    assert run.code == 1
    assert run.document["unreadable"] == {"billing": ["serverless.yml:3: unknown key", "fix it"]}
    assert [item["address"] for item in run.document["resources"]] == ["orders/OrdersFn"]
    assert "billing: serverless.yml:3: unknown key" in run.err


def test_no_credentials_is_an_error_that_says_what_to_do() -> None:
    run = Process(FakeCockpit(error=CloudError("no credentials", todo="aws configure", code="NoCredentials")))(
        "diff", "--json"
    )
    assert run.code == 1
    assert run.document["error"]["code"] == "NoCredentials"


def test_names_from_elsewhere_cannot_drive_the_terminal() -> None:
    evil = ResourceDiff("orders", "Fn\x1b[2J", "AWS::X", X.SAME, Y.DRIFT, (replace(DRIFT, cloud="\x1b]0;x\x07"),))
    shown = Process(survey(evil))("diff").out + Process(survey(evil))("status").out
    assert "\x1b" not in shown
    assert "\\x1b" in shown


HOLDER = Holder("ana", "laptop", 4711, "deploy")
LOCK = Lock(HOLDER, NOW - timedelta(hours=2), "u1")
VERSIONS = (
    Version(42, "u42", "deploy", "ana", NOW, NOW - timedelta(minutes=2), created=3, updated=1, current=True),
    Version(41, "u41", "refresh", "bo", NOW - timedelta(hours=1), None, errors=("role is missing",)),
)


def test_versions_newest_first_with_who_when_and_what() -> None:
    run = Process(FakeCockpit(past={"orders": VERSIONS}))("versions")
    assert run.code == 0
    assert run.out.splitlines() == [
        "orders",
        "*  42  deploy   2m ago  ana  +3 ~1",
        "   41  refresh  1h ago  bo   1 failed: role is missing interrupted",
        "billing",
        "  no state and no past state here: never deployed, or removed",
    ]


def test_versions_json_and_limit() -> None:
    process = Process(FakeCockpit(past={"orders": VERSIONS}))
    document = process("versions", "--json", "--service", "orders", "--limit", "1").document
    assert document["stage"] == "dev"
    (service,) = document["services"]
    (version,) = service["versions"]
    assert version["number"] == 42
    assert version["current"] is True
    assert version["completed"] == "2026-03-01T11:58:00+00:00"


def test_unlock_shows_whose_lock_it_is_and_asks() -> None:
    for answer, code, broken in (("y\n", 0, ["orders"]), ("\n", 1, [])):
        process = Process(FakeCockpit(locks={"orders": LOCK}), answers=answer, terminal=True)
        run = process("unlock")
        assert run.code == code
        assert process.cockpit.broken == broken
        assert "orders: ana@laptop (pid 4711, deploy) since 2026-03-01 10:00:00 UTC, 2h ago" in run.out


def test_unlock_without_anyone_to_ask_needs_yes() -> None:
    process = Process(FakeCockpit(locks={"orders": LOCK}))
    refused = process("unlock")
    assert refused.code == 1
    assert "ana@laptop" in refused.err
    assert process.cockpit.broken == []
    done = process("unlock", "--yes", "--json")
    assert done.code == 0
    assert [item["user"] for item in done.document["broken"]] == ["ana"]


class TakenAgain(FakeCockpit):
    """Its lock is let go of and taken by another as soon as it was shown."""

    def lock(self, service: str) -> Lock | None:
        shown = super().lock(service)
        self.locks[service] = replace(LOCK, update_id="u44")
        return shown


def test_unlock_leaves_a_lock_that_was_taken_after_the_question() -> None:
    process = Process(TakenAgain(locks={"orders": LOCK}), answers="y\n", terminal=True)
    run = process("unlock")
    assert run.code == 0
    assert "orders: the lock that was shown is no longer held; nothing was broken" in run.out
    assert process.cockpit.broken == []


def test_unlock_with_no_lock_is_done() -> None:
    run = Process()("unlock")
    assert run.code == 0
    assert run.out == "No lock is held.\n"


def test_warnings_of_the_project_go_to_standard_error() -> None:
    cockpit = survey(QUEUE)
    cockpit.title = replace(cockpit.title, warnings=("plugin x is ignored",))
    run = Process(cockpit, out=Stream())("status", "--json")
    assert run.err == "warning: plugin x is ignored\n"
    assert run.document["complete"] is True
