"""What people keep in resources, and which steps of a plan would lose it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from stateroom.model.plan import Action, Operation, Plan, Step

# What a delete or a replacement takes along.
KEEPS: Final[Mapping[str, str]] = {
    "AWS::Cognito::IdentityPool": "its identities",
    "AWS::Cognito::UserPool": "its users",
    "AWS::DocDB::DBCluster": "its data",
    "AWS::DynamoDB::GlobalTable": "its items",
    "AWS::DynamoDB::Table": "its items",
    "AWS::ECR::Repository": "its images",
    "AWS::EFS::FileSystem": "its files",
    "AWS::Events::Archive": "its events",
    "AWS::KMS::Key": "what only it decrypts",
    "AWS::Kinesis::Stream": "its records",
    "AWS::Logs::LogGroup": "its logs",
    "AWS::MSK::Cluster": "its records",
    "AWS::Neptune::DBCluster": "its data",
    "AWS::OpenSearchService::Domain": "its documents",
    "AWS::RDS::DBCluster": "its data",
    "AWS::RDS::DBInstance": "its data",
    "AWS::Redshift::Cluster": "its data",
    "AWS::S3::Bucket": "its objects",
    "AWS::SQS::Queue": "its messages",
    "AWS::SSM::Parameter": "its history",
    "AWS::SecretsManager::Secret": "its value",
    "AWS::Timestream::Table": "its records",
}
ALL: Final = "all"
_MANY: Final = 5  # resources above which `all 12` may stand for their names


def lost_data(step: Step) -> str:
    """Say what is lost with a step; "" when nothing is."""
    return KEEPS.get(step.type, "") if step.action in (Action.DELETE, Action.REPLACE) else ""


def data_losses(plan: Plan) -> tuple[Step, ...]:
    """Return the steps that lose data, one for each resource."""
    losing = {f"{step.service}/{step.logical_id}": step for step in plan.steps() if lost_data(step)}
    return tuple(losing.values())


def losses_to_name(plan: Plan) -> tuple[Step, ...]:
    """Return the losses that a person has to name: not those of a remove of whole services, whose stage is named."""
    return () if plan.operation is Operation.REMOVE and not plan.targets else data_losses(plan)


def not_named(losses: Collection[Step], text: str) -> tuple[Step, ...]:
    """Return the losses that a text does not name, by logical id or address, in any order; `all 12` names so many."""
    words = set(text.replace(",", " ").split())
    if len(losses) > _MANY and text.split() == [ALL, str(len(losses))]:
        return ()
    return tuple(step for step in losses if not words & {step.logical_id, f"{step.service}/{step.logical_id}"})


def names_to_type(losses: Collection[Step]) -> str:
    """Return what has to be typed: `OrdersTable, Inbox`, or `all 12`."""
    if len(losses) > _MANY:
        return f"{ALL} {len(losses)}"
    ids = [step.logical_id for step in losses]
    return ", ".join(
        step.logical_id if ids.count(step.logical_id) == 1 else f"{step.service}/{step.logical_id}" for step in losses
    )
