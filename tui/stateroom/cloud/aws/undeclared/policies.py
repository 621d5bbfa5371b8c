"""Resource policies, by statement: of queues, topics, buckets and secrets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.attached_policies import default_policy
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.shapes import to_json
from stateroom.cloud.aws.undeclared.child_list import ALL, ChildList, strings
from stateroom.cloud.aws.undeclared.statements import statement_danger, statements, with_statement
from stateroom.cloud.children import Exposure, Recorded
from stateroom.model.values import ABSENT, Properties, Value, reveal


class _Policy(ChildList):
    """Policy document of a resource; a declared policy of the parent stands for all of it."""

    kind = "Policy"
    restorable = True
    lists: ClassVar[str]  # property of the declaring resource that names its parents

    @abstractmethod
    def document(self, physical_id: str) -> Value:
        """Return the policy as it is; None without one."""

    @abstractmethod
    def write(self, physical_id: str, document: dict[str, Any] | None) -> None:
        """Write a policy; None removes it."""

    def children(self, physical_id: str) -> Properties:
        """Return the statements by Sid."""
        return statements(none_if_missing(lambda: self.document(physical_id)))

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return all when the other is the parent's policy."""
        return ALL if parent.physical_id in strings(reveal(other.inputs).get(self.lists)) else ()

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who may do what."""
        return statement_danger(value)

    def remove(self, parent: Recorded, identity: str) -> None:
        """Write the policy without the statement."""
        self.put(parent, identity, ABSENT)

    def put(self, parent: Recorded, identity: str, value: Value) -> None:
        """Write the policy with one statement as it was."""
        document = none_if_missing(lambda: self.document(parent.physical_id))
        self.write(parent.physical_id, with_statement(document, identity, value))


class QueuePolicy(_Policy):
    """Policy of a queue."""

    parent = "AWS::SQS::Queue"
    permission = "sqs:GetQueueAttributes"
    stands_for = ("AWS::SQS::QueuePolicy",)
    lists = "Queues"

    def document(self, physical_id: str) -> Value:
        """Return the attribute Policy."""
        answer = self._clients("sqs").get_queue_attributes(QueueUrl=physical_id, AttributeNames=["Policy"])
        return (answer.get("Attributes") or {}).get("Policy")

    def write(self, physical_id: str, document: dict[str, Any] | None) -> None:
        """Set the attribute Policy; empty is none."""
        text = to_json(document) if document else ""
        self._clients("sqs").set_queue_attributes(QueueUrl=physical_id, Attributes={"Policy": text})


_DEFAULT: Final = "__default_statement_ID"


class TopicPolicy(_Policy):
    """Policy of a topic, without the statement that SNS gives every topic."""

    parent = "AWS::SNS::Topic"
    permission = "sns:GetTopicAttributes"
    stands_for = ("AWS::SNS::TopicPolicy",)
    lists = "Topics"

    def children(self, physical_id: str) -> Properties:
        """Return the statements, but for the one of SNS that lets only the topic's own account in."""
        found = super().children(physical_id)
        return {sid: item for sid, item in found.items() if sid != _DEFAULT or not _for_own_account(item)}

    def document(self, physical_id: str) -> Value:
        """Return the attribute Policy."""
        return self._clients("sns").get_topic_attributes(TopicArn=physical_id)["Attributes"].get("Policy")

    def write(self, physical_id: str, document: dict[str, Any] | None) -> None:
        """Set the attribute Policy; a topic cannot be without one."""
        text = to_json(document or default_policy(physical_id))
        self._clients("sns").set_topic_attributes(TopicArn=physical_id, AttributeName="Policy", AttributeValue=text)

    def remove(self, parent: Recorded, identity: str) -> None:
        """Write the policy without the statement, or SNS's own one as it was."""
        own = default_policy(parent.physical_id)["Statement"][0] if identity == _DEFAULT else ABSENT
        self.put(parent, identity, own)


def _for_own_account(statement: Value) -> bool:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    tests = condition.values() if isinstance(condition, Mapping) else ()
    return any(key.lower() in ("aws:sourceowner", "aws:sourceaccount") for test in tests for key in test)


class BucketPolicy(_Policy):
    """Policy of a bucket."""

    parent = "AWS::S3::Bucket"
    permission = "s3:GetBucketPolicy"
    stands_for = ("AWS::S3::BucketPolicy",)
    lists = "Bucket"

    def document(self, physical_id: str) -> Value:
        """Return the bucket's policy."""
        s3 = self._clients("s3")
        answer = none_if_missing(lambda: s3.get_bucket_policy(Bucket=physical_id), "NoSuchBucketPolicy")
        return answer and answer.get("Policy")

    def write(self, physical_id: str, document: dict[str, Any] | None) -> None:
        """Put the policy, or delete it."""
        s3 = self._clients("s3")
        if document:
            s3.put_bucket_policy(Bucket=physical_id, Policy=to_json(document))
        else:
            s3.delete_bucket_policy(Bucket=physical_id)


class SecretPolicy(_Policy):
    """Resource policy of a secret."""

    parent = "AWS::SecretsManager::Secret"
    permission = "secretsmanager:GetResourcePolicy"
    stands_for = ("AWS::SecretsManager::ResourcePolicy",)
    lists = "SecretId"

    def document(self, physical_id: str) -> Value:
        """Return the secret's policy."""
        return self._clients("secretsmanager").get_resource_policy(SecretId=physical_id).get("ResourcePolicy")

    def write(self, physical_id: str, document: dict[str, Any] | None) -> None:
        """Put the policy, or delete it."""
        secrets = self._clients("secretsmanager")
        if document:
            secrets.put_resource_policy(SecretId=physical_id, ResourcePolicy=to_json(document))
        else:
            secrets.delete_resource_policy(SecretId=physical_id)
