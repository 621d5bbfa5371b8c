"""Rates of AWS's control planes, as data: calls a second for each account and region.

Services go by their boto3 names. Rates are AWS's defaults; where no page gives one, `source` is empty, the rate is what
is known to work, and it slows down when AWS refuses a call (buckets.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_API_GATEWAY: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
_STEP_FUNCTIONS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
_EVENTS: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
_LOGS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
_SSM: Final = "https://docs.aws.amazon.com/general/latest/gr/ssm.html"
_ROUTE_53: Final = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html"
_KINESIS: Final = "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"
_SCHEDULER: Final = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"


@dataclass(frozen=True, slots=True)
class Rate:
    """Rate of some operations of a service.

    Args:
        service: whose limit it is, as people call it: "Lambda".
        rate: calls a second.
        burst: calls at once after a pause.
        operations: the operations that share it; none: each that has no rate of its own.
        total: whether calls that have a rate of their own count here as well.
        source: page that says so; "" for none.
    """

    service: str
    rate: float
    burst: float
    operations: frozenset[str] = frozenset()
    total: bool = False
    source: str = ""

    @property
    def name(self) -> str:
        """`Lambda (15 calls a second)`, `API Gateway's DeleteRestApi (1 call in 30 seconds)`."""
        of = f"{self.service}'s {min(self.operations)}" if len(self.operations) == 1 else self.service
        often = f"{self.rate:g} calls a second" if self.rate >= 1 else f"1 call in {1 / self.rate:g} seconds"
        return f"{of} ({often})".replace("(1 calls", "(1 call")


def _each(service: str, rates: Mapping[str, float], source: str) -> tuple[Rate, ...]:
    """Return one rate for each operation, with a burst of a second's calls."""
    return tuple(Rate(service, rate, max(1, rate), frozenset({name}), source=source) for name, rate in rates.items())


def _buckets(rates: Mapping[str, tuple[float, float]]) -> tuple[Rate, ...]:
    """Return Step Functions' rates: operation → size of its bucket, calls a second (the lesser of the regions')."""
    return tuple(
        Rate("Step Functions", rate, size, frozenset({name}), source=_STEP_FUNCTIONS)
        for name, (size, rate) in rates.items()
    )


_API_GATEWAY_RATES: Final = (
    *_each(
        "API Gateway",
        {
            "CreateApiKey": 5,
            "CreateDeployment": 1 / 5,
            "CreateDocumentationVersion": 1 / 20,
            "CreateDomainName": 1 / 30,
            "CreateResource": 5,
            "CreateRestApi": 1 / 3,
            "CreateVpcLink": 1 / 15,
            "DeleteApiKey": 5,
            "DeleteDomainName": 1 / 30,
            "DeleteResource": 5,
            "DeleteRestApi": 1 / 30,
            "GetResources": 2.5,
            "ImportRestApi": 1 / 3,
            "PutRestApi": 1,
            "UpdateAccount": 1 / 20,
            "UpdateDomainName": 1 / 30,
            "UpdateUsagePlan": 1 / 20,
        },
        _API_GATEWAY,
    ),
    Rate("API Gateway", 10, 40, total=True, source=_API_GATEWAY),
)

RATES: Final[Mapping[str, tuple[Rate, ...]]] = {
    "apigateway": _API_GATEWAY_RATES,
    "apigatewayv2": _API_GATEWAY_RATES,  # the very same budget
    "cloudformation": (Rate("CloudFormation", 10, 10),),
    "cloudcontrol": (Rate("Cloud Control", 10, 10),),
    "dynamodb": (
        Rate("DynamoDB", 10, 10, frozenset({"CreateTable", "DeleteTable", "UpdateTable"})),
        Rate("DynamoDB", 50, 50),
    ),
    "events": (Rate("EventBridge", 50, 50, source=_EVENTS),),
    "iam": (Rate("IAM", 20, 40),),
    "kinesis": (
        Rate("Kinesis", 5, 5, frozenset({"CreateStream", "DeleteStream", "ListStreams"}), source=_KINESIS),
        Rate("Kinesis", 20, 20, frozenset({"DescribeStreamSummary"}), source=_KINESIS),
    ),
    "lambda": (
        Rate("Lambda", 100, 100, frozenset({"GetFunction"}), source=_LAMBDA),
        Rate("Lambda", 15, 15, frozenset({"GetPolicy"}), source=_LAMBDA),
        Rate("Lambda", 15, 15, source=_LAMBDA),
    ),
    "logs": (
        *_each(
            "CloudWatch Logs",
            {"CreateLogGroup": 10, "DeleteLogGroup": 10, "DescribeLogGroups": 10, "PutRetentionPolicy": 10},
            _LOGS,
        ),
        Rate("CloudWatch Logs", 10, 10),
    ),
    "resourcegroupstaggingapi": (Rate("the tagging API", 15, 15),),
    "route53": (Rate("Route 53", 5, 5, source=_ROUTE_53),),
    "scheduler": (Rate("EventBridge Scheduler", 50, 50, source=_SCHEDULER),),
    "sns": (Rate("SNS", 30, 30), Rate("SNS", 10, 10, frozenset({"TagResource", "UntagResource"}))),
    "ssm": (
        Rate("SSM", 40, 40, frozenset({"GetParameter", "GetParameters", "GetParametersByPath"}), source=_SSM),
        Rate("SSM", 3, 3, frozenset({"PutParameter", "DeleteParameter", "LabelParameterVersion"}), source=_SSM),
        Rate("SSM", 5, 5),
    ),
    "stepfunctions": _buckets(
        {
            "CreateActivity": (100, 1),
            "CreateStateMachine": (100, 1),
            "DeleteActivity": (100, 1),
            "DeleteStateMachine": (100, 1),
            "DescribeActivity": (200, 1),
            "DescribeStateMachine": (200, 20),
            "ListActivities": (100, 5),
            "ListStateMachines": (100, 5),
            "ListTagsForResource": (100, 1),
            "TagResource": (200, 1),
            "UntagResource": (200, 1),
            "UpdateStateMachine": (100, 1),
        }
    ),
}


def rates_of(service: str, operation: str) -> tuple[Rate, ...]:
    """Return the rates that a call counts against: its own, or the service's for the rest; and the service's total."""
    rates = RATES.get(service, ())
    own = [rate for rate in rates if operation in rate.operations]
    return (*own, *(rate for rate in rates if not rate.operations and (rate.total or not own)))
