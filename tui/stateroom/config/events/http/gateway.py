"""API Gateway settings that REST, HTTP and WebSocket APIs share."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import PARTITION, REGION, Event, checked_options, fn_join
from stateroom.config.service import Service
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """apiKeys:list apiKeySourceType:text binaryMediaTypes:texts description:text disableDefaultEndpoint:flag
    endpoint:map metrics:flag minimumCompressionSize:number resourcePolicy:list restApiId:scalar restApiResources
    restApiRootResourceId:scalar request:map shouldStartNameWithService:flag stage:text timeoutInMillis:number
    usagePlan websocketApiId:scalar"""
)
_LOGS: Final = key_types("frameworkLambda:flag lambda:map httpApi:flag|map restApi:flag|map websocket:flag|map")


def api_gateway(service: Service) -> dict[str, Value]:
    """Return provider.apiGateway, checked. Raises ConfigError."""
    return checked_options(service, _KEYS, "provider", "apiGateway")


def access_logs(service: Service, kind: str, keys: str) -> dict[str, Value] | None:
    """Return provider.logs.<kind>, checked; None without access logs. Raises ConfigError."""
    service.check(_LOGS, (), "provider", "logs")
    path: KeyPath = ("provider", "logs", kind)
    logs = service.lookup(*path)
    if not logs:
        return None
    return {} if logs is True else checked_options(service, key_types(keys), *path)


def add_log_group(build: Compilation, event: Event, logical_id: str, name: str) -> None:
    """Add a log group for an API's access logs."""
    service = build.service
    properties = {
        "LogGroupName": name,
        "RetentionInDays": service.lookup("provider", "logRetentionInDays"),
        "DataProtectionPolicy": service.lookup("provider", "logDataProtectionPolicy"),
    }
    build.add(logical_id, "AWS::Logs::LogGroup", properties, event.path)


def invocation(target: Value) -> Value:
    """Return the URI by which API Gateway invokes a function."""
    path = ":lambda:path/2015-03-31/functions/"
    return fn_join("arn:", PARTITION, ":apigateway:", REGION, path, target, "/invocations")
