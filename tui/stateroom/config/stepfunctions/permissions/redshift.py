"""Grants of Redshift Data API integrations: the statement and its credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stateroom.config.stepfunctions.permissions.arns import HERE, arn
from stateroom.config.stepfunctions.permissions.grant import Grant, grant
from stateroom.config.stepfunctions.tasks import DYNAMIC, Task
from stateroom.model.values import Value

_WORK_GROUPS: Final = arn(f"redshift-serverless:{HERE}:workgroup/*")


def _execute(action: str) -> Callable[[Task], list[Grant]]:
    def grants(task: Task) -> list[Grant]:
        work_group = _work_group(task)
        cluster = task.argument("ClusterIdentifier")
        place = work_group or arn(f"redshift:{HERE}:cluster:<cluster>", cluster=cluster)
        return [grant(f"redshift-data:{action}", place), _credentials(task, work_group, cluster)]

    return grants


def _work_group(task: Task) -> Value:
    name = task.argument("WorkgroupName")
    if name is None:
        return None
    return name if isinstance(name, str) and name.startswith("arn:") else _WORK_GROUPS


def _credentials(task: Task, work_group: Value, cluster: Value) -> Grant:
    secret, user = task.argument("SecretArn"), task.argument("DbUser")
    database = arn(f"redshift:{HERE}:dbname:<cluster>/<database>", cluster=cluster, database=task.argument("Database"))
    if secret is not None:
        return grant("secretsmanager:GetSecretValue", _secret(secret))
    if user is not None:
        name = arn(f"redshift:{HERE}:dbuser:<cluster>/<user>", cluster=cluster, user=user)
        return grant("redshift:GetClusterCredentials", [name, database])
    if work_group:
        return grant("redshift-serverless:GetCredentials", work_group)
    return grant("redshift:GetClusterCredentialsWithIAM", database)


def _secret(secret: Value) -> Value:
    if isinstance(secret, Mapping) or (isinstance(secret, str) and secret.startswith("arn:")):
        return secret
    return arn(f"secretsmanager:{HERE}:secret:{'*' if secret is DYNAMIC else f'{secret}*'}")


def _anywhere(action: str) -> Callable[[Task], list[Grant]]:
    return lambda _: [grant(f"redshift-data:{action}", "*")]


GRANTS: Final[Mapping[str, Callable[[Task], list[Grant]]]] = {
    "executeStatement": _execute("ExecuteStatement"),
    "batchExecuteStatement": _execute("BatchExecuteStatement"),
    "listStatements": _anywhere("ListStatements"),
    "describeStatement": _anywhere("DescribeStatement"),
    "getStatementResult": _anywhere("GetStatementResult"),
    "cancelStatement": _anywhere("CancelStatement"),
}
