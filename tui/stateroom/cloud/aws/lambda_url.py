"""Handlers of AWS::Lambda::Url and AWS::Lambda::EventInvokeConfig: one for each function, version or alias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import AS_IS, Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import ResourceData
from stateroom.model.values import Value

_PARTS = Form(AS_IS.to_api, without_empty)  # answers have what is not set, as nothing


class OfQualifier(DeclaredHandler):
    """What a function has once for itself and once for each version or alias."""

    service = "lambda"
    address = {}
    overwrites = True
    retry = CHANGING
    reason = "waiting for the function"

    def arguments(
        self, call: ApiCall, resource: ResourceData, address: Mapping[str, Value] | None = None, at_hand: Any = None
    ) -> dict[str, Any]:
        """Return arguments without the qualifier that means the function itself."""
        found = super().arguments(call, resource, address, at_hand)
        return {name: value for name, value in found.items() if (name, value) != ("Qualifier", "$LATEST")}


class UrlHandler(OfQualifier):
    """Function URL. Ref is the ARN of the function or alias."""

    type = "AWS::Lambda::Url"
    ref = "{FunctionArn}"
    parent = {"FunctionName": "{TargetFunctionArn}", "Qualifier": "{Qualifier}"}
    creating = ApiCall("create_function_url_config")
    reading = ApiCall("get_function_url_config")
    locating = ApiCall("get_function_url_config", answer="FunctionArn")
    updating = {"": ApiCall("update_function_url_config")}
    deleting = ApiCall("delete_function_url_config")
    settings = {
        "AuthType": Setting(unset="NONE"),
        "Cors": Setting(_PARTS, unset={}),
        "InvokeMode": Setting(unset="BUFFERED"),
    }
    attributes = {"FunctionArn": "{answer[FunctionArn]}", "FunctionUrl": "{answer[FunctionUrl]}"}


class EventInvokeConfigHandler(OfQualifier):
    """Async invocation settings. Ref is `function|qualifier`."""

    type = "AWS::Lambda::EventInvokeConfig"
    parent = {"FunctionName": "{FunctionName}", "Qualifier": "{Qualifier}"}
    creating = ApiCall("put_function_event_invoke_config")
    reading = ApiCall("get_function_event_invoke_config")
    updating = {"": ApiCall("put_function_event_invoke_config", whole=True)}  # what is not given is reset
    deleting = ApiCall("delete_function_event_invoke_config")
    # A role that was just made cannot reach the destination yet.
    retry = {**CHANGING, "InvalidParameterValueException": ("permissions", "assume")}
    reason = "waiting until the function may reach its destination"
    settings = {
        "DestinationConfig": Setting(_PARTS),
        **settings_of("MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
    }

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return function and qualifier, `$LATEST` where none is given."""
        return f"{resource.inputs['FunctionName']}|{resource.inputs.get('Qualifier', '$LATEST')}"
