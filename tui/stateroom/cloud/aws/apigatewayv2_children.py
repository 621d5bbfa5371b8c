"""Base of API Gateway V2's handlers: an API's children, and what they share with the API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler, ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.provider import Owner, ResourceData
from stateroom.model.values import Properties

# One writer an API at a time; another one's change is over in a moment.
CONFLICTS: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("concurrent", "in progress", "try again", "unable to complete operation due to"),
    "TooManyRequestsException": (),
}

_MARK: Final = re.compile(r" ?\[stateroom:[^\]]*\]$")
_DESCRIPTION_LIMIT: Final = 1024  # characters (API reference)


class GatewayHandler(DeclaredHandler):
    """Handler of a type of API Gateway's second API."""

    service = "apigatewayv2"
    retry = CONFLICTS
    reason = "waiting for API Gateway"


class HttpApiChild(GatewayHandler, ListedHandler):
    """Child of an API: one page answers for an API's 500 children of a kind."""

    parent = {"ApiId": "{ApiId}"}
    batch_from = 2


class Marked(HttpApiChild):
    """Child about which nothing need be unique: told by an owner mark at the end of its description.

    Readings hide the mark. What it stands on may have been changed since, so nothing else is compared.
    """

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Add the owner mark to the description."""
        if call is self.creating or "Description" in settings:
            settings["Description"] = _marked(resource.inputs, resource.owner)
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties without the owner mark."""
        found = super().model(resource, answer)
        return {**found, "Description": _MARK.sub("", found.get("Description") or "")}

    def is_same(self, item: Mapping[str, Any], resource: ResourceData) -> bool:
        """Tell one by our mark."""
        return bool((item.get("Description") or "").endswith(_mark(resource.owner)))


def pages(operation: str, ref: str, *same: str) -> Listing:
    """Return the listing of a `get_…s` operation; `same` are the properties that tell siblings apart."""
    call = ApiCall(operation, {"MaxResults": "500"}, answer="Items")
    return Listing(call, ref, next_page="NextToken", same=dict(zip(same, same, strict=True)), absent_is_gone=True)


def deletion(noun: str) -> ApiCall:
    """Return the call that deletes a child, once nothing refers to it any more."""
    reason = f"waiting for what refers to the {noun} to go"
    return ApiCall(f"delete_{noun}", retry={"ConflictException": ()}, reason=reason, deadline=30)


def tagged_at(path: str) -> Tagging:
    """Return how what is at an API path (`/apis/{id}`) bears tags."""
    arn = {"ResourceArn": f"arn:{{partition}}:apigateway:{{region}}::{path}"}
    return Tagging("tag_resource", "untag_resource", address=arn, as_map=True)


def merged(there: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None, nothing: Any) -> dict[str, Any]:
    """Return a map as the API takes it, which keeps what is not named: keys to be removed are set to nothing."""
    return dict.fromkeys(there or {}, nothing) | dict(wanted or {})


def _mark(owner: Owner) -> str:
    return f"[stateroom:{owner.service}/{owner.stage}/{owner.logical_id}]"


def _marked(inputs: Properties, owner: Owner) -> str:
    """Append the owner mark to the user's description, if there is room."""
    description = str(inputs.get("Description") or "")
    marked = f"{description} {_mark(owner)}".lstrip()
    return marked if len(marked) <= _DESCRIPTION_LIMIT else description
