"""Handlers of policies that are attributes of other resources: of queues, of topics, inline policies of IAM.

The registry has no read handler for AWS::SQS::QueuePolicy, AWS::SNS::TopicPolicy and AWS::IAM::Policy, so Cloud Control
would make them and never show them again. None has tags: whose it is follows from the resource that has it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import from_json, to_json
from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties, Value, reveal

# A principal that was just made, or a role that IAM does not know everywhere yet.
_NEW: Final[Mapping[str, Sequence[str]]] = {
    "InvalidAttributeValue": ("policy",),
    "InvalidParameter": ("principal",),
    "InvalidParameterValue": ("principal",),
    "NoSuchEntity": ("role",),
    "ConcurrentModification": (),
}
_REASON: Final = "waiting until everybody in the policy exists"


@dataclass(frozen=True, slots=True)
class Parent:
    """Resource that has the policy: which property lists it, its name there, and the policy's name on it."""

    listed_in: str
    name: str
    policy: str = ""

    @property
    def physical_id(self) -> str:
        """The parent itself, or `role|policy`: what CloudFormation's generated name stands for."""
        return f"{self.name}|{self.policy}" if self.policy else self.name


class AttachedPolicyHandler(AwsHandler, ABC):
    """One document on each of several parents. Ref is the first parent."""

    overwrites = True
    lists: ClassVar[tuple[str, ...]]  # properties that list parents

    @abstractmethod
    def get(self, parent: Parent) -> Value:
        """Return the document on a parent; None without one, or without the parent."""

    @abstractmethod
    def put(self, parent: Parent, document: str) -> None:
        """Write the document on a parent."""

    @abstractmethod
    def remove(self, parent: Parent) -> None:
        """Take the document from a parent; what was there before is not restored."""

    def create(self, resource: ResourceData) -> Task[str]:
        """Write the document on every parent."""
        inputs = reveal(resource.inputs)
        parents = self._parents(inputs)
        yield Identified(parents[0].physical_id)
        yield from self._write(parents, inputs)
        return parents[0].physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the parents that have a policy, with one that differs from the inputs' before one that agrees."""
        inputs = reveal(resource.inputs)
        there = {parent: found for parent in self._parents(inputs) if (found := self.get(parent)) is not None}
        if not there:
            return None
        document = next((item for item in there.values() if not self._same(item, inputs)), inputs["PolicyDocument"])
        names = {name: [parent.name for parent in there if parent.listed_in == name] for name in self.lists}
        named = {"PolicyName": inputs["PolicyName"]} if "PolicyName" in inputs else {}
        return {
            **{name: found for name, found in names.items() if found},
            **named,
            "PolicyDocument": from_json(document),
        }

    def update(self, resource: ResourceData) -> Task[None]:
        """Write the document everywhere, then take it from parents that are not listed any more."""
        inputs = reveal(resource.inputs)
        parents = self._parents(inputs)
        yield from self._write(parents, inputs)
        for parent in self._parents(reveal(resource.previous)):
            if parent not in parents:
                self.remove(parent)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Take the document from every parent."""
        for parent in self._parents(reveal(resource.inputs)):
            self.remove(parent)
        yield from ()

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for a parent that has such a policy."""
        parents = self._parents(reveal(resource.inputs))
        return next((Existing(parent.physical_id) for parent in parents if self.get(parent) is not None), None)

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse a policy on nothing."""
        if not any(inputs.get(name) for name in self.lists):
            yield Problem("the policy is on nothing", f"name at least one of {', '.join(self.lists)}")

    def _parents(self, inputs: Properties) -> list[Parent]:
        policy = str(inputs.get("PolicyName") or "")
        return [Parent(name, str(item), policy) for name in self.lists for item in inputs.get(name) or ()]

    def _write(self, parents: Sequence[Parent], inputs: Properties) -> Task[None]:
        document = to_json(inputs["PolicyDocument"])
        for parent in parents:
            yield from retry_while(lambda it=parent: self.put(it, document), _NEW, _REASON)  # type: ignore[misc]

    def _same(self, document: Value, inputs: Properties) -> bool:
        wanted, there = (
            canonical({"PolicyDocument": item}, facts(self.type)) for item in (inputs["PolicyDocument"], document)
        )
        return wanted == there


class QueuePolicyHandler(AttachedPolicyHandler):
    """Policy of queues, their attribute `Policy`."""

    type = "AWS::SQS::QueuePolicy"
    lists = ("Queues",)
    settable = frozenset({"PolicyDocument", "Queues"})

    def get(self, parent: Parent) -> Value:
        """Return the queue's policy, or None."""
        sqs = self._clients("sqs")
        ask = lambda: sqs.get_queue_attributes(QueueUrl=parent.name, AttributeNames=["Policy"])  # noqa: E731
        text = ((none_if_missing(ask) or {}).get("Attributes") or {}).get("Policy")
        return from_json(text) if text else None

    def put(self, parent: Parent, document: str) -> None:
        """Set the queue's policy."""
        self._clients("sqs").set_queue_attributes(QueueUrl=parent.name, Attributes={"Policy": document})

    def remove(self, parent: Parent) -> None:
        """Leave the queue without a policy: its owner's account only."""
        none_if_missing(lambda: self.put(parent, ""))


