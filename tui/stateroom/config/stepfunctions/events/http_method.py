"""Checked `http` event of a state machine, and its REST API method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.key_types import key_types
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.event import PARTITION, REGION, Event, fn_join
from stateroom.config.events.rest.authorizer import Authorizer, authorization, authorizer_of
from stateroom.config.events.rest.cors import Cors, cors_of
from stateroom.config.events.rest.endpoint import METHODS, Endpoint
from stateroom.config.function import Function
from stateroom.config.service import Service
from stateroom.config.stepfunctions.events.http_templates import lambda_proxy_templates, start_templates
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

ROLE: Final = "ApigatewayToStepFunctionsRole"
_KEYS: Final = key_types(
    """path:text method:text cors:flag|map private:flag authorizer action:text request:map response:map responses:map
    iamRole:scalar timeoutInMillis:number"""
)
_REQUEST: Final = key_types("template:text|map schemas:map")
_RESPONSE: Final = key_types("headers:map template:map")
_STATUS: Final = key_types("statusCode selectionPattern:text responseParameters:map responseTemplates:map")
_TRACE: Final = "X-Amzn-Trace-Id"  # a header that functions' APIs allow and machines' do not
_START: Final = "StartExecution"
_ANSWERS: Final[Mapping[str, Mapping[str, Value]]] = {"200": {"selectionPattern": ""}, "400": {}}


@dataclass(frozen=True, slots=True)
class StartMethod:
    """Method that calls Step Functions. `path` has no slash at either end."""

    machine: Machine
    event: Event
    path: str
    method: str  # upper case
    options: Mapping[str, Value]
    cors: Cors | None
    authorizer: Authorizer | None

    @property
    def action(self) -> str:
        """Step Functions API action."""
        return str(self.options.get("action") or _START)

    @property
    def role(self) -> Value:
        """Role that the event gives, or None."""
        return self.options.get("iamRole")

    @property
    def endpoint(self) -> Endpoint:
        """Event as an endpoint of the REST API."""
        request = self.options.get("request") or {}
        return Endpoint(
            self.event, self.path, self.method, "AWS", self.options, request, {}, {}, self.cors, self.authorizer
        )


def read_start(build: Compilation, machine: Machine, path: KeyPath, functions: Mapping[str, Function]) -> StartMethod:
    """Read an event. Raises ConfigError."""
    service = build.service
    value = service.lookup(*path)
    # The REST API's rooms ask an event for its function's key only; the machine's stands in for it.
    event = Event(Function(machine.key, machine.label, {}), "http", value, 1, 1, path, functions)
    options = event.options(service, "route", {**_KEYS, **key_types("route:text")})
    route = options.pop("route", None)
    if route is not None:
        method, _, text = str(route).strip().partition(" ")
        options |= {"method": method, "path": text.strip() or None}
    for name in ("path", "method"):
        if not isinstance(options.get(name), str) or (name == "method" and not options[name]):
            raise event.error(service, f"no {name}", todo="write it so: - http: POST orders")
    method = str(options["method"]).upper()
    if method not in METHODS:
        raise event.error(service, f"{options['method']} is not a method", todo=suggestion(method, METHODS))
    _check(service, path)
    cors = cors_of(service, event, method)
    if cors and not service.lookup(*path, "cors", "headers"):
        cors = replace(cors, headers=tuple(header for header in cors.headers if header != _TRACE))
    authorizer = authorizer_of(service, event, "AWS_PROXY")
    return StartMethod(machine, event, str(options["path"]).strip().strip("/"), method, options, cors, authorizer)


def _check(service: Service, path: KeyPath) -> None:
    for key, known in (("request", _REQUEST), ("response", _RESPONSE)):
        service.check(known, (), *path, key)
    for code in service.mapping(*path, "responses") if service.lookup(*path, "responses") else ():
        service.check(_STATUS, (), *path, "responses", code)


def method_properties(build: Compilation, start: StartMethod) -> dict[str, Value]:
    """Return the method's properties, without resource and API ids."""
    everywhere = build.service.lookup("provider", "apiGateway", "timeoutInMillis")
    answers = _answers(start)
    integration = {
        "IntegrationHttpMethod": "POST",
        "Type": "AWS",
        "Credentials": start.role if start.role is not None else {"Fn::GetAtt": [ROLE, "Arn"]},
        "Uri": fn_join("arn:", PARTITION, ":apigateway:", REGION, f":states:action/{start.action}"),
        "PassthroughBehavior": "WHEN_NO_TEMPLATES" if start.options.get("action") else "NEVER",
        "RequestTemplates": _request_templates(start),
        "TimeoutInMillis": start.options.get("timeoutInMillis") or everywhere or None,
        "IntegrationResponses": answers,
    }
    own = {f"method.response.header.{name}": True for name in _headers(start)}
    codes = dict.fromkeys(["200", "400", *(answer["StatusCode"] for answer in answers)])
    return {
        "HttpMethod": start.method,
        "RequestParameters": {},
        "ApiKeyRequired": bool(start.options.get("private")),
        **authorization(start.authorizer),
        "Integration": {key: value for key, value in integration.items() if value is not None},
        "MethodResponses": [
            {
                "StatusCode": code,
                "ResponseModels": {},
                "ResponseParameters": {**_told(code, own, answers), **_origin(start, True)},
            }
            for code in codes
        ],
    }


def _told(code: str, own: Mapping[str, Value], answers: list[dict[str, Value]]) -> dict[str, Value]:
    """Return the headers of a response with this status."""
    named = [answer for answer in answers if answer["StatusCode"] == code]
    found = {name: True for answer in named for name in answer["ResponseParameters"]}
    return {**(own if code == "200" else {}), **found}


def _headers(start: StartMethod) -> Mapping[str, Value]:
    response = start.options.get("response") or {}
    return response.get("headers") or {}


def _origin(start: StartMethod, value: Value = None) -> dict[str, Value]:
    if start.cors is None:
        return {}
    name = "method.response.header.Access-Control-Allow-Origin"
    return {name: value if value is not None else f"'{start.cors.answer}'"}


def _answers(start: StartMethod) -> list[dict[str, Value]]:
    """Return integration responses: the event's own, else one for success and one for an error."""
    response = start.options.get("response") or {}
    given = start.options.get("responses")
    answers: list[dict[str, Value]] = []
    for code, config in (given or _ANSWERS).items():
        written = {} if config is None else dict(config)
        if given is None and code == "200":
            headers = {f"method.response.header.{name}": value for name, value in _headers(start).items()}
            written |= {"responseParameters": headers, "responseTemplates": response.get("template") or {}}
        answers.append(
            {
                "StatusCode": str(written.get("statusCode") or code),
                "SelectionPattern": str(written.get("selectionPattern", code)),
                "ResponseParameters": {**(written.get("responseParameters") or {}), **_origin(start)},
                "ResponseTemplates": written.get("responseTemplates") or {},
            }
        )
    return answers


def _request_templates(start: StartMethod) -> Value:
    template = (start.options.get("request") or {}).get("template")
    if template == "lambda_proxy":
        return lambda_proxy_templates(start.machine)
    if isinstance(template, Mapping):
        return {**start_templates(start.machine), **template}
    return {} if start.options.get("action") else start_templates(start.machine)
