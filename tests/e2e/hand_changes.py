"""The changes themselves, in the order of changes-by-hand; what somebody does in a console, as calls."""

from __future__ import annotations

from typing import Any

from tests.e2e.hand_service import (
    EVERYBODY,
    FN,
    Change,
    Hand,
    function_change,
    made_again,
    policy,
    queue_change,
    schedule_change,
    zipped,
)

DEBUG = {"Variables": {"A": "1", "DEBUG": "1"}}
_MOTO_500 = {"moto": "this update answers 500"}
HELLO, FEW, PLAIN = "HelloLambdaFunction", "FewLambdaFunction", "PlainLambdaFunction"


def _code(hand: Hand) -> None:
    hand.lambda_.update_function_code(FunctionName=FN("few"), ZipFile=zipped())


def _tag(hand: Hand) -> None:
    hand.lambda_.tag_resource(Resource=hand.function_arn("hello"), Tags={"cost": "42"})


def _permission(hand: Hand) -> None:
    hand.lambda_.add_permission(
        FunctionName=FN("plain"), StatementId="everybody", Action="lambda:InvokeFunction", Principal="*"
    )


def _alias(hand: Hand) -> None:
    version = hand.lambda_.publish_version(FunctionName=FN("plain"))["Version"]
    hand.lambda_.update_alias(FunctionName=FN("plain"), Name="live", FunctionVersion=version)


def _retries(function: str, attempts: int) -> Any:
    return lambda hand: hand.lambda_.put_function_event_invoke_config(
        FunctionName=FN(function), MaximumRetryAttempts=attempts
    )


def _inline(name: str, action: str, *, role: str = "hand-own") -> Any:
    document = policy({"Effect": "Allow", "Action": action, "Resource": "*"})
    return lambda hand: hand.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


