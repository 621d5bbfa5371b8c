"""AWS calls on the wire: which operation a request is, and what an error looks like in its protocol."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

# The name a request is signed for, where it is not the name of the boto3 client.
_CLIENT_NAMES = {"states": "stepfunctions", "monitoring": "cloudwatch"}
_XML_SERVICES = frozenset({"iam", "sns", "sts", "s3", "cloudformation"})
_REST_SERVICES = frozenset({"apigateway", "apigatewayv2", "lambda", "s3", "scheduler", "pipes"})


def identify(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """(service, operation) of a request, by boto3's names; ("", "") parts where it cannot be told."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("Authorization") or "")
    service = _CLIENT_NAMES.get(scope[1], scope[1]) if scope else ""
    if service == "apigateway" and target.startswith("/v2/"):
        service = "apigatewayv2"
    if rpc := headers.get("X-Amz-Target"):
        return service, rpc.rsplit(".", 1)[-1]
    if service in _REST_SERVICES:
        return service, _rest_operation(service, method, target, headers)
    action = re.search(rb"(?:^|&)Action=(\w+)", body) or re.search(rb"[?&]Action=(\w+)", target.encode())
    return service, action[1].decode() if action else ""


class _Route(NamedTuple):
    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]  # parameters that must be there
    headers: frozenset[str]  # likewise, lower-cased
    rank: tuple[int, int]  # the most specific route that fits is meant


def _rest_operation(service: str, method: str, target: str, headers: Mapping[str, str]) -> str:
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True).keys()
    names = {name.lower() for name in headers}
    for route in _routes(service):
        given = route.query <= query and route.headers <= names
        if given and route.method == method and route.path.fullmatch(parts.path):
            return route.operation
    return ""


@functools.cache
def _routes(service: str) -> list[_Route]:
    """A REST service's operations from botocore's own description, most specific first."""
    from botocore.loaders import Loader

    model: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return sorted((_route(name, model) for name in model["operations"]), key=lambda route: route.rank, reverse=True)


def _route(name: str, model: dict[str, Any]) -> _Route:
    operation = model["operations"][name]
    uri = urlsplit(operation["http"]["requestUri"])
    path = re.sub(r"\\\{\w+(\\\+)?\\\}", lambda found: ".+" if found[1] else "[^/]+", re.escape(uri.path))
    query, headers = set(parse_qs(uri.query, keep_blank_values=True)), set()
    shape = model["shapes"][operation["input"]["shape"]] if "input" in operation else {}
    for member in shape.get("required", []):
        described = shape["members"][member]
        if described.get("location") == "querystring":
            query.add(described["locationName"])
        elif described.get("location") == "header":
            headers.add(described["locationName"].lower())
    rank = (len(query) + len(headers), len(re.sub(r"\{[^}]*\}", "", uri.path)))
    method = operation["http"]["method"]
    return _Route(name, method, re.compile(path + "/?"), frozenset(query), frozenset(headers), rank)


def error(service: str, headers: Mapping[str, str], code: str, message: str) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of an error answer in the protocol that the request spoke."""
    common = [("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000")]
    if service in _XML_SERVICES and not headers.get("X-Amz-Target"):
        inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        body = f"<Error>{inner}</Error>"
        if service != "s3":
            body = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>0</RequestId></ErrorResponse>"
        return [*common, ("Content-Type", "text/xml")], f'<?xml version="1.0"?>{body}'.encode()
    answer = json.dumps({"__type": code, "message": message, "Message": message})
    return [*common, ("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-ErrorType", code)], answer.encode()
