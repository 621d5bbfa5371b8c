"""Events of buckets, streams, brokers, buses, logs, pools, devices, balancers and sockets."""

from __future__ import annotations

import pytest

from stateroom.model.resource import Template
from stateroom.model.values import Value
from tests.config.bench import HEAD, Bench, properties, types

ARN = {"Fn::GetAtt": ["CreateLambdaFunction", "Arn"]}
REGION = "eu-west-1:123456789012"


def compiled(bench: Bench, events: str, provider: str = "", function: str = "", more: str = "") -> Template:
    head = HEAD.replace("runtime:", f"{provider} runtime:")
    return bench.compile(
        f"{head}functions: {{create: {{handler: app.create, {function} events: [{events}]}},"
        f" other: {{handler: app.create}}}}\n{more}"
    )


def grants(template: Template) -> list[Value]:
    policy = properties(template, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    return [statement["Action"] for statement in policy["Statement"]]


def test_events_of_a_published_function_invoke_its_alias(bench: Bench) -> None:
    template = compiled(bench, "{schedule: rate(1 day)}, {sns: news}", function="provisionedConcurrency: 1,")
    alias = {"Fn::Join": [":", [ARN, "provisioned"]]}
    assert properties(template, "CreateEventsRuleSchedule1")["Targets"][0]["Arn"] == alias
    assert properties(template, "CreateLambdaPermissionNewsSNS")["FunctionName"] == alias
    assert template.resources["CreateLambdaPermissionNewsSNS"].depends_on == ("CreateProvConcLambdaAlias",)


def test_a_scheduler_schedule_runs_as_the_functions_role(bench: Bench) -> None:
    template = compiled(bench, "{schedule: {rate: rate(1 day), method: scheduler, timezone: Europe/Zurich}}")
    schedule = properties(template, "CreateSchedulerSchedule1")
    assert schedule["Target"]["RoleArn"] == {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Zurich"
    role = properties(template, "IamRoleLambdaExecution")["AssumeRolePolicyDocument"]["Statement"][0]
    assert "scheduler.amazonaws.com" in role["Principal"]["Service"]
    assert ["lambda:InvokeFunction"] in grants(template)


def test_a_bucket_waits_for_leave_to_invoke(bench: Bench) -> None:
    template = compiled(bench, "{s3: my-bucket}, {s3: {bucket: my-bucket, rules: {suffix: .jpg}}}")
    bucket = template.resources["S3BucketMybucket"]
    assert bucket.depends_on == ("CreateLambdaPermissionMybucketS3",)
    first, second = bucket.properties["NotificationConfiguration"]["LambdaConfigurations"]
    assert first == {"Event": "s3:ObjectCreated:*", "Function": ARN}
    assert second["Filter"] == {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".jpg"}]}}


def test_an_existing_bucket_is_told_and_not_made(bench: Bench) -> None:
    events = "{s3: {bucket: theirs, existing: true, rules: [{prefix: a/}]}}, {s3: {bucket: theirs, existing: true}}"
    template = compiled(bench, events)
    custom = template.resources["CreateCustomS31"]
    assert custom.type == "Custom::S3"
    assert custom.properties == {
        "FunctionName": "shop-dev-create",
        "BucketName": "theirs",
        "BucketConfigs": [
            {"Event": "s3:ObjectCreated:*", "Rules": [{"Prefix": "a/"}]},
            {"Event": "s3:ObjectCreated:*", "Rules": []},
        ],
    }
    assert custom.depends_on == ("CreateLambdaFunction", "CreateLambdaPermissionTheirsS3")
    assert "AWS::S3::Bucket" not in types(template).values()
    assert not any("Custom" in name for name in template.resources if name != "CreateCustomS31")


def test_functions_change_an_existing_pool_one_after_the_other(bench: Bench) -> None:
    pool = "{cognitoUserPool: {pool: people, existing: true, trigger: PreSignUp}}"
    function = f"{{handler: app.create, events: [{pool}]}}"
    template = bench.compile(f"{HEAD}functions: {{a: {function}, b: {function}}}")
    assert "ACustomCognitoUserPool1" in template.resources["BCustomCognitoUserPool1"].depends_on