def _admin(hand: Hand) -> None:
    """Attach AWS's policy; on moto, which has none of AWS's, one of that name."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    if hand.emulator.name == "moto":
        known = hand.iam.list_policies(Scope="Local")["Policies"]
        document = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        made = known or [hand.iam.create_policy(PolicyName="AdministratorAccess", PolicyDocument=document)["Policy"]]
        arn = made[0]["Arn"]
    hand.iam.attach_role_policy(RoleName="hand-own", PolicyArn=arn)


def _trust(hand: Hand) -> None:
    principal = {"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::999999999999:root"}
    document = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    hand.iam.update_assume_role_policy(RoleName="hand-bare", PolicyDocument=document)


def _open_queue(hand: Hand) -> None:
    arn = hand.queue_arn("hand-dead")
    text = policy({**EVERYBODY, "Action": "sqs:*", "Resource": arn})
    hand.sqs.set_queue_attributes(QueueUrl=hand.queue("hand-dead"), Attributes={"Policy": text})


def _widened(hand: Hand) -> None:
    text = policy({**EVERYBODY, "Action": "sqs:SendMessage", "Resource": hand.queue_arn("hand-guarded")})
    hand.sqs.set_queue_attributes(QueueUrl=hand.queue("hand-guarded"), Attributes={"Policy": text})


def _topic(name: str, value: Any) -> Any:
    def change(hand: Hand) -> None:
        text = value(hand) if callable(value) else value
        hand.sns.set_topic_attributes(TopicArn=hand.topic, AttributeName=name, AttributeValue=text)

    return change


def _open_topic(hand: Hand) -> str:
    return policy({**EVERYBODY, "Action": "sns:Publish", "Resource": hand.topic})


def _filter_policy(hand: Hand) -> None:
    listed = hand.sns.list_subscriptions_by_topic(TopicArn=hand.topic)["Subscriptions"]
    subscription = next(item for item in listed if "guarded" in item["Endpoint"])
    hand.sns.set_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"],
        AttributeName="FilterPolicy",
        AttributeValue='{"kind": ["all"]}',
    )


def _extra_subscription(hand: Hand) -> None:
    hand.sns.subscribe(TopicArn=hand.topic, Protocol="sqs", Endpoint=hand.queue_arn("hand-dead"))


def _log_filter(hand: Hand) -> None:
    hand.logs.put_subscription_filter(
        logGroupName=f"/aws/lambda/{FN('plain')}",
        filterName="spy",
        filterPattern="",
        destinationArn=hand.function_arn("few"),
    )


def _mapping(**settings: Any) -> Any:
    def change(hand: Hand) -> None:
        (mapping,) = hand.lambda_.list_event_source_mappings()["EventSourceMappings"]
        hand.lambda_.update_event_source_mapping(UUID=mapping["UUID"], **settings)

    return change


def _target_input(hand: Hand) -> None:
    (target,) = hand.events.list_targets_by_rule(Rule=hand.rule)["Targets"]
    more = {"Id": "spy", "Arn": hand.queue_arn("hand-dead")}
    hand.events.put_targets(Rule=hand.rule, Targets=[{**target, "Input": '{"by": "hand"}'}, more])


def _ttl(hand: Hand) -> None:
    hand.dynamodb.update_time_to_live(
        TableName="hand-items", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )


def _pitr(hand: Hand) -> None:
    hand.dynamodb.update_continuous_backups(
        TableName="hand-items", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _versioning(hand: Hand) -> None:
    hand.s3.put_bucket_versioning(Bucket="hand-open", VersioningConfiguration={"Status": "Enabled"})


def _bucket_policy(hand: Hand) -> None:
    text = policy({**EVERYBODY, "Action": "s3:GetObject", "Resource": hand.in_bucket("hand-open")})
    hand.s3.put_bucket_policy(Bucket="hand-open", Policy=text)


def _public(hand: Hand) -> None:
    opened = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
    hand.s3.put_public_access_block(Bucket="hand-files", PublicAccessBlockConfiguration=opened)


def _cors(hand: Hand) -> None:
    hand.apigatewayv2.update_api(ApiId=hand.http_api, CorsConfiguration={"AllowOrigins": ["https://evil.example"]})


def _route(hand: Hand) -> None:
    hand.apigatewayv2.create_route(ApiId=hand.http_api, RouteKey="GET /extra")


def _stage_variable(hand: Hand) -> None:
    hand.apigatewayv2.update_stage(ApiId=hand.http_api, StageName="$default", StageVariables={"by": "hand"})


def _authorizer(hand: Hand) -> None:
    hand.apigateway.update_method(
        restApiId=hand.rest_api,
        resourceId=hand.rest_resource("/hello"),
        httpMethod="GET",
        patchOperations=[{"op": "replace", "path": "/authorizationType", "value": "NONE"}],
    )


def _method(hand: Hand) -> None:
    api, root = hand.rest_api, hand.rest_resource("/")
    made = hand.apigateway.create_resource(restApiId=api, parentId=root, pathPart="extra")
    hand.apigateway.put_method(restApiId=api, resourceId=made["id"], httpMethod="GET", authorizationType="NONE")


def _throttling(hand: Hand) -> None:
    (plan,) = hand.apigateway.get_usage_plans()["items"]
    more = [{"op": "replace", "path": "/throttle/burstLimit", "value": "500"}]
    hand.apigateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=more)


def _machine(hand: Hand) -> None:
    definition = '{"StartAt": "Fail", "States": {"Fail": {"Type": "Fail"}}}'
    role = hand.iam.get_role(RoleName="hand-bare")["Role"]["Arn"]
    hand.stepfunctions.update_state_machine(stateMachineArn=hand.machine, definition=definition, roleArn=role)


CHANGES: tuple[Change, ...] = (
    Change(1, HELLO, "MemorySize", "D", function_change(MemorySize=1024)),
    Change(1, HELLO, "Timeout", "D", function_change(Timeout=60)),
    Change(
        1,
        HELLO,
        "Environment.Variables.DEBUG",
        "D",
        function_change(Environment={"Variables": {"A": "1", "DEBUG": "1"}}),
    ),
    Change(
        2, FEW, "Code", "D", lambda hand: hand.lambda_.update_function_code(FunctionName=FN("few"), ZipFile=zipped())
    ),
    Change(3, HELLO, "Tags", "D", _tag),
    Change(
        4,
        PLAIN,
        "ReservedConcurrentExecutions",
        "U!",
        lambda hand: hand.lambda_.put_function_concurrency(FunctionName=FN("plain"), ReservedConcurrentExecutions=1),
    ),
    Change(
        5,
        FEW,
        "ReservedConcurrentExecutions",
        "D",
        lambda hand: hand.lambda_.delete_function_concurrency(FunctionName=FN("few")),
    ),
    Change(
        6,
        PLAIN,
        "Url.$LATEST",
        "U!",
        lambda hand: hand.lambda_.create_function_url_config(FunctionName=FN("plain"), AuthType="NONE"),
        {"moto": "it does not list the URLs of a function"},
    ),
    Change(
        7,
        "FewLambdaFunctionUrl",
        "AuthType",
        "D!",
        lambda hand: hand.lambda_.update_function_url_config(FunctionName=FN("few"), AuthType="NONE"),
    ),
    Change(8, PLAIN, "Policy.everybody", "U!", _permission),
    Change(9, "GoneLambdaFunction", "", "D", lambda hand: hand.lambda_.delete_function(FunctionName=FN("gone"))),
    Change(10, "Live", "FunctionVersion", "D", _alias),
    Change(
        11,
        "HelloLambdaEvConf",
        "MaximumRetryAttempts",
        "D",
        _retries("hello", 0),
        {"moto": "$LATEST is another place to it"},
    ),
    Change(11, PLAIN, "EventInvokeConfig.$LATEST", "U", _retries("plain", 0)),
    Change(12, "Own", "Policies", "D", _inline("own", "s3:*")),
    Change(12, "Bare", "Policies", "U!", _inline("extra", "sqs:*", role="hand-bare")),
    Change(
        12,
        "Own",
        "ManagedPolicyArns",
        "U!",
        _admin,
    ),
    Change(12, "Bare", "AssumeRolePolicyDocument", "D!", _trust),
    Change(13, "Inbox", "VisibilityTimeout", "D", queue_change("hand-inbox", VisibilityTimeout="1")),
    Change(13, "Inbox", "DelaySeconds", "D", queue_change("hand-inbox", DelaySeconds="9")),
    Change(13, "Inbox", "RedrivePolicy", "D", queue_change("hand-inbox", RedrivePolicy="")),
    Change(13, "Again", "VisibilityTimeout", "D", made_again),
    Change(14, "Dead", "Policy.everybody", "U!", _open_queue),
    Change(14, "GuardedPolicy", "PolicyDocument", "D!", _widened),
    Change(15, "News", "DisplayName", "D", _topic("DisplayName", "other")),
    Change(15, "News", "Policy.everybody", "U!", _topic("Policy", _open_topic)),
    Change(15, "News", "Subscriptions.sqs", "U!", _extra_subscription),
    Change(16, "ToGuarded", "FilterPolicy", "D", _filter_policy),
    Change(
        17,
        "HelloLogGroup",
        "RetentionInDays",
        "D",
        lambda hand: hand.logs.delete_retention_policy(logGroupName=f"/aws/lambda/{FN('hello')}"),
    ),
    Change(17, "PlainLogGroup", "SubscriptionFilters.spy", "U!", _log_filter),
    Change(18, "HelloEventSourceMappingSQSInbox", "BatchSize", "D", _mapping(BatchSize=1)),
    Change(18, "HelloEventSourceMappingSQSInbox", "Enabled", "D", _mapping(Enabled=False)),
    Change(
        19,
        "HelloEventsRuleSchedule1",
        "State",
        "D",
        lambda hand: hand.events.disable_rule(Name=hand.rule),
    ),
    Change(19, "HelloEventsRuleSchedule1", "Targets", "D!", _target_input),
    Change(20, "Nightly", "State", "D", schedule_change("DISABLED", '{"by": "hand"}')),
    Change(20, "Nightly", "Target.Input", "D", None),
    Change(21, "Items", "TimeToLiveSpecification", "U", _ttl),
    Change(21, "Items", "PointInTimeRecoverySpecification", "U", _pitr),
    Change(
        21,
        "Items",
        "DeletionProtectionEnabled",
        "U",
        lambda hand: hand.dynamodb.update_table(TableName="hand-items", DeletionProtectionEnabled=True),
    ),
    Change(22, "Open", "VersioningConfiguration", "U", _versioning, leaves={"Status": "Suspended"}),
    Change(22, "Files", "PublicAccessBlockConfiguration", "D!", _public),
    Change(22, "Open", "Policy.everybody", "U!", _bucket_policy),
    Change(23, "HttpApi", "CorsConfiguration", "D", _cors),
    Change(23, "HttpApi", "Routes.GET /extra", "U!", _route),
    Change(23, "HttpApiStage", "StageVariables", "U", _stage_variable, _MOTO_500),
    Change(24, "ApiGatewayMethodHelloGet", "AuthorizationType", "D!", _authorizer, _MOTO_500),
    Change(24, "ApiGatewayRestApi", "Methods.GET /extra", "U!", _method),
    Change(24, "ApiGatewayRestApi", "Methods./extra", "U", None),
    Change(24, "ApiGatewayUsagePlan", "Throttle.BurstLimit", "D", _throttling),
    Change(25, "HandDashpack", "DefinitionString", "D", _machine),
    Change(25, "HandDashpack", "RoleArn", "D!", None),
)
