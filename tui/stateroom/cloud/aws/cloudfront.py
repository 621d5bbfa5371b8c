"""Handlers of CloudFront: distributions, their functions and origin access controls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import wait_until
from stateroom.cloud.aws.cloudfront_shapes import from_api, merged, to_api, with_defaults
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG, Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, lookup
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live

_MINUTES: Final = "which takes some minutes"
_MATCH: Final = {"IfMatch": "{answer[ETag]}"}  # the version that was read last


def _tagged(noun: str, at_create: str, name: str) -> Tagging:
    """Return how CloudFront tags what has an ARN of a noun."""
    arn = f"arn:{{partition}}:cloudfront::{{account}}:{noun}/{name}"
    read = ApiCall("list_tags_for_resource", answer="Tags.Items")
    return Tagging("tag_resource", "untag_resource", read, {"Resource": arn}, style="items", at_create=at_create)


class _Versioned(DeclaredHandler):
    service = "cloudfront"

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the version that was read last; of what is gone there is none to name."""
        if self.answer(resource) is not None:
            yield from super().delete(resource)


class DistributionHandler(_Versioned):
    """Distribution. Ref is its id. It has no name: it is identified by its tags.

    An update replaces the whole config, so what nobody declared goes along. One that is enabled is disabled before it
    is deleted; both reach the edges only after minutes.
    """

    type = "AWS::CloudFront::Distribution"
    ref = "{Id}"
    address = {"Id": "{id}"}
    looks_first = True
    unsettable = frozenset(f"DistributionConfig.{name}" for name in ("CNAMEs", "CustomOrigin", "S3Origin"))
    creating = ApiCall("create_distribution_with_tags", answer="Distribution")
    reading = ApiCall("get_distribution")
    updating = {"": ApiCall("update_distribution", _MATCH)}
    deleting = ApiCall("delete_distribution", _MATCH)
    listing = Listing(ApiCall("list_distributions", answer="DistributionList.Items"), "{Id}", whole=False)
    missing = ("NoSuchDistribution",)
    retry = {"InvalidViewerCertificate": ("exist",), "PreconditionFailed": (), "InvalidIfMatchVersion": ()}
    settling = Settling(
        "Distribution.Status",
        frozenset({"InProgress"}),
        reason=f"waiting until CloudFront has brought the distribution to all edges, {_MINUTES}",
        deadline=1800,
    )
    tagging = _tagged("distribution", "", "{id}")
    settings = {"DistributionConfig": Setting(Form(to_api, from_api), answered="Distribution.DistributionConfig")}
    attributes = {"Id": "{id}", "DomainName": "{answer[Distribution][DomainName]}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send a config with all that CloudFront wants to be told; a create's with the tags."""
        wanted = settings["DistributionConfig"]
        if call is self.creating:
            config = with_defaults({"CallerReference": _reference(resource, wanted), **wanted})
            bears = self.tagging.shaped(tags.wanted(resource.inputs, resource.owner)) if self.tagging else {}
            return {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": bears}}
        there = lookup(self.answer(resource) or {}, "Distribution.DistributionConfig")
        before = to_api(resource.previous.get("DistributionConfig") or {})
        return {"DistributionConfig": with_defaults(merged(there, wanted, before))}

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Disable the distribution, and wait until no edge serves it any more."""
        found = self.answer(resource)
        config: Any = lookup(found or {}, "Distribution.DistributionConfig") or {}
        if config.get("Enabled"):
            disabled = {**config, "Enabled": False}
            self.client.update_distribution(Id=resource.id, IfMatch=found["ETag"], DistributionConfig=disabled)
        gone = lambda: lookup(self.answer(resource) or {}, "Distribution.Status") in ("Deployed", None)  # noqa: E731
        reason = f"waiting until CloudFront has disabled the distribution on all edges, {_MINUTES}"
        yield from wait_until(gone, reason, deadline=1800)


def _reference(resource: ResourceData, config: Mapping[str, Any]) -> str:
    """Return what tells CloudFront that the same create comes again: it makes no second distribution."""
    text = json.dumps([astuple(resource.owner), config], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _stores(value: Any) -> Any:
    """Return a function's config as CloudFront has it, whose lists are counted."""
    stores = value.get("KeyValueStoreAssociations")
    counted = {"KeyValueStoreAssociations": {"Quantity": len(stores), "Items": stores}} if stores else {}
    return {**{name: it for name, it in value.items() if name != "KeyValueStoreAssociations"}, **counted}


_CONFIG: Final = Form(_stores, from_api)


class EdgeFunctionHandler(_Versioned):
    """Function that runs at the edges. Ref is its ARN. What is read is the stage that is written, DEVELOPMENT."""

    type = "AWS::CloudFront::Function"
    unsettable = frozenset({"FunctionMetadata"})
    ref = "arn:{partition}:cloudfront::{account}:function/{Name}"
    address = {"Name": "{Name}"}
    creating = ApiCall("create_function", {"Name": "{Name}"})
    reading = ApiCall("describe_function", {"Stage": "DEVELOPMENT"})
    updating = {"": ApiCall("update_function", _MATCH, whole=True)}
    deleting = ApiCall("delete_function", _MATCH)
    missing = ("NoSuchFunctionExists",)
    exists = ("FunctionAlreadyExists",)
    tagging = _tagged("function", "Tags", "{Name}")
    settings = {
        "AutoPublish": Setting(FLAG, at_create=False, group="publishing"),
        "FunctionCode": Setting(Form(str, bytes.decode)),
        "FunctionConfig": Setting(_CONFIG, answered="FunctionSummary.FunctionConfig"),
    }
    attributes = {
        "FunctionARN": "{id}",
        "Name": "{answer[FunctionSummary][Name]}",
        "Stage": "{answer[FunctionSummary][FunctionMetadata][Stage]}",
    }

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the function with its code."""
        found = super().answer(resource, even_leaving=even_leaving)
        code = self.ask(ApiCall("get_function", {"Stage": "DEVELOPMENT"}), resource) if found else None
        return {**found, "FunctionCode": code["FunctionCode"].read()} if code else None

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says, then publish."""
        yield from super().update(resource)
        written = resource.changed & {"AutoPublish", "FunctionCode", "FunctionConfig"}
        if written and FLAG.to_api(resource.inputs.get("AutoPublish", False)):
            publish = ApiCall("publish_function", _MATCH)
            yield from self.send(publish, self.arguments(publish, resource))
        return None


class OriginAccessControlHandler(_Versioned):
    """Origin access control. Ref is its id. Its name, which is one of a kind in the account, stands in its config."""

    type = "AWS::CloudFront::OriginAccessControl"
    ref = "{Id}"
    address = {"Id": "{id}"}
    creating = ApiCall("create_origin_access_control", answer="OriginAccessControl")
    reading = ApiCall("get_origin_access_control")
    updating = {"": ApiCall("update_origin_access_control", _MATCH)}
    deleting = ApiCall("delete_origin_access_control", _MATCH)
    listing = Listing(
        ApiCall("list_origin_access_controls", answer="OriginAccessControlList.Items"), "{Id}", whole=False
    )
    overwrites = True  # the plan has seen none; one that came in between is another's
    missing = ("NoSuchOriginAccessControl",)
    retry = {"OriginAccessControlInUse": ()}
    reason = "waiting until no distribution uses it"
    settings = {
        "OriginAccessControlConfig": Setting(answered="OriginAccessControl.OriginAccessControlConfig"),
    }
    attributes = {"Id": "{id}"}

    def is_same(self, item: Mapping[str, Any], resource: ResourceData) -> bool:
        """Tell by the name."""
        return bool(item.get("Name") == lookup(resource.inputs.get("OriginAccessControlConfig"), "Name"))


HANDLERS: tuple[HandlerFactory, ...] = (DistributionHandler, EdgeFunctionHandler, OriginAccessControlHandler)
