"""States that Pulumi would refuse are refused here, before they are written or built upon."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.errors import StateError
from stateroom.state.checkpoint.integrity import check, magic_of, problems

Raw = dict[str, Any]
STACK: Raw = {"urn": "urn:pulumi:dev::a::pulumi:pulumi:Stack::a-dev", "type": "pulumi:pulumi:Stack", "custom": False}
PROVIDER: Raw = {"urn": "urn:pulumi:dev::a::pulumi:providers:aws::p", "type": "pulumi:providers:aws", "id": "1"}
PROVIDER["custom"] = True


def bucket(name: str, **fields: Any) -> Raw:
    return {"urn": f"urn:pulumi:dev::a::aws:s3:B::{name}", "type": "aws:s3:B", "custom": True, "id": name, **fields}


def urn(name: str) -> str:
    return str(bucket(name)["urn"])


def deployment(*resources: Any, manifest: Any = None) -> Raw:
    return {"manifest": manifest or {}, "resources": list(resources)}


def test_a_sound_state_has_no_problems() -> None:
    provider = f"{PROVIDER['urn']}::1"
    first = bucket("one", parent=STACK["urn"], provider=provider)
    second = bucket("two", dependencies=[urn("one")], propertyDependencies={"x": [urn("one")], "y": None})
    old = bucket("one", delete=True)
    check(deployment(STACK, PROVIDER, first, second, old, manifest={"version": "v3", "magic": magic_of("v3")}))


BROKEN: list[tuple[str, Raw]] = [
    ("checksum", deployment(manifest={"version": "v3.215.0", "magic": "0" * 64})),
    ("has no URN", deployment({"type": "x", "custom": True})),
    ("has no type", deployment({"urn": "urn:pulumi:dev::a::t::n", "custom": True})),
    ("is a component but has an id", deployment({**STACK, "id": "x"})),
    ("has no id", deployment({**PROVIDER, "id": ""})),
    ("refers to unknown provider", deployment(bucket("one", provider="urn:x::1"))),
    ("refers to unknown provider", deployment(PROVIDER, bucket("one", provider=f"{PROVIDER['urn']}::2"))),
    ("refers to unknown provider", deployment(bucket("one", provider=f"{PROVIDER['urn']}::1"), PROVIDER)),
    ("refers to missing parent", deployment(bucket("one", parent=STACK["urn"]))),
    ("comes after it", deployment(bucket("one", parent=STACK["urn"]), STACK)),
    ("refers to missing dependency", deployment(bucket("one", dependencies=[urn("two")]))),
    ("comes after it", deployment(bucket("one", dependencies=[urn("two")]), bucket("two"))),
    ("property dependency", deployment(bucket("one", propertyDependencies={"x": [urn("two")]}))),
    ("deletedWith", deployment(bucket("one", deletedWith=urn("two")))),
    ("replaceWith", deployment(bucket("one", replaceWith=[urn("two")]))),
    ("duplicate resource", deployment(bucket("one"), bucket("one"))),
    ("duplicate resource", deployment(bucket("one"), bucket("one", delete=True), bucket("one"))),
    ("not an object", deployment("text")),
    ("not URNs", deployment(bucket("one", dependencies=[1]))),
    ("not URNs", deployment(bucket("one", propertyDependencies=["x"]))),
    ("not a reference", deployment(bucket("one", provider=1))),
]


@pytest.mark.parametrize(("meaning", "broken"), BROKEN)
def test_a_broken_rule_is_named(meaning: str, broken: Raw) -> None:
    with pytest.raises(StateError, match="state integrity failure") as caught:
        check(broken)
    assert meaning in caught.value.what


def test_a_pending_replacement_may_have_lost_its_provider() -> None:
    check(deployment(bucket("one", provider="urn:x::1", pendingReplacement=True)))


def test_every_problem_is_told_not_only_the_first() -> None:
    assert len(list(problems(deployment(bucket("one", parent="p", dependencies=["d"]), bucket("one"))))) == 3
