"""Whose an existing resource is, from its tags and CloudFormation's answer."""

from __future__ import annotations

import pytest

from stateroom.cloud.ownership import contested, of_state, owned_by, owner_tags, ownership
from stateroom.cloud.provider import Owner
from stateroom.model.ownership import Claim, Existing, Ownership

OURS = Owner("shop", "dev", "Queue", "ours", "bucket ours")
THEIRS = Owner("shop", "dev", "Queue", "theirs", "bucket theirs")
ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/theirs-dev/0"


def nobody(physical_id: str) -> str | None:
    return ""


def never_asked(physical_id: str) -> str | None:
    raise AssertionError("CloudFormation was asked although the tags tell")


def whose(tags: dict[str, str] | None) -> Ownership:
    return ownership(Existing("q", tags), OURS, nobody)


def test_tags_of_a_state_without_lineage_say_no_more_than_before() -> None:
    assert owner_tags(Owner("shop", "dev", "Queue")) == {
        "stateroom:service": "shop",
        "stateroom:stage": "dev",
        "stateroom:resource": "Queue",
    }
    assert owner_tags(OURS).items() > owner_tags(Owner("shop", "dev", "Queue")).items()


@pytest.mark.parametrize(
    ("owner", "claim", "holder"),
    [
        (OURS, Claim.OURS, "bucket ours"),
        (THEIRS, Claim.STATE, "bucket theirs"),
        (Owner("shop", "dev", "Queue"), Claim.UNMARKED, ""),
        (Owner("shop", "dev", "Other", "ours"), Claim.RENAMED, ""),
        (Owner("shop", "prod", "Queue", "ours"), Claim.STATE, ""),
        (Owner("blog", "dev", "Queue", "ours"), Claim.STATE, ""),
    ],
)
def test_tags_of_a_state_decide_without_asking_cloudformation(owner: Owner, claim: Claim, holder: str) -> None:
    service = f"{owner.service}/{owner.stage}"

    assert ownership(Existing("q", owner_tags(owner)), OURS, never_asked) == Ownership(
        "q", claim, holder, service, owner.logical_id
    )


@pytest.mark.parametrize(
    "tags",
    [
        {"aws:cloudformation:stack-name": "theirs-dev"},
        {"aws:cloudformation:stack-id": ARN},
        {"aws:cloudformation:stack-name": "theirs-dev", **owner_tags(OURS)},  # imported into a stack
    ],
)
def test_a_stacks_tags_go_before_all_others(tags: dict[str, str]) -> None:
    assert ownership(Existing("q", tags), OURS, never_asked) == Ownership("q", Claim.STACK, "theirs-dev")
    assert contested(Existing("q", tags), OURS) == Ownership("q", Claim.STACK, "theirs-dev")
    assert not of_state(tags, OURS)


@pytest.mark.parametrize("tags", [None, {}, {"team": "blue"}])
def test_without_an_owners_tags_cloudformation_is_asked(tags: dict[str, str] | None) -> None:
    existing = Existing("q", tags)

    assert ownership(existing, OURS, lambda _: "theirs-dev") == Ownership("q", Claim.STACK, "theirs-dev")
    assert ownership(existing, OURS, nobody) == Ownership("q", Claim.NOBODY)
    assert ownership(existing, OURS, lambda _: None) == Ownership("q", Claim.UNKNOWN)


@pytest.mark.parametrize(
    "tags", [None, {}, {"team": "blue"}, owner_tags(OURS), owner_tags(Owner("shop", "dev", "Queue"))]
)
def test_missing_tags_are_no_claim_on_what_stands_in_a_state(tags: dict[str, str] | None) -> None:
    assert contested(Existing("q", tags), OURS) is None


def test_another_lineages_tags_are_a_claim_on_what_stands_in_a_state() -> None:
    assert contested(Existing("q", owner_tags(THEIRS)), OURS) == whose(owner_tags(THEIRS))


def test_a_state_is_known_by_any_of_its_resources() -> None:
    assert of_state(owner_tags(OURS), Owner("shop", "dev", "Other", "ours"))
    assert of_state(owner_tags(Owner("shop", "dev", "Queue")), OURS)
    assert not of_state(owner_tags(THEIRS), OURS)
    assert not of_state({}, OURS)
    assert owned_by(owner_tags(OURS), OURS)
    assert not owned_by(owner_tags(THEIRS), OURS)
