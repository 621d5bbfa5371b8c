"""What every handler declares, so that the provider need not ask an object what it has."""

from __future__ import annotations

import pytest

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.handler_base import AwsHandler, no_artifacts
from stateroom.cloud.aws.handlers import HandlerTable
from stateroom.cloud.provider import ReadRequest
from stateroom.cloud.schema.catalog import known_types

TABLE = HandlerTable(Clients(region="eu-central-1"), no_artifacts)
TYPES = (*known_types(), "Custom::S3", "Custom::ApiGatewayAccountRole")
HANDLED = [handler for type_ in TYPES if isinstance(handler := TABLE.get(type_), AwsHandler)]


@pytest.mark.parametrize("handler", HANDLED, ids=lambda handler: handler.type)
def test_a_handler_has_a_threshold_exactly_if_it_reads_list_pages(handler: AwsHandler) -> None:
    reads_pages = type(handler).read_many is not AwsHandler.read_many
    assert (handler.batch_from > 0) == reads_pages


def test_a_handler_without_list_pages_leaves_all_to_single_reads() -> None:
    class Plain(AwsHandler):
        type = "AWS::Test::Plain"

    plain = Plain(Clients(region="eu-central-1"))
    assert list(plain.read_many([ReadRequest("key", plain.type, "id")])) == []


def test_a_package_that_was_never_given_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        no_artifacts("0" * 64)
