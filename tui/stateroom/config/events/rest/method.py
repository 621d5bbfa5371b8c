"""Methods of a REST API and their integrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.events.event import PARTITION, REGION, fn_join
from stateroom.config.events.rest.authorizer import authorization
from stateroom.config.events.rest.endpoint import Endpoint
from stateroom.config.events.rest.templates import request_templates
from stateroom.config.naming import permission_id
from stateroom.model.values import Value

# Which errors of a function become which status, when the event does not say: by what its message contains.
_OK: Final = {"200": {"pattern": ""}}
_ANYTHING: Final = r"[\s\S]*"
_STATUSES: Final[Mapping[str, Mapping[str, Value]]] = {
    **_OK,
    **{code: {"pattern": rf"{_ANYTHING}\[{code}\]{_ANYTHING}"} for code in ("400", "401", "403", "404", "422")},
    "500": {"pattern": rf"{_ANYTHING}(Process\s?exited\s?before\s?completing\s?request|\[500\]){_ANYTHING}"},
    "502": {"pattern": rf"{_ANYTHING}\[502\]{_ANYTHING}"},
    "504": {"pattern": rf"({_ANYTHING}\[504\]{_ANYTHING})|(.*Task timed out after \d+\.\d+ seconds$)"},
}


def add_method(
    build: Compilation, endpoint: Endpoint, api_id: Value, resource_id: Value, checks: Mapping[str, Value]
) -> None:
    """Add the method; `checks` are its request validation properties."""
    event, authorizer = endpoint.event, endpoint.authorizer
    properties = {
        "HttpMethod": endpoint.method,
        "RequestParameters": {name: _required(value) for name, value in endpoint.parameters.items()},
        "ResourceId": resource_id,
        "RestApiId": api_id,
        "OperationName": endpoint.options.get("operationId"),
        "ApiKeyRequired": bool(endpoint.options.get("private")),
        **authorization(authorizer),
        "Integration": _integration(build, endpoint),
        "MethodResponses": _method_responses(endpoint),
        **checks,
    }
    own = authorizer is not None and authorizer.arn is not None
    first = authorizer.logical_id if authorizer and own else permission_id(event.key, "ApiGateway")
    build.add(endpoint.method_id, "AWS::ApiGateway::Method", properties, event.path, depends_on=(first, *event.after))


def _required(value: Value) -> Value:
    return value.get("required", True) if isinstance(value, Mapping) else value


def requires_parameters(endpoint: Endpoint) -> bool:
    """Tell whether API Gateway must reject a request without some parameter."""
    return any(_required(value) for value in endpoint.parameters.values())


def _integration(build: Compilation, endpoint: Endpoint) -> dict[str, Value]:
    options, request, response = endpoint.options, endpoint.request, endpoint.response
    everywhere = build.service.lookup("provider", "apiGateway", "timeoutInMillis")
    integration: dict[str, Value] = {
        "IntegrationHttpMethod": "POST",
        "Type": endpoint.integration,
        "TimeoutInMillis": options.get("timeoutInMillis") or everywhere,
        "ResponseTransferMode": response.get("transferMode") if not endpoint.mapped else None,
    }
    if endpoint.integration in ("AWS", "AWS_PROXY"):
        streams = response.get("transferMode") == "STREAM"
        integration["Uri"] = _function_uri(endpoint, streams=streams)
    elif endpoint.integration in ("HTTP", "HTTP_PROXY"):
        integration |= {
            "IntegrationHttpMethod": str(request.get("method") or endpoint.method).upper(),
            "Uri": request.get("uri"),
        }
        if options.get("connectionType"):
            integration |= {"ConnectionType": "VPC_LINK", "ConnectionId": options.get("connectionId")}
    if endpoint.mapped:
        default = "NEVER" if endpoint.integration == "AWS" else None
        integration |= {
            "PassthroughBehavior": request.get("passThrough") or default,
            "ContentHandling": request.get("contentHandling"),
            "RequestTemplates": _request_templates(endpoint),
            "IntegrationResponses": _integration_responses(endpoint),
        }
    if options.get("async") or (endpoint.parameters and endpoint.integration in ("AWS", "HTTP", "HTTP_PROXY")):
        integration["RequestParameters"] = _passed_parameters(endpoint)
    return {key: value for key, value in integration.items() if value is not None}


def _function_uri(endpoint: Endpoint, *, streams: bool) -> Value:
    function = endpoint.event.function
    version, call = ("2021-11-15", "response-streaming-invocations") if streams else ("2015-03-31", "invocations")
    alias = (":", function.alias) if function.alias else ()
    path = f":lambda:path/{version}/functions/"
    return fn_join("arn:", PARTITION, ":apigateway:", REGION, path, function.arn, *alias, f"/{call}")


def _request_templates(endpoint: Endpoint) -> Value:
    claims = endpoint.authorizer.claims if endpoint.authorizer else ()
    templates: dict[str, Value] = dict(request_templates(claims)) if endpoint.integration == "AWS" else {}
    for content_type, template in (endpoint.request.get("template") or {}).items():
        if template is None:
            templates.pop(content_type, None)
        else:
            templates[content_type] = template
    return templates or None


def _passed_parameters(endpoint: Endpoint) -> dict[str, Value]:
    """Map each integration parameter to its source."""
    passed: dict[str, Value] = {}
    for name, value in endpoint.parameters.items():
        mapped = value.get("mappedValue") if isinstance(value, Mapping) else None
        passed[f"integration.{name.removeprefix('method.')}"] = mapped or name
    if endpoint.options.get("async"):
        passed["integration.request.header.X-Amz-Invocation-Type"] = "'Event'"
    return passed


def _statuses(endpoint: Endpoint) -> Mapping[str, Mapping[str, Any]]:
    """Map status codes to their settings: the event's own, else all that a function's errors map to."""
    response = endpoint.response
    if endpoint.integration == "MOCK":
        return {str(code): config or {} for code, config in (response.get("statusCodes") or {}).items()}
    if endpoint.integration == "HTTP" and not response:
        return _OK
    if not response.get("statusCodes"):
        return _STATUSES
    statuses = {str(code): config or {} for code, config in response["statusCodes"].items()}
    if not any(config.get("pattern") == "" for config in statuses.values()):
        statuses |= _OK
    return dict(sorted(statuses.items()))


def _headers(endpoint: Endpoint) -> dict[str, Value]:
    headers: dict[str, Value] = {}
    if endpoint.cors:
        headers["Access-Control-Allow-Origin"] = f"'{endpoint.cors.answer}'"
        if endpoint.cors.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
    return {**headers, **(endpoint.response.get("headers") or {})}


def _integration_responses(endpoint: Endpoint) -> list[Value]:
    response, everywhere = endpoint.response, _headers(endpoint)
    answers: list[Value] = []
    for code, config in _statuses(endpoint).items():
        headers = {**everywhere, **(config.get("headers") or {})}
        answer = {
            "StatusCode": code,
            "SelectionPattern": config.get("pattern") or "",
            "ResponseParameters": {f"method.response.header.{name}": value for name, value in headers.items()},
            "ResponseTemplates": {**_as_json(response.get("template")), **_as_json(config.get("template"))},
        }
        if code.startswith("2") and response.get("contentHandling"):
            answer["ContentHandling"] = response["contentHandling"]
        answers.append(answer)
    return answers


def _as_json(template: Value) -> dict[str, Value]:
    if not template:
        return {}
    return dict(template) if isinstance(template, Mapping) else {"application/json": template}


def _method_responses(endpoint: Endpoint) -> list[Value]:
    if not endpoint.mapped:
        return []
    everywhere = _headers(endpoint)
    return [
        {
            "StatusCode": code,
            "ResponseParameters": {
                f"method.response.header.{name}": True for name in (*everywhere, *(config.get("headers") or {}))
            },
            "ResponseModels": {},
        }
        for code, config in _statuses(endpoint).items()
    ]
