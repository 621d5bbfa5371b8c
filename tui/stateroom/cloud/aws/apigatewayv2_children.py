"""Base of API Gateway V2's handlers: an API's children, and what they share with the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.tagging import Tagging

# One writer an API at a time; another one's change is over in a moment.
CONFLICTS: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("concurrent", "in progress", "try again", "unable to complete operation due to"),
    "TooManyRequestsException": (),
}


class HttpApiChild(ListedHandler):
    """Child of an API: one page answers for an API's 500 children of a kind."""

    service = "apigatewayv2"
    parent = {"ApiId": "{ApiId}"}
    batch_from = 2
    retry = CONFLICTS
    reason = "waiting for API Gateway"


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