def test_a_stream_is_named_after_the_label_at_the_end_of_a_joined_arn(bench: Bench) -> None:
    arn = "!Join [':', ['arn:aws:dynamodb', !Ref 'AWS::Region', '1:table/t/stream/2030-01-15T13:50:01.958']]"
    template = compiled(bench, f"{{stream: {{type: dynamodb, arn: {arn}}}}}")
    assert any(name.endswith("EventSourceMappingDynamodb20300115T135001958") for name in template.resources)


def test_a_stream_consumer_is_made_and_read(bench: Bench) -> None:
    template = compiled(bench, f"{{stream: {{arn: 'arn:aws:kinesis:{REGION}:stream/clicks', consumer: true}}}}")
    mapping = template.resources["CreateEventSourceMappingKinesisClicks"]
    assert mapping.properties["EventSourceArn"] == {"Ref": "CreateclicksConsumerStreamConsumer"}
    assert mapping.depends_on == ("IamRoleLambdaExecution", "CreateclicksConsumerStreamConsumer")
    assert ["kinesis:SubscribeToShard"] in grants(template)


def test_a_broker_in_a_vpc_needs_the_network(bench: Bench) -> None:
    access = "{vpcSubnet: [subnet-1], vpcSecurityGroup: [sg-1]}"
    template = compiled(bench, f"{{kafka: {{accessConfigurations: {access}, bootstrapServers: [a], topic: t}}}}")
    mapping = properties(template, "CreateEventSourceMappingKafkaT")
    assert mapping["SourceAccessConfigurations"] == [
        {"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"},
        {"Type": "VPC_SECURITY_GROUP", "URI": "security_group:sg-1"},
    ]
    assert any("ec2:CreateNetworkInterface" in actions for actions in grants(template))


def test_a_bus_is_made_when_it_is_only_named(bench: Bench) -> None:
    events = "{httpApi: GET /a}, {eventBridge: {eventBus: mine, pattern: {source: [x]}}}"
    template = compiled(bench, events)
    # The number in a rule's name counts all of the function's events.
    rule = template.resources["Shopdevcreaterule2EventBridgeRule"]
    assert rule.properties["Name"] == "shop-dev-create-rule-2"
    assert rule.depends_on == ("MineEventBridgeEventBus",)
    assert properties(template, "MineEventBridgeEventBus") == {"Name": "mine"}


def test_log_groups_share_a_permission_for_what_their_names_have_in_common(bench: Bench) -> None:
    template = compiled(bench, "{cloudwatchLog: /aws/a/one}, {cloudwatchLog: /aws/a/two}")
    permission = properties(template, "CreateLambdaPermissionLogsSubscriptionFilterCloudWatchLog")
    assert "/aws/a/*" in permission["SourceArn"]["Fn::Join"][1]


def test_a_socket_may_be_authorized_by_a_function(bench: Bench) -> None:
    template = compiled(bench, "{websocket: {route: $connect, authorizer: other}}, {websocket: $default}")
    route = properties(template, "SconnectWebsocketsRoute")
    assert route["AuthorizerId"] == {"Ref": "OtherWebsocketsAuthorizer"}
    assert "OtherLambdaPermissionWebsockets" in template.resources
    assert ["execute-api:ManageConnections"] in grants(template)
    (deployment,) = (key for key, type_ in types(template).items() if type_.endswith("::Deployment"))
    assert properties(template, "WebsocketsDeploymentStage")["DeploymentId"] == {"Ref": deployment}


def test_http_authorizers_are_made_for_the_routes_that_name_them(bench: Bench) -> None:
    users = "{identitySource: $request.header.A, issuerUrl: 'https://x', audience: a}"
    authorizers = f"{{users: {users}, fn: {{type: request, functionName: other}}}}"
    template = compiled(
        bench,
        "{httpApi: {method: GET, path: /a, authorizer: {name: users, scopes: [s]}}},"
        "{httpApi: {method: GET, path: /b, authorizer: fn}},"
        "{httpApi: {method: GET, path: /c, authorizer: {type: aws_iam}}}",
        f"httpApi: {{authorizers: {authorizers}}},",
    )
    first, second, third = (properties(template, f"HttpApiRouteGet{name}") for name in "ABC")
    assert (first["AuthorizationType"], first["AuthorizationScopes"]) == ("JWT", ["s"])
    assert second["AuthorizerId"] == {"Ref": "HttpApiAuthorizerFn"}
    assert (third["AuthorizationType"], "AuthorizerId" in third) == ("AWS_IAM", False)
    assert "FnLambdaAuthorizerPermissionHttpApi" in template.resources


