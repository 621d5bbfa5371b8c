"""Which module handles a type. Modules are imported when one of their types is first asked for."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.provider import Handler

# The middle of `AWS::Lambda::Function` → the module with its handlers, a tuple named HANDLERS.
_MODULES: Final[Mapping[str, str]] = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigatewayv2",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "Lambda": "lambda_",
    "Logs": "logs",
    "S3": "s3",
    "SNS": "sns",
    "Scheduler": "scheduler",
    "SQS": "sqs",
    "StepFunctions": "stepfunctions",
}
_CUSTOM: Final = "custom"  # the framework's custom resources
MODULES: Final = (*_MODULES.values(), _CUSTOM)


class HandlerTable:
    """One handler instance a type, made on first use; may be asked from many threads."""

    def __init__(self, clients: Clients, artifacts: Callable[[str], bytes]) -> None:
        self._clients = clients
        self._artifacts = artifacts
        self._handlers: dict[str, Handler] = {}
        self._loaded: set[str] = set()
        self._lock = threading.Lock()

    def get(self, type_: str) -> Handler | None:
        """The type's handler, Cloud Control's for other types of AWS, or None when the type is not AWS's."""
        if type_ not in self._handlers:
            parts = type_.split("::")
            module = _MODULES.get(parts[1]) if len(parts) == 3 and parts[0] == "AWS" else None
            module = _CUSTOM if parts[0] == "Custom" else module
            if module:
                self._load(module)
            if type_ not in self._handlers and parts[0] == "AWS":
                return self._by_cloud_control(type_)
        return self._handlers.get(type_)

    def _by_cloud_control(self, type_: str) -> Handler:
        from stateroom.cloud.aws.cloudcontrol import CloudControlHandler

        with self._lock:
            return self._handlers.setdefault(type_, CloudControlHandler(self._clients, type_))

    def _load(self, module: str) -> None:
        with self._lock:
            if module in self._loaded:
                return
            for handler_class in importlib.import_module(f"stateroom.cloud.aws.{module}").HANDLERS:
                handler = self._make(handler_class)
                self._handlers[handler.type] = handler
            self._loaded.add(module)

    def _make(self, handler_class: Any) -> Handler:
        takes_code = getattr(handler_class, "takes_artifacts", False)
        handler: Handler = handler_class(self._clients, self._artifacts) if takes_code else handler_class(self._clients)
        return handler
