"""Registry of variable sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.config.document.document import Document
from stateroom.config.document.suggestions import suggestion
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import Resolver, Source
from stateroom.config.variables.scope import Lookup, Scope
from stateroom.config.variables.sources.cloud import aws, cf, s3, ssm
from stateroom.config.variables.sources.custom import custom, resolver_config
from stateroom.config.variables.sources.env import env
from stateroom.config.variables.sources.file import file
from stateroom.config.variables.sources.git import git
from stateroom.config.variables.sources.opt import opt
from stateroom.config.variables.sources.param import param
from stateroom.config.variables.sources.self_ import self_
from stateroom.config.variables.sources.service import service
from stateroom.config.variables.sources.sls import sls
from stateroom.config.variables.sources.str_to_bool import str_to_bool
from stateroom.model.values import Value

ScopedSource: TypeAlias = Callable[[Lookup], Value]

SOURCES: Final[Mapping[str, ScopedSource]] = {
    "aws": aws,
    "cf": cf,
    "env": env,
    "file": file,
    "git": git,
    "opt": opt,
    "param": param,
    "s3": s3,
    "self": self_,
    "service": service,
    "sls": sls,
    "ssm": ssm,
    "strToBool": str_to_bool,
}
_NEED: Final[Mapping[str, str]] = {
    "app": "the vendor's dashboard",
    "construct": "the lift plugin",
    "doppler": "Doppler",
    "output": "the vendor's dashboard",
    "terraform": "a resolver of type terraform below stages.default.resolvers",
    "vault": "Vault",
}


def resolver_for(document: Document, scope: Scope) -> Resolver:
    """Make a resolver of the document's variables with every source."""
    sources = {name: _bound(name, source, scope) for name, source in SOURCES.items()}
    return Resolver(document, sources, lambda resolver, name: _named(scope, resolver, name))


def _bound(name: str, source: ScopedSource, scope: Scope) -> Source:
    return lambda resolver, address, params: source(Lookup(scope, resolver, address, params, name))


def _named(scope: Scope, resolver: Resolver, name: str) -> Source:
    """Return the source that the document defines by this name. Raises ExpressionError without one."""
    config = resolver_config(scope, resolver, name)
    if config is not None:
        return _bound(name, lambda lookup: custom(lookup, config), scope)
    if name in _NEED:
        todo = f"use ${{env:…}} or ${{param:…}} in place of ${{{name}:…}}"
        raise ExpressionError(f"the variable source {name} needs {_NEED[name]}", todo)
    raise ExpressionError(f"unknown variable source {name}", suggestion(name, SOURCES))
