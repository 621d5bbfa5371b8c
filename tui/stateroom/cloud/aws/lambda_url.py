"""Handlers of AWS::Lambda::Url and AWS::Lambda::EventInvokeConfig."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.lambda_function import CHANGING
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Value, reveal

_URL_DEFAULTS: Final[Mapping[str, Value]] = {"AuthType": "NONE", "Cors": {}, "InvokeMode": "BUFFERED"}
_INVOKE_SETTINGS: Final = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")


class UrlHandler(AwsHandler):
    """Function URL. Ref is the ARN of the function or alias: there is one URL for each."""

    type = "AWS::Lambda::Url"
    settable = _URL_DEFAULTS.keys() | {"Qualifier", "TargetFunctionArn"}
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the URL."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        arguments = {**_where(inputs, "TargetFunctionArn"), **pick(inputs, _URL_DEFAULTS)}
        answer = yield from retry_while(
            lambda: api.create_function_url_config(**arguments), CHANGING, "waiting for the function"
        )
        yield Identified(str(answer["FunctionArn"]))
        return str(answer["FunctionArn"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the URL and its settings, or None."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        answer = none_if_missing(lambda: api.get_function_url_config(**_where(inputs, "TargetFunctionArn")))
        if answer is None:
            return None
        here = pick(inputs, ("TargetFunctionArn", "Qualifier"))
        found = pick(answer, ("AuthType", "Cors", "InvokeMode", "FunctionArn", "FunctionUrl"))
        return without_empty({**found, "Cors": without_empty(found.get("Cors") or {}), **here})

    def update(self, resource: ResourceData) -> Task[None]:
        """Update the changed settings in one call."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        settings = {name: inputs.get(name, unset) for name, unset in _URL_DEFAULTS.items() if name in resource.changed}
        if settings:
            arguments = {**_where(inputs, "TargetFunctionArn"), **settings}
            update = lambda: api.update_function_url_config(**arguments)  # noqa: E731
            yield from retry_while(update, CHANGING, "waiting for the function")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the URL."""
        where, api = _where(reveal(resource.inputs), "TargetFunctionArn"), self._clients("lambda")
        delete = lambda: none_if_missing(lambda: api.delete_function_url_config(**where))  # noqa: E731
        yield from retry_while(delete, CHANGING, "waiting for the function")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the function's address."""
        there = self.read(resource)
        return None if there is None else Existing(str(there["FunctionArn"]))


class EventInvokeConfigHandler(AwsHandler):
    """Async invocation settings, one set for each function, version or alias."""

    type = "AWS::Lambda::EventInvokeConfig"
    settable = frozenset({*_INVOKE_SETTINGS, "FunctionName", "Qualifier"})
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Put the settings."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        arguments = {**_where(inputs, "FunctionName"), **pick(inputs, _INVOKE_SETTINGS)}
        put = lambda: api.put_function_event_invoke_config(**arguments)  # noqa: E731
        yield from retry_while(put, _UNREADY, "waiting until the function may reach its destination")
        physical_id = f"{inputs['FunctionName']}|{inputs.get('Qualifier', '$LATEST')}"
        yield Identified(physical_id)
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the settings, or None."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        answer = none_if_missing(lambda: api.get_function_event_invoke_config(**_where(inputs, "FunctionName")))
        if answer is None:
            return None
        found = pick(answer, _INVOKE_SETTINGS)
        destinations = {name: value for name, value in (found.get("DestinationConfig") or {}).items() if value}
        return without_empty(
            {**found, "DestinationConfig": destinations, **pick(inputs, ("FunctionName", "Qualifier"))}
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Put the settings again; those not given are reset to AWS's defaults."""
        yield from self.create(resource)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the settings."""
        where, api = _where(reveal(resource.inputs), "FunctionName"), self._clients("lambda")
        delete = lambda: none_if_missing(lambda: api.delete_function_event_invoke_config(**where))  # noqa: E731
        yield from retry_while(delete, CHANGING, "waiting for the function")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the function's settings."""
        if self.read(resource) is None:
            return None
        return Existing(
            f"{reveal(resource.inputs['FunctionName'])}|{reveal(resource.inputs.get('Qualifier', '$LATEST'))}"
        )


# A role that was just made cannot reach the destination yet.
_UNREADY: Final = {**CHANGING, "InvalidParameterValueException": ("permissions", "assume")}


def _where(inputs: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the function and its qualifier as arguments, without qualifier for `$LATEST`."""
    where = {"FunctionName": str(inputs[name])}
    qualifier = str(inputs.get("Qualifier") or "")
    return {**where, "Qualifier": qualifier} if qualifier and qualifier != "$LATEST" else where
