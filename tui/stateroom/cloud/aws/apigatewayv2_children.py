"""Base handler of an API's children: stages, integrations and routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.apigatewayv2_calls import CONFLICTS, list_items, settings
from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_REFERENCED: Final[Mapping[str, Sequence[str]]] = {**CONFLICTS, "ConflictException": ()}


class ChildHandler(AwsHandler):
    """Kind of API child. Operation names follow a pattern: create_route, get_route, get_routes….

    Attributes:
        noun: as the operations' names have it.
        id_property: the property, or answer field, with the child's id in its API.
        defaults: what can be written, and what unsetting it means; None: leave it.
        identity: the properties that tell it from its siblings.
    """

    batch_from = 2  # one page answers for an API's 500 children
    noun: ClassVar[str]
    id_property: ClassVar[str]
    defaults: ClassVar[Mapping[str, Value]]
    identity: ClassVar[tuple[str, ...]] = ()

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the child."""
        inputs = reveal(resource.inputs)
        arguments = {"ApiId": inputs["ApiId"], **self.create_arguments(inputs, resource.owner)}
        create = self._operation("create")
        answer = yield from retry_while(lambda: create(**arguments), CONFLICTS, "waiting for API Gateway")
        yield Identified(answer[self.id_property])
        return str(answer[self.id_property])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the child, or None; also when its API does not exist."""
        get = self._operation("get")
        answer = none_if_missing(lambda: get(**self._where(resource.id, resource.inputs)))
        return None if answer is None else self._reading(answer, resource.inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all children of each API from one listing."""
        by_api: dict[str, list[ReadRequest]] = {}
        for request in requests:
            by_api.setdefault(str(reveal(request.inputs["ApiId"])), []).append(request)
        for api, asked in by_api.items():
            listed = none_if_missing(lambda api=api: self._list(api)) or {}  # type: ignore[misc]
            for request in asked:
                item = listed.get(request.physical_id)
                model = None if item is None else self._reading(item, request.inputs)
                yield Reading(request.key, None if model is None else Live(request.physical_id, model))

    def update(self, resource: ResourceData) -> Task[None]:
        """Update the changed properties in one call."""
        inputs = reveal(resource.inputs)
        arguments = self.update_arguments(inputs, resource.changed, resource.owner)
        if arguments:
            update, where = self._operation("update"), self._where(resource.id, inputs)
            yield from retry_while(lambda: update(**where, **arguments), CONFLICTS, "waiting for API Gateway")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the child, once nothing refers to it any more."""
        delete, where = self._operation("delete"), self._where(resource.id, resource.inputs)
        call = lambda: none_if_missing(lambda: delete(**where))  # noqa: E731
        yield from retry_while(call, _REFERENCED, f"waiting for what refers to the {self.noun} to go", deadline=30)

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the child with the same identity in the API."""
        inputs = reveal(resource.inputs)
        listed = none_if_missing(lambda: self._list(inputs["ApiId"])) or {}
        found = ((name, item) for name, item in listed.items() if self.is_the_one(item, inputs, resource.owner))
        return next((Existing(name, self.tags_of(item)) for name, item in found), None)

    def create_arguments(self, inputs: Properties, owner: Owner) -> dict[str, Any]:
        """Return the arguments of the create call, without the API's id."""
        return without_empty(pick(inputs, self.defaults))

    def update_arguments(self, inputs: Properties, changed: frozenset[str], owner: Owner) -> dict[str, Any]:
        """Return the arguments of the update call."""
        return settings(inputs, changed, self.defaults)

    def model(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Convert an answer to CloudFormation's properties."""
        return pick(answer, self.defaults)

    def tags_of(self, item: Mapping[str, Any]) -> Mapping[str, str] | None:
        """Tags of a listed child; None for kinds that bear none."""
        return None

    def is_the_one(self, item: Mapping[str, Any], inputs: Properties, owner: Owner) -> bool:
        """Whether a listed child has the identity of the wanted one."""
        return all((item.get(name) or None) == (inputs.get(name) or None) for name in self.identity)

    def _operation(self, verb: str) -> Any:
        return getattr(self._clients("apigatewayv2"), f"{verb}_{self.noun}")

    def _where(self, physical_id: str, inputs: Properties) -> dict[str, str]:
        return {"ApiId": str(reveal(inputs["ApiId"])), self.id_property: physical_id}

    def _list(self, api: str) -> dict[str, dict[str, Any]]:
        items = list_items(self._clients("apigatewayv2"), f"get_{self.noun}s", ApiId=api)
        return {str(item[self.id_property]): item for item in items}

    def _reading(self, answer: Mapping[str, Any], inputs: Properties) -> Properties:
        here = {"ApiId": reveal(inputs["ApiId"]), self.id_property: answer[self.id_property]}
        return without_empty({**self.model(answer), **here})
