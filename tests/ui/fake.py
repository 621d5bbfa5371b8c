"""A cockpit without an engine: scripted surveys, plans and executions, all at once or held at a gate."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from stateroom.engine.requests import Control, Emit, Info, Outcome, Request
from stateroom.errors import StateroomError
from stateroom.model import events
from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.plan import Action, Change, DeferredService, Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Record, Snapshot
from stateroom.model.standing import Standing
from stateroom.model.values import ABSENT, UNKNOWN, Secret
from stateroom.model.version import History, Holder, Lock, Version, VersionName
from stateroom.state.secrets.passphrase_questions import Question
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
READ = NOW - timedelta(seconds=12)

INFO = Info(
    project="shop",
    path="/home/ana/shop",
    stage="dev",
    region="eu-west-1",
    account="123456789012",
    home="local .stateroom",
    passphrase="keyring",
    read_only=False,
    protected=frozenset(),
    services=("orders", "billing", "fulfilment"),
)


def attribute(
    path: str, mark: Mark, config: object, state: object, cloud: object, managed: bool = True
) -> AttributeDiff:
    return AttributeDiff(tuple(path.split(".")), mark, config, state, cloud, managed)


def resource(service: str, logical_id: str, kind: str, status: str = "  ", *attributes: AttributeDiff) -> ResourceDiff:
    return ResourceDiff(
        service,
        logical_id,
        f"AWS::{kind}",
        X(status[0]),
        Y(status[1]),
        attributes,
        same=9,
        physical_id=f"{service}-dev-{logical_id}",
        read_at=READ,
    )


def shop() -> dict[str, list[ResourceDiff]]:
    """Three services with one of everything that can be the matter."""
    policy = '{"Statement": [{"Action": "sqs:%s", "Effect": "Allow", "Resource": "*"}], "Version": "2012-10-17"}'
    return {
        "orders": [
            resource(
                "orders",
                "CreateLambdaFunction",
                "Lambda::Function",
                "~!",
                attribute("MemorySize", Mark.PENDING, 256, 128, 128),
                attribute("Timeout", Mark.DRIFT, 10, 10, 20),
                attribute(
                    "Environment.Variables.QUEUE_URL",
                    Mark.CONFLICT,
                    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dev-intake-v2",
                    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dev-intake",
                    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dev-by-hand",
                ),
                attribute(
                    "Environment.Variables.API_KEY",
                    Mark.PENDING,
                    Secret("s3cr3t-new"),
                    Secret("s3cr3t"),
                    Secret("s3cr3t"),
                ),
                attribute("Tags.owner", Mark.STALE, "team-a", "team-b", "team-a"),
                attribute("TracingConfig.Mode", Mark.UNDECLARED, ABSENT, "PassThrough", "Active", managed=False),
            ),
            resource("orders", "ListLambdaFunction", "Lambda::Function"),
            resource(
                "orders",
                "IamRoleLambdaExecution",
                "IAM::Role",
                " !",
                attribute("Policies", Mark.DRIFT, policy % "SendMessage", policy % "SendMessage", policy % "*"),
            ),
            resource("orders", "CreateLogGroup", "Logs::LogGroup"),
            resource("orders", "ListLogGroup", "Logs::LogGroup"),
            resource("orders", "HttpApi", "ApiGatewayV2::Api"),
            resource("orders", "HttpApiStage", "ApiGatewayV2::Stage"),
            resource("orders", "OrdersQueue", "SQS::Queue", " x"),
            resource(
                "orders",
                "OrdersDeadLetterQueue",
                "SQS::Queue",
                "+.",
                attribute("QueueName", Mark.NEW, "orders-dev-dlq", ABSENT, ABSENT),
                attribute("MessageRetentionPeriod", Mark.NEW, 1209600, ABSENT, ABSENT),
            ),
            resource("orders", "OrdersTable", "DynamoDB::Table"),
        ],
        "billing": [
            resource("billing", "ChargeLambdaFunction", "Lambda::Function"),
            resource("billing", "ReceiptsTopic", "SNS::Topic"),
            resource(
                "billing",
                "NightlyRule",
                "Events::Rule",
                "- ",
                attribute("ScheduleExpression", Mark.GONE, ABSENT, "rate(1 day)", "rate(1 day)"),
            ),
        ],
        "fulfilment": [
            resource("fulfilment", "ShipStateMachine", "StepFunctions::StateMachine"),
            resource("fulfilment", "ShipRole", "IAM::Role"),
        ],
    }


def versions() -> tuple[Version, ...]:
    def made(number: int, command: str, minutes: int, **more: object) -> Version:
        start = NOW - timedelta(minutes=minutes)
        base = Version(number, f"u{number}", command, "ana", start, start + timedelta(seconds=9))
        return replace(base, **more)  # type: ignore[arg-type]

    return (
        made(42, "deploy", 2, created=3, updated=1, current=True),
        made(41, "refresh", 61, updated=2),
        made(40, "deploy", 150, completed=None),
        made(39, "deploy", 60 * 26, created=1, deleted=4, errors=("one",)),
        made(38, "deploy", 60 * 24 * 9, created=14),
    )


def step(service: str, logical_id: str, kind: str, action: Action, *changes: Change) -> Step:
    suffix = "#delete" if action is Action.DELETE else ""
    return Step(f"{service}/{logical_id}{suffix}", service, logical_id, f"AWS::{kind}", action, changes=changes)


DEPLOY_STEPS = (
    step(
        "orders",
        "CreateLambdaFunction",
        "Lambda::Function",
        Action.UPDATE,
        Change(("MemorySize",), 128, 256),
        Change(("Environment", "Variables", "API_KEY"), Secret("a"), Secret("b")),
    ),
    step(
        "orders",
        "OrdersDeadLetterQueue",
        "SQS::Queue",
        Action.CREATE,
        Change(("QueueName",), ABSENT, "orders-dev-dlq"),
        Change(("Arn",), ABSENT, UNKNOWN),
    ),
)
REMOVE_STEPS = (
    step("orders", "OrdersQueue", "SQS::Queue", Action.DELETE),
    step("orders", "OrdersTable", "DynamoDB::Table", Action.DELETE),
)
MIXED_STEPS = (
    *DEPLOY_STEPS,
    step(
        "orders",
        "OrdersTable",
        "DynamoDB::Table",
        Action.REPLACE,
        Change(("TableName",), "orders-dev", "orders-v2-dev", forces_replacement=True),
    ),
    step("orders", "OldTopic", "SNS::Topic", Action.DELETE),
)


def snapshot(*, current: bool) -> Snapshot:
    """The state of orders now, or as it was before: another timeout, a topic more, a table less."""

    def record(logical_id: str, kind: str, **inputs: object) -> Record:
        return Record(logical_id, f"AWS::{kind}", f"orders-dev-{logical_id}", inputs, {})

    function = record(
        "CreateLambdaFunction",
        "Lambda::Function",
        Timeout=10 if current else 6,
        Environment={"Variables": {"API_KEY": Secret("new" if current else "old")}},
    )
    queue = record("OrdersQueue", "SQS::Queue", VisibilityTimeout=30)
    other = record("OrdersTable", "DynamoDB::Table") if current else record("OldTopic", "SNS::Topic")
    return Snapshot("shop-orders", "dev", (queue, function, other))


@dataclass
class FakeCockpit:
    """What a test sets up is what the screen gets. Gates are open unless a test closes them."""

    info_: Info = INFO
    diffs: dict[str, list[ResourceDiff]] = field(default_factory=shop)
    unreadable: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deferred: list[tuple[DeferredService, ...]] = field(default_factory=list)  # of one plan after the other
    steps: dict[Operation, tuple[Step, ...]] = field(
        default_factory=lambda: {Operation.DEPLOY: DEPLOY_STEPS, Operation.REMOVE: REMOVE_STEPS}
    )
    plan_error: StateroomError | None = None
    execute_error: StateroomError | None = None
    survey_error: Exception | None = None
    failing: frozenset[str] = frozenset()
    locks: dict[str, Lock] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    executed: list[Plan] = field(default_factory=list)
    prompt: PassphrasePrompt | None = None  # with it, orders is locked unless the answer is `opens_with`
    question: Question = field(default_factory=lambda: Question("shop-orders/dev"))
    opens_with: str = "open sesame"
    surveys: int = 0
    controls: list[Control] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cloud_gate, self.plan_gate, self.step_gate = threading.Event(), threading.Event(), threading.Event()
        for gate in (self.cloud_gate, self.plan_gate, self.step_gate):
            gate.set()
        self.given: str | None = None
        self.keeps: bool | None = None
        self.locked: dict[str, tuple[str, ...]] = {}
        self.before_cloud: Callable[[int, Emit], None] = lambda number, emit: None
        self.before_plan: Callable[[Emit, Callable[[], bool]], None] = lambda emit, cancelled: None
        self.fresh: list[bool] = []  # how surveys were asked for

    def info(self) -> Info:
        return self.info_

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,
        quick: bool = False,
    ) -> None:
        self.surveys += 1
        self.fresh.append(fresh)
        number = self.surveys
        if self.survey_error is not None:
            raise self.survey_error
        self._unlock()
        for name in self.info_.services:
            if name in self.locked:
                emit(events.ServiceUnreadable(name, self.locked[name], locked=True))
            elif name in self.unreadable:
                emit(events.ServiceUnreadable(name, self.unreadable[name]))
            else:
                diffs = tuple(_unread(diff) for diff in self.diffs.get(name, ()))
                emit(events.ServiceSurveyed(name, diffs, self.standings.get(name)))
        self.before_cloud(number, emit)
        self.cloud_gate.wait(10)
        total = 0
        for name in self.info_.services:
            if name not in self.unreadable and name not in self.locked:
                total += len(self.diffs.get(name, ()))
                emit(events.ResourcesRead(name, tuple(self.diffs.get(name, ()))))
        failed = sum(bool(diff.error) for diffs in self.diffs.values() for diff in diffs)
        emit(events.SurveyFinished(0.4, total, failed))

    def _unlock(self) -> None:
        question = self.question
        while self.prompt is not None and self.given != self.opens_with:
            self.given = self.prompt(question)
            if self.given is None:
                self.locked = {"orders": ("there is no passphrase for the secrets of shop-orders/dev",)}
                return
            question = replace(question, wrong="the passphrase that was typed")
        self.locked = {}
        if self.prompt is not None and self.keeps is None:
            self.keeps = self.prompt.offer("shop-orders/dev")

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        self.requests.append(request)
        self.before_plan(emit, cancelled)
        self.plan_gate.wait(10)
        if self.plan_error is not None:
            raise self.plan_error
        steps = self.steps.get(request.operation, ())
        names = dict.fromkeys(step.service for step in steps) or {"orders": None}
        services = tuple(
            ServicePlan(
                name,
                tuple(step for step in steps if step.service == name),
                unchanged=8,
                stage=self.info_.stage_of(name),
            )
            for name in names
        )
        later = self.deferred.pop(0) if self.deferred else ()
        return Plan(request.operation, services, deferred=later)

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        self.executed.append(plan)
        self.controls.append(control)
        if self.execute_error is not None:
            raise self.execute_error
        steps = list(plan.steps())
        emit(events.OperationStarted(plan.operation, plan.stage, len(steps)))
        done = failed = skipped = 0
        for item in steps:
            if control.stopping:
                skipped += 1
                emit(events.StepSkipped(item.service, item.id, item.logical_id, "stopped"))
                continue
            emit(events.StepStarted(item.service, item.id, item.logical_id, item.type, item.action))
            emit(events.StepWaiting(item.service, item.id, "waiting for it to become active"))
            while not self.step_gate.wait(0.01) and not control.aborting:
                pass
            if item.logical_id in self.failing:
                failed += 1
                error = (f"{item.logical_id} was refused", "the role may not do that", "ask for the right")
                emit(
                    events.StepFailed(
                        item.service, item.id, item.logical_id, item.type, item.action, 0.2, error, "AccessDenied"
                    )
                )
            else:
                done += 1
                emit(events.StepFinished(item.service, item.id, item.logical_id, item.type, item.action, 0.2))
        emit(events.StateSaved("orders", 43))
        emit(events.OperationFinished(plan.operation, done, failed, skipped, 1.2, control.stopping))
        return Outcome(done, failed, skipped, control.stopping)

    def versions(self, service: str) -> tuple[Version, ...]:
        return versions()

    def history(self, service: str, newest: int | None = None) -> History:
        everything = self.versions(service)
        return History(everything[:newest], max(0, len(everything) - (newest or len(everything))))

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        everything = self.versions(service)
        index = next(index for index, version in enumerate(everything) if version.name == name)
        return everything[index], next(iter(everything[index + 1 :]), None)

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        if version == 39:
            raise StateroomError("version 39 is damaged", todo="choose another")
        return snapshot(current=version in (None, 42))

    def lock(self, service: str) -> Lock | None:
        return self.locks.get(service)

    def standing(self, service: str) -> Standing:
        return self.standings.get(service) or Standing(lock=self.locks.get(service))

    def unlock(self, service: str, shown: Lock) -> Lock | None:
        return self.locks.pop(service) if self.locks.get(service) == shown else None


LOCK = Lock(Holder("ben", "ci-7", 4711, "deploy"), NOW - timedelta(minutes=3), "u43")


def _unread(diff: ResourceDiff) -> ResourceDiff:
    return replace(diff, y=Y.UNREAD if diff.y is not Y.NONE else Y.NONE, read_at=None)
