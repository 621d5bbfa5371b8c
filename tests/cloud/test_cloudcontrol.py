"""Types without a handler of their own: against an emulator's Cloud Control, and a small one that takes its time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.cloud.aws.cloudcontrol import CloudControlHandler
from stateroom.errors import CloudError
from stateroom.model.values import Secret
from tests.cloud.bench import OWNER, STRANGER, Bench, agrees
from tests.support.emulators import Emulator

VAULT = "AWS::Glacier::Example"  # no schema of it is vendored
DASHBOARD = "AWS::CloudWatch::Dashboard"
ECR = "AWS::ECR::Repository"
CLIENT = "AWS::Cognito::UserPoolClient"


class SlowCloudControl:
    """Cloud Control as AWS has it: every change is a request that one has to ask about."""

    def __init__(self, identify: tuple[str, ...]) -> None:
        self.identify = identify
        self.resources: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.asked = 0
        self.fail_with = ""
        self.undone: list[str] = []  # codes with which the next requests end, having changed nothing
        self.kept: list[str] = []  # and those that end so although they have done their work

    @property
    def endpoint_url(self) -> str:
        return "https://cloudcontrolapi.eu-west-1.amazonaws.com"

    def __call__(self, service: str) -> SlowCloudControl:
        assert service == "cloudcontrol"
        return self

    def create_resource(self, TypeName: str, DesiredState: str) -> dict[str, Any]:
        model = json.loads(DesiredState)
        for name in self.identify:
            model.setdefault(name, f"chosen-{len(self.resources)}")
        identifier = "|".join(model[name] for name in self.identify)
        if identifier in self.resources:
            self.fail_with = "AlreadyExists"
        elif not self._fails_early():
            self.resources[identifier] = model
        return self._request("CREATE", TypeName, identifier)

    def update_resource(self, TypeName: str, Identifier: str, PatchDocument: str) -> dict[str, Any]:
        for patch in [] if self._fails_early() else json.loads(PatchDocument):
            name = patch["path"][1:]
            if patch["op"] == "remove":
                del self._resource(Identifier)[name]
            else:
                self._resource(Identifier)[name] = patch["value"]
        return self._request("UPDATE", TypeName, Identifier)

    def delete_resource(self, TypeName: str, Identifier: str) -> dict[str, Any]:
        if not self._fails_early() and self.resources.pop(Identifier, None) is None:
            self.fail_with = "NotFound"
        return self._request("DELETE", TypeName, Identifier)

    def get_resource(self, TypeName: str, Identifier: str) -> dict[str, Any]:
        model = json.dumps(self._resource(Identifier))
        return {"TypeName": TypeName, "ResourceDescription": {"Identifier": Identifier, "Properties": model}}

    def list_resources(self, TypeName: str, NextToken: str = "0") -> dict[str, Any]:
        at = int(NextToken)
        names = sorted(self.resources)[at : at + 1]
        page = {"TypeName": TypeName, "ResourceDescriptions": [{"Identifier": name} for name in names]}
        return page | ({"NextToken": str(at + 1)} if at + 1 < len(self.resources) else {})

    def get_resource_request_status(self, RequestToken: str) -> dict[str, Any]:
        self.asked += 1
        event = self.requests[RequestToken]
        event["OperationStatus"] = "FAILED" if self.fail_with else "SUCCESS"
        if self.fail_with:
            event |= {"ErrorCode": self.fail_with, "StatusMessage": "it was not to be"}
        self.fail_with = ""
        return {"ProgressEvent": event}

    def _fails_early(self) -> bool:
        if self.kept:
            self.fail_with = self.kept.pop(0)
            return False
        if self.undone:
            self.fail_with = self.undone.pop(0)
            return True
        return False

    def _resource(self, identifier: str) -> dict[str, Any]:
        if identifier not in self.resources:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "GetResource")
        return self.resources[identifier]

    def _request(self, operation: str, type_: str, identifier: str) -> dict[str, Any]:
        token = f"request-{len(self.requests)}"
        event = {"TypeName": type_, "Identifier": identifier, "RequestToken": token, "Operation": operation}
        self.requests[token] = event
        return {"ProgressEvent": {**event, "OperationStatus": "IN_PROGRESS"}}


def bench(cloud: SlowCloudControl, type_: str, **inputs: Any) -> Bench:
    return Bench(lambda _: CloudControlHandler(cloud, type_), "http://127.0.0.1:1", inputs)  # type: ignore[arg-type]


def test_a_resource_lives_changes_and_goes() -> None:
    cloud = SlowCloudControl(("RepositoryName",))
    images = bench(cloud, ECR, RepositoryName="shop", ImageTagMutability="MUTABLE", Tags=[{"Key": "a", "Value": "b"}])

    assert agrees(images.create(), images.inputs)  # without the tags that say whose it is
    assert images.id == "shop"
    assert images.identified == ["shop"]
    assert cloud.asked == 1

    model = images.change(ImageTagMutability=None, ImageScanningConfiguration={"ScanOnPush": True})
    assert "ImageTagMutability" not in model
    assert model["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert images.find() == "shop"  # its tags still say so
    assert images.find(STRANGER) is None

    images.delete()
    assert not images.exists()
    images.delete()  # what is not there has been deleted


def test_what_the_cloud_chose_is_the_physical_id_and_the_rest_comes_from_the_inputs() -> None:
    cloud = SlowCloudControl(("UserPoolId", "ClientId"))
    web = bench(cloud, CLIENT, UserPoolId="pool-1", ClientName="web")

    model = web.create()

    assert set(cloud.resources) == {"pool-1|chosen-0"}
    assert web.id == model["ClientId"] == "chosen-0"
    assert web.change(ClientName="app")["ClientName"] == "app"


def test_a_resource_without_a_name_is_found_by_its_tags() -> None:
    cloud = SlowCloudControl(("Id",))
    theirs, ours = bench(cloud, "AWS::ECS::Cluster"), bench(cloud, "AWS::ECS::Cluster")
    theirs.create(STRANGER)
    ours.create()

    assert ours.find() == ours.id != theirs.id


def test_a_name_that_is_taken_is_not_taken_over() -> None:
    cloud = SlowCloudControl(("RepositoryName",))
    bench(cloud, ECR, RepositoryName="shop").create(STRANGER)

    with pytest.raises(ClientError, match="ResourceAlreadyExistsException") as caught:
        bench(cloud, ECR, RepositoryName="shop").create(OWNER)
    assert caught.value.operation_name == "CreateResource"


def test_a_request_that_fails_says_what_cloud_control_said() -> None:
    cloud = SlowCloudControl(("RepositoryName",))
    images = bench(cloud, ECR, RepositoryName="shop")
    images.create()
    cloud.fail_with = "NotUpdatable"

    with pytest.raises(ClientError, match=r"NotUpdatable.*it was not to be"):
        images.change(EncryptionConfiguration={"EncryptionType": "KMS"})


@pytest.mark.parametrize("code", ["NotStabilized", "ServiceInternalError", "Throttling"])
def test_a_request_that_ends_in_a_passing_trouble_is_sent_again(code: str) -> None:
    cloud = SlowCloudControl(("RepositoryName",))
    images = bench(cloud, ECR, RepositoryName="shop", ImageTagMutability="MUTABLE")
    cloud.undone = [code, code]
    assert agrees(images.create(), images.inputs)
    assert len(cloud.requests) == 3
    assert f"Cloud Control ended with {code}, asking again: {ECR}" in {pause.reason for pause in images.pauses}

    cloud.undone = [code]
    assert images.change(ImageTagMutability="IMMUTABLE")["ImageTagMutability"] == "IMMUTABLE"
    cloud.undone = [code]
    images.delete()
    assert cloud.resources == {}


def test_a_create_that_made_something_before_it_failed_is_not_sent_again() -> None:
    cloud = SlowCloudControl(("Id",))
    cloud.kept = ["NotStabilized"]

    with pytest.raises(ClientError, match=r"NotStabilized.*it was not to be"):
        bench(cloud, VAULT, Size=1).create()
    assert len(cloud.resources) == 1


def test_secrets_are_revealed_to_the_cloud_only() -> None:
    cloud = SlowCloudControl(("Id",))
    thing = bench(cloud, VAULT, Password=Secret("hunter2"))
    thing.create()

    assert cloud.resources[thing.id]["Password"] == "hunter2"


def test_an_emulators_cloud_control_will_do(ministack: Emulator) -> None:
    board = Bench(
        lambda clients: CloudControlHandler(clients, DASHBOARD),  # type: ignore[arg-type]
        ministack.endpoint_url,
        {"Name": "shop", "DashboardName": "shop", "DashboardBody": "{}"},
    )

    assert agrees(board.create(), board.inputs)
    assert board.change(DashboardBody='{"widgets": []}')["DashboardBody"] == '{"widgets": []}'
    board.delete()
    assert not board.exists()


@pytest.mark.parametrize("code", ["TypeNotFoundException", "UnsupportedActionException", "UnknownOperationException"])
def test_a_type_that_cloud_control_does_not_offer_is_named(code: str) -> None:
    class Refusing(SlowCloudControl):
        def create_resource(self, TypeName: str, DesiredState: str) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateResource")

    with pytest.raises(CloudError, match=f"cannot manage {ECR} here") as caught:
        bench(Refusing(("Id",)), ECR).create()
    assert "leave the resource out" in caught.value.todo
