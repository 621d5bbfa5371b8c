"""The provider: what surrounds every handler's calls. Adoption, lost answers, errors, and reading many at once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from stateroom.cloud.aws.lambda_model import zipped_source
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.aws.reading import read_in_parallel
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, ResourceData, Task, run
from stateroom.cloud.session import open_aws
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.resource import Live
from stateroom.model.values import Secret
from tests.support.emulators import REGION, Emulator, free_port
from tests.support.faults import Answer, Drop, Fault, Proxy

FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
GROUP = "AWS::Logs::LogGroup"
PERMISSION = "AWS::Lambda::Permission"
OWNER = Owner("shop", "dev", "Pay")
STRANGER = Owner("shop", "prod", "Pay")
PACKAGE = zipped_source("def handler(e, c): return 1", "python3.11")
SHA256 = hashlib.sha256(PACKAGE).hexdigest()
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def no() -> bool:
    return False


def no_sleep(seconds: float) -> None:
    threading.Event().wait(min(seconds, 0.02))


def opened(endpoint_url: str) -> AwsProvider:
    return open_aws(region=REGION, profile=None, endpoint_url=endpoint_url, artifacts={SHA256: PACKAGE}.__getitem__)


def finish(task: Task[Any]) -> Any:
    return run(task, sleep=no_sleep)


@pytest.fixture
def provider(emulator: Emulator) -> AwsProvider:
    return opened(emulator.endpoint_url)


def function_inputs(emulator_client: Callable[[str], Any], name: str = "shop-dev-Pay", **more: Any) -> dict[str, Any]:
    iam = emulator_client("iam")
    try:
        arn = iam.get_role(RoleName="exec")["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        arn = iam.create_role(RoleName="exec", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    return {
        "FunctionName": name,
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": arn,
        "Code": {"ArtifactSha256": SHA256},
        **more,
    }


class TestOneResource:
    def test_it_is_created_read_updated_and_deleted(self, provider: AwsProvider, emulator: Emulator) -> None:
        inputs = function_inputs(emulator.client)
        live = finish(provider.create(FUNCTION, inputs, OWNER))
        assert live == provider.read(FUNCTION, "shop-dev-Pay", inputs)

        changed = {**inputs, "Timeout": 20}
        live = finish(provider.update(FUNCTION, live.physical_id, changed, inputs, frozenset({"Timeout"}), OWNER))
        assert live.properties["Timeout"] == 20

        finish(provider.delete(FUNCTION, live.physical_id, changed))
        finish(provider.delete(FUNCTION, live.physical_id, changed))
        assert provider.read(FUNCTION, live.physical_id, changed) is None

    def test_the_physical_id_is_known_before_the_resource_is_ready(
        self, provider: AwsProvider, emulator: Emulator
    ) -> None:
        task = provider.create(FUNCTION, function_inputs(emulator.client), OWNER)

        assert next(task) == Identified("shop-dev-Pay")

    def test_a_create_that_was_cut_short_is_finished(self, provider: AwsProvider, emulator: Emulator) -> None:
        inputs = function_inputs(emulator.client)
        half = provider.create(FUNCTION, inputs, OWNER)
        next(half)
        half.close()
        live = finish(provider.create(FUNCTION, {**inputs, "Timeout": 25}, OWNER))

        assert live.properties["Timeout"] == 25

    def test_somebody_elses_resource_is_not_touched(self, provider: AwsProvider, emulator: Emulator) -> None:
        inputs = function_inputs(emulator.client)
        finish(provider.create(FUNCTION, inputs, STRANGER))

        with pytest.raises(CloudError, match="shop-dev-Pay") as caught:
            finish(provider.create(FUNCTION, {**inputs, "Timeout": 25}, OWNER))
        assert "exists already" in caught.value.what
        assert caught.value.todo
        live = provider.read(FUNCTION, "shop-dev-Pay", inputs)
        assert live is not None
        assert live.properties["Timeout"] == 3

    def test_updating_what_is_gone_says_so(self, provider: AwsProvider, emulator: Emulator) -> None:
        inputs = function_inputs(emulator.client)

        with pytest.raises(NotFoundInCloudError, match="does not exist"):
            finish(provider.update(FUNCTION, "shop-dev-Pay", inputs, inputs, frozenset({"Timeout"}), OWNER))

    def test_something_else_that_is_missing_is_not_taken_for_the_resource(self, faulty: Proxy) -> None:
        provider = opened(faulty.endpoint_url)
        inputs = {
            "RoleName": "r",
            "AssumeRolePolicyDocument": TRUST,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/x"],
        }
        finish(provider.create(ROLE, {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}, OWNER))
        faulty.rules.append(Fault("AttachRolePolicy", Answer("NoSuchEntity", "Policy x does not exist", 404)))

        with pytest.raises(CloudError, match="could not update AWS::IAM::Role r"):
            finish(provider.update(ROLE, "r", inputs, {}, frozenset({"ManagedPolicyArns"}), OWNER))

    def test_a_type_without_a_handler_is_refused_politely(self, provider: AwsProvider) -> None:
        assert not provider.supports("Acme::Web::Site")
        assert not provider.supports("Custom::Thing")
        with pytest.raises(CloudError, match="cannot manage Acme::Web::Site"):
            finish(provider.create("Acme::Web::Site", {}, OWNER))

    def test_a_secret_is_not_in_the_error_that_repeats_it(self, faulty: Proxy) -> None:
        echo = Answer("ValidationException", "value 'hunter2' at 'environment' is bad")
        faulty.rules.append(Fault("CreateFunction", echo))
        secret: dict[str, Any] = {"Environment": {"Variables": {"KEY": Secret("hunter2")}}}
        inputs = function_inputs(faulty.client, **secret)

        with pytest.raises(CloudError) as caught:
            finish(opened(faulty.endpoint_url).create(FUNCTION, inputs, OWNER))
        assert "hunter2" not in str(caught.value)


class TestWhenTheCloudIsDifficult:
    def test_a_create_whose_answer_was_lost_leaves_one_finished_function(self, faulty: Proxy) -> None:
        inputs = function_inputs(faulty.client, ReservedConcurrentExecutions=2)
        faulty.rules.append(Fault("CreateFunction", Drop(after=True), calls=(1,)))
        live = finish(opened(faulty.endpoint_url).create(FUNCTION, inputs, OWNER))

        assert live.properties["ReservedConcurrentExecutions"] == 2
        assert len(faulty.client("lambda").list_functions()["Functions"]) == 1

    def test_a_role_that_lambda_does_not_know_yet_is_waited_for(self, faulty: Proxy) -> None:
        unknown = Answer(
            "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
        )
        faulty.rules.append(Fault("CreateFunction", unknown, calls=(1, 2)))
        live = finish(opened(faulty.endpoint_url).create(FUNCTION, function_inputs(faulty.client), OWNER))

        assert live.physical_id == "shop-dev-Pay"
        assert faulty.count("CreateFunction") == 3

    def test_an_update_in_progress_is_waited_for(self, faulty: Proxy) -> None:
        provider = opened(faulty.endpoint_url)
        inputs = function_inputs(faulty.client)
        finish(provider.create(FUNCTION, inputs, OWNER))
        busy = Answer("ResourceConflictException", "An update is in progress for resource: shop-dev-Pay", 409)
        faulty.rules.append(Fault("UpdateFunctionConfiguration", busy, calls=(1,)))
        changed = {**inputs, "Timeout": 9}
        live = finish(provider.update(FUNCTION, "shop-dev-Pay", changed, inputs, frozenset({"Timeout"}), OWNER))

        assert live.properties["Timeout"] == 9

    def test_throttling_is_ridden_out(self, faulty: Proxy) -> None:
        faulty.rules.append(Fault("GetFunction", Answer("TooManyRequestsException", "Rate exceeded", 429), calls=(1,)))

        assert opened(faulty.endpoint_url).read(FUNCTION, "nothing", {}) is None

    @pytest.mark.emulator
    def test_an_endpoint_where_nobody_listens(self) -> None:
        provider = opened(f"http://127.0.0.1:{free_port()}")

        with pytest.raises(CloudError, match="cannot tell which AWS account") as caught:
            provider.identity()
        assert "--endpoint-url" in caught.value.todo
        assert provider.known_identity() is None

    def test_no_credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

        with pytest.raises(CloudError) as caught:
            opened("http://127.0.0.1:1").identity()
        assert "aws configure" in caught.value.todo


def test_identity_is_asked_once(faulty: Proxy, emulator: Emulator) -> None:
    provider = opened(faulty.endpoint_url)

    assert provider.known_identity() is None
    assert provider.identity().account == emulator.account
    assert provider.known_identity() == provider.identity()
    assert provider.identity().region == REGION
    assert faulty.count("GetCallerIdentity") == 1


class TestReadingMany:
    @pytest.fixture
    def requests(self, provider: AwsProvider, emulator: Emulator) -> list[ReadRequest]:
        """Five functions, one of them tagged and one that does not exist, their log groups, and two permissions."""
        requests = []
        for number in range(4):
            more = {"Tags": {"team": "blue"}} if number == 3 else {}
            inputs = function_inputs(emulator.client, f"shop-dev-F{number}", **more)
            owner = Owner("shop", "dev", f"F{number}")
            finish(provider.create(FUNCTION, inputs, owner))
            requests.append(ReadRequest(f"F{number}", FUNCTION, f"shop-dev-F{number}", inputs))
            group: dict[str, Any] = {"LogGroupName": f"/aws/lambda/shop-dev-F{number}", "RetentionInDays": 7}
            finish(provider.create(GROUP, group, owner))
            requests.append(ReadRequest(f"G{number}", GROUP, group["LogGroupName"], group))
        for principal in ("events.amazonaws.com", "sns.amazonaws.com"):
            inputs = {"FunctionName": "shop-dev-F0", "Action": "lambda:InvokeFunction", "Principal": principal}
            live = finish(provider.create(PERMISSION, inputs, Owner("shop", "dev", principal[:3])))
            requests.append(ReadRequest(principal, PERMISSION, live.physical_id, inputs))
        requests.append(ReadRequest("gone", FUNCTION, "shop-dev-none", {}))
        requests.append(ReadRequest("no group", GROUP, "/aws/lambda/none", {}))
        return requests

    def test_it_says_what_single_reads_say(self, provider: AwsProvider, requests: list[ReadRequest]) -> None:
        readings = {reading.key: reading for reading in provider.read_many(requests, no)}

        assert len(readings) == len(requests)
        for request in requests:
            reading = readings[request.key]
            assert reading.error is None
            assert reading.live == provider.read(request.type, request.physical_id, request.inputs)

    def test_a_listing_does_not_hide_what_was_done_by_hand(
        self, provider: AwsProvider, requests: list[ReadRequest], emulator: Emulator
    ) -> None:
        client = emulator.client("lambda")
        client.put_function_concurrency(FunctionName="shop-dev-F1", ReservedConcurrentExecutions=1)
        arn = client.get_function(FunctionName="shop-dev-F2")["Configuration"]["FunctionArn"]
        client.tag_resource(Resource=arn, Tags={"by": "hand"})
        seen = {reading.key: reading.live.properties for reading in provider.read_many(requests, no) if reading.live}

        assert seen["F1"]["ReservedConcurrentExecutions"] == 1
        assert seen["F2"]["Tags"] == [{"Key": "by", "Value": "hand"}]

    def test_pages_take_the_place_of_single_reads(self, requests: list[ReadRequest], emulator: Emulator) -> None:
        with Proxy(emulator.endpoint_url).running() as proxy:
            list(opened(proxy.endpoint_url).read_many(requests, no))

            assert proxy.count("DescribeLogGroups") == 1
            assert proxy.count("GetPolicy") == 1
            if emulator.name == "ministack":  # moto has no GetAccountSettings, without which each is read by itself
                assert proxy.count("GetFunction") == 2  # the tagged one, and the one that no page has

    def test_a_listing_that_is_forbidden_is_replaced_by_single_reads(
        self, requests: list[ReadRequest], emulator: Emulator
    ) -> None:
        with Proxy(emulator.endpoint_url).running() as proxy:
            denied = Answer("AccessDeniedException", "not allowed", 403)
            proxy.rules += [Fault("GetAccountSettings", denied), Fault("ListFunctions", denied)]
            readings = list(opened(proxy.endpoint_url).read_many(requests, no))

        assert len(readings) == len(requests)
        assert not [reading for reading in readings if reading.error]

    def test_one_that_cannot_be_read_does_not_keep_the_others(
        self, requests: list[ReadRequest], emulator: Emulator
    ) -> None:
        with Proxy(emulator.endpoint_url).running() as proxy:
            proxy.rules.append(Fault("DescribeLogGroups", Answer("AccessDeniedException", "not allowed")))
            readings = list(opened(proxy.endpoint_url).read_many(requests, no))

        assert {reading.key for reading in readings if reading.error} == {"G0", "G1", "G2", "G3", "no group"}
        assert all("allow DescribeLogGroups" in reading.error.todo for reading in readings if reading.error)

    @pytest.mark.emulator
    def test_a_cloud_out_of_reach_is_an_error_for_each(self) -> None:
        provider = opened(f"http://127.0.0.1:{free_port()}")
        requests = [ReadRequest(str(number), FUNCTION, f"f{number}", {}) for number in range(4)]
        readings = list(provider.read_many(requests, no))

        assert {reading.key for reading in readings} == {"0", "1", "2", "3"}
        assert all(reading.error and "endpoint" in reading.error.why for reading in readings)


class LostHandler:
    """Counts how often it looked for an endpoint in vain; `answers`: what it can read all the same."""

    type = "AWS::Test::Lost"
    reader_version = 1
    batch_from = 0

    def __init__(self, answers: frozenset[str] = frozenset()) -> None:
        self.answers = answers
        self.tries = 0

    def read(self, resource: ResourceData) -> Mapping[str, Any]:
        self.tries += 1
        if resource.id in self.answers:
            return {"Name": resource.id}
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


def lost_reader(handler: Any, *, reached: bool) -> list[Reading]:
    requests = [ReadRequest(str(number), handler.type, str(number), {}) for number in range(500)]
    return list(read_in_parallel(requests, lambda _: handler, threading.Semaphore(1), no, lambda: reached))


class TestAnEndpointThatIsNotThere:
    def test_is_not_looked_for_again_by_each_of_many(self) -> None:
        handler = LostHandler()
        readings = lost_reader(handler, reached=False)

        assert handler.tries == 1
        assert len(readings) == 500
        for reading in readings:
            assert reading.error
            assert reading.error.what == f"could not read AWS::Test::Lost {reading.key}"
            assert "endpoint" in reading.error.why

    def test_is_only_a_hitch_for_one_call_once_anything_has_answered(self) -> None:
        handler = LostHandler(answers=frozenset({"77"}))
        readings = lost_reader(handler, reached=True)

        assert handler.tries == 500
        assert [reading.key for reading in readings if reading.live] == ["77"]


class SlowHandler:
    """Reads that wait until they are let go."""

    type = "AWS::Test::Slow"
    reader_version = 1
    batch_from = 0

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.started = threading.Semaphore(0)

    def read(self, resource: ResourceData) -> Mapping[str, Any]:
        if resource.id != "0":
            self.started.release()
            self.let_go.wait(5)
        return {"Name": resource.id}


def slow_reader(handler: Any, cancelled: Callable[[], bool]) -> Iterator[Reading]:
    requests = [ReadRequest(str(number), handler.type, str(number), {}) for number in range(40)]
    return read_in_parallel(requests, lambda _: handler, threading.Semaphore(32), cancelled)


def test_readings_arrive_before_the_slow_ones_are_done() -> None:
    handler = SlowHandler()

    assert next(slow_reader(handler, no)) == Reading("0", Live("0", {"Name": "0"}))
    handler.let_go.set()


def test_cancelling_ends_the_stream_without_waiting_for_what_runs() -> None:
    handler, stop = SlowHandler(), threading.Event()
    readings = slow_reader(handler, stop.is_set)
    next(readings)
    stop.set()

    assert list(readings) == []
    handler.let_go.set()


def test_closing_the_stream_starts_no_more_reads() -> None:
    handler = SlowHandler()
    readings = slow_reader(handler, no)
    next(readings)
    for _ in range(32):
        assert handler.started.acquire(timeout=5)
    readings.close()  # type: ignore[attr-defined]
    handler.let_go.set()

    assert not handler.started.acquire(timeout=0.2)
