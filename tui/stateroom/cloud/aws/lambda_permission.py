"""Handler of AWS::Lambda::Permission: one statement of a function's resource policy."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.lambda_function import CHANGING
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_RETRIED: Final[Mapping[str, Sequence[str]]] = {
    **CHANGING,
    "InvalidParameterValueException": ("principal was invalid",),  # a role that was just made
    "PreconditionFailedException": (),
}
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


class PermissionHandler(AwsHandler):
    """Permission statement. Ref is its statement id, derived from its owner, so a lost answer does no harm."""

    type = "AWS::Lambda::Permission"
    settable = frozenset({*_ARGUMENTS, "FunctionName"})
    batch_from = 2  # one policy holds them all

    def create(self, resource: ResourceData) -> Task[str]:
        """Add the statement, or correct the existing one with our id."""
        physical_id = _statement_id(resource.inputs, resource.owner)
        if self.read(resource.at(physical_id)) is not None:
            yield Identified(physical_id)
            yield from self.update(resource.whole(physical_id))
        else:
            yield from self._add(physical_id, resource.inputs)
            yield Identified(physical_id)
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the statement as properties, or None when the function or the statement is gone."""
        statement = self._statements(resource.inputs).get(resource.id)
        return None if statement is None else _model(statement)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all statements of one function from its policy."""
        statements = self._statements(requests[0].inputs)
        for request in requests:
            statement = statements.get(request.physical_id)
            live = None if statement is None else Live(request.physical_id, _model(statement))
            yield Reading(request.key, live)

    def update(self, resource: ResourceData) -> Task[None]:
        """Replace the statement; a temporary one keeps callers allowed meanwhile."""
        if not resource.changed & frozenset(_ARGUMENTS):
            return
        stand_in = f"{resource.id[: _ID_LENGTH - 5]}-next"
        self._remove(stand_in, resource.inputs)
        yield from self._add(stand_in, resource.inputs)
        self._remove(resource.id, resource.inputs)
        yield from self._add(resource.id, resource.inputs)
        self._remove(stand_in, resource.inputs)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the statement; a missing function is a success."""
        yield from retry_while(
            lambda: self._remove(resource.id, resource.inputs), _RETRIED, "waiting for the function's policy to be free"
        )

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the statement with the derived id."""
        physical_id = _statement_id(resource.inputs, resource.owner)
        return Existing(physical_id) if self.read(resource.at(physical_id)) is not None else None

    def _statements(self, inputs: Properties) -> dict[str, Mapping[str, Any]]:
        function = _function(inputs)
        answer = none_if_missing(lambda: self._clients("lambda").get_policy(FunctionName=function))
        statements = json.loads(answer["Policy"]).get("Statement", ()) if answer else ()
        return {statement["Sid"]: statement for statement in statements}

    def _add(self, statement_id: str, inputs: Properties) -> Task[None]:
        arguments = {name: inputs[name] for name in _ARGUMENTS if name in inputs}
        call = lambda: self._clients("lambda").add_permission(  # noqa: E731
            FunctionName=_function(inputs), StatementId=statement_id, **reveal(arguments)
        )
        yield from retry_while(call, _RETRIED, "waiting for the function's policy to be free")

    def _remove(self, statement_id: str, inputs: Properties) -> None:
        function = _function(inputs)
        none_if_missing(
            lambda: self._clients("lambda").remove_permission(FunctionName=function, StatementId=statement_id)
        )


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
