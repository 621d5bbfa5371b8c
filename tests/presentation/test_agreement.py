"""What was compared, in one line of 80 columns; and a reason that many resources share, said once with its advice."""

from __future__ import annotations

import pytest

from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.values import ABSENT
from stateroom.presentation.survey.agreement import (
    NOT_ALL,
    NOT_LOOKED,
    Agreement,
    agreement,
    shared_reasons,
    without_shared,
)
from tests.commands.fake import Process
from tests.commands.test_reading import survey


def resource(name: str, *, error: str = "", todo: str = "", same: int = 3, unanswered: int = 0) -> ResourceDiff:
    y = Y.UNREAD if error else Y.SAME
    return ResourceDiff(
        "orders", name, "AWS::SQS::Queue", X.SAME, y, same=same, error=error, todo=todo, unanswered=unanswered
    )


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (Agreement(0, 0, 0, 0), "There are no resources in config and state."),
        (Agreement(1, 1, 0, 0), "1 attribute of 1 resource agrees."),
        (Agreement(13, 214, 0, 0), "214 attributes of 13 resources agree."),
        (Agreement(13, 214, 2, 1), "214 attributes of 13 resources compared; ^1 undeclared change."),
        (Agreement(2, 9, 0, 0, ("Policy: no",)), "9 attributes of 2 resources compared; not all was looked at."),
        (
            Agreement(1000, 25000, 90, 1000),
            "25000 attributes of 1000 resources compared; ^1000 undeclared changes.",
        ),
    ],
)
def test_the_line_counts_what_was_compared_and_fits_a_narrow_terminal(counts: Agreement, line: str) -> None:
    assert counts.line() == line
    assert all(len(text) <= 80 for text in (line, *counts.notes()))


def test_the_notes_name_what_was_not_compared() -> None:
    assert Agreement(2, 9, 3, 0).notes() == ("3 attributes the cloud does not give back: not compared.", NOT_ALL)
    assert Agreement(2, 9, 0, 0).notes() == (NOT_ALL,)
    refused = Agreement(2, 9, 0, 0, ("Policy of 1: sqs:GetQueueAttributes is not allowed",), 2, quick=True)
    assert refused.notes() == (
        "Not looked at: Policy of 1: sqs:GetQueueAttributes is not allowed.",
        "Undeclared children of 2 resources: not compared before the next refresh.",
        NOT_LOOKED,
    )
    assert Agreement(2, 9, 3, 1).short() == "9 attributes compared, 3 not given back, ^1 undeclared"


def test_only_what_is_in_step_counts() -> None:
    outside = AttributeDiff(("Policy",), Mark.UNDECLARED, ABSENT, ABSENT, "*", managed=False)
    diffs = [resource("A", unanswered=1), resource("B", error="could not read B: denied")]
    diffs.append(ResourceDiff("orders", "C", "AWS::IAM::Role", X.SAME, Y.SAME, (outside,), same=4))
    assert agreement(diffs) == Agreement(2, 7, 1, 1)


KEYS = "no AWS credentials were found: Unable to locate credentials"
ADVICE = "run aws configure or aws sso login, or name a profile with --profile (AWS_PROFILE)"


def unread(count: int) -> list[ResourceDiff]:
    names = [f"Q{number}" for number in range(count)]
    return [resource(name, error=f"could not read AWS::SQS::Queue {name}: {KEYS}", todo=ADVICE) for name in names]


def test_a_reason_that_many_share_is_told_once_with_the_advice() -> None:
    diffs = [*unread(40), resource("B", error="could not read B: denied")]
    (shared,) = shared_reasons(diffs)
    assert shared.lines() == (f"40 resources not read: {KEYS}", ADVICE)
    assert [without_shared(diff, (shared,)).error for diff in diffs[-2:]] == ["", "could not read B: denied"]
    assert shared_reasons(unread(2)) == ()


@pytest.mark.parametrize("command", ["status", "diff"])
def test_without_credentials_forty_rows_do_not_repeat_it(command: str) -> None:
    run = Process(survey(*unread(40)))(command)
    assert run.code == 1
    assert (run.out + run.err).count("Unable to locate credentials") == 1
    assert "aws sso login" in run.err
    assert run.out.count("cloud not read") == 40
