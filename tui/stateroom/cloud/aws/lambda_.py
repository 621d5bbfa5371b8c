"""Handlers of AWS Lambda's resource types."""

from __future__ import annotations

from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.lambda_alias import AliasHandler
from stateroom.cloud.aws.lambda_function import FunctionHandler
from stateroom.cloud.aws.lambda_layer import LayerVersionHandler, LayerVersionPermissionHandler
from stateroom.cloud.aws.lambda_mapping import EventSourceMappingHandler
from stateroom.cloud.aws.lambda_permission import PermissionHandler
from stateroom.cloud.aws.lambda_url import EventInvokeConfigHandler, UrlHandler
from stateroom.cloud.aws.lambda_version import VersionHandler

HANDLERS: tuple[HandlerFactory, ...] = (
    FunctionHandler,
    PermissionHandler,
    EventSourceMappingHandler,
    VersionHandler,
    AliasHandler,
    LayerVersionHandler,
    LayerVersionPermissionHandler,
    UrlHandler,
    EventInvokeConfigHandler,
)
