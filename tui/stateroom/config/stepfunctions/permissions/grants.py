"""Grants that each Step Functions integration needs, by the integration's name.

A new one is a line in the table.

After the Step Functions developer guide ("IAM policies for integrated services"), with the actions and resources that
the plugin settled on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.naming import upper_first
from stateroom.config.stepfunctions.permissions import athena, redshift
from stateroom.config.stepfunctions.permissions.arns import HERE, arn, bucket_objects, extended, queue, rule, table
from stateroom.config.stepfunctions.permissions.grant import Grant, grant
from stateroom.config.stepfunctions.tasks import DYNAMIC, Task
from stateroom.model.values import Value

Grants: TypeAlias = Callable[[Task], list[Grant]]
_RULES: Final = "events:PutTargets,events:PutRule,events:DescribeRule"


def _fixed(*pairs: tuple[str, Value]) -> Grants:
    grants = [grant(actions, resource) for actions, resource in pairs]
    return lambda _: grants


def _queue(task: Task) -> list[Grant]:
    return [grant("sqs:SendMessage", queue(task.argument("QueueUrl")))]


def _topic(task: Task) -> list[Grant]:
    topic = task.argument("TopicArn")
    return [grant("sns:Publish", "*" if topic is None or topic is DYNAMIC else topic)]


def _table(action: str) -> Grants:
    def grants(task: Task) -> list[Grant]:
        return [grant(f"dynamodb:{action}", table(task.argument("TableName"), task.argument("IndexName")))]

    return grants


def _tables(action: str) -> Grants:
    def grants(task: Task) -> list[Grant]:
        items = task.argument("RequestItems")
        names = items if isinstance(items, Mapping) and not intrinsic(items) else {}
        found = [table(name.removesuffix(".$")) for name in names] or ["*"]
        return [grant(f"dynamodb:{action}", found)]

    return grants


def _execution(action: str) -> Grants:
    def grants(task: Task) -> list[Grant]:
        machine = task.argument("StateMachineArn")
        machine = "*" if machine is None or machine is DYNAMIC else machine
        return started(f"states:{action}", machine, executions(machine))

    return grants


def started(action: str, machine: Value, found: Value) -> list[Grant]:
    """Return the grants to start another machine and follow its execution."""
    return [
        grant(action, machine),
        grant("states:DescribeExecution,states:StopExecution", found),
        grant(_RULES, rule("StepFunctionsGetEventsForStepFunctionsExecutionRule")),
    ]


def executions(machine: Value) -> Value:
    """Return the ARN pattern of a machine's executions, derived from the machine's ARN."""
    text = machine.get("Fn::Sub") if isinstance(machine, Mapping) else machine
    first = text[0] if isinstance(text, list) and text else text
    if not isinstance(first, str) or ":stateMachine:" not in first:
        return "*"
    changed = first.replace(":stateMachine:", ":execution:")
    if isinstance(text, list):
        return extended({"Fn::Sub": [changed, *text[1:]]}, ":*")
    return extended({"Fn::Sub": changed} if isinstance(machine, Mapping) else changed, ":*")


def _build(task: Task) -> list[Grant]:
    project = arn(f"codebuild:{HERE}:project/<project>", project=task.argument("ProjectName"))
    return [
        grant("codebuild:StartBuild,codebuild:StopBuild,codebuild:BatchGetBuilds", project),
        grant(_RULES, rule("StepFunctionsGetEventForCodeBuildStartBuildRule")),
    ]


def _transform(task: Task) -> list[Grant]:
    name = task.argument("TransformJobName")
    literal = name is not None and name is not DYNAMIC
    job = arn(f"sagemaker:{HERE}:transform-job/{'<job>' if literal else ''}*", job=name)
    return [
        grant("sagemaker:CreateTransformJob,sagemaker:DescribeTransformJob,sagemaker:StopTransformJob", job),
        grant("sagemaker:ListTags", "*"),
        grant(_RULES, rule("StepFunctionsGetEventsForSageMakerTransformJobsRule")),
    ]


def _model(task: Task) -> list[Grant]:
    model = task.argument("ModelId")
    literal_arn = isinstance(model, str) and model.startswith("arn:")
    found = model if literal_arn else arn("bedrock:${AWS::Region}::foundation-model/<model>", model=model)
    return [grant("bedrock:InvokeModel", found)]


def _events(task: Task) -> list[Grant]:
    entries = task.argument("Entries")
    buses: list[Value] = []
    for entry in entries if isinstance(entries, list) else [DYNAMIC]:
        own = Task(task.name, task.resource, entry if isinstance(entry, Mapping) else {"EventBusName.$": entry})
        bus = own.argument("EventBusName") or "default"
        buses += [bus] if bus not in buses else []
    return [grant("events:PutEvents", [_bus(bus) for bus in buses])]


def _bus(bus: Value) -> Value:
    return bus if isinstance(bus, str) and bus.startswith("arn:") else arn(f"events:{HERE}:event-bus/<bus>", bus=bus)


def _targets(task: Task) -> list[Grant]:
    name, bus = task.argument("Rule"), task.argument("EventBusName")
    if name is DYNAMIC:
        return [grant("events:PutTargets", "*")]
    path = "<bus>/<rule>" if bus else "<rule>"
    return [grant("events:PutTargets", arn(f"events:{HERE}:rule/{path}", bus=bus, rule=name))]


def _schedule(action: str) -> Grants:
    def grants(task: Task) -> list[Grant]:
        group = task.argument("GroupName") or "default"
        target = task.argument("Target")
        role = target.get("RoleArn") if isinstance(target, Mapping) else None
        found = [grant(f"scheduler:{action}", arn(f"scheduler:{HERE}:schedule/<group>/*", group=group))]
        return [*found, grant("iam:PassRole", role)] if role else found

    return grants


def _http(task: Task) -> list[Grant]:
    authentication = task.argument("Authentication")
    connection = authentication.get("ConnectionArn") if isinstance(authentication, Mapping) else None
    dynamic = isinstance(connection, str) and connection.lstrip().startswith("{%")
    return [
        grant("states:InvokeHTTPEndpoint", "*"),
        grant("events:RetrieveConnectionCredentials", "*" if dynamic or not connection else connection),
        grant(
            "secretsmanager:GetSecretValue,secretsmanager:DescribeSecret",
            arn(f"secretsmanager:{HERE}:secret:events!connection/*"),
        ),
    ]


def _object(action: str) -> Grants:
    def grants(task: Task) -> list[Grant]:
        bucket, key, prefix = (task.argument(name) for name in ("Bucket", "Key", "Prefix"))
        if prefix is not None:
            return [grant(f"s3:{action}", bucket_objects(bucket, "<prefix>/<key>", prefix=prefix, key=key))]
        if all(part is None or part is DYNAMIC for part in (bucket, key)):
            return [grant(f"s3:{action}", "*")]
        return [grant(f"s3:{action}", bucket_objects(bucket, "<key>", key=key))]

    return grants


def _objects(task: Task) -> list[Grant]:
    bucket = task.argument("Bucket")
    found = [arn("s3:::<bucket>", bucket=bucket), bucket_objects(bucket, "*")]
    return [grant("s3:Get*", found), grant("s3:List*", found)]


def function_and_versions(function: Value) -> list[Value]:
    """Return a function's ARN, and the ARN pattern of its versions and aliases."""
    return [function, extended(function, ":*")]


