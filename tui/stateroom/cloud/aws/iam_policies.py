"""Handlers of IAM's policies that are resources, and of instance profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud.aws.attached_policies import InlinePolicyHandler, Parent
from stateroom.cloud.aws.calls import none_if_missing, paginate
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_NEW: Final = {"NoSuchEntity": (), "ConcurrentModification": (), "DeleteConflict": ()}
_VERSIONS: Final = 5  # that a policy may have (IAM quotas)
# CloudFormation's list → what IAM calls one of them, and the members of ListEntitiesForPolicy.
_HOLDERS: Final = {
    "Groups": ("group", "GroupName", "PolicyGroups"),
    "Roles": ("role", "RoleName", "PolicyRoles"),
    "Users": ("user", "UserName", "PolicyUsers"),
}


class RolePolicyHandler(InlinePolicyHandler):
    """Inline policy of one role. Ref is `role|policy`."""

    type = "AWS::IAM::RolePolicy"
    settable = frozenset({"PolicyDocument", "PolicyName", "RoleName"})

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the policy, or None."""
        inputs = reveal(resource.inputs)
        document = self.get(self._parents(inputs)[0])
        named = {"RoleName": inputs["RoleName"], "PolicyName": inputs["PolicyName"]}
        return None if document is None else {**named, "PolicyDocument": document}

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Tell nothing beyond the schema: it requires the role."""
        return iter(())

    def _parents(self, inputs: Properties) -> list[Parent]:
        return [Parent("Roles", str(inputs["RoleName"]), str(inputs["PolicyName"]))] if inputs else []


class ManagedPolicyHandler(DeclaredHandler):
    """Policy of the account. Ref is its ARN. Of its holders only those that the config names are its own."""

    type = "AWS::IAM::ManagedPolicy"
    service = "iam"
    ref = "{Arn}"
    address = {"PolicyArn": "{id}"}
    creating = ApiCall("create_policy", {"PolicyName": "{ManagedPolicyName}"}, answer="Policy")
    reading = ApiCall("get_policy", answer="Policy")
    updating = {"": ApiCall("create_policy_version", {"SetAsDefault": True})}
    deleting = ApiCall("delete_policy", retry={"DeleteConflict": ()})
    retry = {"MalformedPolicyDocument": ("principal",)}
    tagging = Tagging("tag_policy", "untag_policy", style="list")
    settings = {
        "Description": Setting(),
        "Path": Setting(),
        "PolicyDocument": Setting(DOCUMENT, answered="Document"),
        **dict.fromkeys(_HOLDERS, Setting(at_create=False, group="holders")),
    }
    attributes = {"ManagedPolicyName": "{answer[PolicyName]}", "PolicyArn": "{id}", "PolicyId": "{answer[PolicyId]}"}

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the policy of that name and path."""
        here, inputs = self._clients.identity(), reveal(resource.inputs)
        path, name = inputs.get("Path") or "/", inputs["ManagedPolicyName"]
        there = resource.at(f"arn:{here.partition}:iam::{here.account}:policy{path}{name}")
        current = self.tags_by_id(there)
        return None if current is None else Existing(there.id, current)

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Make room for a new version: the oldest goes."""
        old = [] if call is self.creating else _old_versions(self.client, resource.id)
        if len(old) + 1 >= _VERSIONS:
            self.client.delete_policy_version(PolicyArn=resource.id, VersionId=old[0])
        return settings

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write a version; attach it to whom it is not attached, and detach it from those that are not listed."""
        yield from super().update(resource)
        there = _holders(self.client, resource.id)
        for name in sorted(_HOLDERS.keys() & resource.changed):
            wanted, before = (set(reveal(they).get(name) or ()) for they in (resource.inputs, resource.previous))
            for verb, holders in (("attach", wanted - there[name]), ("detach", (before - wanted) & there[name])):
                yield from _turn(self, resource.id, verb, name, holders)
        return None

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the policy with its document and its holders."""
        found = super().answer(resource, even_leaving=even_leaving)
        if found is None:
            return None
        version = ApiCall("get_policy_version", {"VersionId": found["DefaultVersionId"]}, answer="PolicyVersion")
        document = (self.ask(version, resource) or {}).get("Document")
        return {**found, "Document": document, "Holders": _holders(self.client, resource.id)}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return document and path, and of the holders those that were asked for."""
        asked = {name: set(reveal(resource.inputs).get(name) or ()) for name in _HOLDERS}
        holders = {name: sorted(asked[name] & answer["Holders"][name]) for name in _HOLDERS}
        return {**super().model(resource, answer), **holders}

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Detach it everywhere, and delete the versions that are not the default."""
        for name, holders in _holders(self.client, resource.id).items():
            yield from _turn(self, resource.id, "detach", name, holders)
        for version in _old_versions(self.client, resource.id):
            self.client.delete_policy_version(PolicyArn=resource.id, VersionId=version)


def _turn(policy: DeclaredHandler, arn: str, verb: str, name: str, holders: set[str]) -> Task[None]:
    """Attach a policy to some holders of one kind, or detach it from them."""
    kind, argument, _ = _HOLDERS[name]
    for holder in sorted(holders):
        call = ApiCall(f"{verb}_{kind}_policy", retry=_NEW)
        yield from policy.send(call, {argument: holder, "PolicyArn": arn}, missing_is_fine=verb == "detach")


def _holders(iam: Any, arn: str) -> dict[str, set[str]]:
    """Return who has a policy, by CloudFormation's lists."""
    found: dict[str, set[str]] = {name: set() for name in _HOLDERS}
    pages = none_if_missing(lambda: list(iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn)))
    for page in pages or ():
        for name, (_, argument, member) in _HOLDERS.items():
            found[name] |= {item[argument] for item in page.get(member) or ()}
    return found