def test_texts_from_variables_are_numbers_and_flags(bench: Bench) -> None:
    bench.environment |= {"SIZE": "7", "ON": "false"}
    event = f"{{sqs: {{arn: 'arn:aws:sqs:{REGION}:q', batchSize: '${{env:SIZE}}', enabled: '${{env:ON}}'}}}}"
    mapping = properties(compiled(bench, event), "CreateEventSourceMappingSQSQ")
    assert (mapping["BatchSize"], mapping["Enabled"]) == (7, False)


def test_an_event_of_an_unknown_plugin_is_left_to_it(bench: Bench) -> None:
    template = compiled(bench, "{carrierPigeon: {coop: 1}}", more="plugins: [serverless-pigeons]")
    assert any("the event carrierPigeon is ignored" in warning for warning in template.warnings)


def test_a_function_that_may_outlast_its_api_is_warned_about(bench: Bench) -> None:
    template = compiled(bench, "{httpApi: GET /a}", function="timeout: 60,")
    assert any("may take 60 s" in warning for warning in template.warnings)


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("carrierPigeon: 1", "unknown event carrierPigeon"),
        ("cloudFront: viewer-request", "not supported"),
        ("s3: {bucket: !Ref X}", "needs a name"),
        ("s3: My_Bucket", "is not a bucket name"),
        ("s3: {bucket: abc, rules: [{prefix: a, suffix: b}]}", "not one rule"),
        ("s3: {bucket: abc, existing: maybe}", "not true or false"),
        ("stream: {arn: !Ref X}", "neither dynamodb nor kinesis"),
        (
            f"stream: {{arn: 'arn:aws:kinesis:{REGION}:stream/s', startingPosition: AT_TIMESTAMP}}",
            "without a timestamp",
        ),
        (f"stream: {{arn: 'arn:aws:kinesis:{REGION}:stream/s', startingPosition: NOW}}", "is not known"),
        ("msk: {topic: t}", "no arn"),
        ("kafka: {topic: t, bootstrapServers: [a], accessConfigurations: {vpcSubnet: [s]}}", "half a VPC"),
        ("rabbitmq: {arn: a, queue: q}", "no basicAuthArn"),
        ("eventBridge: {eventBus: a}", "neither pattern nor schedule"),
        ("eventBridge: {pattern: {sorce: [a]}}", "unknown key"),
        ("eventBridge: {pattern: {source: [a]}, input: {a: 1}, inputPath: $.x}", "exclude each other"),
        ("cloudwatchEvent: {name: x}", "no event"),
        ("cloudwatchEvent: text", "not a map"),
        ("cognitoUserPool: {pool: p, trigger: PreSignup}", "is not known"),
        ("cognitoUserPool: {pool: p, trigger: CustomSMSSender}", "without a key"),
        ("cognitoUserPool: {pool: p, trigger: PreSignUp, lambdaVersion: V2_0}", "has no versions"),
        ("iot: {sql: x, sqlVersion: '2020'}", "is not known"),
        ("alb: {listenerArn: x, priority: 1, conditions: {path: /}}", "not a listener"),
        ("alb: {listenerArn: !Ref L, priority: 1, conditions: {}}", "no condition"),
        ("websocket: {route: a, authorizer: nobody}", "there is no function nobody"),
        ("websocket: {route: a, routeResponseSelectionExpression: x}", "is not known"),
        ("sns: {topicName: t, redrivePolicy: {}}", "not one of its keys"),
        ("sns: !Ref X", "no topic name"),
        ("schedule: {rate: [rate(1 day), rate(2 days)], name: x}", "one name for several rates"),
        ("schedule: {rate: rate(1 day), method: scheduler, inputPath: $.a}", "only with method: eventBus"),
    ],
)
def test_an_event_that_cannot_be_right_is_refused_with_its_place(bench: Bench, event: str, what: str) -> None:
    error = bench.refused(f"{HEAD}functions:\n  create:\n    handler: app.create\n    events:\n      - {event}\n")
    assert what in error.what
    assert error.where is not None
    assert error.where.line == 8
