"""Broken state files of every kind, made whole without forgetting what exists in the cloud."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.errors import StateError
from stateroom.state.tools.pending_operations import Answer, Unanswered
from stateroom.state.tools.repair import repair
from tests.state.sst_states import PROVIDER, bucket, component, document, function, ledger, urn
from tests.support.examples import examples


def lines(edit: Any) -> list[str]:
    return [f"{item.sign} {item.urn.rsplit('::', 1)[-1]} {item.text}".replace("  ", " ") for item in edit.alterations]


def test_a_state_that_keeps_the_rules_is_not_touched() -> None:
    whole = ledger()
    edit = repair(whole)
    assert edit.alterations == ()
    assert edit.document.same_as(whole)


def test_a_resource_whose_component_is_gone_is_kept_and_put_below_the_stack() -> None:
    broken = ledger()
    broken = broken.with_resources([raw for raw in broken.resources if not raw["urn"].endswith("::MyBucket")])
    assert broken.problems()
    edit = repair(broken)
    assert edit.document.problems() == ()
    kept = {raw["urn"]: raw for raw in edit.document.resources}
    assert kept[urn("sst:aws:Bucket$aws:s3/bucket:Bucket", "MyBucketBucket")]["id"] == "ledger-qa-bucket"
    assert kept[urn("sst:aws:Bucket$aws:s3/bucket:Bucket", "MyBucketBucket")]["parent"] == urn(
        "pulumi:pulumi:Stack", "ledger-qa"
    )
    assert any("put below the stack, nothing is dropped" in line for line in lines(edit))


def test_a_component_that_an_older_version_knows_comes_back() -> None:
    whole = ledger()
    broken = whole.with_resources([raw for raw in whole.resources if not raw["urn"].endswith("::MyBucket")])
    edit = repair(broken, older=[whole])
    assert edit.document.problems() == ()
    assert {raw["urn"] for raw in edit.document.resources} == {raw["urn"] for raw in whole.resources}
    assert any("brought back from an older version" in line for line in lines(edit))


def test_a_state_in_the_wrong_order_is_put_in_order() -> None:
    whole = ledger()
    edit = repair(whole.with_resources(whole.resources[::-1]))
    assert edit.document.problems() == ()
    assert sorted(raw["urn"] for raw in edit.document.resources) == sorted(raw["urn"] for raw in whole.resources)


def test_references_that_lead_nowhere_are_taken_out_and_the_resource_stays() -> None:
    broken = function("Fn", dependencies=[urn("aws:sqs/queue:Queue", "Gone")])
    broken["propertyDependencies"] = {"environment": [urn("aws:sqs/queue:Queue", "Gone")]}
    broken["deletedWith"] = urn("aws:sqs/queue:Queue", "Gone")
    edit = repair(document(*ledger().resources, broken))
    kept = edit.document.resources[-1]
    assert edit.document.problems() == ()
    assert (kept["dependencies"], kept["propertyDependencies"]) == ([], {"environment": []})
    assert "deletedWith" not in kept


def test_of_two_copies_the_newest_lives_and_the_other_cloud_object_is_not_forgotten() -> None:
    old = bucket("Twice", id_="old-bucket") | {"modified": "2026-01-01T00:00:00Z"}
    new = bucket("Twice", id_="new-bucket") | {"modified": "2026-02-01T00:00:00Z"}
    edit = repair(document(*ledger().resources, new, old))
    copies = {raw["id"]: raw for raw in edit.document.resources if raw["urn"] == new["urn"]}
    assert edit.document.problems() == ()
    assert not copies["new-bucket"].get("delete")
    assert copies["old-bucket"]["delete"]
    assert copies["old-bucket"]["retainOnDelete"], "the next deploy must not delete what someone may need"


def test_the_very_same_resource_twice_is_kept_once() -> None:
    edit = repair(document(*ledger().resources, bucket("Twice"), bucket("Twice")))
    assert sum(raw["urn"] == bucket("Twice")["urn"] for raw in edit.document.resources) == 1


def test_a_provider_that_is_gone_comes_back_or_is_replaced_by_the_only_one_of_its_kind() -> None:
    whole = ledger()
    without = whole.with_resources([raw for raw in whole.resources if raw["urn"] != PROVIDER["urn"]])
    assert repair(without, older=[whole]).document.problems() == ()
    other = {**PROVIDER, "urn": urn("pulumi:providers:aws", "other"), "id": "another-id"}
    edit = repair(without.with_resources([without.resources[0], other, *without.resources[1:]]))
    assert edit.document.problems() == ()
    assert {raw["provider"] for raw in edit.document.resources if raw.get("provider")} == {
        f"{other['urn']}::another-id"
    }


def test_a_provider_that_nobody_knows_is_said_and_not_made_up() -> None:
    whole = ledger()
    edit = repair(whole.with_resources([raw for raw in whole.resources if raw["urn"] != PROVIDER["urn"]]))
    assert edit.unsettled
    with pytest.raises(StateError, match="unknown provider"):
        edit.document.dump()


def test_dependencies_in_a_circle_are_opened() -> None:
    one, two = function("One"), function("Two")
    one["dependencies"], two["dependencies"] = [two["urn"]], [one["urn"]]
    edit = repair(document(*ledger().resources, one, two))
    assert edit.document.problems() == ()
    assert {"One", "Two"} <= {raw["urn"].rsplit("::", 1)[1] for raw in edit.document.resources}


@pytest.mark.parametrize(
    ("kind", "found", "in_state", "sign"),
    [
        ("creating", "my-queue", True, "+"),
        ("creating", None, False, "~"),
        ("deleting", None, False, "-"),
        ("deleting", "my-queue", True, "~"),
        ("updating", "my-queue", True, "~"),
    ],
)
def test_pending_operations_end_as_the_cloud_says(kind: str, found: str | None, in_state: bool, sign: str) -> None:
    queue = {"urn": urn("aws:sqs/queue:Queue", "Q"), "custom": True, "type": "aws:sqs/queue:Queue", "inputs": {}}
    recorded = [] if kind == "creating" else [{**queue, "id": "my-queue"}]
    state = document(*ledger().resources, *recorded, pending=[{"resource": queue, "type": kind}])
    edit = repair(state, ask=lambda raw: Answer(found))
    assert edit.document.pending == []
    assert any(raw["urn"] == queue["urn"] for raw in edit.document.resources) is in_state
    assert [item.sign for item in edit.alterations] == [sign]


def test_a_pending_operation_that_the_cloud_cannot_be_asked_about_stays_pending() -> None:
    operation = {"resource": bucket("New", id_=""), "type": "creating"}
    edit = repair(document(*ledger().resources, pending=[operation]), ask=lambda raw: Unanswered("no credentials"))
    assert edit.document.pending == [operation]
    assert [item.sign for item in edit.alterations] == ["?"]


def test_what_nobody_here_knows_stays() -> None:
    state = document(*ledger().resources[::-1], extra={"features": ["hooks"], "futureField": {"a": 1}})
    state.resources[0]["snippetID"] = "s-1"
    edit = repair(state)
    assert edit.document.body["features"] == ["hooks"]
    assert edit.document.body["futureField"] == {"a": 1}
    assert any(raw.get("snippetID") == "s-1" for raw in edit.document.resources)


def test_what_is_no_resource_at_all_goes() -> None:
    state = document(*ledger().resources)
    state.resources.extend([None, {"type": "no urn"}])  # type: ignore[list-item]
    edit = repair(state)
    assert edit.document.problems() == ()
    assert len(edit.alterations) == 2


@given(st.data())
@examples(150)
def test_whatever_was_broken_the_result_keeps_the_rules_and_every_physical_id(data: st.DataObject) -> None:
    resources = json.loads(json.dumps([*ledger().resources, component("C"), bucket("B"), function("F")]))
    urns = [raw["urn"] for raw in resources] + ["urn:pulumi:qa::ledger::nowhere:Nothing::X"]
    for raw in resources[2:]:
        for key in ("parent", "deletedWith"):
            if data.draw(st.booleans()):
                raw[key] = data.draw(st.sampled_from([item for item in urns if item != raw["urn"]]))
        raw["dependencies"] = data.draw(st.lists(st.sampled_from(urns), max_size=3))
    resources = data.draw(st.permutations(resources)) + data.draw(st.lists(st.sampled_from(resources), max_size=2))
    try:
        edit = repair(document(*resources))
    except StateError as error:
        if "depend on each other" not in error.what:  # parents in a circle: said, and nothing written
            raise
        return
    assert edit.document.problems() == ()
    assert {raw.get("id") for raw in resources if raw.get("id")} == {
        raw.get("id") for raw in edit.document.resources if raw.get("id")
    }
