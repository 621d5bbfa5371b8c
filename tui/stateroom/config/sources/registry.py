"""Which sources there are, and what they need to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.config.document import Document
from stateroom.config.sources.aws import aws
from stateroom.config.sources.env import env
from stateroom.config.sources.file import file
from stateroom.config.sources.opt import opt
from stateroom.config.sources.param import param
from stateroom.config.sources.scope import Lookup, Scope
from stateroom.config.sources.self_ import self_
from stateroom.config.sources.sls import sls
from stateroom.config.sources.str_to_bool import str_to_bool
from stateroom.config.variables import Resolver, Source
from stateroom.model.values import Value

ScopedSource: TypeAlias = Callable[[Lookup], Value]

SOURCES: Final[Mapping[str, ScopedSource]] = {
    "aws": aws,
    "env": env,
    "file": file,
    "opt": opt,
    "param": param,
    "self": self_,
    "sls": sls,
    "strToBool": str_to_bool,
}
LATER: Final = frozenset(
    {"ssm", "cf", "s3", "git", "terraform", "vault", "doppler", "output", "app", "construct", "service"}
)


def resolver_for(document: Document, scope: Scope) -> Resolver:
    """A resolver of the document's variables with every source, asked on behalf of `scope`."""
    return Resolver(document, {name: _bound(source, scope) for name, source in SOURCES.items()}, LATER)


def _bound(source: ScopedSource, scope: Scope) -> Source:
    return lambda resolver, address, params: source(Lookup(scope, resolver, address, params))
