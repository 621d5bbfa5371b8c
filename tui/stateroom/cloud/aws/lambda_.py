"""The handlers of AWS Lambda's resource types."""

from __future__ import annotations

from stateroom.cloud.aws.lambda_function import FunctionHandler
from stateroom.cloud.aws.lambda_mapping import EventSourceMappingHandler
from stateroom.cloud.aws.lambda_permission import PermissionHandler

HANDLERS: tuple[type, ...] = (FunctionHandler, PermissionHandler, EventSourceMappingHandler)
