"""Handlers of what belongs to an account's API Gateway: the role for its logs, VPC links, client certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from stateroom.cloud.aws.apigateway_calls import BUSY, patches
from stateroom.cloud.aws.apigateway_patched import ListedPatchedHandler, pages, tagged_at
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_ROLE: Final = "CloudWatchRoleArn"
_LINK_STATES: Final = ("status", frozenset({"PENDING"}), frozenset({"FAILED"}), "statusMessage")


class AccountHandler(DeclaredHandler):
    """The role by which API Gateway writes logs, one an account and region. Ref is `account/region`.

    It is the account's: what is set already, and not by this state, is not replaced, and no deletion takes it away.
    """

    type = "AWS::ApiGateway::Account"
    ref = "{account}/{region}"
    service = "apigateway"
    camel = True
    address = {}
    retry = {**BUSY, "BadRequestException": ("role",)}
    reason = "waiting until API Gateway may assume the role"
    creating = ApiCall("update_account")
    reading = ApiCall("get_account")
    updating = {"": ApiCall("update_account")}
    settings = {_ROLE: Setting(name="cloudwatchRoleArn", unset="")}
    attributes = {"Id": "{id}"}

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Say that it is not this service's alone."""
        if inputs.get(_ROLE):
            yield Problem(
                "every API of this account and region writes its logs by this role",
                "removing this resource leaves the role set",
                (_ROLE,),
                fatal=False,
            )

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Set the role, unless there is one. Raises CloudError for another one."""
        found = self.locate(resource)
        if found is not None and found.collides:
            raise _taken(self._role(resource))
        if found is None and resource.inputs.get(_ROLE):
            return (yield from super().create(resource))
        yield Identified(self.id_of(resource))
        return self.id_of(resource)

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Return patches, of a create as well: the account is always there."""
        return {"patchOperations": patches(self.answer(resource) or {}, settings)}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Set the role that the config names. Raises CloudError where somebody has set another one since."""
        role, wanted = self._role(resource), reveal(resource.inputs).get(_ROLE)
        if role not in ("", wanted, reveal(resource.previous).get(_ROLE, role)):
            raise _taken(role)
        if role != (wanted or "") and _ROLE in resource.changed:
            yield from super().update(resource)
        return None

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for a role that is set: the same one is shared, another one is somebody's."""
        role, wanted = self._role(resource), reveal(resource.inputs).get(_ROLE)
        return Existing(self.id_of(resource), collides=wanted not in (None, role)) if role else None

    def _role(self, resource: ResourceData) -> str:
        return str((self.answer(resource) or {}).get("cloudwatchRoleArn") or "")


def _taken(role: str) -> CloudError:
    return CloudError(
        "API Gateway's role of this account and region exists already and is another",
        why=f"its logs are written by {role}, which other services may rely on",
        todo="name that role in the config, leave the resource out, or unset the role by hand first",
        refused=True,
    )


class RestVpcLinkHandler(ListedPatchedHandler):
    """Link of REST APIs to a load balancer in a VPC. Ref is its id. Its name need not be unique."""

    type = "AWS::ApiGateway::VpcLink"
    address = {"vpcLinkId": "{id}"}
    looks_first = True
    creating = ApiCall("create_vpc_link")
    reading = ApiCall("get_vpc_link")
    updating = {"": ApiCall("update_vpc_link")}
    deleting = ApiCall("delete_vpc_link")
    listing = pages("get_vpc_links", "{answer[id]}")
    tagging = tagged_at("/vpclinks/{id}")
    settling = Settling(*_LINK_STATES, deadline=900.0)
    leaving = {"status": frozenset({"DELETING"})}
    gone = ("waiting for the VPC link to be gone", 900.0)
    settings = {"Description": Setting(unset=""), **settings_of("Name", "TargetArns")}
    attributes = {"VpcLinkId": "{id}"}


class ClientCertificateHandler(ListedPatchedHandler):
    """Certificate by which a stage shows integrations who calls. Ref is its id."""

    type = "AWS::ApiGateway::ClientCertificate"
    ref = "{clientCertificateId}"
    address = {"clientCertificateId": "{id}"}
    looks_first = True
    creating = ApiCall("generate_client_certificate")
    reading = ApiCall("get_client_certificate")
    updating = {"": ApiCall("update_client_certificate")}
    deleting = ApiCall("delete_client_certificate")
    listing = pages("get_client_certificates", "{answer[clientCertificateId]}")
    tagging = tagged_at("/clientcertificates/{id}")
    settings = {"Description": Setting(unset="")}
    attributes = {"ClientCertificateId": "{id}"}
