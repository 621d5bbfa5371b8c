"""Search an account and region for resources with stateroom's tags. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients, paginate
from stateroom.cloud.aws.errors import translate
from stateroom.cloud.aws.handler_base import TaggedById
from stateroom.cloud.aws.marked.tables import MARKED_TYPES, MarkedType
from stateroom.cloud.aws.throttling import is_aws
from stateroom.cloud.provider import Handler, ResourceData
from stateroom.model.ownership import MarkedResource, MarkedSearch
from stateroom.model.problems.error_response import error_code

_THREADS: Final = 16
_TAGGING: Final = "resourcegroupstaggingapi"

HandlerOf = Callable[[str], Handler | None]


def find_marked(clients: Clients, handler_of: HandlerOf) -> MarkedSearch:
    """Return every resource with our tags, and the types that could not be asked for.

    The Tagging API says in pages what bears the mark; only that is asked for its tags then. Where it does not serve,
    every resource of every type is asked.
    """
    unasked: dict[str, str] = {}
    arns = _tagged_arns(clients, unasked) if is_aws(str(clients("lambda").meta.endpoint_url)) else None
    with ThreadPoolExecutor(_THREADS, "marked") as pool:
        parts = list(pool.map(lambda row: _of_type(clients, handler_of, row, arns), MARKED_TYPES))
    found: list[MarkedResource] = []
    for row, part in zip(MARKED_TYPES, parts, strict=True):
        if isinstance(part, str):
            unasked[row.type] = part
        else:
            found += part
    met = {arn for arn in arns or () for item in found if _names(arn, item.physical_id)}
    others = [MarkedResource("", arn, bearing) for arn, bearing in (arns or {}).items() if arn not in met]
    return MarkedSearch((*found, *others), unasked)


def _tagged_arns(clients: Clients, unasked: dict[str, str]) -> dict[str, Mapping[str, str]] | None:
    """Return the tags of all ARNs that bear the mark; None when the Tagging API may not be asked."""
    wanted = {"TagFilters": [{"Key": tags.SERVICE}]}
    try:
        pages = paginate(clients(_TAGGING), "get_resources", "ResourceTagMappingList", **wanted)
        return {item["ResourceARN"]: tags.from_list(item.get("Tags")) for item in pages}
    except Exception as error:
        unasked["Resource Groups Tagging API"] = _in_a_line(error)
        return None


def _of_type(
    clients: Clients, handler_of: HandlerOf, row: MarkedType, arns: Mapping[str, Mapping[str, str]] | None
) -> list[MarkedResource] | str:
    """Return what of a type bears the mark, or why that could not be asked."""
    handler = handler_of(row.type)
    if handler is None:
        return []
    try:
        names: Iterable[str] = row.names(clients)
        if arns is not None and row.from_tags:
            names = [name for name in names if any(_names(arn, name) for arn in arns)]
        return list(_bearing(handler, row, names))
    except Exception as error:
        return _in_a_line(error)


def _bearing(handler: Handler, row: MarkedType, names: Iterable[str]) -> Iterator[MarkedResource]:
    for name in names:
        if isinstance(handler, TaggedById) and not row.named:
            physical_id, bearing = name, handler.tags_by_id(ResourceData(name))
        else:
            existing = handler.locate(ResourceData(inputs={row.named: name}))
            physical_id, bearing = (existing.physical_id, existing.tags) if existing else ("", None)
        if bearing and tags.SERVICE in bearing:
            yield MarkedResource(row.type, physical_id, dict(bearing))


def _names(arn: str, name: str) -> bool:
    """Whether an ARN is of what an API calls `name`: the ARN itself, its end, or the end of a queue's URL."""
    last = name.rpartition("/")[2] if name.startswith("http") else name.removeprefix("/")
    return arn == name or arn.removesuffix(":*").endswith((f":{last}", f"/{last}"))


def _in_a_line(error: Exception) -> str:
    told = translate(error, "not asked", {})
    return error_code(error) or told.why or told.what
