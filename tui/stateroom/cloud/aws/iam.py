"""Handler of AWS::IAM::Role with its inline and attached managed policies.

IAM is eventually consistent: a new role may not be found by the next call, so those calls are retried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.attached_policies import InlinePolicyHandler
from stateroom.cloud.aws.calls import in_background, none_if_missing, paginate, retry_while
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, HandlerFactory
from stateroom.cloud.aws.iam_policies import InstanceProfileHandler, ManagedPolicyHandler, RolePolicyHandler
from stateroom.cloud.aws.shapes import name_taken, to_json, without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

# Codes that time heals after another write to the same role, and a trust policy that names a role IAM has yet to see.
_UNSETTLED: Final[Mapping[str, Sequence[str]]] = {
    "ConcurrentModification": (),
    "ConcurrentModificationException": (),
    "DeleteConflict": (),
    "MalformedPolicyDocument": ("invalid principal",),
}
_PROPAGATING: Final = "waiting for IAM to know the role everywhere"
_SESSION_SECONDS: Final = 3600  # of a role that does not say
_NEW: Final = {**_UNSETTLED, "NoSuchEntity": ("role",)}


class RoleHandler(AwsHandler):
    """Role: trust policy, settings, policies, boundary, tags. Ref is the role's name."""

    type = "AWS::IAM::Role"
    settable = frozenset(
        {
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        }
    )
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the role, or complete one that an earlier attempt left."""
        inputs, name = reveal(resource.inputs), resource.inputs["RoleName"]
        arguments = without_empty(
            {
                "RoleName": name,
                "AssumeRolePolicyDocument": to_json(inputs["AssumeRolePolicyDocument"]),
                "Path": inputs.get("Path"),
                "Description": inputs.get("Description"),
                "MaxSessionDuration": _number(inputs.get("MaxSessionDuration")),
                "PermissionsBoundary": inputs.get("PermissionsBoundary"),
                "Tags": tags.as_list(tags.wanted(inputs, resource.owner)),
            }
        )
        iam = self._clients("iam")
        try:
            yield from retry_while(lambda: iam.create_role(**arguments), _UNSETTLED, "waiting for IAM")
        except Exception as error:
            if error_code(error) != "EntityAlreadyExists":
                raise
            if tags.ours(self.locate(resource), resource.owner) is None:
                raise name_taken("role", name, error_code(error), "CreateRole") from error
            yield Identified(name)
            yield from self.update(resource.whole(name))
        else:
            yield Identified(name)
            # Nothing is on a new role yet, so nothing is listed before it is put there.
            arns, policies = inputs.get("ManagedPolicyArns") or (), inputs.get("Policies") or ()
            yield from retry_while(lambda: self._write_attached(name, arns, ()), _NEW, _PROPAGATING)
            yield from retry_while(lambda: self._write_inline(name, policies, ()), _NEW, _PROPAGATING)
        return str(name)

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the role with its inline and attached policies, or None."""
        iam = self._clients("iam")
        asked_inline = in_background(lambda: none_if_missing(lambda: self._inline(resource.id)))
        asked_attached = in_background(lambda: none_if_missing(lambda: self._attached(resource.id)))
        answer = none_if_missing(lambda: iam.get_role(RoleName=resource.id))
        inline, attached = asked_inline(), asked_attached()
        if answer is None or inline is None or attached is None:
            return None
        return _model(answer["Role"], inline, attached)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all roles from two listings: one has the policies, the other description and session duration."""
        iam, missing = self._clients("iam"), {request.physical_id for request in requests}
        listed = {}
        for role in paginate(iam, "list_roles", "Roles", PaginationConfig={"PageSize": 1000}):
            if role["RoleName"] in missing:
                missing.discard(role["RoleName"])
                listed[role["RoleName"]] = role
            if not missing:
                break
        details = _details(iam, set(listed))
        for request in requests:
            name = request.physical_id
            if name not in listed or name not in details:
                yield Reading(request.key)
                continue
            model = _from_lists(listed[name], details[name])
            if "PermissionsBoundary" in request.inputs and "PermissionsBoundary" not in model:
                # A boundary gone missing is grave enough to be asked for twice: older listings left it out.
                model = self.read(ResourceData(name, request.inputs)) or model
            yield Reading(request.key, Live(name, model))

    def update(self, resource: ResourceData) -> Task[None]:
        """Write each changed group. Of policies only those of `previous` are taken away: others may be resources."""
        inputs, iam, role = reveal(resource.inputs), self._clients("iam"), {"RoleName": resource.id}
        calls: list[Any] = []
        if "AssumeRolePolicyDocument" in resource.changed:
            document = to_json(inputs["AssumeRolePolicyDocument"])
            calls.append(lambda: iam.update_assume_role_policy(**role, PolicyDocument=document))
        if "Description" in resource.changed:
            description = inputs.get("Description") or ""
            calls.append(lambda: iam.update_role_description(**role, Description=description))
        if "MaxSessionDuration" in resource.changed:
            seconds = _number(inputs.get("MaxSessionDuration")) or _SESSION_SECONDS
            calls.append(lambda: self._write_session_duration(resource.id, seconds))
        if "PermissionsBoundary" in resource.changed:
            calls.append(lambda: self._write_boundary(resource.id, inputs.get("PermissionsBoundary")))
        if "ManagedPolicyArns" in resource.changed:
            arns, before_arns = (
                inputs.get("ManagedPolicyArns") or (),
                reveal(resource.previous.get("ManagedPolicyArns")) or (),
            )
            calls.append(lambda: self._write_attached(resource.id, arns, before_arns))
        if "Policies" in resource.changed:
            policies = inputs.get("Policies") or ()
            before = [policy["PolicyName"] for policy in reveal(resource.previous.get("Policies")) or ()]
            calls.append(lambda: self._write_inline(resource.id, policies, before))
        if "Tags" in resource.changed:
            known = tags.known_keys(resource.previous)
            calls.append(lambda: self._write_tags(resource.id, tags.wanted(inputs, resource.owner), known))
        for call in calls:
            yield from retry_while(call, _NEW, _PROPAGATING)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the policies that we set, then delete the role; on a conflict the others are looked up."""
        inputs, delete = reveal(resource.inputs), self._delete
        yield from retry_while(lambda: delete(resource.id, inputs), _UNSETTLED, "waiting for IAM to let the role go")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the role of that name."""
        name = str(reveal(resource.inputs["RoleName"]))
        answer = none_if_missing(lambda: self._clients("iam").get_role(RoleName=name))
        return Existing(name, tags.from_list(answer["Role"].get("Tags"))) if answer else None

    def _inline(self, name: str) -> dict[str, Any]:
        iam = self._clients("iam")
        names = self._inline_names(name)
        return {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in names}

    def _inline_names(self, name: str) -> list[str]:
        return list(paginate(self._clients("iam"), "list_role_policies", "PolicyNames", RoleName=name))

    def _attached(self, name: str) -> list[str]:
        pages = paginate(self._clients("iam"), "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        return [policy["PolicyArn"] for policy in pages]

    def _write_session_duration(self, name: str, seconds: int) -> None:
        # UpdateRole sets both settings, so the other one goes back as it is.
        iam = self._clients("iam")
        description = iam.get_role(RoleName=name)["Role"].get("Description") or ""
        iam.update_role(RoleName=name, Description=description, MaxSessionDuration=seconds)

    def _write_boundary(self, name: str, arn: str | None) -> None:
        iam = self._clients("iam")
        if arn:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
        else:
            none_if_missing(lambda: iam.delete_role_permissions_boundary(RoleName=name))

    def _write_attached(self, name: str, wanted: Sequence[str], current: Sequence[str]) -> None:
        iam = self._clients("iam")
        for arn in wanted:
            if arn not in current:
                iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in current:
            if arn not in wanted:
                none_if_missing(lambda arn=arn: iam.detach_role_policy(RoleName=name, PolicyArn=arn))  # type: ignore[misc]

    def _write_inline(self, name: str, wanted: Sequence[Mapping[str, Any]], current: Sequence[str]) -> None:
        iam = self._clients("iam")
        for policy in wanted:
            document = to_json(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
        for extra in set(current) - {policy["PolicyName"] for policy in wanted}:
            none_if_missing(lambda extra=extra: iam.delete_role_policy(RoleName=name, PolicyName=extra))  # type: ignore[misc]

    def _write_tags(self, name: str, wanted: Mapping[str, str], known: frozenset[str]) -> None:
        iam = self._clients("iam")
        current = tags.from_list(paginate(iam, "list_role_tags", "Tags", RoleName=name))
        to_set, to_remove = tags.difference(current, wanted, known)
        if to_set:
            iam.tag_role(RoleName=name, Tags=tags.as_list(to_set))
        if to_remove:
            iam.untag_role(RoleName=name, TagKeys=list(to_remove))

    def _delete(self, name: str, inputs: Properties) -> None:
        self._write_attached(name, (), inputs.get("ManagedPolicyArns") or ())
        self._write_inline(name, (), [policy["PolicyName"] for policy in inputs.get("Policies") or ()])
        try:
            self._delete_bare(name)
        except Exception as error:
            if error_code(error) != "DeleteConflict":
                raise
            self._strip(name)
            self._delete_bare(name)

    def _delete_bare(self, name: str) -> None:
        none_if_missing(lambda: self._clients("iam").delete_role(RoleName=name))

    def _strip(self, name: str) -> None:
        iam = self._clients("iam")
        self._write_attached(name, (), self._attached(name))
        self._write_inline(name, (), self._inline_names(name))
        for profile in paginate(iam, "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name):
            iam.remove_role_from_instance_profile(RoleName=name, InstanceProfileName=profile["InstanceProfileName"])


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


def _details(iam: Any, names: set[str]) -> dict[str, Any]:
    pages = paginate(
        iam,
        "get_account_authorization_details",
        "RoleDetailList",
        Filter=["Role"],
        PaginationConfig={"PageSize": 1000},
    )
    found: dict[str, Any] = {}
    for role in pages:
        if role["RoleName"] in names:
            found[role["RoleName"]] = role
        if len(found) == len(names):
            break
    return found


def _from_lists(listed: Mapping[str, Any], detail: Mapping[str, Any]) -> Properties:
    inline = {policy["PolicyName"]: policy["PolicyDocument"] for policy in detail.get("RolePolicyList", ())}
    attached = [policy["PolicyArn"] for policy in detail.get("AttachedManagedPolicies", ())]
    return _model({**listed, **detail}, inline, attached)


def _model(role: Mapping[str, Any], inline: Mapping[str, Any], attached: Sequence[str]) -> Properties:
    return without_empty(
        {
            "RoleName": role["RoleName"],
            "Path": role.get("Path"),
            "Description": role.get("Description"),
            "MaxSessionDuration": role.get("MaxSessionDuration"),
            "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
            "PermissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "ManagedPolicyArns": sorted(attached),
            "Policies": [{"PolicyName": name, "PolicyDocument": inline[name]} for name in sorted(inline)],
            "Tags": tags.as_list(tags.user_tags(tags.from_list(role.get("Tags")))),
            "Arn": role["Arn"],
            "RoleId": role["RoleId"],
        }
    )


HANDLERS: tuple[HandlerFactory, ...] = (
    RoleHandler,
    InlinePolicyHandler,
    RolePolicyHandler,
    ManagedPolicyHandler,
    InstanceProfileHandler,
)
