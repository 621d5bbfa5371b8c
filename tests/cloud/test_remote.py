"""What variables ask of AWS, on both emulators."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from stateroom.cloud.session import open_remote_values
from stateroom.errors import CloudError
from stateroom.model.remote import Account, Parameter, ParameterValue, StackOutputs, StoredObject, WebDocument
from stateroom.model.values import Secret
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Proxy


def test_parameters_are_read_together_and_each_says_its_type(faulty: Proxy) -> None:
    ssm = faulty.client("ssm")
    for number in range(12):
        ssm.put_parameter(Name=f"/shop/{number}", Value=str(number), Type="String")
    ssm.put_parameter(Name="/shop/key", Value="hidden", Type="SecureString")
    faulty.calls.clear()
    values = open_remote_values(region=REGION, profile=None, endpoint_url=faulty.endpoint_url)
    requests = [Parameter(REGION, f"/shop/{number}") for number in range(12)]
    answers = values.read([*requests, Parameter(REGION, "/shop/key"), Parameter(REGION, "/shop/none")])
    assert [answers[request] for request in requests] == [ParameterValue("String", str(n)) for n in range(12)]
    assert answers[Parameter(REGION, "/shop/key")] == ParameterValue("SecureString", "hidden")
    assert answers[Parameter(REGION, "/shop/none")] is None
    assert faulty.operations().count("GetParameters") == 2


def test_objects_stacks_and_the_account(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="notes", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="notes", Key="a/b.txt", Body=b"text")
    template = '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}},"Outputs":{"Where":{"Value":"here"}}}'
    emulator.client("cloudformation").create_stack(StackName="base", TemplateBody=template)
    values = open_remote_values(region=REGION, profile=None, endpoint_url=emulator.endpoint_url)
    there, gone = StoredObject("notes", "a/b.txt"), StoredObject("notes", "none")
    stack, no_stack = StackOutputs(REGION, "base"), StackOutputs(REGION, "none")
    answers = values.read([there, gone, stack, no_stack, Account()])
    assert answers[there] == "text"
    assert answers[gone] is None
    assert answers[stack] == {"Where": "here"}
    assert answers[no_stack] is None
    assert answers[Account()] == emulator.account


def test_an_endpoint_that_nobody_answers_at_is_each_requests_own_error() -> None:
    values = open_remote_values(region=REGION, profile=None, endpoint_url="http://127.0.0.1:9")
    answers = values.read([Parameter(REGION, "/shop/key"), StoredObject("notes", "a")])
    assert all(isinstance(answer, CloudError) for answer in answers.values())
    assert "/shop/key" in str(answers[Parameter(REGION, "/shop/key")])


class Page(http.server.BaseHTTPRequestHandler):
    """A state behind a password."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Basic YW5hOnNlc2FtZQ=="
        self.send_response(401 if not known else 200 if self.path == "/state" else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its name in the base class)
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_web_document_with_its_password(site: str) -> None:
    values = open_remote_values(region=REGION, profile=None, endpoint_url=None)
    there = WebDocument(f"{site}/state", "ana", Secret("sesame"))
    gone = WebDocument(f"{site}/none", "ana", Secret("sesame"))
    wrong = WebDocument(f"{site}/state", "ana", Secret("guess"))
    answers = values.read([there, gone, wrong])
    assert answers[there] == "{}"
    assert answers[gone] is None
    assert "answered 401" in str(answers[wrong])
    assert "guess" not in str(answers[wrong])
