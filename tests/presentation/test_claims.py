"""No statement is stronger than what was compared: every statement × every state of the world.

Texts are cut into clauses. A clause with a claim word must be one of the known claims, and the world must license it; a
new sentence that claims something is therefore caught until its claim is written down here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from stateroom.model.events import ResourcesRead, ServiceSurveyed, ServiceUnreadable
from stateroom.model.plan import CloudLook, Operation, Plan, ServicePlan
from stateroom.model.version import History
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.survey.verdicts import verdict
from stateroom.presentation.versions import changes_text
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.status_text import freshness, resource_remarks
from stateroom.ui.panes.diff_rows import DiffRows
from stateroom.ui.panes.versions_pane import _rows
from tests.commands.fake import INFO, NOW, FakeCockpit, Process
from tests.presentation.worlds import DENIED, WORLDS, World
from tests.ui.fake import versions

CLAIM = re.compile(
    r"\b(agrees?|in step|nothing|no longer|gone|deleted|never|drifted|missing|is there now|everything|exists)\b"
    r"|\b(cut off|is running|deletes|keeps it|creates|writes|overwrites|refuses|waits)\b"
)
Licence = Callable[[World, re.Match[str]], bool]


def _config_agrees(world: World, _: re.Match[str]) -> bool:
    return world.config_is_state


def _counted(world: World, match: re.Match[str]) -> bool:
    """Check a count of attributes that agree: of one resource, or of all that are in step on all sides."""
    equal = {name: world.equal(name) for name in world.state or {}}
    settled = [name for name in equal if not world.drifted(name) and name in world.read and _x_same(world, name)]
    counts = {*equal.values(), sum(equal[name] for name in settled)}
    return world.cloud is not None and int(match[1]) in counts


def _interruption(world: World) -> bool | None:
    """Tell whether an operation is running (True) or was cut off (False); None: neither."""
    found = world.standing.interrupted
    return None if found is None else found.running


def _all_agrees(world: World) -> bool:
    moved = any(world.drifted(name) or world.let_in(name) for name in world.read)
    return world.config_is_state and world.all_read and not world.unsettled and not moved


def _x_same(world: World, name: str) -> bool:
    return world.config is None or world.config.get(name) == (world.state or {})[name]


def _alone(world: World, _: re.Match[str] | None = None) -> bool:
    """Whether no undeclared change was seen, and all of it was allowed to be looked for."""
    return not world.outside and not world.denied


def _agreeing(world: World, match: re.Match[str]) -> bool:
    """Check a count of attributes that agree: of one resource without undeclared changes, or of all there are."""
    alone = {name for name in world.state or {} if not _beside(world, name) and name not in world.denied}
    return _counted(world, match) and (_alone(world) or int(match[1]) in {world.equal(name) for name in alone})


def _beside(world: World, name: str) -> bool:
    """Whether undeclared changes of a resource were seen."""
    answer, known = world.read.get(name) or {}, (world.state or {}).get(name, {})
    more = {key: value for key, value in answer.items() if key not in known}
    return bool(world.appeared(name)) or any(world.observed.get(name, {}).get(key) != more[key] for key in more)


def _all_read_alike(world: World, match: re.Match[str]) -> bool:
    return int(match[1]) == len(world.read) and not any(map(world.drifted, world.read))


# What may be claimed, and when. Each clause with a claim word must match one, and be licensed by each that it matches.
LICENCES: tuple[tuple[str, Licence], ...] = (
    (r"config and state agree", _config_agrees),
    (r"(\d+) attributes? (?:of \d+ resources? )?agrees?", _agreeing),
    (r"(?:cloud's answers|so do the cloud's answers) about (\d+) resources?", _all_read_alike),
    (r"state is as the cloud answered about (\d+) resources?", _all_read_alike),
    (r"(\d+) in step", _counted),
    (r"not in step", lambda world, _: not _all_agrees(world)),
    (r"is so in the cloud: (\d+) resources?", _all_read_alike),
    (r"(\d+) drifted", lambda world, _: any(map(world.drifted, world.read))),
    (r"(although )?it drifted", lambda world, _: any(map(world.drifted, world.read))),
    (r"missing in the cloud", lambda world, _: bool(world.missing)),
    (r"gone from config", lambda world, _: bool(world.gone_from_config)),
    (r"deploy deletes it", lambda world, _: bool(world.gone_from_config - world.retained - world.waiting)),
    (r"keeps it in the cloud", lambda world, _: bool(world.gone_from_config & world.retained - world.waiting)),
    (r"(?<!then )deploy creates it", lambda world, _: bool(world.created)),
    (r"then deploy creates it", lambda world, _: bool(world.missing - set(world.obstacles))),
    (r"deploy writes (it|them)|overwrites the cloud", lambda world, _: bool(world.written)),
    (r"deploy refuses it", lambda world, _: bool(world.refused)),
    (r"deploy refuses (\d+) resources?", lambda world, match: int(match[1]) == len(world.refused)),
    (r"nothing of a plan with (it|them) runs", lambda world, _: bool(world.refused)),
    (r"waits for|deploy waits", lambda world, _: bool(world.waiting)),
    (r"refresh keeps it, heal undoes it", lambda world, _: any(map(world.drifted, world.read))),
    (r"from the cloud", lambda world, _: bool(world.missing)),
    (r"exists; no attribute", lambda world, _: bool(world.read)),
    (r"[Nn]othing to do", lambda world, _: True),  # what follows the colon is a clause of its own
    (r"deploy does nothing", lambda world, _: world.config is not None),
    (r"never deployed", lambda world, _: not world.state and not world.versions),
    (r"no longer exists in the cloud", lambda world, _: bool(world.missing)),
    (r"was cut off", lambda world, _: _interruption(world) is False),
    (r"notes that it is gone", lambda world, _: bool(world.outside)),
    (r"is running", lambda world, _: _interruption(world) is True),
)


def clauses(text: str) -> Iterator[str]:
    """Yield the parts of a text, between full stops, semicolons, colons, gaps and line ends, that claim something."""
    for part in re.split(r"[.;:\n]|  +", text):
        if CLAIM.search(part):
            yield " ".join(part.split())


def unlicensed(text: str, world: World) -> list[str]:
    """Return the clauses of a text that claim more than the world allows."""
    found = []
    for clause in clauses(text):
        matches = [(match, licence) for pattern, licence in LICENCES if (match := re.search(pattern, clause))]
        if not matches or not all(licence(world, match) for match, licence in matches):
            found.append(clause)
    return found


# Every statement: a name, and the text that a world makes of it.


def command(*arguments: str) -> Callable[[World], str]:
    def run(world: World) -> str:
        offline = "--offline" in arguments
        shown = replace(world, cloud=None) if offline else world
        diffs = shown.diffs()
        events: list[object] = [ServiceSurveyed("orders", diffs, world.standing)]
        if world.config is None and world.problem:
            events.append(ServiceUnreadable("orders", (world.problem,)))
        if not offline and world.cloud is not None:
            events.append(ResourcesRead("orders", diffs))
        if not offline and world.cloud is None:
            return ""  # these commands ask the cloud
        done = Process(FakeCockpit(events=events))(*arguments)  # type: ignore[arg-type]
        return done.out + done.err

    return run


def versions_text(world: World) -> str:
    if not world.versions:
        return ""
    newest, *older = versions()
    past = (replace(newest, completed=None) if world.standing.interrupted else newest, *older)
    shown = Process(FakeCockpit(past={"orders": past}))("versions", "--service", "orders")
    return shown.out + "\n".join(map(changes_text, past))


def deck(world: World) -> DeckModel:
    model = DeckModel()
    model.info = INFO
    model.open(("orders",), {})
    generation = model.begin(keep_readings=False)
    model.apply(generation, ServiceSurveyed("orders", world.diffs(), world.standing), NOW)
    if world.problem:
        model.apply(generation, ServiceUnreadable("orders", (world.problem,)), NOW)
    model.failed = sum(isinstance(answer, type(DENIED)) for answer in (world.cloud or {}).values())
    model.read_at = NOW if world.read else None
    model.end(generation)
    return model


def deck_text(world: World) -> str:
    model = deck(world)
    remarks = resource_remarks(model, {}, "orders", shown=1, total=1, filter_text="") if not world.problem else ()
    return "\n".join((freshness(model, NOW).text, *remarks))


def diff_pane(world: World) -> str:
    table = DiffRows(lambda: NOW)
    lines: list[str] = []
    for diff in world.diffs():
        for width in (60, 120):  # the head is wrapped
            table.resource = diff
            lines.append(" ".join(row.text for row in table.rows(width)))
    return "\n".join(lines)


def versions_pane(world: World) -> str:
    service = deck(world).services["orders"]
    service.history = History(versions() if world.versions else (), held=len(world.state or {}))
    return "\n".join(str(row) for row in _rows(service, NOW) if isinstance(row, str))


def empty_plan(operation: Operation, *, looks: bool) -> Callable[[World], str]:
    """Make the text about an empty plan, in the worlds where the operation finds nothing to do."""

    def text(world: World) -> str:
        look = world.look if looks else None
        if not _finds_nothing(operation, world, looks=looks) or (looks and look is None):
            return ""
        return nothing(Plan(operation, (ServicePlan("orders", look=look),)))

    return text


def _finds_nothing(operation: Operation, world: World, *, looks: bool) -> bool:
    if operation is Operation.DEPLOY:
        return world.config_is_state and not (looks and any(map(world.drifted, world.read)))
    if operation in (Operation.REFRESH, Operation.ACCEPT, Operation.HEAL):
        return world.state is not None and not any(map(world.drifted, world.read))
    return operation is not Operation.REMOVE or not world.state


STATEMENTS: dict[str, Callable[[World], str]] = {
    "status": command("status"),
    "status --offline": command("status", "--offline"),
    "diff": command("diff"),
    "diff --all": command("diff", "--all"),
    "diff --offline": command("diff", "--offline"),
    "verdicts": lambda world: "\n".join(map(verdict, world.diffs())),
    "versions": versions_text,
    "versions pane": versions_pane,
    "deck": deck_text,
    "diff pane": diff_pane,
    "deploy, empty": empty_plan(Operation.DEPLOY, looks=False),
    "deploy --refresh, empty": empty_plan(Operation.DEPLOY, looks=True),
    "refresh, empty": empty_plan(Operation.REFRESH, looks=True),
    "accept, empty": empty_plan(Operation.ACCEPT, looks=True),
    "heal, empty": empty_plan(Operation.HEAL, looks=True),
    "remove, empty": empty_plan(Operation.REMOVE, looks=False),
    "rollback, empty": empty_plan(Operation.ROLLBACK, looks=True),
    "rollback --state-only, empty": empty_plan(Operation.ROLLBACK, looks=False),
}


@pytest.mark.parametrize("world", WORLDS, ids=[world.name for world in WORLDS])
@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_is_stronger_than_what_was_compared(name: str, world: World) -> None:
    """(cases `false-drifted-unset-param`, `rollback-says-is-there-now`)"""
    text = STATEMENTS[name](world)
    if "--offline" in name or ("empty" in name and "--refresh" not in name and "not looked at" in text):
        world = replace(world, cloud=None)
    assert unlicensed(text, world) == [], text


AGREEMENTS = ("status", "diff")


@pytest.mark.parametrize("world", WORLDS, ids=[world.name for world in WORLDS])
@pytest.mark.parametrize("name", AGREEMENTS)
def test_agreement_says_what_stands_outside_and_what_was_not_compared(name: str, world: World) -> None:
    text = STATEMENTS[name](world)
    in_step = [diff.in_step for diff in world.diffs()]
    if world.cloud is None or not (all(in_step) if name == "diff" else any(in_step)) or not in_step:
        return
    assert "was not all looked at" in text
    if all(in_step):
        word = "agree" if _alone(world) else "compared"
        assert re.search(rf"\d+ attributes? (of \d+ resources? )?{word}", text)
        assert max(map(len, text.splitlines())) <= 80
        assert not world.outside or re.search(rf"\^{world.outside}( undeclared changes?)?\b", text)
        assert not world.unanswered or re.search(rf"\b{world.unanswered}\b.*(not given back|does not give back)", text)


BESIDE = [world for world in WORLDS if world.outside or world.denied]


@pytest.mark.parametrize("world", BESIDE, ids=[world.name for world in BESIDE])
@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_agrees_beside_an_undeclared_change(name: str, world: World) -> None:
    """(cases `unmanaged-admin-policy`, `unmanaged-queue-policy`)"""
    if "offline" in name or "empty" in name:
        return  # the cloud is not looked at, or what was found is counted beside (below)
    for line in STATEMENTS[name](world).splitlines():
        agrees = re.search(r"(\d+) attributes? (?:of \d+ resources? )?agree", line)
        assert agrees is None or "2 resources" not in line
        assert not re.search(r"cloud agree|resources? in step$", line)


@pytest.mark.parametrize("world", BESIDE, ids=[world.name for world in BESIDE])
@pytest.mark.parametrize("name", ["status", "diff"])
def test_undeclared_changes_are_counted_and_dangerous_ones_shown(name: str, world: World) -> None:
    if world.config is None or world.cloud is None:
        return
    text = STATEMENTS[name](world)
    assert not world.outside or re.search(rf"\^{world.outside}\b", text), text
    letting_in = [item for item in world.state or {} if world.let_in(item)]
    for resource in letting_in:
        assert re.search(rf"^(\^.|.\^|[~!x ]+) orders/{resource}\b", text, re.MULTILINE)
        assert re.search(r"may come in", text)
    assert not world.denied or "not allowed" in text


def test_the_worlds_differ_in_what_they_license() -> None:
    by_name = {world.name: world for world in WORLDS}
    assert by_name["agrees"].all_read
    assert [by_name["drift"].drifted(name) for name in "AB"] == [True, False]
    assert by_name["missing in the cloud"].missing == {"A"}
    assert by_name["changes outside the config"].outside == 1
    assert by_name["attributes not given back"].unanswered == 1
    assert not by_name["the first reading was behind"].drifted("A")


@pytest.mark.parametrize(
    ("text", "world"),
    [
        ("2 resources: config, state and cloud agree", "agrees"),
        ("5 attributes of 2 resources agree", "agrees"),
        ("3 attributes of 2 resources agree", "cloud not asked"),
        ("drifted", "config cannot be compiled"),
        ("1 drifted", "agrees"),
        ("missing in the cloud", "none can be read"),
        ("gone from config", "config cannot be compiled"),
        ("that version is what is there now", "agrees"),
        ("somebody deleted it since the last deploy", "missing in the cloud"),
        ("never deployed", "a state without history"),
        ("config and state agree", "config changed"),
        ("deploy was cut off after 1 step", "an operation is running"),
        ("deploy is running", "interrupted"),
        ("all is in step", "agrees"),
        ("new in config: deploy creates it", "new and refused"),
        ("new in config: deploy creates it", "new and waits"),
        ("1 pending: deploy writes it", "changed and refused"),
        ("1 in conflict: deploy overwrites the cloud", "in conflict and refused"),
        ("gone from config: deploy deletes it", "gone from config and waits"),
        ("refresh drops it from state, and then deploy creates it", "changed and refused, missing"),
        ("deploy refuses it", "config changed"),
        ("deploy refuses 2 resources", "new and refused"),
        ("waits for P", "never deployed"),
    ],
)
def test_a_claim_without_a_licence_is_caught(text: str, world: str) -> None:
    assert unlicensed(text, next(item for item in WORLDS if item.name == world))


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (None, "the state is as at that version; the cloud was not looked at"),
        (CloudLook(3), "the state is as at that version; the cloud's answers about 3 resources agree with it"),
        (CloudLook(3, differing=1), "the cloud differs in 1 of 3 resources: heal puts it back"),
        (CloudLook(2, unread=1), "about 2 resources (1 could not be read)"),
    ],
)
def test_rolling_back_to_the_present_version_says_what_was_compared(look: CloudLook | None, said: str) -> None:
    """(case `rollback-says-is-there-now`)"""
    text = nothing(Plan(Operation.ROLLBACK, (ServicePlan("orders", look=look),)))
    assert said in text
    assert "there now" not in text
