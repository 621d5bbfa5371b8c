"""`iamRoleStatements:` of a function: the plugin serverless-iam-roles-per-function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.bench import Bench, properties

HEAD = """\
service: shop
provider:
  name: aws
  runtime: python3.12
  iam: {role: {statements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}], path: /shop/}}
plugins: [serverless-iam-roles-per-function]
"""
FUNCTION = """\
functions:
  pay-now:
    handler: app.create
    iamRoleStatements: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: '*'}]
"""
ROLE = "PayDashnowIamRoleLambdaExecution"
GET_ITEM = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}
GET_OBJECT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def actions(role: Any) -> list[Any]:
    (policy,) = role["Policies"]
    return [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]


def test_a_function_has_a_role_with_its_statements_and_none_of_the_shared_ones(bench: Bench) -> None:
    """(case `iam-roles-per-function`)"""
    template = bench.compile(HEAD + FUNCTION + "  other: {handler: app.create}\n")
    role = properties(template, ROLE)

    assert role["Policies"][0]["PolicyName"] == "shop-dev-lambda"
    logs, own = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert own == GET_ITEM
    assert logs["Action"] == ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents"]
    assert logs["Resource"][0]["Fn::Sub"].endswith(":log-group:/aws/lambda/shop-dev-pay-now:*:*")
    assert role["RoleName"] == {"Fn::Sub": "shop-dev-pay-now-${AWS::Region}-lambdaRole"}
    assert role["Path"] == "/shop/"
    assert "ManagedPolicyArns" not in role
    function = template.resources["PayDashnowLambdaFunction"]
    assert function.properties["Role"] == {"Fn::GetAtt": [ROLE, "Arn"]}
    assert ROLE in function.depends_on
    assert properties(template, "OtherLambdaFunction")["Role"] == {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}
    assert "dynamodb:GetItem" not in str(properties(template, "IamRoleLambdaExecution"))
    assert template.warnings == ()


@pytest.mark.parametrize(
    ("more", "default", "inherits"),
    [
        ("", "", False),
        ("    iamRoleStatementsInherit: true\n", "", True),
        ("", "custom: {serverless-iam-roles-per-function: {defaultInherit: true}}\n", True),
        (
            "    iamRoleStatementsInherit: false\n",
            "custom: {serverless-iam-roles-per-function: {defaultInherit: true}}\n",
            False,
        ),
    ],
)
def test_the_shared_statements_are_inherited_where_that_is_asked_for(
    bench: Bench, more: str, default: str, *, inherits: bool
) -> None:
    role = properties(bench.compile(HEAD + default + FUNCTION + more), ROLE)
    assert ("s3:GetObject" in actions(role)) is inherits


def test_events_dead_letters_and_networks_give_what_they_need(bench: Bench) -> None:
    more = """\
    vpc: {securityGroupIds: [sg-1], subnetIds: [subnet-1]}
    onError: arn:aws:sns:us-east-1:123456789012:dead
    events:
      - sqs: arn:aws:sqs:us-east-1:123456789012:orders
      - stream: arn:aws:kinesis:us-east-1:123456789012:stream/clicks
      - stream: {type: dynamodb, arn: !GetAtt Table.StreamArn}
resources: {Resources: {Table: {Type: AWS::DynamoDB::Table}}}
"""
    template = bench.compile(HEAD + FUNCTION + more)
    role = properties(template, ROLE)
    found = [action[0] for action in actions(role) if isinstance(action, list)]

    assert found == [
        "logs:CreateLogStream",
        "dynamodb:GetRecords",
        "kinesis:GetRecords",
        "sqs:ReceiveMessage",
        "sns:Publish",
    ]
    assert "AWSLambdaVPCAccessExecutionRole" in str(role["ManagedPolicyArns"])
    mappings = [item for item in template.resources.values() if item.type == "AWS::Lambda::EventSourceMapping"]
    assert all(ROLE in item.depends_on for item in mappings)


def test_names_and_boundaries_of_its_own(bench: Bench) -> None:
    settings = (
        "custom: {serverless-iam-roles-per-function: {iamGlobalPermissionsBoundary: arn:aws:iam::1:policy/all}}\n"
    )
    own = "    iamRoleStatementsName: payer\n    iamPermissionsBoundary: arn:aws:iam::1:policy/own\n"
    template = bench.compile(HEAD + settings + FUNCTION + own)
    role = properties(template, ROLE)
    assert (role["RoleName"], role["PermissionsBoundary"]) == ("payer", "arn:aws:iam::1:policy/own")
    assert properties(template, "IamRoleLambdaExecution")["PermissionsBoundary"] == "arn:aws:iam::1:policy/all"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("p" * 34, "shop-dev-" + "p" * 34 + "-${AWS::Region}-lambdaRole"),
        ("p" * 35, "shop-dev-" + "p" * 35 + "-${AWS::Region}"),
    ],
)
def test_a_long_name_loses_its_end(bench: Bench, key: str, name: str) -> None:
    template = bench.compile(HEAD + FUNCTION.replace("pay-now", key))
    assert properties(template, f"P{key[1:]}IamRoleLambdaExecution")["RoleName"] == {"Fn::Sub": name}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (FUNCTION + "    role: arn:aws:iam::1:role/given\n", "both statements of its own and the function's role"),
        (FUNCTION.replace("pay-now", "p" * 46), "more than 64 characters"),
        (FUNCTION.replace("Effect: Allow, ", ""), "no Effect"),
        (FUNCTION.replace("Action: 'dynamodb:GetItem', ", ""), "no Action"),
        (FUNCTION.replace(", Resource: '*'", ""), "no Resource"),
        (FUNCTION + "    events: [{stream: {arn: !GetAtt Table.StreamArn}}]\n", "type"),
    ],
)
def test_what_the_plugin_refuses_is_refused_with_its_line(bench: Bench, text: str, what: str) -> None:
    error = bench.refused(HEAD + text)
    assert what in f"{error.what} {error.todo}"
    assert error.where is not None


def test_a_given_role_for_all_and_statements_of_one_do_not_go_together(bench: Bench) -> None:
    head = HEAD.replace("iam: {role: {statements", "iam: {role: arn:aws:iam::1:role/r}\n  x: {role: {statements")
    assert "provider.iam.role" in bench.refused(head + FUNCTION).what


def test_without_the_plugin_its_keys_are_warned_of(bench: Bench) -> None:
    template = bench.compile(HEAD.replace("plugins: [serverless-iam-roles-per-function]\n", "") + FUNCTION)
    assert ROLE not in template.resources
    assert any("iamRoleStatements is ignored" in warning for warning in template.warnings)
