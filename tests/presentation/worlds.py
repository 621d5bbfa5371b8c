"""Worlds for the test of statements: what config, state and cloud hold of one service, and what of it was read.

The differences come from the product's own comparison. What may be said about a world is worked out here a second time,
from the raw values, so that the product is not its own judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stateroom.cloud.children import ChildReading
from stateroom.cloud.provider import Reading
from stateroom.engine.survey.comparison import ServiceComparison, Unsettled
from stateroom.engine.survey.obstacles import Obstacle
from stateroom.errors import CloudError
from stateroom.model.diff import ResourceDiff
from stateroom.model.plan import CloudLook
from stateroom.model.resource import Live, Record
from stateroom.model.standing import Interruption, OpenStep, Standing
from stateroom.model.values import Unresolved
from tests.engine.cloud import MemoryChildren, MemoryCloud

QUEUE = "AWS::SQS::Queue"
Values = dict[str, Any]


_QUIET = Standing()


@dataclass(frozen=True)
class World:
    """One state of the world.

    Args:
        name: for the test's name.
        config: properties by resource; None: it cannot be compiled.
        state: what the last deploy asked for, by resource; None: there is no state.
        cloud: what the cloud answers, by resource: None for what is missing, an error for what may not be read. None in
            place of all: it was not asked.
        observed: what the cloud answered after the last deploy, where that is not what was asked for.
        problem: why the config cannot be compiled; "" while it is being compiled.
        versions: whether past versions are recorded.
        standing: what runs, was cut off or is pending.
        unsettled: why it is not known how a resource's last step ended, by resource.
        obstacles: what a deploy refuses or leaves alone, by resource.
    """

    name: str
    config: dict[str, Values] | None
    state: dict[str, Values] | None
    cloud: dict[str, Values | CloudError | None] | None
    observed: dict[str, Values] = field(default_factory=dict)
    problem: str = ""
    versions: bool = True
    standing: Standing = _QUIET
    unsettled: dict[str, str] = field(default_factory=dict)
    obstacles: dict[str, Obstacle] = field(default_factory=dict)
    retained: frozenset[str] = frozenset()  # what a delete leaves in the cloud
    children: dict[str, dict[str, Any]] = field(default_factory=dict)  # policy statements by resource; {}: none
    known: dict[str, dict[str, Any] | None] = field(default_factory=dict)  # those recorded; None: nobody has looked
    denied: frozenset[str] = frozenset()  # resources whose policy may not be looked at
    quick: bool = False  # policies are not asked for

    def diffs(self) -> tuple[ResourceDiff, ...]:
        """Compare as the product does."""
        records = {
            name: Record(
                name,
                QUEUE,
                name.lower(),
                asked,
                self.observed.get(name, asked),
                retain=name in self.retained,
                children=None if known is None else {"Statements": known},
            )
            for name, asked in (self.state or {}).items()
            for known in [self.known.get(name, {})]
        }
        comparison = ServiceComparison(
            "orders",
            MemoryCloud(children=MemoryChildren({QUEUE: ("Statements",)})),
            desired=self.config or {},
            types=dict.fromkeys(self.config or {}, QUEUE),
            records=records,
            without_config=self.config is None,
            config_error=self.problem,
            unsettled={name: Unsettled(QUEUE, why) for name, why in self.unsettled.items()},
            obstacles=self.obstacles,
            readings={name: _reading(name, answer) for name, answer in (self.cloud or {}).items() if name in records},
            children={} if self.quick else {name: {"Statements": self._statements(name)} for name in records},
        )
        return tuple(comparison.diff(name) for name in comparison.order())

    def _statements(self, name: str) -> ChildReading:
        if name in self.denied:
            return ChildReading(name, "Statements", unread="sqs:GetQueueAttributes is not allowed")
        return ChildReading(name, "Statements", self.children.get(name, {}))

    # What is true, from the raw values.

    @property
    def read(self) -> dict[str, Values | None]:
        """The answers of the cloud about recorded resources; None for one that is missing."""
        answers = (self.cloud or {}).items()
        return {
            name: answer
            for name, answer in answers
            if not isinstance(answer, CloudError) and name in (self.state or {})
        }

    @property
    def all_read(self) -> bool:
        """Whether every recorded resource was read."""
        return self.cloud is not None and set(self.read) == set(self.state or {})

    @property
    def config_is_state(self) -> bool:
        """Whether config and state say the same, as far as all of the config is known."""
        return self.config is not None and (self.config or {}) == (self.state or {})

    def equal(self, name: str) -> int:
        """How many attributes of a resource were compared on all sides and are equal."""
        asked, answer = (self.state or {}).get(name, {}), self.read.get(name) or {}
        wanted = asked if self.config is None else self.config.get(name, {})
        return sum(key in answer and wanted.get(key) == value for key, value in asked.items() if self._same(name, key))

    def _same(self, name: str, key: str) -> bool:
        asked, answer = (self.state or {})[name], self.read.get(name) or {}
        before = self.observed.get(name, asked)
        return bool(answer.get(key) == before.get(key) or answer.get(key) == asked[key])

    def drifted(self, name: str) -> bool:
        """Whether the cloud was read and differs in what the state sets, or lacks the resource."""
        asked, answer = (self.state or {}).get(name, {}), self.read.get(name)
        if name not in self.read:
            return False
        return answer is None or any(not self._same(name, key) for key in asked)

    @property
    def missing(self) -> set[str]:
        """Recorded resources that the cloud was asked about and does not have."""
        return {name for name, answer in self.read.items() if answer is None}

    @property
    def gone_from_config(self) -> set[str]:
        """Recorded resources that the config was read for and does not have."""
        return set(self.state or {}) - set(self.config) if self.config is not None else set()

    def appeared(self, name: str) -> list[Any]:
        """List the statements of a resource that were looked at and are not as recorded."""
        known, there = self.known.get(name, {}), self.children.get(name, {})
        if self.quick or name in self.denied or self.read.get(name) is None:
            return []
        if known is None:
            return [item for item in there.values() if isinstance(item, dict) and item.get("Principal") == "*"]
        return [there.get(sid) for sid in {**known, **there} if known.get(sid) != there.get(sid)]

    def let_in(self, name: str) -> bool:
        """Whether a statement that nobody declared lets somebody in."""
        return any(isinstance(item, dict) for item in self.appeared(name))

    @property
    def created(self) -> set[str]:
        """Resources that only the config has, and that a deploy neither refuses nor leaves alone."""
        return set(self.config or {}) - set(self.state or {}) - set(self.unsettled) - set(self.obstacles)

    @property
    def written(self) -> set[str]:
        """Recorded resources that the config changes, and that a deploy neither refuses nor leaves alone."""
        both = set(self.config or {}) & set(self.state or {})
        changed = {name for name in both if (self.config or {})[name] != (self.state or {})[name]}
        return changed - set(self.unsettled) - set(self.obstacles)

    @property
    def refused(self) -> set[str]:
        """Resources that a deploy refuses."""
        return {name for name, item in self.obstacles.items() if item.refused}

    @property
    def waiting(self) -> set[str]:
        """Resources that a deploy leaves alone because of others."""
        return {name for name, item in self.obstacles.items() if item.waits}

    @property
    def outside(self) -> int:
        """How many changes were seen in what neither config nor state speaks of."""
        appeared = sum(len(self.appeared(name)) for name in self.state or {})
        return appeared + sum(
            bool(answer[key] != self.observed.get(name, {}).get(key))
            for name, answer in self.read.items()
            if answer is not None
            for key in answer
            if key not in (self.state or {})[name]
        )

    @property
    def unanswered(self) -> int:
        """How many attributes were asked for and are not given back."""
        return sum(
            key not in answer
            for name, answer in self.read.items()
            if answer is not None
            for key in (self.state or {})[name]
        )

    @property
    def look(self) -> CloudLook | None:
        """What a plan that looks at the cloud reads; None if it does not look."""
        if self.cloud is None:
            return None
        unread = len(self.state or {}) - len(self.read)
        outside = sum(bool(self.appeared(name)) for name in self.state or {}) or int(bool(self.outside))
        return CloudLook(len(self.read), unread, sum(map(self.drifted, self.read)), outside)


def _reading(name: str, answer: Values | CloudError | None) -> Reading:
    if isinstance(answer, CloudError):
        return Reading(name, error=answer)
    return Reading(name, None if answer is None else Live(name.lower(), answer))


A, B = {"QueueName": "a", "DelaySeconds": 1}, {"QueueName": "b"}
BOTH: dict[str, Values] = {"A": A, "B": B}
READ: dict[str, Values | CloudError | None] = {"A": A, "B": B}
EVERYBODY, SOMEBODY = {"Principal": "*"}, {"Principal": "123456789012"}
DENIED = CloudError(
    "could not read AWS::SQS::Queue a", why="AccessDenied: no", todo="allow GetQueueAttributes", code="AccessDenied"
)
_REASON = "functions.f.memorySize: ${param:unset} has no value (serverless.yml:4)"
_UNRESOLVED = Unresolved("Bus.Arn is not known: the cloud's answer has no Arn")

_OPEN = (OpenStep("B", QUEUE, "create"),)
_CUT_OFF = Standing(Interruption("u1", "deploy", finished=1, total=2, open_steps=_OPEN))
_RUNNING = Standing(Interruption("u1", "deploy", finished=1, total=2, open_steps=_OPEN, running=True))
_NOT_KNOWN = "create was cut off: its outcome is not known; any operation first asks the cloud"
_BEGUN = "create has begun and not ended: its outcome is not known yet"

_REFUSED = {"A": Obstacle(refused="serverless.yml:9: unknown property Delay; did you mean DelaySeconds?")}
_WAITS = {"A": Obstacle(waits="waits for P: its create is pending")}
_CHANGED_A: dict[str, Values] = {"A": {**A, "DelaySeconds": 2}, "B": B}

WORLDS = (
    World("agrees", BOTH, BOTH, {"A": A, "B": B}),
    World("a server default is on both sides", BOTH, BOTH, {"A": {**A, "Kms": 1}, "B": B}, {"A": {**A, "Kms": 1}}),
    World("the first reading was behind", BOTH, BOTH, {"A": A, "B": B}, {"A": {**A, "DelaySeconds": 9}}),
    World("attributes not given back", BOTH, BOTH, {"A": {"QueueName": "a"}, "B": B}, {"A": {"QueueName": "a"}}),
    World("changes outside the config", BOTH, BOTH, {"A": {**A, "Policy": "*"}, "B": B}),
    World("a statement for everybody", BOTH, BOTH, {"A": A, "B": B}, children={"A": {"s": EVERYBODY}}),
    World("statements for some", BOTH, BOTH, {"A": A, "B": B}, children={"A": {"s": SOMEBODY, "t": SOMEBODY}}),
    World("a harmless statement", BOTH, BOTH, {"A": A, "B": B}, children={"A": {"s": "text"}}),
    World("known statements", BOTH, BOTH, READ, children={"A": {"s": SOMEBODY}}, known={"A": {"s": SOMEBODY}}),
    World("a known statement is gone", BOTH, BOTH, {"A": A, "B": B}, known={"A": {"s": SOMEBODY}}),
    World("statements not compared", BOTH, BOTH, {"A": A, "B": B}, children={"A": {"s": SOMEBODY}}, known={"A": None}),
    World("open to all from the start", BOTH, BOTH, READ, children={"A": {"s": EVERYBODY}}, known={"A": None}),
    World("statements may not be looked at", BOTH, BOTH, {"A": A, "B": B}, denied=frozenset({"A"})),
    World("statements are not asked for", BOTH, BOTH, {"A": A, "B": B}, quick=True),
    World("missing, with a statement", BOTH, BOTH, {"A": None, "B": B}, children={"A": {"s": EVERYBODY}}),
    World(
        "drift and a statement", BOTH, BOTH, {"A": {**A, "DelaySeconds": 9}, "B": B}, children={"A": {"s": EVERYBODY}}
    ),
    World(
        "config changed, and a statement",
        {"A": {**A, "DelaySeconds": 2}, "B": B},
        BOTH,
        {"A": A, "B": B},
        children={"A": {"s": EVERYBODY}},
    ),
    World("drift", BOTH, BOTH, {"A": {**A, "DelaySeconds": 60}, "B": B}),
    World("equal text of another kind", BOTH, BOTH, {"A": {**A, "DelaySeconds": "1"}, "B": B}),
    World("missing in the cloud", BOTH, BOTH, {"A": None, "B": B}),
    World("all is missing in the cloud", BOTH, BOTH, {"A": None, "B": None}),
    World("cloud not asked", BOTH, BOTH, None),
    World("some cannot be read", BOTH, BOTH, {"A": DENIED, "B": B}),
    World("none can be read", BOTH, BOTH, {"A": DENIED, "B": DENIED}),
    World("config changed", {"A": {**A, "DelaySeconds": 2}, "B": B}, BOTH, {"A": A, "B": B}),
    World("config changed, cloud not asked", {"A": {**A, "DelaySeconds": 2}, "B": B}, BOTH, None),
    World("config and cloud changed", {"A": {**A, "DelaySeconds": 2}}, {"A": A}, {"A": {**A, "DelaySeconds": 60}}),
    World("config cannot be compiled", None, BOTH, {"A": A, "B": B}, problem=_REASON),
    World("config cannot be compiled, and drift", None, BOTH, {"A": {**A, "DelaySeconds": 3}, "B": B}, problem=_REASON),
    World("config cannot be compiled, and missing", None, BOTH, {"A": None, "B": B}, problem=_REASON),
    World("config cannot be compiled, cloud not asked", None, BOTH, None, problem=_REASON),
    World("config is being compiled", None, BOTH, {"A": A, "B": B}),
    World("one attribute not resolved", {"A": {**A, "DelaySeconds": _UNRESOLVED}, "B": B}, BOTH, {"A": A, "B": B}),
    World(
        "one attribute not resolved, and drift",
        {"A": {**A, "DelaySeconds": _UNRESOLVED}, "B": B},
        BOTH,
        {"A": {**A, "DelaySeconds": 60}, "B": B},
    ),
    World("gone from config", {"B": B}, BOTH, {"A": A, "B": B}),
    World("gone from config, retained", {"B": B}, BOTH, {"A": A, "B": B}, retained=frozenset("A")),
    World("gone from config and cloud", {"B": B}, BOTH, {"A": None, "B": B}),
    World("never deployed", BOTH, None, {}, versions=False),
    World("a state without history", BOTH, BOTH, {"A": A, "B": B}, versions=False),
    World("removed", BOTH, None, {}),
    World("stage removed, nothing in config", {}, None, {}),
    World("interrupted", BOTH, {"A": A}, {"A": A}, standing=_CUT_OFF, unsettled={"B": _NOT_KNOWN}),
    World("interrupted update", BOTH, BOTH, {"A": A, "B": B}, standing=_CUT_OFF, unsettled={"B": _NOT_KNOWN}),
    World(
        "interrupted update of what the config changed",
        {"A": A, "B": {**B, "QueueName": "c"}},
        BOTH,
        {"A": A, "B": B},
        standing=_CUT_OFF,
        unsettled={"B": _NOT_KNOWN},
    ),
    World("an operation is running", BOTH, {"A": A}, {"A": A}, standing=_RUNNING, unsettled={"B": _BEGUN}),
    World("new and refused", BOTH, {"B": B}, {"B": B}, obstacles=_REFUSED),
    World("never deployed, and refused", BOTH, None, {}, versions=False, obstacles={**_REFUSED, "B": _REFUSED["A"]}),
    World("changed and refused", _CHANGED_A, BOTH, {"A": A, "B": B}, obstacles=_REFUSED),
    World("changed and refused, cloud not asked", _CHANGED_A, BOTH, None, obstacles=_REFUSED),
    World("changed and refused, not readable", _CHANGED_A, BOTH, {"A": DENIED, "B": B}, obstacles=_REFUSED),
    World("changed and refused, missing", _CHANGED_A, BOTH, {"A": None, "B": B}, obstacles=_REFUSED),
    World(
        "in conflict and refused",
        _CHANGED_A,
        BOTH,
        {"A": {**A, "DelaySeconds": 60}, "B": B},
        obstacles=_REFUSED,
    ),
    World("new and waits", BOTH, {"B": B}, {"B": B}, obstacles=_WAITS),
    World("changed and waits", _CHANGED_A, BOTH, {"A": A, "B": B}, obstacles=_WAITS),
    World("gone from config and waits", {"B": B}, BOTH, {"A": A, "B": B}, obstacles=_WAITS),
    World(
        "gone from config, drifted and waits",
        {"B": B},
        BOTH,
        {"A": {**A, "DelaySeconds": 3}, "B": B},
        obstacles=_WAITS,
    ),
)
