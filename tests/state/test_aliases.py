"""References to a resource's earlier name are references to it, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.state.checkpoint.aliases import with_aliases_followed

OLD, NEW = "urn:pulumi:qa::ledger::t::old", "urn:pulumi:qa::ledger::t::new"
RENAMED = {"urn": NEW, "aliases": [OLD]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"parent": OLD}, {"parent": NEW}),
        ({"deletedWith": OLD}, {"deletedWith": NEW}),
        ({"dependencies": ["other", OLD]}, {"dependencies": ["other", NEW]}),
        (
            {"propertyDependencies": {"a": [OLD], "b": ["other"], "c": None}},
            {"propertyDependencies": {"a": [NEW], "b": ["other"], "c": None}},
        ),
        ({"provider": f"{OLD}::id"}, {"provider": f"{NEW}::id"}),
    ],
)
def test_it_is_followed_wherever_a_resource_is_named(before: dict[str, Any], after: dict[str, Any]) -> None:
    resources = [RENAMED, {"urn": "user", **before}]
    assert with_aliases_followed(resources) == [RENAMED, {"urn": "user", **after}]


@pytest.mark.parametrize(
    "beside",
    [
        {"urn": OLD},  # somebody has that name again
        {"urn": 7, "aliases": [OLD]},
        {"aliases": [OLD]},
        "no resource",
        {"urn": "x", "aliases": OLD},
        {"urn": "x", "aliases": [7]},
    ],
)
def test_nothing_is_followed_that_is_no_alias_of_one_resource_alone(beside: Any) -> None:
    user = {"urn": "user", "dependencies": [OLD, 7], "parent": None, "propertyDependencies": [OLD], "provider": None}
    resources = [*([RENAMED] if beside == {"urn": OLD} else []), beside, user]
    assert with_aliases_followed(resources) is resources


def test_of_two_that_claim_a_name_the_first_has_it() -> None:
    resources = [RENAMED, {"urn": "later", "aliases": [OLD]}, {"urn": "user", "parent": OLD}]
    assert with_aliases_followed(resources)[2]["parent"] == NEW
