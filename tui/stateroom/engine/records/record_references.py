"""Resolve Ref, GetAtt and cross-service outputs from records, while some resources do not exist yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from stateroom.cloud.provider import Identity
from stateroom.errors import PlanError
from stateroom.model.problems.suggestions import did_you_mean
from stateroom.model.resource import Record
from stateroom.model.values import UNKNOWN, Unresolved, Value, first_unresolved

LookUp: TypeAlias = Callable[[str], Value]
"""A text with `{{resolve:…}}` in it → what it stands for. Raises ConfigError."""

Declared: TypeAlias = Callable[[str], Collection[str] | None]
"""Another service of the project → names of the outputs that its config declares; None: they are not known."""


def undeclared(_service: str) -> None:
    """Answer where no config is at hand."""


_URL_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


@dataclass(frozen=True, slots=True)
class RecordReferences:
    """References (config.resources.template) resolved from state records.

    `pending` are logical ids that will get a new physical id; `changing` are those with attributes that may change.
    Both answer UNKNOWN where the record cannot be trusted. During execution both are empty.
    """

    app: str
    stage: str
    identity: Identity | None
    records: Mapping[str, Record]
    outputs: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # service → output → value
    stages: Mapping[str, str] = field(default_factory=dict)  # of the other services, where they are not this one's
    declared: Declared = undeclared  # outputs of the other services' configs
    pending: Container[str] = frozenset()
    changing: Container[str] = frozenset()
    look_up: LookUp | None = None  # of texts with dynamic references
    offline: bool = False  # survey: what cannot be resolved is an Unresolved rather than an error
    answered_by: Callable[[str], str] = lambda _type: ""  # who answers for a type in the place of its service
    planning: bool = False  # a plan likewise: it leaves alone what needs such a value, and does the rest

    def ref(self, logical_id: str) -> Value:
        """Return the physical id."""
        if logical_id in self.pending:
            return UNKNOWN
        return self._record(logical_id).physical_id

    def attribute(self, logical_id: str, name: str) -> Value:
        """Return a read-only attribute, by its dotted name."""
        if logical_id in self.pending:
            return UNKNOWN
        record = self._record(logical_id)
        value: Value = record.observed
        for part in name.split("."):
            if not isinstance(value, Mapping) or part not in value:
                if logical_id in self.changing:
                    return UNKNOWN
                error = _unanswered(record, name, self.answered_by(record.type))
                return self._unresolved(error)
            value = value[part]
        return value

    def pseudo(self, name: str) -> Value:
        """Return a pseudo parameter."""
        if name == "AWS::StackName":
            return f"{self.app}-{self.stage}"
        if self.identity is None:
            return Unresolved("the account is not known: the cloud was not asked") if self.records else UNKNOWN
        return {
            "AWS::Region": self.identity.region,
            "AWS::AccountId": self.identity.account,
            "AWS::Partition": self.identity.partition,
            "AWS::URLSuffix": _URL_SUFFIXES.get(self.identity.partition, "amazonaws.com"),
            "AWS::StackId": f"{self.app}-{self.stage}",
            "AWS::NotificationARNs": [],
        }.get(name, UNKNOWN)

    def service_output(self, service: str, name: str) -> Value:
        """Return an output of another service of the project."""
        outputs = self.outputs.get(service)
        if name not in (outputs or {}):
            declared = self.declared(service)
            if declared is not None and name not in declared:
                return self._unresolved(no_such_output(service, name, declared))
            if declared is not None and outputs is not None and self.offline:
                return UNKNOWN  # the next deploy of that service writes it
        if outputs is None:
            if self.offline and not self.records:
                return UNKNOWN
            stage = self.stages.get(service, self.stage)
            return self._unresolved(
                PlanError(
                    f"{service} is not deployed on {stage}",
                    why=f"its output {name} is needed here",
                    todo=f"run: stateroom deploy --service {service} --stage {stage}",
                )
            )
        if name not in outputs:
            return self._unresolved(
                PlanError(
                    f"the state of {service} has no output {name}",
                    why=f"its outputs are: {', '.join(sorted(outputs)) or 'none'}",
                    todo=f"correct the reference, or deploy {service} first if its config declares that output",
                )
            )
        if problem := first_unresolved(outputs[name]):
            return self._unresolved(
                PlanError(f"the output {name} of {service} is not resolved", why=problem.why, todo=problem.todo)
            )
        return outputs[name]

    def dynamic(self, text: str) -> Value:
        """Return a text with its dynamic references looked up; UNKNOWN without a lookup."""
        return self.look_up(text) if self.look_up else UNKNOWN

    def _unresolved(self, error: PlanError) -> Unresolved:
        """Return the error as a value in a survey and in a plan, which go on without it; raise it elsewhere."""
        if not self.offline and not self.planning:
            raise error
        return Unresolved(": ".join(line for line in (error.what, error.why) if line), error.todo)

    def _record(self, logical_id: str) -> Record:
        record = self.records.get(logical_id)
        if record is None:
            raise PlanError(
                f"{logical_id} does not exist",
                why="it is referenced, but neither this config nor the state has it",
                todo="correct the Ref or Fn::GetAtt",
            )
        return record


def no_such_output(service: str, name: str, declared: Collection[str]) -> PlanError:
    """Return the error for an output that the config of another service does not declare."""
    return PlanError(
        f"the config of {service} declares no output {name}",
        why=f"its outputs are: {', '.join(sorted(declared)) or 'none'}",
        todo=did_you_mean(name, declared) or f"add it to resources.Outputs of {service}, or correct the reference",
    )


def _unanswered(record: Record, name: str, who: str) -> PlanError:
    """Return the error for an attribute that a reading of the cloud lacks; the config may be right to ask for it."""
    if who:
        return PlanError(
            f"{record.logical_id}.{name} is not known",
            why=f"{who} keeps what it is told of {record.type} {record.physical_id} and tells no {name}: "
            "that endpoint only pretends to have the type",
            todo="leave it out of the config there, or use an endpoint that has it; the rest does not need it",
        )
    answered = ", ".join(sorted(map(str, record.observed))) or "nothing"
    return PlanError(
        f"{record.logical_id}.{name} is not known",
        why=f"the cloud's answer about {record.type} {record.physical_id} has no {name}, only {answered}",
        todo="stateroom refresh reads it again; then deploy",
    )
