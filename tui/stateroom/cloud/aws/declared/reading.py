"""Reading by a table: one resource, many by their listing, the tags, and what a create would meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stateroom.cloud import tags
from stateroom.cloud.aws.declared.call import properties_in
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import lookup
from stateroom.cloud.aws.declared.settle import is_leaving
from stateroom.cloud.aws.declared.table import TypeTable
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Reading, ReadRequest, ResourceData
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import reveal


def read(table: TypeTable, resource: ResourceData) -> dict[str, Any] | None:
    """Return the model of a resource with its tags, or None."""
    resource = replace(resource, inputs=reveal(resource.inputs))
    answer = table.answer(resource)
    return None if answer is None else model(table, resource, answer)


def model(table: TypeTable, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the properties of an answer, with parents, attributes and tags; None when the tags are gone."""
    names, tagging = table.names(resource, answer), table.tagging
    found = {name: resource.inputs[name] for name in properties_in(table.parent) if name in resource.inputs}
    found |= {**table.model(resource, answer), **names.fill_all(table.attributes)}
    if tagging and not (tagging.if_declared and tagging.property not in resource.inputs):
        current = current_tags(table, resource, answer)
        if current is None:
            return None
        found[tagging.property] = tagging.of_user(current)
    return without_empty(found)


def locate(table: TypeTable, resource: ResourceData) -> Existing | None:
    """Look for what a create would meet: by its name, else in the listing, by the owner's tags or what is the same."""
    resource = replace(resource, inputs=reveal(resource.inputs))
    if table.locating:
        physical_id = table.ask(table.locating, resource, table.parent)
        return None if physical_id is None else _existing(table, resource.at(str(physical_id)))
    try:
        physical_id = table.id_of(resource)
    except KeyError:
        return _in_listing(table, resource)
    if table.tagging and table.tagging.tells_absence:
        return _existing(table, resource.at(physical_id))
    there = table.answer(resource.at(physical_id))
    return None if there is None else _existing(table, resource.at(physical_id), there)


def read_many(table: TypeTable, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
    """Yield readings from the listing, one listing a parent."""
    listing: Any = table.listing
    by_parent: dict[str, list[ReadRequest]] = {}
    for request in requests:
        by_parent.setdefault(str(table.names(request.resource).fill_all(table.parent)), []).append(request)
    for asked in by_parent.values():
        yield from _from_pages(table, listing, asked)


def _from_pages(table: TypeTable, listing: Listing, asked: Sequence[ReadRequest]) -> Iterator[Reading]:
    wanted = {request.physical_id: request for request in asked}
    first = asked[0].resource.at(_common_start(list(wanted)))
    for item in table.items(listing, first):
        request = wanted.get(str(table.names(first, item).fill(listing.id)))
        if request is not None and not is_leaving(item, table.leaving):
            del wanted[request.physical_id]
            found = model(table, request.resource, item)
            yield Reading(request.key, None if found is None else Live(request.physical_id, found))
        if not wanted:
            return
    if listing.absent_is_gone:
        yield from (Reading(request.key) for request in wanted.values())


def current_tags(table: TypeTable, resource: ResourceData, answer: Any = None) -> dict[str, str] | None:
    """Return all tags of a resource; None when it is gone."""
    tagging = table.tagging
    if tagging is None:
        return None
    member = tagging.answered or tagging.argument
    if tagging.read is None:
        found = table.answer(resource) if answer is None else answer
        return None if found is None else tags.from_list(lookup(found, member))
    found = table.ask(replace(tagging.read, answer=""), resource, tagging.address, answer)
    return None if found is None else tags.from_list(lookup(found, tagging.read.answer or member))


def _existing(table: TypeTable, resource: ResourceData, answer: Any = None) -> Existing | None:
    current = current_tags(table, resource, answer)
    return None if table.tagging and current is None else Existing(resource.id, current)


def _in_listing(table: TypeTable, resource: ResourceData) -> Existing | None:
    listing = table.listing
    if listing is None:
        return None
    alike = [item for item in table.items(listing, resource) if table.is_same(item, resource)]
    found = [(resource.at(str(table.names(resource, item).fill(listing.id))), item) for item in alike]
    if table.tagging is None:
        return next((Existing(one.id) for one, _ in found), None)
    tagged = ((one.id, _tags_in_item(table, one, item)) for one, item in found)
    if listing.unique:
        return next((Existing(name, current) for name, current in tagged), None)
    return tags.named(tagged, resource.owner)


def _tags_in_item(table: TypeTable, resource: ResourceData, item: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a listing has, else ask for them."""
    tagging: Any = table.tagging
    there = lookup(item, tagging.answered or tagging.argument)
    whole = tagging.read is None and table.listing is not None and table.listing.whole
    return tags.from_list(there) if there or whole else current_tags(table, resource) or {}


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return next((first[:index] for index, letter in enumerate(first) if last[index : index + 1] != letter), first)
