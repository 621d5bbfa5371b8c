"""Handler of all other types through the Cloud Control API: one set of calls for every type.

It runs CloudFormation's own handlers, so it takes the properties as they are written, and needs seconds where a
service's own API is immediate (Cloud Control API user guide). Emulators store the request without creating anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients, backoff, next_token, none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.aws.throttling import is_aws
from stateroom.cloud.ownership import names_resource
from stateroom.cloud.provider import Identified, Owner, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.values import Properties, Value, reveal

_BUSY: Final[Mapping[str, tuple[str, ...]]] = {
    "ConcurrentOperationException": (),
    "HandlerInternalFailureException": (),
    "ServiceLimitExceededException": ("throttl", "rate"),
    "ThrottlingException": (),
}
# A request's HandlerErrorCode → the code under which the rest of the program knows it.
_CODES: Final = {
    "AlreadyExists": "ResourceAlreadyExistsException",
    "NotFound": "ResourceNotFoundException",
    "AccessDenied": "AccessDeniedException",
    "Throttling": "ThrottlingException",
}
# HandlerErrorCodes of requests that may be sent again (Cloud Control API reference, ProgressEvent).
_PASSING: Final = frozenset({"NotStabilized", "ServiceInternalError", "Throttling"})
_AGAIN: Final = 120.0  # seconds
_ENDED: Final = frozenset({"SUCCESS", "FAILED", "CANCEL_COMPLETE"})
# The type cannot be had through Cloud Control, or the endpoint does not have the API.
_UNAVAILABLE: Final = frozenset(
    {"404", "TypeNotFoundException", "UnknownOperationException", "UnsupportedActionException"}
)
_DEADLINE: Final = 1800.0  # seconds; a distribution or a database takes its time


class CloudControlHandler(AwsHandler):
    """Any type of Cloud Control. Ref is the identifier, or its part that the cloud chose."""

    def __init__(self, clients: Clients, type_: str) -> None:
        super().__init__(clients)
        self.type = type_
        self._facts = facts(type_)

    @property
    def answered_by(self) -> str:
        """`Cloud Control of http://127.0.0.1:4566` where that is not AWS's; "" where it is."""
        endpoint = self._clients.endpoint_url or str(self._clients("cloudcontrol").meta.endpoint_url)
        return "" if is_aws(endpoint) else f"Cloud Control of {endpoint}"

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the resource, with owner tags where the type has tags, and wait for completion."""
        state = json.dumps(self._tagged(resource.inputs, resource.owner))
        identifier = yield from self._request("create_resource", DesiredState=state)
        return self._physical_id(identifier)

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the full model from CloudFormation's read handler, or None."""
        model = self._model(self._identifier(resource.id, resource.inputs))
        if model is not None and self._facts.tags in model:
            current_tags = tags.user_tags(tags.from_list(model[self._facts.tags]))
            model[self._facts.tags] = current_tags if self._maps_tags() else tags.as_list(current_tags)
        return None if model is None else without_empty(model)

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch the changed top-level properties."""
        identifier, wanted = (
            self._identifier(resource.id, resource.inputs),
            self._tagged(resource.inputs, resource.owner),
        )
        there = self._model(identifier) or {}
        name = self._facts.tags
        if name in resource.changed:
            known = tags.known_keys(resource.previous, property=name)
            kept = tags.replacing(tags.from_list(there.get(name)), tags.from_list(wanted.get(name)), known)
            wanted[name] = kept if self._maps_tags() else tags.as_list(kept)
        patch: list[dict[str, Value]] = [
            {"op": "add", "path": f"/{name}", "value": wanted[name]}
            for name in sorted(resource.changed)
            if name in wanted
        ]
        patch += [
            {"op": "remove", "path": f"/{name}"}
            for name in sorted(resource.changed)
            if name not in wanted and name in there
        ]
        if not patch:
            return
        yield from self._request("update_resource", Identifier=identifier, PatchDocument=json.dumps(patch))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the resource and wait until it is gone."""
        yield from self._request("delete_resource", Identifier=self._identifier(resource.id, resource.inputs))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for what these inputs name; without a name, for the one whose tags name the owner."""
        named = self._named(resource.inputs)
        for identifier in [named] if named else self._listed():
            model = self._model(identifier)
            if model is None:
                continue
            current_tags = tags.from_list(model.get(self._facts.tags)) if self._facts.tags else None
            if named:
                return Existing(self._physical_id(identifier), current_tags)
            if current_tags and names_resource(current_tags, resource.owner):
                return Existing(self._physical_id(identifier), current_tags, collides=False)
        return None

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Tags of the resource; empty for a type that bears none."""
        model = self._model(self._identifier(resource.id, resource.inputs))
        return None if model is None else tags.from_list(model.get(self._facts.tags) if self._facts.tags else None)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._clients("cloudcontrol"), operation)(**arguments)
        except Exception as error:
            if error_code(error) not in _UNAVAILABLE:
                raise
            raise CloudError(
                f"stateroom cannot manage {self.type} here",
                why=f"it has no handler of its own, and Cloud Control does not offer the type ({error_code(error)})",
                todo="leave the resource out of the config, and make it by other means",
                code=error_code(error),
                refused=operation == "create_resource",
            ) from None
        return answer

    def _model(self, identifier: str) -> dict[str, Any] | None:
        get = lambda: self._call("get_resource", TypeName=self.type, Identifier=identifier)  # noqa: E731
        answer = none_if_missing(get)
        return None if answer is None else dict(json.loads(answer["ResourceDescription"]["Properties"]))

    def _listed(self) -> Iterator[str]:
        token = ""
        while True:
            page = self._call("list_resources", TypeName=self.type, **({"NextToken": token} if token else {}))
            for item in page.get("ResourceDescriptions") or ():
                yield str(item["Identifier"])
            token = next_token(page, "NextToken", token)
            if not token:
                return

    def _request(self, operation: str, **arguments: str) -> Task[str]:
        """Request a change, again if it ends in a passing trouble; return the resource's identifier."""
        event = yield from self._ended(operation, arguments)
        for pause in backoff("", _AGAIN, first=2.0, longest=20.0):
            if not self._is_passing(event, operation):
                break
            yield replace(pause, reason=f"Cloud Control ended with {event['ErrorCode']}, asking again: {self.type}")
            event = yield from self._ended(operation, arguments)
        self._check(event, operation)
        return str(event.get("Identifier") or "")

    def _ended(self, operation: str, arguments: Mapping[str, str]) -> Task[Mapping[str, Any]]:
        """Send one request and wait for its end."""
        ask = lambda: self._call(operation, TypeName=self.type, **arguments)  # noqa: E731
        answer = yield from retry_while(ask, _BUSY, "waiting for Cloud Control")
        event, identified = answer["ProgressEvent"], False
        for pause in backoff(f"waiting for Cloud Control: {self.type}", _DEADLINE, first=0.5, longest=5.0):
            identifier = str(event.get("Identifier") or "")
            if identifier and not identified and operation == "create_resource":
                yield Identified(self._physical_id(identifier))
                identified = True
            if event["OperationStatus"] in _ENDED:
                return dict(event)
            yield pause
            event = self._call("get_resource_request_status", RequestToken=event["RequestToken"])["ProgressEvent"]
        raise CloudError(
            f"gave up after {_DEADLINE / 60:.0f} min: {self.type}",
            why="Cloud Control accepted the request but did not finish it in time",
            todo="run the same command again: it looks first what became of it",
            code="Timeout",
            passes=True,
        )

    def _is_passing(self, event: Mapping[str, Any], operation: str) -> bool:
        """Tell whether a request that failed may succeed now. A create that has made something is not sent again."""
        if event["OperationStatus"] != "FAILED" or event.get("ErrorCode") not in _PASSING:
            return False
        made = str(event.get("Identifier") or "") if operation == "create_resource" else ""
        return not made or self._model(made) is None

    def _check(self, event: Mapping[str, Any], operation: str) -> None:
        """Raise the error of a failed request. Deleting a missing resource is no failure."""
        reason = str(event.get("ErrorCode") or event["OperationStatus"])
        if event["OperationStatus"] == "SUCCESS" or (operation == "delete_resource" and reason == "NotFound"):
            return
        from botocore.exceptions import ClientError

        error = {"Code": _CODES.get(reason, reason), "Message": str(event.get("StatusMessage") or "")}
        raise ClientError({"Error": error}, "".join(part.capitalize() for part in operation.split("_")))

    def _tagged(self, inputs: Properties, owner: Owner) -> dict[str, Value]:
        name, plain = self._facts.tags, dict(reveal(inputs))
        if not name:
            return plain
        wanted_tags = tags.wanted(plain, owner, property=name)
        return plain | {name: wanted_tags if self._maps_tags() else tags.as_list(wanted_tags)}

    def _maps_tags(self) -> bool:
        shape = self._facts.shape.get(self._facts.tags)
        return isinstance(shape, Mapping) and "m" in shape

    def _identifier(self, physical_id: str, inputs: Properties) -> str:
        """Return the compound identifier of the inputs and the part that the cloud chose."""
        parts = self._facts.identifier
        if len(parts) < 2:
            return physical_id
        compound = "|".join(str(reveal(inputs.get(part, physical_id))) for part in parts)
        # An emulator may name what it keeps in its own way.
        return physical_id if self.answered_by and self._model(compound) is None else compound

    def _physical_id(self, identifier: str) -> str:
        parts, values = self._facts.identifier, identifier.split("|")
        if len(parts) < 2 or len(parts) != len(values):
            return identifier
        chosen = [value for part, value in zip(parts, values, strict=True) if part in self._facts.schema.read_only]
        return (chosen or values)[-1]

    def _named(self, inputs: Properties) -> str:
        """Return the identifier if it follows from the inputs alone."""
        parts = [reveal(inputs.get(part)) for part in self._facts.identifier]
        return "|".join(map(str, parts)) if parts and all(parts) else ""
