"""API Gateway V2 helpers: paging, tags, and settings with their defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients, next_token
from stateroom.model.values import Properties, Value

# One writer an API at a time; another one's change is over in a moment.
CONFLICTS: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("concurrent", "in progress", "try again", "unable to complete operation due to"),
    "TooManyRequestsException": (),
}


def list_items(api: Any, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield every item of a `get_…s` operation, over all its pages."""
    token = ""
    while True:
        page = getattr(api, operation)(MaxResults="500", **arguments, **({"NextToken": token} if token else {}))
        yield from page.get("Items") or ()
        token = next_token(page, "NextToken", token)
        if not token:
            return


def settings(inputs: Properties, changed: Iterable[str], defaults: Mapping[str, Value]) -> dict[str, Any]:
    """Return the changed properties with their values, or their defaults where they are unset."""
    values = {name: inputs.get(name, defaults[name]) for name in changed if name in defaults}
    return {name: value for name, value in values.items() if value is not None}


def write_tags(clients: Clients, path: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Change the tags of the object at an API path (`/apis/abc`) from `current` to `wanted`."""
    api, here = clients("apigatewayv2"), clients.identity()
    arn = f"arn:{here.partition}:apigateway:{here.region}::{path}"
    to_set, to_remove = tags.difference(current, wanted)
    if to_set:
        api.tag_resource(ResourceArn=arn, Tags=to_set)
    if to_remove:
        api.untag_resource(ResourceArn=arn, TagKeys=list(to_remove))
