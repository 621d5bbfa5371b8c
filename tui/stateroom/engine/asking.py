"""Asks the cloud whether a resource of a state file exists, whichever tool named it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from stateroom.cloud.provider import Identity, Owner, Provider
from stateroom.errors import CloudError, StateroomError
from stateroom.model.values import Properties
from stateroom.state.document import Raw
from stateroom.state.pending import Answer, Ask
from stateroom.state.tokens import name_in, type_of

# Types of Pulumi's aws provider, which SST uses: the CloudFormation type, the input that names the resource, and the
# physical id that follows from the name where it is not the name itself.
_CLASSIC = {
    "aws:cloudwatch/logGroup:LogGroup": ("AWS::Logs::LogGroup", "name", "{name}"),
    "aws:dynamodb/table:Table": ("AWS::DynamoDB::Table", "name", "{name}"),
    "aws:iam/role:Role": ("AWS::IAM::Role", "name", "{name}"),
    "aws:lambda/function:Function": ("AWS::Lambda::Function", "name", "{name}"),
    "aws:sns/topic:Topic": ("AWS::SNS::Topic", "name", "arn:{partition}:sns:{region}:{account}:{name}"),
    "aws:sqs/queue:Queue": ("AWS::SQS::Queue", "name", "https://sqs.{region}.amazonaws.com/{account}/{name}"),
}


def asking(provider: Callable[[], Provider]) -> Ask:
    """A question to the cloud that `provider` opens when the first one is asked."""
    opened = cache(provider)

    def ask(raw: Raw) -> Answer | None:
        try:
            return _ask(opened(), raw)
        except CloudError as error:
            return Answer(None) if error.code in _GONE else None
        except StateroomError:
            return None

    return ask


_GONE = frozenset({"ResourceNotFoundException", "NoSuchEntity", "AWS.SimpleQueueService.NonExistentQueue", "NotFound"})


def _ask(provider: Provider, raw: Raw) -> Answer | None:
    inputs = raw.get("inputs") or {}
    if raw["type"].startswith("aws-native:"):
        type_ = type_of(raw["type"])
        physical_id = raw.get("id") or _found(provider, type_, raw, inputs)
    elif raw["type"] in _CLASSIC:
        type_, key, pattern = _CLASSIC[raw["type"]]
        physical_id = raw.get("id") or _derived(pattern, inputs.get(key), provider.identity())
        inputs = {}
    else:
        return None
    if not provider.supports(type_):
        return None
    if not physical_id:
        return Answer(None) if raw["type"].startswith("aws-native:") else None
    live = provider.read(type_, str(physical_id), inputs)
    return Answer(live.physical_id if live else None)


def _found(provider: Provider, type_: str, raw: Raw, inputs: Properties) -> str:
    """The physical id of one of ours: names are derived, and ownership is tagged."""
    stage, app = raw["urn"].removeprefix("urn:pulumi:").split("::")[:2]
    owner = Owner(app, stage, name_in(raw["urn"]))
    return (provider.find(type_, inputs, owner) if provider.supports(type_) else None) or ""


def _derived(pattern: str, name: object, identity: Identity) -> str:
    if not isinstance(name, str) or not name:
        return ""
    return pattern.format(name=name, region=identity.region, account=identity.account, partition=identity.partition)
