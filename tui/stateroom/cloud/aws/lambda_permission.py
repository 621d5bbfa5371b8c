"""Handler of AWS::Lambda::Permission: one statement of a function's resource policy."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import ListedHandler
from stateroom.cloud.aws.declared.setting import settings_of
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Owner, Reading, ReadRequest, ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_ARGUMENTS: Final = (
    "Action",
    "EventSourceToken",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
)
# Condition key, lower case, of what AddPermission makes of an argument.
_CONDITIONS: Final[Mapping[str, str]] = {
    "aws:principalorgid": "PrincipalOrgID",
    "aws:sourceaccount": "SourceAccount",
    "aws:sourcearn": "SourceArn",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}
_ID_LENGTH: Final = 100


class PermissionHandler(ListedHandler):
    """Permission statement. Ref is its statement id, derived from its owner, so a lost answer does no harm."""

    type = "AWS::Lambda::Permission"
    service = "lambda"
    parent = {"FunctionName": "{FunctionName}"}
    address = {"StatementId": "{id}"}
    batch_from = 2  # one policy holds them all
    looks_first = True
    retry = {
        **CHANGING,
        "InvalidParameterValueException": ("principal was invalid",),  # a role that was just made
        "PreconditionFailedException": (),
    }
    reason = "waiting for the function's policy to be free"
    creating = ApiCall("add_permission")
    reading: ClassVar[ApiCall] = ApiCall("get_policy", answer="Policy")
    deleting = ApiCall("remove_permission")
    settings = settings_of(*_ARGUMENTS)

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return the statement id of the owner's resource."""
        return _statement_id(resource.inputs, resource.owner)

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the statement, or None when the function or the statement is gone."""
        return self._statements(resource).get(resource.id)

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the statement as properties."""
        return _model(answer)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all statements of one function from its policy."""
        statements = self._statements(requests[0].resource)
        for request in requests:
            statement = statements.get(request.physical_id)
            live = None if statement is None else Live(request.physical_id, _model(statement))
            yield Reading(request.key, live)

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Add the statement's id, which a create has to give."""
        return {"StatementId": self.id_of(resource), **settings}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Replace the statement; a temporary one keeps callers allowed meanwhile."""
        if resource.changed & frozenset(_ARGUMENTS):
            stand_in = resource.at(f"{resource.id[: _ID_LENGTH - 5]}-next")
            yield from self.delete(stand_in)
            yield from self._add(stand_in)
            yield from self.delete(resource)
            yield from self._add(resource)
            yield from self.delete(stand_in)
        return None

    def _add(self, resource: ResourceData) -> Task[None]:
        given = reveal({name: resource.inputs[name] for name in _ARGUMENTS if name in resource.inputs})
        yield from self.send(self.creating, {**self.arguments(self.creating, resource), **given})

    def _statements(self, resource: ResourceData) -> dict[str, Mapping[str, Any]]:
        policy = self.ask(self.reading, resource, self.parent)
        return {statement["Sid"]: statement for statement in json.loads(policy or "{}").get("Statement", ())}


def _function(inputs: Properties) -> str:
    return str(reveal(inputs["FunctionName"]))


def _statement_id(inputs: Properties, owner: Owner) -> str:
    function = _function(inputs).rsplit(":function:", 1)[-1]
    parts = (owner.service, owner.stage, owner.logical_id, function, owner.lineage)
    digest = hashlib.sha256("/".join(filter(None, parts)).encode()).hexdigest()[:8]
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", f"{owner.service}-{owner.stage}-{owner.logical_id}")
    return f"{stem[: _ID_LENGTH - 14]}-{digest}"


def _model(statement: Mapping[str, Any]) -> dict[str, Any]:
    conditions = {
        key.lower(): value for test in (statement.get("Condition") or {}).values() for key, value in test.items()
    }
    given = {name: conditions[key] for key, name in _CONDITIONS.items() if key in conditions}
    if "InvokedViaFunctionUrl" in given:
        given["InvokedViaFunctionUrl"] = str(given["InvokedViaFunctionUrl"]).lower() == "true"
    return without_empty(
        {
            "Id": statement["Sid"],
            "FunctionName": statement.get("Resource"),
            "Action": statement.get("Action"),
            "Principal": _principal(statement.get("Principal")),
            **given,
        }
    )


def _principal(value: Value) -> Value:
    if isinstance(value, Mapping):
        value = value.get("Service", value.get("AWS"))
    root = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):root", value) if isinstance(value, str) else None
    return root[1] if root else value
