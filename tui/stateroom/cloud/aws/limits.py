"""Limits that AWS puts on single properties and packages, as data; a plan refuses what exceeds them.

Only limits that cannot be raised on request, or their highest value. Sources: AWS Lambda quotas, IAM and STS quotas,
Step Functions quotas, Amazon S3 "Bucket policies"; each names its page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.model.problems.problem import Problem
from stateroom.model.values import UNKNOWN, Properties, Secret, Value

LAMBDA_QUOTAS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_IAM_QUOTAS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_STATES_QUOTAS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
_BUCKET_POLICIES: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html"

UNZIPPED: Final = 250 * 1024 * 1024  # bytes of a function's package and layers together (LAMBDA_QUOTAS)


@dataclass(frozen=True, slots=True)
class Limit:
    """Limit of one top-level property.

    Args:
        property: its name.
        what: what is measured, for the message.
        measure: size of a value, without what only a deploy will tell.
        most: the largest size that AWS takes.
        unit: of both.
        todo: the way out.
        source: page that says so.
    """

    property: str
    what: str
    measure: Callable[[Value], int]
    most: int
    unit: str
    todo: str
    source: str


def exceeded(type_: str, inputs: Properties) -> Iterator[Problem]:
    """Yield the limits that the known part of a resource's properties exceeds."""
    for limit in LIMITS.get(type_, ()):
        size = limit.measure(_known(inputs[limit.property])) if limit.property in inputs else 0
        if size > limit.most:
            what = f"{limit.what}: {size:,} {limit.unit}, AWS takes {limit.most:,}"
            yield Problem(what, f"{limit.todo} ({limit.source})", (limit.property,))


def _known(value: Value) -> Value:
    """Return a copy without secrets' wrappers and without what is not known yet."""
    if isinstance(value, Secret):
        return _known(value.reveal())
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items() if item is not UNKNOWN}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value if item is not UNKNOWN]
    return "" if value is UNKNOWN else value


def _json_bytes(value: Value) -> int:
    return len((value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode())


def _variables(value: Value) -> int:
    return _json_bytes((value or {}).get("Variables") or {}) if isinstance(value, Mapping) else 0


def _policy(document: Value) -> int:
    """Characters of a policy as IAM counts them: without white space."""
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
    return sum(not letter.isspace() for letter in text)


def _policies(value: Value) -> int:
    items: list[Any] = value if isinstance(value, list) else []
    return sum(_policy(item.get("PolicyDocument", "")) for item in items if isinstance(item, Mapping))


_INLINE: Final = ("characters", "write an AWS::IAM::ManagedPolicy, or grant with wildcards", _IAM_QUOTAS)
_DEFINITION: Final = (_json_bytes, 1024 * 1024, "bytes", "split it into machines that call one another", _STATES_QUOTAS)

LIMITS: Final[Mapping[str, tuple[Limit, ...]]] = {
    "AWS::Lambda::Function": (
        Limit(
            "Environment",
            "environment variables together",
            _variables,
            4096,
            "bytes",
            "keep large values in SSM or S3 and read them there",
            LAMBDA_QUOTAS,
        ),
        Limit("Layers", "layers", len, 5, "layers", "merge some of them", LAMBDA_QUOTAS),
    ),
    "AWS::IAM::Role": (Limit("Policies", "inline policies together", _policies, 10240, *_INLINE),),
    "AWS::IAM::Policy": (Limit("PolicyDocument", "inline policy of a role", _policy, 10240, *_INLINE),),
    "AWS::IAM::ManagedPolicy": (
        Limit("PolicyDocument", "managed policy", _policy, 6144, "characters", "split it into several", _IAM_QUOTAS),
    ),
    "AWS::S3::BucketPolicy": (
        Limit("PolicyDocument", "bucket policy", _json_bytes, 20480, "bytes", "use wildcards", _BUCKET_POLICIES),
    ),
    "AWS::StepFunctions::StateMachine": (
        Limit("DefinitionString", "definition", *_DEFINITION),
        Limit("Definition", "definition", *_DEFINITION),
    ),
}
