from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.support import wire
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Call, Delay, Drop, Fault, Proxy
from tests.support.inventory import inventory


def test_calls_pass_through_and_are_logged(faulty: Proxy, emulator: Emulator) -> None:
    faulty.client("sqs").create_queue(QueueName="orders")
    faulty.client("sns").create_topic(Name="events")
    faulty.client("lambda").list_functions()
    api = faulty.client("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
    faulty.client("apigatewayv2").get_routes(ApiId=api)
    faulty.client("stepfunctions").list_state_machines()

    assert [str(call) for call in faulty.calls] == [
        "sqs.CreateQueue",
        "sns.CreateTopic",
        "lambda.ListFunctions",
        "apigatewayv2.CreateApi",
        "apigatewayv2.GetRoutes",
        "stepfunctions.ListStateMachines",
    ]
    assert {"sqs:queue/orders", "sns:topic/events"} <= inventory(emulator)


def test_objects_pass_through_unharmed(faulty: Proxy) -> None:
    s3 = faulty.client("s3", region="us-east-1")
    s3.create_bucket(Bucket="state-home")
    body = bytes(range(256)) * 100
    s3.put_object(Bucket="state-home", Key="a/b.json", Body=body)

    assert s3.get_object(Bucket="state-home", Key="a/b.json")["Body"].read() == body
    assert faulty.operations("s3") == ["CreateBucket", "PutObject", "GetObject"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("sqs", "list_queues", {}, "OverLimit"),
        ("iam", "list_roles", {}, "Throttling"),
        ("sns", "list_topics", {}, "InternalError"),
        ("lambda", "list_functions", {}, "TooManyRequestsException"),
        ("apigatewayv2", "get_apis", {}, "TooManyRequestsException"),
        ("dynamodb", "list_tables", {}, "LimitExceededException"),
        ("stepfunctions", "list_state_machines", {}, "StateMachineDeleting"),
        ("s3", "list_buckets", {}, "SlowDown"),
    ],
)
def test_an_error_arrives_as_the_client_knows_it(
    faulty: Proxy, service: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    faulty.rules.append(Fault("*", Answer(code, "slow <down> & wait", 429), service=service))

    with pytest.raises(ClientError) as caught:
        getattr(faulty.client(service), operation)(**arguments)

    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["Error"]["Message"] == "slow <down> & wait"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_only_the_chosen_calls_fail(faulty: Proxy) -> None:
    faulty.rules.append(Fault("ListQueues", Answer("OverLimit"), calls=(2,)))
    sqs = faulty.client("sqs")

    sqs.list_queues()
    with pytest.raises(ClientError):
        sqs.list_queues()
    sqs.list_queues()

    assert faulty.count("ListQueues") == 3


@pytest.mark.parametrize(("after", "left"), [(False, frozenset()), (True, frozenset({"sqs:queue/orders"}))])
def test_a_connection_breaks_before_or_after_the_work_is_done(
    faulty: Proxy, emulator: Emulator, after: bool, left: frozenset[str]
) -> None:
    faulty.rules.append(Fault("CreateQueue", Drop(after=after), calls=(1,)))

    with pytest.raises(ConnectionClosedError):
        faulty.client("sqs").create_queue(QueueName="orders")

    assert inventory(emulator) == left


def test_a_delay_holds_an_answer_back(faulty: Proxy) -> None:
    faulty.rules.append(Fault("ListQueues", Delay(0.2)))
    start = time.monotonic()
    faulty.client("sqs").list_queues()
    assert time.monotonic() - start >= 0.2


def test_a_callback_sees_the_call_and_may_block_it_alone(faulty: Proxy) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hold(call: Call) -> None:
        assert call.service == "sqs"
        reached.set()
        go_on.wait(10)

    faulty.rules.append(Fault("ListQueues", hold))
    held = threading.Thread(target=faulty.client("sqs").list_queues)
    held.start()
    assert reached.wait(10)

    faulty.client("sns").list_topics()

    assert held.is_alive()
    go_on.set()
    held.join(10)
    assert not held.is_alive()


@pytest.mark.parametrize(
    ("service", "method", "target", "operation"),
    [
        ("lambda", "GET", "/2015-03-31/functions/shop-list/", "GetFunction"),
        ("lambda", "GET", "/2015-03-31/functions/shop-list", "GetFunction"),
        ("lambda", "PUT", "/2015-03-31/functions/shop-list/code", "UpdateFunctionCode"),
        ("lambda", "POST", "/2015-03-31/functions/shop-list/policy", "AddPermission"),
        ("apigateway", "POST", "/v2/apis/abc/routes", "CreateRoute"),
        ("apigateway", "PATCH", "/v2/apis/abc/stages/%24default", "UpdateStage"),
        ("apigateway", "POST", "/restapis/abc/resources/def", "CreateResource"),
        ("apigateway", "PATCH", "/domainnames/a.example.com/basepathmappings/orders", "UpdateBasePathMapping"),
        ("s3", "GET", "/bucket?versions&prefix=a", "ListObjectVersions"),
        ("s3", "PUT", "/bucket/key?partNumber=1&uploadId=x", "UploadPart"),
    ],
)
def test_rest_calls_are_named_by_method_and_path(service: str, method: str, target: str, operation: str) -> None:
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/{service}/aws4_request"}
    assert wire.identify(method, target, headers, b"")[1] == operation