def _old_versions(iam: Any, arn: str) -> list[str]:
    """Return a policy's versions that are not the default, oldest first."""
    listed = none_if_missing(lambda: list(paginate(iam, "list_policy_versions", "Versions", PolicyArn=arn))) or []
    others = [item["VersionId"] for item in listed if not item["IsDefaultVersion"]]
    return sorted(others, key=lambda version: int(version.lstrip("v")))


class InstanceProfileHandler(DeclaredHandler):
    """Instance profile with its role. Ref is its name."""

    type = "AWS::IAM::InstanceProfile"
    service = "iam"
    ref = "{InstanceProfileName}"
    address = {"InstanceProfileName": "{id}"}
    creating = ApiCall("create_instance_profile", {"InstanceProfileName": "{InstanceProfileName}"})
    reading = ApiCall("get_instance_profile", answer="InstanceProfile")
    deleting = ApiCall("delete_instance_profile", retry=_NEW)
    tagging = Tagging("tag_instance_profile", "untag_instance_profile", style="list")
    settings = {"Path": Setting(), "Roles": Setting(at_create=False, group="roles")}
    attributes = {"InstanceProfileName": "{id}", "Arn": "{answer[Arn]}"}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write the tags; put the role in the place of the one before: a profile has one."""
        yield from super().update(resource)
        if "Roles" in resource.changed:
            yield from self._put(resource, [str(role) for role in reveal(resource.inputs).get("Roles") or ()])
        return None

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return path and roles, by name."""
        return {"Path": answer.get("Path"), "Roles": [role["RoleName"] for role in answer.get("Roles") or ()]}

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Take the role out."""
        yield from self._put(resource, [])

    def _put(self, resource: ResourceData, wanted: list[str]) -> Task[None]:
        there = [role["RoleName"] for role in (self.answer(resource) or {}).get("Roles") or ()]
        where = {"InstanceProfileName": resource.id}
        for role in (name for name in there if name not in wanted):
            remove = ApiCall("remove_role_from_instance_profile", retry=_NEW)
            yield from self.send(remove, {**where, "RoleName": role}, missing_is_fine=True)
        for role in (name for name in wanted if name not in there):
            yield from self.send(ApiCall("add_role_to_instance_profile", retry=_NEW), {**where, "RoleName": role})
