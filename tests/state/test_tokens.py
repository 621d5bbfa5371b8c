"""Type tokens and URNs lose nothing of CloudFormation's names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.state.checkpoint.cfn_services import SPELLING
from stateroom.state.checkpoint.tokens import Urns, name_in, token_of, type_of


@pytest.mark.parametrize(
    ("type_", "token"),
    [
        ("AWS::Lambda::Function", "aws-native:lambda:Function"),
        ("AWS::ApiGatewayV2::Api", "aws-native:apigatewayv2:Api"),
        ("AWS::StepFunctions::StateMachine", "aws-native:stepfunctions:StateMachine"),
        ("AWS::DynamoDB::Table", "aws-native:dynamodb:Table"),
    ],
)
def test_tokens_are_those_of_pulumis_provider(type_: str, token: str) -> None:
    assert token_of(type_) == token
    assert type_of(token) == type_


@pytest.mark.parametrize(
    "type_", ["AWS::Tomorrow::Thing", "Custom::Thing", "Vendor::Service::Thing", "A::B::C::MODULE", "AWS::lambda::X"]
)
def test_unheard_of_types_come_back_as_they_were(type_: str) -> None:
    assert type_of(token_of(type_)) == type_


@given(st.sampled_from(sorted(SPELLING.values())), st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}", fullmatch=True))
def test_every_service_comes_back(service: str, resource: str) -> None:
    type_ = f"AWS::{service}::{resource}"
    assert type_of(token_of(type_)) == type_


def test_no_two_services_share_a_lower_case_name() -> None:
    assert len(SPELLING) == len(set(SPELLING.values()))


def test_a_urn_keeps_names_that_hold_its_separator() -> None:
    assert name_in(Urns("orders", "dev").of("aws-native:sqs:Queue", "odd::name")) == "odd::name"