def cluster(actions: str, *, passes_role: bool = False) -> Grants:
    """Return the grants for EMR clusters, which have no ARN before they exist."""
    wanted = ",".join(f"elasticmapreduce:{action}" for action in actions.split(","))
    return _fixed((wanted, "*"), *([("iam:PassRole", "*")] if passes_role else []))


_ECS: Final = "ecs:RunTask,ecs:StopTask,ecs:DescribeTasks,ecs:TagResource,iam:PassRole"
_GLUE: Final = "glue:StartJobRun,glue:GetJobRun,glue:GetJobRuns,glue:BatchStopJobRun"
_ITEMS: Final = ("getItem", "putItem", "updateItem", "deleteItem")
_SYNCHRONOUS: Final = "RunJobFlow,DescribeCluster,TerminateJobFlows"

INTEGRATIONS: Final[Mapping[str, Grants]] = {
    "sqs:sendMessage": _queue,
    "sns:publish": _topic,
    **{f"dynamodb:{name}": _table(upper_first(name)) for name in _ITEMS},
    **{f"aws-sdk:dynamodb:{name}": _table(upper_first(name)) for name in (*_ITEMS, "updateTable", "query", "scan")},
    "aws-sdk:dynamodb:batchGetItem": _tables("BatchGetItem"),
    "aws-sdk:dynamodb:batchWriteItem": _tables("BatchWriteItem"),
    "batch:submitJob": _fixed(
        ("batch:SubmitJob,batch:DescribeJobs,batch:TerminateJob", "*"),
        (_RULES, rule("StepFunctionsGetEventsForBatchJobsRule")),
    ),
    "ecs:runTask": _fixed((_ECS, "*"), (_RULES, rule("StepFunctionsGetEventsForECSTaskRule"))),
    "glue:startJobRun": _fixed((_GLUE, "*")),
    "states:startExecution": _execution("StartExecution"),
    "aws-sdk:sfn:startSyncExecution": _execution("StartSyncExecution"),
    "codebuild:startBuild": _build,
    "sagemaker:createTransformJob": _transform,
    "bedrock:invokeModel": _model,
    "elasticmapreduce:createCluster": cluster("RunJobFlow", passes_role=True),
    "elasticmapreduce:createCluster.sync": cluster(_SYNCHRONOUS, passes_role=True),
    "elasticmapreduce:runJobFlow": cluster("RunJobFlow", passes_role=True),
    "elasticmapreduce:terminateCluster": cluster("TerminateJobFlows,DescribeCluster"),
    "elasticmapreduce:addStep": cluster("AddJobFlowSteps,DescribeStep,CancelSteps"),
    "elasticmapreduce:cancelStep": cluster("CancelSteps"),
    "elasticmapreduce:setClusterTerminationProtection": cluster("SetTerminationProtection"),
    "elasticmapreduce:modifyInstanceFleetByName": cluster("ModifyInstanceFleet,ListInstanceFleets"),
    "elasticmapreduce:modifyInstanceGroupByName": cluster("ModifyInstanceGroups,ListInstanceGroups"),
    "athena:startQueryExecution": athena.start,
    "athena:startQueryExecution.sync": athena.start_and_wait,
    "athena:stopQueryExecution": athena.stop,
    "athena:getQueryExecution": athena.look,
    "athena:getQueryResults": athena.results,
    **{f"aws-sdk:redshiftdata:{name}": grants for name, grants in redshift.GRANTS.items()},
    "events:putEvents": _events,
    "aws-sdk:eventbridge:putTargets": _targets,
    "aws-sdk:scheduler:createSchedule": _schedule("CreateSchedule"),
    "aws-sdk:scheduler:deleteSchedule": _schedule("DeleteSchedule"),
    "http:invoke": _http,
    "s3:getObject": _object("GetObject"),
    "s3:putObject": _object("PutObject"),
    "s3:listObjectsV2": _objects,
    "aws-sdk:s3:getObject": _object("GetObject"),
    "aws-sdk:s3:putObject": _object("PutObject"),
    "aws-sdk:s3:listObjectsV2": _objects,
    "aws-sdk:sesv2:sendEmail": _fixed(("ses:SendEmail", "*")),
}
