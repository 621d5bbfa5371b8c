"""Build the ARNs of a state machine's policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.naming import partition_of
from stateroom.config.stepfunctions.tasks import DYNAMIC
from stateroom.model.values import Value

HERE: Final = "${AWS::Region}:${AWS::AccountId}"


def arn(text: str, **parts: Value) -> Value:
    """Return `arn:${AWS::Partition}:` and the text; `<name>` in it is replaced by that part.

    A part that is missing, or known only when the machine runs, is `*`.
    """
    variables: dict[str, Value] = {}
    written = "arn:${AWS::Partition}:" + text
    for name, part in parts.items():
        value = "*" if part is None or part is DYNAMIC else part
        if intrinsic(value):
            variables[name] = value
            value = f"${{{name}}}"
        written = written.replace(f"<{name}>", str(value))
    return {"Fn::Sub": [written, variables] if variables else written}


def attribute(logical_id: Value, name: str) -> Value:
    """Return a reference to an attribute of a resource."""
    return {"Fn::GetAtt": [logical_id, name]}


def rule(name: str) -> Value:
    """Return the ARN of a rule by which Step Functions follows jobs."""
    return arn(f"events:{HERE}:rule/{name}")


def extended(value: Value, suffix: str) -> Value:
    """Append text to an ARN."""
    if isinstance(value, str):
        return f"{value}{suffix}"
    text = value.get("Fn::Sub") if isinstance(value, Mapping) else None
    if isinstance(text, str):
        return {"Fn::Sub": f"{text}{suffix}"}
    if isinstance(text, list) and len(text) == 2:
        return {"Fn::Sub": [f"{text[0]}{suffix}", text[1]]}
    return {"Fn::Sub": [f"${{target}}{suffix}", {"target": value}]}


def table(name: Value, index: Value = None) -> Value:
    """Return the ARN of a DynamoDB table, or of an index of it."""
    if name is None or name is DYNAMIC:
        return "*"
    if intrinsic(name) == "Ref":
        found = attribute(name["Ref"], "Arn")
    elif isinstance(name, str) and name.startswith("arn:"):
        found = name
    else:
        found = arn(f"dynamodb:{HERE}:table/<table>", table=name)
    if index is None:
        return found
    if intrinsic(index):
        return {"Fn::Sub": ["${table}/index/${index}", {"table": found, "index": index}]}
    return extended(found, f"/index/{'*' if index is DYNAMIC else index}")


_QUEUE_URL: Final = re.compile(r"https?://([^/]+)/([^/]+)/(.+)")
_REGION: Final = re.compile(r"sqs\.(.+)\.amazonaws\.com(?:\.cn)?|(.+)\.queue\.amazonaws\.com")


def queue(url: Value) -> Value:
    """Return the ARN of an SQS queue from its URL."""
    if url is None or url is DYNAMIC:
        return "*"
    if intrinsic(url) == "Ref":
        return attribute(url["Ref"], "Arn")
    text = url.get("Fn::Sub") if isinstance(url, Mapping) else url
    match = _QUEUE_URL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return "*"
    host, account, name = match.groups()
    found = _REGION.fullmatch(host)
    region = (found.group(1) or found.group(2)) if found else "${AWS::Region}"
    if "$" in f"{region}{account}{name}":
        return arn(f"sqs:{region}:{account}:{name}")
    return f"arn:{partition_of(region)}:sqs:{region}:{account}:{name}"


def bucket_objects(bucket: Value, path: str, **parts: Value) -> Value:
    """Return the ARN of objects in a bucket."""
    return arn(f"s3:::<bucket>/{path}", bucket=bucket, **parts)