class TopicPolicyHandler(AttachedPolicyHandler):
    """Policy of topics, their attribute `Policy`. A topic cannot be without one: the default stands for none."""

    type = "AWS::SNS::TopicPolicy"
    lists = ("Topics",)
    settable = frozenset({"PolicyDocument", "Topics"})

    def get(self, parent: Parent) -> Value:
        """Return the topic's policy; None for the default one."""
        answer = none_if_missing(lambda: self._clients("sns").get_topic_attributes(TopicArn=parent.name))
        policy = from_json(((answer or {}).get("Attributes") or {}).get("Policy") or "")
        return policy if isinstance(policy, Mapping) and policy.get("Id") != _DEFAULT else None

    def put(self, parent: Parent, document: str) -> None:
        """Set the topic's policy."""
        sns = self._clients("sns")
        sns.set_topic_attributes(TopicArn=parent.name, AttributeName="Policy", AttributeValue=document)

    def remove(self, parent: Parent) -> None:
        """Put back the policy that a new topic has: SNS refuses an empty one."""
        none_if_missing(lambda: self.put(parent, to_json(default_policy(parent.name))))


class InlinePolicyHandler(AttachedPolicyHandler):
    """Inline policy of roles, users and groups. Ref is `role|policy`."""

    type = "AWS::IAM::Policy"
    lists = ("Roles", "Users", "Groups")
    settable = frozenset({"Groups", "PolicyDocument", "PolicyName", "Roles", "Users"})

    def get(self, parent: Parent) -> Value:
        """Return the policy of that name, or None."""
        answer = none_if_missing(lambda: self._call("get", parent))
        return None if answer is None else from_json(answer["PolicyDocument"])

    def put(self, parent: Parent, document: str) -> None:
        """Put the policy of that name."""
        self._call("put", parent, PolicyDocument=document)

    def remove(self, parent: Parent) -> None:
        """Delete the policy of that name."""
        none_if_missing(lambda: self._call("delete", parent))

    def _call(self, verb: str, parent: Parent, **more: str) -> Any:
        kind = parent.listed_in.removesuffix("s")
        call = getattr(self._clients("iam"), f"{verb}_{kind.lower()}_policy")
        return call(**{f"{kind}Name": parent.name, "PolicyName": parent.policy, **more})


_DEFAULT: Final = "__default_policy_ID"


def default_policy(topic: str) -> dict[str, Any]:
    """Return the policy that SNS gives a new topic: its account may do everything with it."""
    actions = "AddPermission DeleteTopic GetTopicAttributes ListSubscriptionsByTopic Publish RemovePermission"
    return {
        "Version": "2008-10-17",
        "Id": _DEFAULT,
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{name}" for name in (*actions.split(), "SetTopicAttributes", "Subscribe")],
                "Resource": topic,
                "Condition": {"StringEquals": {"AWS:SourceOwner": topic.split(":")[4]}},
            }
        ],
    }
