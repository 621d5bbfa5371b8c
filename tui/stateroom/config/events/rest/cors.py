"""CORS of a REST API: `cors` of events, and the OPTIONS method that answers preflight requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stateroom.config.compilation import as_list
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, checked_options
from stateroom.config.service import Service
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """allowCredentials:flag cacheControl:text headers:texts maxAge:number methods:texts origin:text
    origins:texts"""
)
_HEADERS: Final = (
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)
_ANY: Final = "DELETE,GET,HEAD,PATCH,POST,PUT"


@dataclass(frozen=True, slots=True)
class Cors:
    """CORS settings. `origin` is one text, `origins` several."""

    origin: str | None
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    credentials: bool
    max_age: Value = None  # seconds
    cache_control: Value = None

    @property
    def answer(self) -> str:
        """Origin that a mapped response allows."""
        return ",".join(self.origins) or str(self.origin)

    def joined(self, later: Cors) -> Cors:
        """Merge the settings of two methods of one path; the later one wins."""
        return Cors(
            later.origin,
            _both(later.origins, self.origins),
            _both(later.methods, self.methods),
            _both(later.headers, self.headers),
            self.credentials or later.credentials,
            later.max_age or self.max_age,
            later.cache_control or self.cache_control,
        )


def _both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def cors_of(service: Service, event: Event, method: str) -> Cors | None:
    """Read the event's `cors`. Raises ConfigError."""
    value = service.lookup(*event.path, "cors") if isinstance(event.value, Mapping) else None
    if not value:
        return None
    cors = Cors("*", (), ("OPTIONS", method), _HEADERS, False)
    if value is True:
        return cors
    options = checked_options(service, _KEYS, *event.path, "cors")
    methods = _texts(options.get("methods"))
    origins = _texts(options.get("origins"))
    if intrinsic(options.get("origin")):
        raise event.error(service, "not a literal text", "cors", "origin", todo="write the origin out")
    return replace(
        cors,
        origin=str(options["origin"]) if options.get("origin") else None if origins else "*",
        origins=origins,
        methods=_both(methods, ("OPTIONS", method)),
        headers=_texts(options.get("headers")) or _HEADERS,
        credentials=bool(options.get("allowCredentials")),
        max_age=options.get("maxAge"),
        cache_control=options.get("cacheControl"),
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(item) for item in as_list(value))


def preflight(cors: Cors) -> dict[str, Any]:
    """Return the properties of an OPTIONS method with a mock integration, without resource and API ids."""
    origins = cors.origins
    if cors.origin and "," in cors.origin:
        origins = tuple(origin.strip() for origin in cors.origin.split(","))
    headers = {
        "Access-Control-Allow-Origin": f"'{origins[0] if origins else cors.origin}'",
        "Access-Control-Allow-Headers": f"'{','.join(cors.headers)}'",
        "Access-Control-Allow-Methods": f"'{','.join(cors.methods)}'",
    }
    if "ANY" in cors.methods:
        allowed = headers["Access-Control-Allow-Methods"]
        headers["Access-Control-Allow-Methods"] = allowed.replace("ANY", _ANY, 1)
    if cors.credentials:
        headers["Access-Control-Allow-Credentials"] = "'true'"
    if cors.max_age:
        headers["Access-Control-Max-Age"] = f"'{cors.max_age}'"
    if cors.cache_control:
        headers["Cache-Control"] = f"'{cors.cache_control}'"
    answer = {
        "StatusCode": "200",
        "ResponseParameters": {f"method.response.header.{name}": value for name, value in headers.items()},
        "ResponseTemplates": {"application/json": _chosen_origin(origins) if origins else ""},
    }
    told = {
        "StatusCode": "200",
        "ResponseParameters": dict.fromkeys(answer["ResponseParameters"], True),
        "ResponseModels": {},
    }
    return {
        "AuthorizationType": "NONE",
        "HttpMethod": "OPTIONS",
        "MethodResponses": [told],
        "RequestParameters": {},
        "Integration": {
            "Type": "MOCK",
            "RequestTemplates": {"application/json": "{statusCode:200}"},
            "ContentHandling": "CONVERT_TO_TEXT",
            "IntegrationResponses": [answer],
        },
    }


def _chosen_origin(origins: tuple[str, ...]) -> str:
    """Return a Velocity template that echoes the caller's origin if it is allowed; `*` matches anything."""
    patterns = [origin.replace(".", "[.]").replace("*", ".+", 1) for origin in origins]
    tests = " || ".join(f'$origin.matches("{pattern}")' for pattern in patterns)
    return "\n".join(
        (
            '#set($origin = $input.params("Origin"))',
            '#if($origin == "") #set($origin = $input.params("origin")) #end',
            f"#if({tests}) #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin) #end",
        )
    )
