"""Logical ids as the Serverless Framework and its Step Functions plugin derive them."""

from __future__ import annotations

import re


def upper_first(text: str) -> str:
    """Convert `create` to `Create`; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def normalised(name: str) -> str:
    """Convert `my-fn_one` to `MyDashfnUnderscoreone`: functions, machines, schedules."""
    return upper_first(name.replace("-", "Dash").replace("_", "Underscore"))


def alphanumeric(name: str) -> str:
    """Convert `my-topic.fifo` to `Mytopicfifo`: topics, queues, buckets."""
    return upper_first(re.sub(r"[^0-9A-Za-z]", "", name))


def path_part(path: str) -> str:
    """Convert `/users/{id}/orders` to `UsersIdVarOrders`."""
    return "".join(_segment(segment) for segment in path.split("/"))


def _segment(segment: str) -> str:
    text = segment[:1].upper() + segment[1:].lower()
    text = text.replace("-", "Dash")
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        text = f"{text[:start]}{text[start + 1 : end]}Var{text[end + 1 :]}"
    return upper_first(re.sub(r"[^0-9A-Za-z]", "", text))


def function_id(key: str) -> str:
    """Return the logical id of a Lambda function."""
    return f"{normalised(key)}LambdaFunction"


def log_group_id(key: str) -> str:
    """Return the logical id of a function's log group."""
    return f"{normalised(key)}LogGroup"


def permission_id(key: str, suffix: str) -> str:
    """Return the logical id of a permission for one of the function's event sources."""
    return f"{normalised(key)}LambdaPermission{suffix}"


def machine_id(key: str, name: str | None, explicit_id: str | None) -> str:
    """Return the state machine's logical id: from `id`, else from `name`, else from its key."""
    if explicit_id:
        return normalised(explicit_id)
    return normalised(name) if name else f"{normalised(key)}StepFunctionsStateMachine"


PROVISIONED_ALIAS = "provisioned"
SNAP_START_ALIAS = "snapstart"


def alias_id(key: str, alias: str) -> str:
    """Return the logical id of one of the function's two aliases."""
    kind = "ProvConc" if alias == PROVISIONED_ALIAS else "SnapStart"
    return f"{normalised(key)}{kind}LambdaAlias"


def version_id(key: str, digest: str) -> str:
    """Return a version's logical id, which changes with code and configuration by its digest."""
    return f"{normalised(key)}LambdaVersion{digest}"


def layer_id(key: str) -> str:
    """Return the logical id of a layer."""
    return f"{normalised(key)}LambdaLayer"


EXECUTION_ROLE = "IamRoleLambdaExecution"
HTTP_API = "HttpApi"


def partition_of(region: str) -> str:
    """Return a region's partition: the second part of its ARNs."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
