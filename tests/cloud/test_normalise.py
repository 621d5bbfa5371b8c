"""What means the same compares equal; what does not, does not. Each fold has its detection next to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.schema.catalog import facts, known_types
from stateroom.model.compare import same
from stateroom.model.values import UNKNOWN, Secret

FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
QUEUE = "AWS::SQS::Queue"
TABLE = "AWS::DynamoDB::Table"
API = "AWS::ApiGatewayV2::Api"
STAGE = "AWS::ApiGatewayV2::Stage"
MACHINE = "AWS::StepFunctions::StateMachine"
MAPPING = "AWS::Lambda::EventSourceMapping"


def form(type_: str, **properties: Any) -> dict[str, Any]:
    return canonical(properties, facts(type_))


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


ALIKE = [
    pytest.param(FUNCTION, {"MemorySize": "128"}, {"MemorySize": 128}, id="number as text"),
    pytest.param(FUNCTION, {"MemorySize": 128.0}, {"MemorySize": 128}, id="whole float"),
    pytest.param(QUEUE, {"FifoQueue": "true"}, {"FifoQueue": True}, id="flag as text"),
    pytest.param(
        FUNCTION,
        {"Environment": {"Variables": {"A": 1, "B": True}}},
        {"Environment": {"Variables": {"A": "1", "B": "true"}}},
        id="variables are text",
    ),
    pytest.param(
        FUNCTION, {"Environment": {"Variables": {}}, "Layers": [], "Description": ""}, {}, id="empty is absent"
    ),
    pytest.param(FUNCTION, {"Arn": "arn:aws:lambda:x", "Timeout": 3}, {"Timeout": 3}, id="computed"),
    pytest.param(
        FUNCTION,
        {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}, {"Key": "aws:x", "Value": "y"}]},
        {"Tags": {"a": "1", "b": "2", "stateroom:stage": "dev"}},
        id="tags in both forms",
    ),
    pytest.param(
        FUNCTION,
        {"VpcConfig": {"SubnetIds": ["s-2", "s-1"]}},
        {"VpcConfig": {"SubnetIds": ["s-1", "s-2"]}},
        id="order of a set",
    ),
    pytest.param(
        ROLE,
        {"AssumeRolePolicyDocument": policy(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})},
        {
            "AssumeRolePolicyDocument": policy(
                Action=["sts:AssumeRole"], Principal={"Service": ["lambda.amazonaws.com"]}
            )
        },
        id="one or many",
    ),
    pytest.param(
        ROLE,
        {"Policies": [{"PolicyName": "p", "PolicyDocument": policy(Action=["b", "a"], Resource="*", Sid="")}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": policy(Action=["a", "b"], Resource=["*"])}]},
        id="order in a policy",
    ),
    pytest.param(
        ROLE,
        {"AssumeRolePolicyDocument": policy(Principal={"AWS": "123456789012"})},
        {"AssumeRolePolicyDocument": policy(Principal={"AWS": "arn:aws:iam::123456789012:root"})},
        id="account and its root",
    ),
    pytest.param(
        ROLE,
        {"AssumeRolePolicyDocument": policy(Condition={"Bool": {"aws:SecureTransport": True}})},
        {"AssumeRolePolicyDocument": policy(Condition={"Bool": {"aws:SecureTransport": ["true"]}})},
        id="conditions are text",
    ),
    pytest.param(
        MACHINE,
        {"DefinitionString": '{"StartAt": "A",  "States": {}}'},
        {"DefinitionString": {"StartAt": "A", "States": {}}},
        id="JSON as text",
    ),
    pytest.param(
        QUEUE,
        {"RedrivePolicy": '{"deadLetterTargetArn":"arn:x","maxReceiveCount":"3"}'},
        {"RedrivePolicy": {"deadLetterTargetArn": "arn:x", "maxReceiveCount": 3}},
        id="redrive policy",
    ),
    pytest.param(
        TABLE,
        {"GlobalSecondaryIndexes": [{"IndexName": "b"}, {"IndexName": "a"}]},
        {"GlobalSecondaryIndexes": [{"IndexName": "a"}, {"IndexName": "b"}]},
        id="order of indexes",
    ),
    pytest.param(
        API,
        {"CorsConfiguration": {"AllowHeaders": ["Content-Type"]}},
        {"CorsConfiguration": {"AllowHeaders": ["content-type"]}},
        id="case of headers",
    ),
    pytest.param(STAGE, {"AutoDeploy": True, "DeploymentId": "d1"}, {"AutoDeploy": True}, id="automatic deployment"),
    pytest.param(
        MAPPING,
        {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f"},
        {"FunctionName": "f"},
        id="function by name or ARN",
    ),
]


@pytest.mark.parametrize(("type_", "one", "other"), ALIKE)
def test_what_means_the_same_compares_equal(type_: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert same(form(type_, **one), form(type_, **other))


APART = [
    pytest.param(FUNCTION, {"MemorySize": "128"}, {"MemorySize": 256}, id="number"),
    pytest.param(FUNCTION, {"Description": ""}, {"Description": "x"}, id="text unset"),
    pytest.param(
        FUNCTION,
        {"Environment": {"Variables": {"PREFIX": ""}}},
        {"Environment": {"Variables": {}}},
        id="an empty variable is a value",
    ),
    pytest.param(FUNCTION, {"Layers": ["a", "b"]}, {"Layers": ["b", "a"]}, id="layers are ordered"),
    pytest.param(FUNCTION, {"ReservedConcurrentExecutions": 0}, {}, id="zero is not absent"),
    pytest.param(QUEUE, {"SqsManagedSseEnabled": False}, {}, id="false is not absent"),
    pytest.param(FUNCTION, {"Tags": {"team": "a"}}, {"Tags": {"team": "b"}}, id="a user's tag"),
    pytest.param(
        ROLE,
        {"AssumeRolePolicyDocument": policy(Action=["a", "b"])},
        {"AssumeRolePolicyDocument": policy(Action=["a"])},
        id="an action less",
    ),
    pytest.param(
        ROLE,
        {"AssumeRolePolicyDocument": policy(Principal={"AWS": "arn:aws:iam::123456789012:role/r"})},
        {"AssumeRolePolicyDocument": policy(Principal={"AWS": "123456789012"})},
        id="a role is not its account",
    ),
    pytest.param(
        MACHINE,
        {"DefinitionString": '{"States": {"A": {"ResultPath": null}}}'},
        {"DefinitionString": '{"States": {"A": {}}}'},
        id="null means something to a state machine",
    ),
    pytest.param(STAGE, {"DeploymentId": "d1"}, {"DeploymentId": "d2"}, id="a chosen deployment"),
    pytest.param(
        MAPPING,
        {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f:live"},
        {"FunctionName": "f"},
        id="an alias is not the function",
    ),
]


@pytest.mark.parametrize(("type_", "one", "other"), APART)
def test_what_differs_still_differs(type_: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not same(form(type_, **one), form(type_, **other))


def test_text_that_only_python_takes_for_a_number_stays_text() -> None:
    assert form(FUNCTION, Timeout="nan") == {"Timeout": "nan"}


def test_secrets_stay_secret() -> None:
    folded = form(FUNCTION, Environment={"Variables": {"KEY": Secret(1)}}, Tags=[{"Key": "k", "Value": Secret("v")}])

    assert folded == {"Environment": {"Variables": {"KEY": Secret("1")}}, "Tags": {"k": Secret("v")}}


def test_what_only_a_deploy_tells_stays_unknown() -> None:
    folded = form(
        FUNCTION, Role=UNKNOWN, Tags=UNKNOWN, VpcConfig={"SubnetIds": [UNKNOWN, "a", UNKNOWN]}, Timeout=UNKNOWN
    )

    assert folded["Role"] is folded["Tags"] is folded["Timeout"] is UNKNOWN
    assert len(folded["VpcConfig"]["SubnetIds"]) == 3
    assert form(FUNCTION, Tags=[{"Key": UNKNOWN, "Value": "v"}])["Tags"][0]["Key"] is UNKNOWN


def test_a_type_without_a_schema_is_compared_as_it_is_written() -> None:
    assert form("Custom::Thing", Size="1", Empty={}, Policy=policy(Action="a"))["Size"] == "1"


ACCOUNT = "123456789012"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
PROPERTIES = sorted(facts(FUNCTION).schema.properties | facts(ROLE).schema.properties | facts(TABLE).schema.properties)


@example(MACHINE, {"DefinitionSubstitutions": '{"":0}'})  # a map with free keys, given as text
@example(STAGE, {"AutoDeploy": "true", "DeploymentId": "d1"})  # what it is computed by is itself folded
@example(ROLE, {"AssumeRolePolicyDocument": policy(Principal={"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"]})})
@given(st.sampled_from((FUNCTION, ROLE, TABLE)), st.dictionaries(st.sampled_from(PROPERTIES), JSON, max_size=5))
def test_folding_twice_is_folding_once_and_nothing_breaks_it(type_: str, properties: dict[str, Any]) -> None:
    once = form(type_, **properties)

    assert form(type_, **once) == once


def test_every_vendored_type_can_be_asked_for() -> None:
    assert len(known_types()) > 100
    for type_ in known_types():
        known = facts(type_)
        assert known.schema.required <= known.schema.properties, type_
        assert not known.schema.name_property or known.schema.name_property in known.schema.properties, type_
        assert not known.schema.children_of or known.schema.children_of in known.schema.properties, type_


def test_the_gaps_of_the_schemas_are_filled() -> None:
    assert "KeySchema" in facts(TABLE).schema.create_only
    assert "Code.ImageUri" not in facts(FUNCTION).schema.write_only
    assert facts("AWS::ApiGatewayV2::Route").schema.children_of == "ApiId"
    assert facts(QUEUE).schema.name_limit == 80
