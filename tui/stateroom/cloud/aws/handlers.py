"""Handler registry by resource type; a module is imported at the first use of its types."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.handler_base import Artifacts, HandlerFactory
from stateroom.cloud.provider import Handler

# The middle of `AWS::Lambda::Function` → the module with its handlers, a tuple named HANDLERS.
_MODULES: Final[Mapping[str, str]] = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigatewayv2",
    "CertificateManager": "acm",
    "CloudFront": "cloudfront",
    "CloudWatch": "cloudwatch",
    "Cognito": "cognito",
    "DynamoDB": "dynamodb",
    "ECR": "ecr",
    "Events": "events",
    "IAM": "iam",
    "IoT": "iot",
    "KMS": "kms",
    "Kinesis": "kinesis",
    "Lambda": "lambda_",
    "Logs": "logs",
    "Pipes": "pipes",
    "S3": "s3",
    "SNS": "sns",
    "Scheduler": "scheduler",
    "SQS": "sqs",
    "SSM": "ssm",
    "SecretsManager": "secretsmanager",
    "StepFunctions": "stepfunctions",
}
_CUSTOM: Final = "custom"  # the framework's custom resources
MODULES: Final = (*_MODULES.values(), _CUSTOM)


class HandlerTable:
    """Table of handlers, one a type, created on first use. Thread-safe."""

    def __init__(self, clients: Clients, artifacts: Artifacts) -> None:
        self._clients = clients
        self._artifacts = artifacts
        self._handlers: dict[str, Handler] = {}
        self._loaded: set[str] = set()
        self._lock = threading.Lock()

    def get(self, type_: str) -> Handler | None:
        """Return a type's handler: its own, else Cloud Control's, or None for a type that is not AWS's."""
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
            factories: Sequence[HandlerFactory] = importlib.import_module(f"stateroom.cloud.aws.{module}").HANDLERS
            for factory in factories:
                handler = factory(self._clients, self._artifacts)
                self._handlers[handler.type] = handler
            self._loaded.add(module)
