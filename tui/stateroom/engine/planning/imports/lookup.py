"""Find an object by what a person calls it: its id, its name, or its ARN."""

from __future__ import annotations

from collections.abc import Iterator

from stateroom.cloud.provider import Owner, Provider
from stateroom.errors import CloudError
from stateroom.model.resource import Live, Resource
from stateroom.model.values import Properties


def look_up_object(provider: Provider, resource: Resource, text: str, inputs: Properties, owner: Owner) -> Live | None:
    """Return the reading of the object under the id that a state keeps, or None when there is none.

    Args:
        provider: the cloud.
        resource: what the object becomes.
        text: what the user calls it.
        inputs: properties of the config that are known; they locate parts of other resources.
        owner: for whom it is looked up.

    Raises:
        CloudError: the cloud cannot be asked.
    """
    name = provider.schema(resource.type).name_property
    trouble: CloudError | None = None
    for candidate in _candidates(text):
        for id_ in (candidate, _located(provider, resource.type, {**inputs, name: candidate}, owner) if name else ""):
            try:
                live = provider.read(resource.type, id_, inputs) if id_ else None
            except CloudError as error:
                trouble = trouble or error
                continue
            if live is not None:
                return _under_own_id(provider, resource, live, text, inputs, owner)
    if trouble is not None and not trouble.code.startswith(("Validation", "Invalid")):
        raise trouble
    return None


def _candidates(text: str) -> Iterator[str]:
    """Yield the text, and the parts of an ARN that may be a name, the longest first."""
    yield text
    if text.startswith("arn:"):
        rest = text.split(":", 5)[-1].removesuffix(":*")  # log-group:/aws/lambda/x, function:x, secret:x-AbCdEf, x
        yield rest
        yield from (rest[at + 1 :] for at, letter in enumerate(rest) if letter in ":/" and rest[at + 1 :])
        # Names that begin with a slash, and those with an id behind them: connection/NAME/ID.
        yield from (rest[at:] for at, letter in enumerate(rest) if letter == "/" and at)
        yield from rest.replace(":", "/").split("/")[:-1]


def _located(provider: Provider, type_: str, inputs: Properties, owner: Owner) -> str:
    """Return the id of what a create with these inputs would meet; "" when it would meet nothing."""
    try:
        found = provider.ownership(type_, inputs, owner)
    except CloudError:
        return ""
    return found.physical_id if found else ""


def _under_own_id(
    provider: Provider, resource: Resource, live: Live, text: str, inputs: Properties, owner: Owner
) -> Live:
    """Return a reading under the id that Ref answers, where it was read by an ARN or a name."""
    type_, schema = resource.type, provider.schema(resource.type)
    name = schema.name_property
    if not name:
        return _by_last_part(provider, type_, live, text, inputs) if "Arn" in schema.read_only else live
    known = (live.properties.get(name), inputs.get(name), *_candidates(text))
    for candidate in dict.fromkeys(item for item in known if isinstance(item, str) and not item.startswith("arn:")):
        own = _located(provider, type_, {**inputs, name: candidate}, owner)
        if own == live.physical_id:
            return live
        again = provider.read(type_, own, inputs) if own else None
        if again is not None and _is_one(again, live, name):
            return again
    return live


def _by_last_part(provider: Provider, type_: str, live: Live, text: str, inputs: Properties) -> Live:
    """Return a reading by the id in an ARN: of a type without a name whose ARN is an attribute, the id is in it."""
    for candidate in _candidates(text):
        again = provider.read(type_, candidate, inputs) if not candidate.startswith("arn:") else None
        if again is not None and _is_one(again, live, ""):
            return again
    return live


def _is_one(this: Live, other: Live, name: str) -> bool:
    """Whether two readings are of one object: by its ARN where the type has one, else by all but its name."""
    arns = this.properties.get("Arn"), other.properties.get("Arn")
    if all(arns):
        return bool(arns[0] == arns[1])
    rest = [{key: value for key, value in live.properties.items() if key != name} for live in (this, other)]
    return rest[0] == rest[1]
