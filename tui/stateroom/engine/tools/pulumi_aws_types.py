"""Map Pulumi `aws:` types, which SST uses, to CloudFormation types and ids: one line a type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stateroom.cloud.provider import Identity


@dataclass(frozen=True, slots=True)
class Within:
    """Entry of another resource's list: `Targets`, and the key that identifies an entry."""

    property: str
    value: str  # a pattern
    key: str = ""  # "": entries are plain text


@dataclass(frozen=True, slots=True)
class Classic:
    """Pulumi type. Patterns are filled from its inputs, and from `region`, `account` and `partition`.

    Args:
        type: CloudFormation's type of the same thing, or of the thing that it is a part of.
        ids: patterns of Pulumi's id; the first counts of which everything is known. None: AWS gives it.
        physical: patterns of CloudFormation's physical id, likewise; `{id}` is Pulumi's.
        inputs: what locates it in addition to its id: our property, and a pattern.
        within: where in the thing it is a part of.
    """

    type: str
    ids: tuple[str, ...] = ()
    physical: tuple[str, ...] = ("{id}",)
    inputs: Mapping[str, str] = field(default_factory=dict)
    within: Within | None = None


_OF_API: Final = {"ApiId": "{apiId}"}
_RULE: Final = ("{eventBusName.last}|{rule}", "{rule}")
_LAMBDA: Final = "arn:{partition}:lambda:{region}:{account}:function:"

CLASSIC: Final[Mapping[str, Classic]] = {
    "aws:apigatewayv2/api:Api": Classic("AWS::ApiGatewayV2::Api"),
    "aws:apigatewayv2/integration:Integration": Classic("AWS::ApiGatewayV2::Integration", inputs=_OF_API),
    "aws:apigatewayv2/route:Route": Classic("AWS::ApiGatewayV2::Route", inputs=_OF_API),
    "aws:apigatewayv2/stage:Stage": Classic("AWS::ApiGatewayV2::Stage", ("{name}",), inputs=_OF_API),
    "aws:cloudwatch/eventRule:EventRule": Classic(
        "AWS::Events::Rule", ("{eventBusName}/{name}", "{name}"), ("{eventBusName.last}|{name}", "{name}")
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Classic(
        "AWS::Events::Rule",
        ("{eventBusName}/{rule}/{targetId}", "{rule}-{targetId}"),
        _RULE,
        within=Within("Targets", "{targetId}", "Id"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Classic("AWS::Logs::LogGroup", ("{name}",)),
    "aws:dynamodb/table:Table": Classic("AWS::DynamoDB::Table", ("{name}",)),
    "aws:iam/role:Role": Classic("AWS::IAM::Role", ("{name}",)),
    "aws:iam/rolePolicy:RolePolicy": Classic(
        "AWS::IAM::Role", ("{role}:{name}",), ("{role}",), within=Within("Policies", "{name}", "PolicyName")
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Classic(
        "AWS::IAM::Role", (), ("{role}",), within=Within("ManagedPolicyArns", "{policyArn}")
    ),
    "aws:lambda/alias:Alias": Classic("AWS::Lambda::Alias", (_LAMBDA + "{functionName.last}:{name}",)),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Classic("AWS::Lambda::EventSourceMapping"),
    "aws:lambda/function:Function": Classic("AWS::Lambda::Function", ("{name}",)),
    "aws:lambda/permission:Permission": Classic(
        "AWS::Lambda::Permission", ("{statementId}",), inputs={"FunctionName": "{function.last}"}
    ),
    "aws:s3/bucket:Bucket": Classic("AWS::S3::Bucket", ("{bucket}",)),
    "aws:s3/bucketV2:BucketV2": Classic("AWS::S3::Bucket", ("{bucket}",)),
    "aws:sfn/stateMachine:StateMachine": Classic(
        "AWS::StepFunctions::StateMachine", ("arn:{partition}:states:{region}:{account}:stateMachine:{name}",)
    ),
    "aws:sns/topic:Topic": Classic("AWS::SNS::Topic", ("arn:{partition}:sns:{region}:{account}:{name}",)),
    "aws:sns/topicSubscription:TopicSubscription": Classic("AWS::SNS::Subscription"),
    "aws:sqs/queue:Queue": Classic("AWS::SQS::Queue", ("https://sqs.{region}.amazonaws.com/{account}/{name}",)),
}


class _Text(str):
    """Input in a pattern; `{function.last}` is the last part of a name, an ARN or a path."""

    __slots__ = ()

    @property
    def last(self) -> str:
        """Part after the last colon or slash."""
        return re.split("[:/]", self)[-1]


class LookupFacts:
    """Values of one resource for filling patterns."""

    def __init__(self, inputs: Mapping[str, Any], identity: Identity) -> None:
        known = {key: value for key, value in inputs.items() if isinstance(value, str) and value}
        if known.get("eventBusName") == "default":  # named or not, it is left out of ids
            del known["eventBusName"]
        known |= {"region": identity.region, "account": identity.account, "partition": identity.partition}
        self._known = {key: _Text(value) for key, value in known.items()}

    def first(self, patterns: tuple[str, ...], **more: str) -> str:
        """Return the first pattern with all its values known, filled; "" when there is none."""
        for pattern in patterns:
            try:
                return pattern.format_map({**self._known, **{key: _Text(value) for key, value in more.items()}})
            except KeyError:
                continue
        return ""
