"""States that load and are not in order: every reader says so, names the rule, and says what resolves it.

Homes of other tools first, where a state may break any rule of Pulumi's; then our own.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from tests.commands.fake import Process, Run
from tests.commands.sst_home import Machine
from tests.engine.lab import QUEUE, Lab, one_service
from tests.state.sst_states import ledger, urn
from tests.support.examples import examples

READERS = ("status", "diff", "versions")
HALF = {
    "type": "creating",
    "resource": {"urn": urn("aws:sqs/queue:Queue", "Half"), "custom": True, "type": "aws:sqs/queue:Queue"},
}
Harm = Callable[[dict[str, Any]], None]


def last(latest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = latest["resources"][-1]
    return found


def twice(latest: dict[str, Any]) -> None:
    latest["resources"].append({**last(latest), "id": "another"})


def marked(name: str, value: Any = True) -> Harm:
    return lambda latest: last(latest).update({name: value})


def dangling(key: str, value: Any) -> Harm:
    return lambda latest: last(latest).update({key: value})


GONE = urn("sst:aws:Bucket", "Gone")
CASES: dict[str, tuple[Harm, str, str, int]] = {
    "case `silent-duplicate-urn`": (twice, "duplicate resource", "state repair", 1),
    "case `silent-pending`": (
        lambda s: s.update(pending_operations=[HALF]),
        "Half: create is pending",
        "state repair",
        2,
    ),
    "a nameless pending operation": (
        lambda s: s.update(pending_operations=[{"type": "creating"}]),
        "names no resource",
        "state repair",
        2,
    ),
    "a missing parent": (dangling("parent", GONE), "refers to missing parent Gone", "state repair", 1),
    "a missing dependency": (dangling("dependencies", [GONE]), "refers to missing dependency Gone", "state repair", 1),
    "an unknown provider": (dangling("provider", f"{GONE}::1"), "refers to unknown provider Gone", "state repair", 1),
    "a missing deletedWith": (dangling("deletedWith", GONE), "missing deletedWith Gone", "state repair", 1),
    "out of order": (lambda s: s["resources"].reverse(), "comes after it", "state repair", 1),
    "a wrong checksum": (lambda s: s["manifest"].update(magic="0" * 64), "checksum", "state repair", 1),
    "a resource without a type": (lambda s: last(s).pop("type"), "has no type", "state repair", 1),
    "a resource without a URN": (lambda s: last(s).pop("urn"), "has no URN", "state repair", 1),
    "something else in the list": (lambda s: s["resources"].append("?"), "is not an object", "state repair", 1),
    "integrity_error": (
        lambda s: s.update(metadata={"integrity_error": {"version": "3", "command": "up", "error": "x"}}),
        "found it broken during up",
        "state repair",
        1,
    ),
    "initErrors": (marked("initErrors", ["timed out"]), "did not become ready (initErrors)", "deploy", 2),
    "pendingReplacement": (marked("pendingReplacement"), "not made yet (pendingReplacement)", "deploy", 2),
    "taint": (marked("taint"), "marked to be replaced (taint)", "deploy", 2),
    "delete": (marked("delete"), "waits to be deleted (delete)", "deploy", 2),
    "external": (marked("external"), "only read by this state, not managed (external)", "nothing is to be done", 0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_state_of_sst_that_is_not_in_order_is_not_silent(tmp_path: Path, name: str) -> None:
    harm, says, remedy, code = CASES[name]
    machine = Machine(tmp_path)
    body = json.loads(ledger().dump())
    harm(body["checkpoint"]["latest"])
    path = machine.put("app", json.dumps(body).encode())
    before = path.read_bytes()
    for reader in READERS:
        run = machine(reader)
        assert says in run.out, reader
        assert remedy in run.out.split(says, 1)[1].splitlines()[0], reader
        document = machine(reader, "--json").document
        standing = document["standing"]["ledger/qa"] if reader == "diff" else document["services"][0]["standing"]
        assert standing["problems"] or standing["pending"]
    assert machine("status").code == (1 if code == 1 else 0)
    assert machine("status", "--exit-code").code == code
    assert path.read_bytes() == before


def test_a_state_in_order_says_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.deployed()
    runs = [machine(reader) for reader in READERS]
    assert not [word for run in runs for word in ("repair", "pending", "breaks", "waits", "mark") if word in run.out]
    assert machine("status", "--json").document["services"][0]["standing"]["problems"] == []


def test_repair_takes_the_note_of_a_broken_rule_away(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    body = json.loads(ledger().dump())
    body["checkpoint"]["latest"]["metadata"] = {"integrity_error": {"command": "up"}, "other": 1}
    path = machine.put("app", json.dumps(body).encode())
    assert machine("state", "repair", "--yes").code == 0
    assert json.loads(path.read_bytes())["checkpoint"]["latest"]["metadata"] == {"other": 1}
    assert machine("status").code == 0


# -- versions


def test_a_state_without_a_recorded_operation_was_deployed_all_the_same(tmp_path: Path) -> None:
    """Case `versions-never-deployed`: SST of an older version, or a restored file."""
    machine = Machine(tmp_path)
    machine.put("app", ledger().dump())
    shown = machine("status", "--json").document["services"][0]["resources"]
    run = machine("versions")
    assert "never deployed" not in run.out
    assert f"no recorded operation; the state holds {shown} resources, last modified " in run.out
    assert machine("versions", "--json").document["services"][0]["held"] == shown


def test_pruned_records_leave_the_state_and_its_versions(tmp_path: Path) -> None:
    """The records are gone and the copies are there; then the copies are gone as well."""
    machine = Machine(tmp_path)
    machine.deployed()
    for path in (machine.states / "update").rglob("*.json"):
        path.unlink()
    assert len(machine.versions()) == 1
    for path in (machine.states / "snapshot").rglob("*.json"):
        path.unlink()
    assert "no recorded operation; the state holds" in machine("versions").out


def test_a_state_that_is_gone_but_for_its_versions_is_lost_and_not_new(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    path = machine.deployed()
    path.unlink()
    for reader in READERS:
        run = machine(reader, "--service", "ledger/qa")
        assert "the state is gone; its newest version has" in run.out, reader
        assert "`stateroom state repair` brings it back" in run.out
    assert machine("state", "repair", "--service", "ledger/qa", "--yes").code == 0
    assert "gone" not in machine("status").out


# -- our own home


def ours(lab: Lab) -> Path:
    return next((lab.directory / ".stateroom" / "app").rglob("*.json"))


def look(lab: Lab, *line: str) -> Run:
    return Process(lab.cockpit)(*line)  # type: ignore[arg-type]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path, one_service(A=(QUEUE, {"QueueName": "a"}), B=(QUEUE, {"QueueName": "b"})))
    assert lab.run().ok
    return lab


def harm_ours(lab: Lab, harm: Harm) -> None:
    body = json.loads(ours(lab).read_bytes())
    harm(body["checkpoint"]["latest"])
    ours(lab).write_text(json.dumps(body))


@pytest.mark.parametrize("mark", ["initErrors", "taint", "pendingReplacement", "external"])
def test_marks_in_our_own_state_are_told(lab: Lab, mark: str) -> None:
    harm_ours(lab, marked(mark))
    for reader in READERS:
        assert f"({mark})" in look(lab, reader).out, reader


def test_a_broken_rule_in_our_own_state_names_repair(lab: Lab) -> None:
    harm_ours(lab, twice)
    for reader in ("status", "diff"):
        run = look(lab, reader)
        assert run.code == 1
        assert "duplicate resource" in run.err
        assert "`stateroom state repair` puts it right" in run.err
    assert "duplicate resource B" in look(lab, "versions").out


def test_a_lost_state_of_ours_is_not_said_to_be_new(lab: Lab) -> None:
    ours(lab).unlink()
    for reader in READERS:
        assert "the state is gone" in look(lab, reader).out, reader
    assert look(lab, "status").code == 1


def test_a_removed_service_is_not_lost(lab: Lab) -> None:
    from stateroom.model.plan import Operation

    assert lab.run(Operation.REMOVE).ok
    assert "gone" not in look(lab, "status").out + look(lab, "versions").out


def test_a_service_that_was_removed_from_a_machine_with_a_slow_clock_is_not_lost(lab: Lab) -> None:
    """So too after a remove that took in what a killed one left: it began before it stored that as a version."""
    from stateroom.model.plan import Operation

    for path in list((lab.directory / ".stateroom").rglob("*.json")):
        if path.parents[2].name in ("snapshot", "update"):  # the deploy began an hour after the remove, as ids say
            later = f"{int(path.stem[:12], 16) - 3_600_000:012x}{path.stem[12:]}"
            path.write_text(path.read_text().replace(path.stem, later))
            path.rename(path.with_stem(later))
    assert lab.run(Operation.REMOVE).ok
    assert "gone" not in look(lab, "status").out + look(lab, "versions").out


# -- whatever stands in the file

_ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}), st.just([1])
)
_PLACES = st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=4)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a JSON value."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((*path, key), *places(value[key], (*path, key)))]


def with_at(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        body = body[key]
    body[path[-1]] = value


@given(chosen=_PLACES, value=_ANYTHING)
@examples(25)
@pytest.mark.parametrize("home", ["ours", "SST's"])
def test_no_content_of_a_state_file_is_a_bug_of_ours(
    tmp_path_factory: pytest.TempPathFactory, home: str, chosen: list[int], value: Any
) -> None:
    directory = tmp_path_factory.mktemp("home")
    path: Path
    read: Callable[[str], Run]
    if home == "ours":
        lab = Lab(directory, one_service(A=(QUEUE, {"QueueName": "a"})))
        lab.run()
        path, read = ours(lab), lambda reader: look(lab, reader)
    else:
        machine = Machine(directory)
        path, read = machine.put("app", ledger().dump()), machine
    body = json.loads(path.read_bytes())
    for number in chosen:
        found = places(body["checkpoint"])
        if found:
            with_at(body["checkpoint"], found[number % len(found)], copy.deepcopy(value))  # never into itself
    path.write_text(json.dumps(body))
    for reader in READERS:
        run = read(reader)
        assert "bug" not in run.err + run.out, f"{reader}: {body}"


def test_the_ledger_is_in_order() -> None:
    assert CheckpointDocument.parse(ledger().dump()).problems() == ()
