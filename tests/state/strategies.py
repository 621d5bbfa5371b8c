"""Arbitrary states, ours and those of other tools, for property tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from stateroom.model.pending import PendingOperation
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Secret
from stateroom.state.checkpoint.integrity import magic_of
from stateroom.state.checkpoint.resource_codec import OURS
from stateroom.state.secrets.secret_encoding import SIGNATURE
from tests.state.builders import snapshot

names = st.text(min_size=1, max_size=12).filter(lambda text: text not in (SIGNATURE, OURS))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
values = st.recursive(
    plain | plain.map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
types = st.sampled_from(["AWS::Lambda::Function", "AWS::SQS::Queue", "Custom::Thing", "AWS::Unheard::Of"])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    records: list[Record] = []
    for name in draw(st.lists(st.from_regex(r"[A-Za-z]\w{0,8}", fullmatch=True), unique=True, max_size=4)):
        earlier = [record.logical_id for record in records]
        chosen = st.lists(st.sampled_from(earlier), unique=True, max_size=2) if earlier else st.just([])
        records.append(
            Record(
                logical_id=name,
                type=draw(types),
                physical_id=draw(st.text(min_size=1, max_size=8)),
                inputs=draw(st.dictionaries(names, values, max_size=3)),
                observed=draw(st.dictionaries(names, values, max_size=3)),
                dependencies=tuple(draw(chosen)),
                reader_version=draw(st.integers(1, 9)),
                retain=draw(st.booleans()),
                created=draw(st.sampled_from(["", "2026-11-21T12:00:00Z"])),
                lineage=draw(st.sampled_from(["", "ours", "of a state that it was moved from"])),
                adopted=draw(st.sampled_from(["", "2026-11-20T12:00:00Z"])),
            )
        )
        if draw(st.booleans()):
            records.append(replace(records[-1], physical_id="the old copy", condemned=True))
    outputs = draw(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), values, max_size=2))
    return replace(snapshot(*records, **outputs), lineage=draw(st.sampled_from(["", "ours"])))


extras = st.dictionaries(st.from_regex(r"x[a-z]{1,6}", fullmatch=True), plain, max_size=3)


@st.composite
def foreign_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A checkpoint such as another tool may write, with resources of its own and fields that nobody here knows."""
    resources: list[dict[str, Any]] = []
    for index in range(draw(st.integers(0, 4))):
        raw = {"urn": f"urn:pulumi:dev::orders::aws:s3/bucket:Bucket::b{index}", "custom": True, "id": f"id{index}"}
        raw |= {"type": "aws:s3/bucket:Bucket", **draw(extras)}
        raw |= {key: draw(st.dictionaries(names, plain, max_size=3)) for key in ("inputs", "outputs")}
        depends = draw(st.booleans())
        if resources and depends:
            raw["dependencies"] = [draw(st.sampled_from(resources))["urn"]]
        resources.append(raw)
    latest = draw(extras) | {"manifest": {"version": "v3.1.0", "magic": magic_of("v3.1.0"), **draw(extras)}}
    latest |= {"resources": resources, "pending_operations": draw(st.sampled_from([None, [{"type": "creating"}]]))}
    if draw(st.booleans()):
        latest["secrets_providers"] = {"type": "cloud", "state": draw(plain)}
    checkpoint = {"stack": "organization/orders/dev", "latest": latest, **draw(extras)}
    return {"version": draw(st.sampled_from([3, 4])), "checkpoint": checkpoint, **draw(extras)}


@st.composite
def pending_operations(draw: st.DrawFn) -> PendingOperation:
    return PendingOperation(
        logical_id=draw(st.from_regex(r"[A-Za-z]\w{0,8}", fullmatch=True)),
        type=draw(types),
        action=draw(st.sampled_from(["create", "replace", "update", "delete", "adopt"])),
        physical_id=draw(st.text(max_size=8)),
        inputs=draw(st.dictionaries(names, values, max_size=3)),
        dependencies=tuple(draw(st.lists(st.from_regex(r"[A-Z]\w{0,5}", fullmatch=True), max_size=2))),
        since=draw(st.sampled_from(["", "2026-11-21T12:00:00Z"])),
        why=draw(st.text(max_size=20)),
        adopted=draw(st.sampled_from(["", "2026-11-20T12:00:00Z"])),
    )
