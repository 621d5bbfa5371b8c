"""Base of the REST API handlers that are tables: what changed goes out as patches, one a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, TypeAlias

from stateroom.cloud.aws.apigateway_calls import BUSY, as_api, as_cloudformation, patches
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler, ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.provider import ResourceData
from stateroom.cloud.schema.catalog import facts
from stateroom.model.values import Value

Answer: TypeAlias = Mapping[str, Any]
Patches: TypeAlias = list[dict[str, str]]


class PatchedHandler(DeclaredHandler):
    """Handler of a type of API Gateway's first API.

    Attributes:
        takes_name: whether one without a Name is named after its logical id.
    """

    service = "apigateway"
    camel = True
    ref = "{answer[id]}"
    retry = BUSY
    reason = "waiting for API Gateway"
    takes_name: ClassVar[bool] = False

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Return a create's arguments as they are, and an update's as patches of what is there."""
        if call is self.creating:
            return {"name": resource.owner.logical_id, **settings} if self.takes_name else settings
        gone = dict.fromkeys(_taken_away(self, resource))
        operations = self.operations(resource, self.answer(resource) or {}, {**settings, **gone})
        return {"patchOperations": operations} if operations else {}

    def operations(self, resource: ResourceData, there: Answer, wanted: Answer) -> Patches:
        """Return the patches that turn an answer into what is wanted, in the API's spelling."""
        return patches(there, wanted)

    def is_same(self, item: Mapping[str, Any], resource: ResourceData) -> bool:
        """Tell a listed item by what is unique about it among its siblings."""
        named = {"Name": resource.owner.logical_id} if self.takes_name else {}
        return self.listing is not None and self.listing.alike(item, {**named, **resource.inputs})


def _taken_away(table: PatchedHandler, resource: ResourceData) -> Iterator[str]:
    """Yield the API's names of settings that are gone, and for which nothing stands."""
    for name, item in table.settings.items():
        if name in resource.changed and name not in resource.inputs and item.unset is None and not item.fixed:
            yield table.spelled(name, item)


class ListedPatchedHandler(PatchedHandler, ListedHandler):
    """Handler of such a type whose listing answers for many."""


class RestPart(ListedPatchedHandler):
    """Part of a REST API. None has tags: each is identified by its API and by what is unique among its siblings."""

    parent = {"restApiId": "{RestApiId}"}


def spelled(type_: str, *names: str, unset: Value = None, fixed: bool = False) -> Mapping[str, Setting]:
    """Return one setting a property, its nested keys as the API spells them."""
    known = facts(type_)

    def form(name: str) -> Form:
        how = {"node": known.shape[name], "definitions": known.definitions}
        return Form(partial(as_api, **how), partial(as_cloudformation, **how))

    return {name: Setting(form(name), unset, fixed=fixed) for name in names}


def pages(operation: str, ref: str, **same: str) -> Listing:
    """Return the listing of a `get_…s` operation; `same`: member → property, of what tells siblings apart."""
    call = ApiCall(operation, {"limit": 500}, answer="items")
    return Listing(call, ref, next_page="position", same=same, absent_is_gone=True)


def tagged_at(path: str) -> Tagging:
    """Return how what is at an API path (`/apikeys/{id}`) bears tags."""
    arn = {"resourceArn": f"arn:{{partition}}:apigateway:{{region}}::{path}"}
    return Tagging("tag_resource", "untag_resource", address=arn, argument="tags", keys="tagKeys", at_create="tags")
