"""Table of a resource type: what it says, and the few things that it may do its own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.calls import is_missing, none_if_missing, retry_while
from stateroom.cloud.aws.declared.call import ApiCall, Names, properties_in
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, lookup
from stateroom.cloud.aws.declared.settle import Settling, is_leaving
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Value

# What services answer a create that meets something of its name.
EXISTS: Final = frozenset(
    {
        "AlreadyExistsException",
        "ConflictException",
        "EntityAlreadyExists",
        "ResourceAlreadyExistsException",
        "ResourceConflictException",
        "ResourceExistsException",
        "ResourceInUseException",
    }
)


class TypeTable(AwsHandler):
    """Calls, settings, tags and states of one type (docs/architecture.md, How to add a type)."""

    service: ClassVar[str]  # botocore's name: "sqs"
    ref: ClassVar[str]  # template of the physical id, of the create's answer and the inputs: "{QueueUrl}"
    parent: ClassVar[Mapping[str, Value]] = {}  # arguments of every call: {"ApiId": "{ApiId}"}
    address: ClassVar[Mapping[str, Value]]  # arguments of every call but the create: {"QueueUrl": "{id}"}
    creating: ClassVar[ApiCall]
    reading: ClassVar[ApiCall | Listing]
    updating: ClassVar[Mapping[str, ApiCall]] = {}  # by group of settings, in this order
    deleting: ClassVar[ApiCall | None] = None
    locating: ClassVar[ApiCall | None] = None  # its answer is the id that goes with a name
    listing: ClassVar[Listing | None] = None
    settings: ClassVar[Mapping[str, Setting]]
    attributes: ClassVar[Mapping[str, Value]] = {}  # read-only property → template: {"Arn": "{answer[QueueArn]}"}
    tagging: ClassVar[Tagging | None] = None
    settling: ClassVar[Settling | None] = None
    leaving: ClassVar[Mapping[str, frozenset[str]]] = {}  # member → states of what is gone already; none: any value
    gone: ClassVar[tuple[str, float] | None] = None  # what is waited for after a deletion; seconds of pauses
    camel: ClassVar[bool] = False  # the API's arguments begin with a small letter
    looks_first: ClassVar[bool] = False  # the create would answer with another's, or make a second one
    missing: ClassVar[tuple[str, ...]] = ()  # error codes that mean "not found", beyond the usual ones
    exists: ClassVar[tuple[str, ...]] = ()  # error codes of a create that mean "exists already", beyond the usual ones
    retry: ClassVar[Mapping[str, Sequence[str]]] = {}  # errors after which every write is tried again
    reason: ClassVar[str] = "waiting for AWS to be ready for the change"

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "settings" in cls.__dict__ and "settable" not in cls.__dict__:
            named = properties_in(cls.parent) | properties_in(cls.creating.arguments)
            cls.settable = named | cls.settings.keys() | ({cls.tagging.property} if cls.tagging else set())

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Return what a create or update sends, put right where one setting depends on another."""
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return properties of an answer, without parents, attributes and tags."""
        there = {
            name: (item, lookup(answer, item.answered or self.spelled(name, item)))
            for name, item in self.settings.items()
        }
        return {name: item.form.from_api(value) for name, (item, value) in there.items() if value is not None}

    def spelled(self, name: str, item: Setting) -> str:
        """Return the API's name of a setting."""
        return item.name or (f"{name[:1].lower()}{name[1:]}" if self.camel else name)

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return the physical id, of the create's answer and the inputs. Raises KeyError where these do not tell it."""
        if made is None and "{answer" in self.ref:
            raise KeyError(self.ref)
        return str(self.names(resource, made).fill(self.ref))

    def meets_another(self, error: Exception) -> bool:
        """Tell whether a create failed because something of its name exists."""
        return error_code(error) in {*EXISTS, *self.exists}

    def is_same(self, item: Mapping[str, Any], resource: ResourceData) -> bool:
        """Tell whether a listed item is what a create of this resource would make again."""
        return self.listing is not None and self.listing.alike(item, resource.inputs)

    def settle(self, resource: ResourceData, answer: Any) -> Task[Any]:
        """Wait until a write has been carried out; return the last reading, or None without one."""
        if self.settling is None:
            return None
        name, read = resource.id, lambda: self.answer(resource)
        latest = yield from self.settling.wait(name, answer, read)
        return None if latest is answer else latest

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Do what has to be done first: disable, empty, detach."""
        yield from ()

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return what the reading call answers; None when there is no such resource, or when it is leaving."""
        listed = isinstance(self.reading, Listing)
        found = _listed(self, resource) if listed else self.ask(self.reading, resource)  # type: ignore[arg-type]
        gone = found is not None and not even_leaving and is_leaving(found, self.leaving)
        return None if gone else found

    def items(self, listing: Listing, resource: ResourceData) -> Iterator[dict[str, Any]]:
        """Yield the items of a listing; none when the parent is gone."""
        arguments = self.arguments(listing.call, resource, self.parent)
        try:
            yield from listing.items(self.client, arguments)
        except Exception as error:
            if not is_missing(error, *self.missing):
                raise

    def ask(
        self, call: ApiCall, resource: ResourceData, address: Mapping[str, Value] | None = None, at_hand: Any = None
    ) -> Any:
        """Call what reads; None when there is no such thing."""
        operation, arguments = self.operation(call), self.arguments(call, resource, address, at_hand)
        found = none_if_missing(lambda: operation(**arguments), *self.missing)
        return lookup(found, call.answer) if call.answer and found is not None else found

    def send(self, call: ApiCall, arguments: Mapping[str, Any], *, missing_is_fine: bool = False) -> Task[Any]:
        """Call what writes, again while the service is not ready; return the member of the answer that counts."""
        operation = self.operation(call)
        plain = lambda: operation(**arguments)  # noqa: E731
        once = (lambda: none_if_missing(plain, *self.missing)) if missing_is_fine else plain
        retry = {**self.retry, **call.retry}
        found = yield from retry_while(once, retry, call.reason or self.reason, deadline=call.deadline)
        return lookup(found, call.answer) if call.answer else found

    def operation(self, call: ApiCall) -> Any:
        """Return the client's method."""
        return getattr(self.client, call.operation)

    @property
    def client(self) -> Any:
        """Return boto3's client of the service."""
        return self._clients(self.service)

    def arguments(
        self, call: ApiCall, resource: ResourceData, address: Mapping[str, Value] | None = None, at_hand: Any = None
    ) -> dict[str, Any]:
        """Return the arguments that say which resource, and those that a call always has."""
        names = self.names(resource, at_hand)
        where = {**self.parent, **self.address} if address is None else address
        return {**(names.fill_all(where) if call.addressed else {}), **names.fill_all(call.arguments)}

    def names(self, resource: ResourceData, at_hand: Any = None) -> Names:
        """Return what templates may name, with the answer at hand: of a create, or of a reading."""
        return Names(self._clients, resource, lambda: self.answer(resource), at_hand)


def _listed(table: TypeTable, resource: ResourceData) -> dict[str, Any] | None:
    """Return the item of the reading listing that has the resource's id."""
    listing: Any = table.reading
    items = table.items(listing, resource)
    return next((item for item in items if table.names(resource, item).fill(listing.id) == resource.id), None)
