"""Children that the cloud deletes with their parents, where two of them would make their parents wait in a circle."""

from __future__ import annotations

from stateroom.cloud.provider import TypeSchema
from stateroom.engine.planning.deletions import delete_with_parents
from stateroom.model.graph import topological_order
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record

CHILD_OF = {"Route": "ApiId", "Integration": "ApiId", "Permission": "FunctionName"}


def _schema(type_: str) -> TypeSchema:
    return TypeSchema(type_, children_of=CHILD_OF.get(type_, ""))


def _delete(*records: Record) -> dict[str, Step]:
    """Deletions of all records, dependents first, with children merged into their parents."""
    steps = {}
    for record in records:
        users = tuple(other.logical_id for other in records if record.logical_id in other.dependencies)
        steps[record.logical_id] = Step(
            record.logical_id, "orders", record.logical_id, record.type, Action.DELETE, waits_for=users
        )
    merged = delete_with_parents(steps, {record.logical_id: record for record in records}, _schema)
    assert len(topological_order({name: step.waits_for for name, step in merged.items()})) == len(records)
    return merged


def _record(name: str, type_: str, *depends: str, **inputs: str) -> Record:
    return Record(name, type_, name, inputs, inputs, depends)


def test_a_child_goes_with_its_parent() -> None:
    steps = _delete(_record("api", "Api"), _record("route", "Route", "api", ApiId="api"))
    assert (steps["route"].deleted_with, steps["api"].deleted_with) == ("api", "")


def test_an_api_and_a_function_that_wait_for_each_other_s_children_are_both_deleted() -> None:
    steps = _delete(
        _record("api", "Api"),
        _record("function", "Function"),
        _record("integration", "Integration", "api", "function", ApiId="api"),
        _record("permission", "Permission", "function", "api", FunctionName="function"),
    )
    assert [name for name, step in steps.items() if step.deleted_with] in (["integration"], ["permission"])


def test_a_function_that_knows_its_own_api_is_deleted_before_it() -> None:
    steps = _delete(
        _record("api", "Api"),
        _record("function", "Function", "api"),
        _record("integration", "Integration", "api", "function", ApiId="api"),
    )
    assert not steps["integration"].deleted_with
    assert steps["api"].waits_for == ("function", "integration")
