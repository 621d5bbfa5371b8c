"""Request validation of a REST API: models, and the one validator that uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event
from stateroom.config.events.rest.endpoint import Endpoint
from stateroom.config.events.rest.method import requires_parameters
from stateroom.config.naming import alphanumeric, upper_first
from stateroom.model.values import Value

_SHARED: Final = key_types("schema:map name:text description:text")
_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def request_checks(build: Compilation, endpoint: Endpoint, api_id: Value) -> dict[str, Value]:
    """Return a method's request validation properties, adding the models and the validator."""
    schemas = endpoint.request.get("schemas") or {}
    if not schemas and not requires_parameters(endpoint):
        return {}
    models = {
        content_type: {"Ref": _model(build, endpoint, api_id, content_type, schema)}
        for content_type, schema in schemas.items()
    }
    validator_id = _validator(build, endpoint.event, api_id)
    return {"RequestValidatorId": {"Ref": validator_id}, "RequestModels": models or None}


def _validator(build: Compilation, event: Event, api_id: Value) -> str:
    service = build.service
    logical_id = f"ApiGateway{alphanumeric(service.app)}RequestValidator"
    if logical_id not in build.resources:
        properties = {
            "RestApiId": api_id,
            "ValidateRequestBody": True,
            "ValidateRequestParameters": True,
            "Name": f"{service.prefix} | Validate request body and querystring parameters",
        }
        build.add(logical_id, "AWS::ApiGateway::RequestValidator", properties, event.path)
    return logical_id


def _model(build: Compilation, endpoint: Endpoint, api_id: Value, content_type: str, schema: Value) -> str:
    """Return the model's logical id: a shared one by name, or the event's own.

    Shared ones are in provider.apiGateway.request.schemas.
    """
    service, event = build.service, endpoint.event
    shared = service.mapping("provider", "apiGateway", "request", "schemas")
    if isinstance(schema, str) and schema in shared:
        service.check(_SHARED, (), "provider", "apiGateway", "request", "schemas", schema)
        logical_id = f"ApiGateway{_camel(schema)}Model"
        schema, content_type = shared[schema], "application/json"
    else:
        logical_id = f"{endpoint.method_id}{''.join(map(upper_first, _WORDS.findall(content_type)))}Model"
    if logical_id not in build.resources:
        named = isinstance(schema, Mapping) and bool(schema.get("schema"))
        properties = {
            "RestApiId": api_id,
            "ContentType": content_type,
            "Schema": schema["schema"] if named else schema,
            "Name": schema.get("name") if named else None,
            "Description": schema.get("description") if named else None,
        }
        build.add(logical_id, "AWS::ApiGateway::Model", properties, event.path)
    return logical_id


def _camel(name: str) -> str:
    """Convert `create-order_request` to `CreateOrderRequest`."""
    return "".join(word.capitalize() for word in _WORDS.findall(name))
