"""Grants of Athena integrations, including the catalogue and data that a query reads.

Athena reads the catalogue and the data with the permissions of the query's caller.
"""

from __future__ import annotations

from typing import Final

from stateroom.config.stepfunctions.permissions.arns import HERE, arn
from stateroom.config.stepfunctions.permissions.grant import Grant, grant
from stateroom.config.stepfunctions.tasks import Task
from stateroom.model.values import Value


def _actions(service: str, names: str) -> str:
    return ",".join(f"{service}:{name}" for name in names.split())


_S3: Final = _actions(
    "s3",
    """GetBucketLocation GetObject ListBucket ListBucketMultipartUploads ListMultipartUploadParts AbortMultipartUpload
    CreateBucket PutObject""",
)
_GLUE: Final = _actions(
    "glue",
    """CreateDatabase GetDatabase GetDatabases UpdateDatabase DeleteDatabase CreateTable UpdateTable GetTable GetTables
    DeleteTable BatchDeleteTable BatchCreatePartition CreatePartition UpdatePartition GetPartition GetPartitions
    BatchGetPartition DeletePartition BatchDeletePartition""",
)
_CATALOGUE: Final = ("catalog", "database/*", "table/*", "userDefinedFunction/*")
_DATA: Final = (
    grant(_S3, "arn:aws:s3:::*"),
    grant(_GLUE, [arn(f"glue:{HERE}:{name}") for name in _CATALOGUE]),
    grant("lakeformation:GetDataAccess", "*"),
)
_START: Final = "athena:startQueryExecution,athena:getDataCatalog"
_START_AND_WAIT: Final = _actions(
    "athena",
    """startQueryExecution stopQueryExecution getQueryExecution getDataCatalog GetWorkGroup BatchGetQueryExecution
    GetQueryResults ListQueryExecutions""",
)


def start(task: Task) -> list[Grant]:
    """Return the grants to start a query."""
    return _started(task, _START)


def start_and_wait(task: Task) -> list[Grant]:
    """Return the grants to start a query and wait for its end."""
    return _started(task, _START_AND_WAIT)


def stop(_: Task) -> list[Grant]:
    """Return the grants to stop a query."""
    return [grant("athena:stopQueryExecution", _work_group(None))]


def look(_: Task) -> list[Grant]:
    """Return the grants to read a query's status."""
    return [grant("athena:getQueryExecution", _work_group(None))]


def results(_: Task) -> list[Grant]:
    """Return the grants to read a query's results."""
    return [grant("athena:getQueryResults", _work_group(None)), grant("s3:GetObject", "arn:aws:s3:::*")]


def _started(task: Task, actions: str) -> list[Grant]:
    catalogue = arn(f"athena:{HERE}:datacatalog/*")
    return [grant(actions, [_work_group(task.argument("WorkGroup")), catalogue]), *_DATA]


def _work_group(name: Value) -> Value:
    return arn(f"athena:{HERE}:workgroup/<group>", group=name)
