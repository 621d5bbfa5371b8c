"""Writing by a table: create, update and delete, as a type's calls and settings say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import wait_until
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.reading import current_tags, locate, model
from stateroom.cloud.aws.declared.setting import Setting, lookup
from stateroom.cloud.aws.declared.table import TypeTable
from stateroom.cloud.aws.shapes import name_taken, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_response
from stateroom.model.resource import Live
from stateroom.model.values import reveal

Update: TypeAlias = Callable[[ResourceData], Task[Live | None]]


def create(table: TypeTable, resource: ResourceData, write: Update) -> Task[str | Live]:
    """Create, or complete what an earlier try of the owner's left; then write what the create does not take.

    `write` is the handler's update.
    """
    resource = replace(resource, inputs=reveal(resource.inputs))
    existing = locate(table, resource) if table.looks_first else None
    if existing is not None and (existing.collides or tags.ours(existing, resource.owner)):
        return (yield from _complete(table, resource, existing, write))
    try:
        made = yield from table.send(table.creating, _creation(table, resource))
    except Exception as error:
        existing = locate(table, resource) if table.meets_another(error) else None
        if existing is None or existing.tags is None:
            raise
        return (yield from _complete(table, resource, existing, write, error))
    physical_id = table.id_of(resource, made)
    resource = resource.at(physical_id)
    yield Identified(physical_id)
    ready = yield from table.settle(resource, made)
    later = {name for name, item in table.settings.items() if not item.at_create} & resource.inputs.keys()
    if table.tagging and not table.tagging.at_create:
        later.add(table.tagging.property)
    if later:
        return (yield from write(resource.at(physical_id, frozenset(later)))) or physical_id
    return _live(table, resource, ready) or physical_id


def update(table: TypeTable, resource: ResourceData) -> Task[Live | None]:
    """Write what changed: group by group, settings with calls of their own, the tags."""
    resource = replace(resource, inputs=reveal(resource.inputs))
    create_only = facts(table.type).schema.create_only  # of nested ones the rest of the property can be written
    writable = {name: item for name, item in table.settings.items() if not item.fixed and name not in create_only}
    changed = {name: item for name, item in writable.items() if name in resource.changed}
    ready = None
    for group, call in table.updating.items():
        if any(_goes_with(item, group) for item in changed.values()):
            sent = _spelled(table, resource, writable if call.whole else changed, group)
            if call.keeps:
                sent = {**_kept(table, resource, {name: writable[name] for name in writable.keys() - changed}), **sent}
            ready = yield from _write(table, call, resource, table.adjusted(call, resource, sent))
    for name, item in changed.items():
        if item.write or (item.clear and name not in resource.inputs):
            ready = yield from _write_alone(table, resource, name, item)
    if table.tagging and table.tagging.property in resource.changed:
        yield from _write_tags(table, resource)
        ready = None
    return _live(table, resource, ready)


def delete(table: TypeTable, resource: ResourceData) -> Task[None]:
    """Delete, and wait until it is gone where that takes a while."""
    resource = replace(resource, inputs=reveal(resource.inputs))
    yield from table.before_delete(resource)
    if table.deleting:
        yield from table.send(table.deleting, table.arguments(table.deleting, resource), missing_is_fine=True)
    if table.gone:
        reason, deadline = table.gone
        gone = lambda: table.answer(resource, even_leaving=True) is None  # noqa: E731
        yield from wait_until(gone, reason, deadline=deadline)


def _complete(
    table: TypeTable, resource: ResourceData, existing: Existing, write: Update, error: Exception | None = None
) -> Task[str | Live]:
    """Write all settings to what a create has met, if it is the owner's. Raises CloudError if it is not."""
    physical_id = tags.ours(existing, resource.owner)
    if physical_id is None:
        response = error_response(error) if error else None
        name = str(resource.inputs.get(facts(table.type).schema.name_property) or existing.physical_id)
        code, operation = (response.code, response.operation) if response else ("", table.creating.operation)
        raise name_taken(_noun(table.type), name, code, operation) from None
    yield Identified(physical_id)
    return (yield from write(resource.whole(physical_id))) or physical_id


