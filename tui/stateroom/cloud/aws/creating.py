"""Create, whatever becomes of the answer: what an earlier attempt has made is found and completed, never made twice."""

from __future__ import annotations

from typing import Final

from stateroom.cloud import tags
from stateroom.cloud.aws.attempt import Attempt
from stateroom.cloud.aws.calls import backoff, was_repeated
from stateroom.cloud.aws.errors import answer_was_lost, translate
from stateroom.cloud.aws.settling import JustMade, complete, make
from stateroom.cloud.aws.shapes import name_taken
from stateroom.cloud.provider import Handler, Identified, Owner, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code, error_response
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value

# What services say when a create meets something that is there already.
_EXISTS: Final = frozenset(
    {
        "ActivityAlreadyExists",
        "AlreadyExistsException",
        "ConflictException",
        "DuplicateProviderException",
        "EntityAlreadyExists",
        "FunctionAlreadyExists",
        "GroupExistsException",
        "OriginAccessControlAlreadyExists",
        "ParameterAlreadyExists",
        "QueueAlreadyExists",
        "QueueNameExists",
        "RepositoryAlreadyExistsException",
        "ResourceAlreadyExistsException",
        "ResourceConflictException",
        "ResourceExistsException",
        "ResourceInUseException",
        "StateMachineAlreadyExists",
    }
)


def create(
    handler: Handler, inputs: Properties, owner: Owner, attempt: Attempt, just_made: JustMade
) -> Task[str | Live]:
    """Create by a handler. Finds what an attempt whose answer was lost has made, and completes it.

    Raises:
        CloudError: the name is taken by something that this create has not made.
    """
    resource = ResourceData(inputs=inputs, owner=owner)
    if handler.overwrites:
        _refuse_what_is_there(handler, resource)
    lost = False
    for pause in backoff("the answer to a create was lost: looking for what it made", 5.0, first=0.5):
        try:
            return (yield from make(handler, resource, just_made))
        except Exception as error:
            exists = error_code(error) in _EXISTS
            if not exists and not answer_was_lost(error):
                raise
            lost = lost or not exists or was_repeated(error)
            attempt.begun = attempt.begun or lost
            found = handler.locate(resource)
            if found is not None and _is_this_creates(found, owner, lost=lost):
                return (yield from _finish(handler, resource.at(found.physical_id), just_made))
            if exists:
                raise _taken(handler, error, inputs) from None
        yield pause
    return (yield from make(handler, resource, just_made))


def _refuse_what_is_there(handler: Handler, resource: ResourceData) -> None:
    """Look before a create whose API writes over what it finds, or answers it as if it had been made just now.

    Nothing of this create's own can be there yet: what an earlier run began has been taken into the state.
    """
    found = handler.locate(resource)
    if found is not None and not _is_this_creates(found, resource.owner, lost=False):
        raise name_taken(handler.type, name_of(handler.type, resource.inputs) or found.physical_id, "", "")


def _finish(handler: Handler, resource: ResourceData, just_made: JustMade) -> Task[str | Live]:
    just_made.note(resource.id)
    yield Identified(resource.id)
    return (yield from complete(handler, resource))


def _taken(handler: Handler, error: Exception, inputs: Properties) -> CloudError:
    name = name_of(handler.type, inputs)
    response = error_response(error)
    if not name or response is None:
        return translate(error, f"could not create {handler.type}", inputs)
    return name_taken(handler.type, name, response.code, response.operation)


def _is_this_creates(found: Existing, owner: Owner, *, lost: bool) -> bool:
    """Whether what a create met is its own earlier work; what bears no tags only if an answer was lost before."""
    return lost if found.tags is None else tags.owned_by(found.tags, owner)


def name_of(type_: str, inputs: Properties) -> str:
    """Return the name that a resource is asked to have; "" where it has none."""
    value: Value = inputs.get(facts(type_).schema.name_property or "")
    return value if isinstance(value, str) else ""