def _creation(table: TypeTable, resource: ResourceData) -> dict[str, Any]:
    call, tagging = table.creating, table.tagging
    settings = {name: item for name, item in table.settings.items() if item.at_create and name in resource.inputs}
    spelled = {table.spelled(name, item): item.form.to_api(resource.inputs[name]) for name, item in settings.items()}
    (sent,) = call.sent(table.adjusted(call, resource, without_empty(spelled)))
    if tagging and tagging.at_create:
        sent[tagging.at_create] = tagging.shaped(
            tags.wanted(resource.inputs, resource.owner, property=tagging.property)
        )
    return {**table.arguments(call, resource, table.parent), **sent}


def _kept(table: TypeTable, resource: ResourceData, settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return settings and tags as they are now, whoever set them, in the form in which an update takes them."""
    answer, tagging = table.answer(resource) or {}, table.tagging
    names = {table.spelled(name, item): item.answered or table.spelled(name, item) for name, item in settings.items()}
    kept = {argument: lookup(answer, path) for argument, path in names.items()}
    if tagging and tagging.read is None:
        bears = current_tags(table, resource, answer) or {}
        kept[tagging.at_create] = tagging.shaped({key: it for key, it in bears.items() if not key.startswith("aws:")})
    return without_empty(kept)


def _goes_with(item: Setting, group: str) -> bool:
    return item.group == group and item.write is None


def _spelled(table: TypeTable, resource: ResourceData, settings: Mapping[str, Setting], group: str) -> dict[str, Any]:
    """Return the settings of a group as the API takes them; unset ones as what that means."""
    inputs, sent = resource.inputs, {}
    for name, item in settings.items():
        value = item.form.to_api(inputs[name]) if name in inputs else item.unset
        if _goes_with(item, group) and value is not None:
            sent[table.spelled(name, item)] = value
    return sent


def _write(table: TypeTable, call: ApiCall, resource: ResourceData, settings: Mapping[str, Any]) -> Task[Any]:
    """Send settings and wait until they are carried out; return the last reading, if one was needed."""
    if not settings:
        return None
    where, ready = table.arguments(call, resource), None
    for sent in call.sent(settings):
        made = yield from table.send(call, {**where, **sent})
        ready = yield from table.settle(resource, made)
    return ready


def _write_alone(table: TypeTable, resource: ResourceData, name: str, item: Setting) -> Task[Any]:
    """Set or take away one setting by its own operations."""
    value = item.form.to_api(resource.inputs[name]) if name in resource.inputs else item.unset
    if item.write and value is not None:
        return (yield from _write(table, item.write, resource, {table.spelled(name, item): value}))
    if item.clear:
        yield from table.send(item.clear, table.arguments(item.clear, resource), missing_is_fine=True)
        return (yield from table.settle(resource, None))
    return None


def _write_tags(table: TypeTable, resource: ResourceData) -> Task[None]:
    tagging: Any = table.tagging
    wanted = tags.wanted(resource.inputs, resource.owner, property=tagging.property)
    known = tags.known_keys(resource.previous, property=tagging.property)
    to_set, to_remove = tags.difference(current_tags(table, resource) or {}, wanted, known)
    if to_set:
        write = ApiCall(tagging.write)
        sent = {tagging.argument: tagging.shaped(to_set)}
        yield from table.send(write, {**table.arguments(write, resource, tagging.address), **sent})
    if to_remove:
        remove = ApiCall(tagging.remove)
        sent = {tagging.keys: tagging.removed(to_remove)}
        yield from table.send(remove, {**table.arguments(remove, resource, tagging.address), **sent})


def _live(table: TypeTable, resource: ResourceData, answer: Any) -> Live | None:
    """Return the last reading of a wait, which saves another one."""
    found = None if answer is None else model(table, resource, answer)
    return None if found is None else Live(resource.id, found)


def _noun(type_: str) -> str:
    """Return what people call a type: "state machine"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type_.rpartition("::")[2]).lower()
