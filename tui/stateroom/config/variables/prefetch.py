"""Find the remote values that a document's variables name literally, to read them in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stateroom.config.variables.expression import Call, Expression, ExpressionError, Text, parse_text
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Lookup, Scope
from stateroom.errors import ConfigError
from stateroom.model.remote import RemoteRequest
from stateroom.model.values import Value

ToRequest = Callable[[Lookup], RemoteRequest | None]


def requests_ahead(scope: Scope, resolver: Resolver, kinds: Mapping[str, ToRequest]) -> Iterator[RemoteRequest]:
    """Yield a request for each `${ssm:/name}` and the like; other stages are left out."""
    for document in [resolver.document, *filter(None, resolver.documents.values())]:
        for call in _calls(_of_this_stage(document.value, scope.stage_of(resolver))):
            address, params = _literal(call.address), _literal(call.params)
            if call.source not in kinds or address is None or params is None:
                continue
            try:
                request = kinds[call.source](Lookup(scope, resolver, address.strip(), params.strip()))
            except (ConfigError, ExpressionError):
                continue  # reported when it is needed
            if request is not None:
                yield request


def _of_this_stage(value: Value, stage: str) -> Value:
    if not isinstance(value, Mapping):
        return value
    kept = {key: item for key, item in value.items() if key not in ("params", "stages")}
    for key in ("params", "stages"):
        block = value.get(key)
        if isinstance(block, Mapping):
            kept[key] = [block.get("default"), block.get(stage)]
    return kept


def _calls(value: Value) -> Iterator[Call]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _calls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _calls(item)
    elif isinstance(value, str) and "${" in value:
        try:
            yield from _calls_in(parse_text(value))
        except ExpressionError:
            return  # reported when it is needed


def _calls_in(text: Text) -> Iterator[Call]:
    for piece in text:
        if isinstance(piece, Expression):
            yield from _alternatives(piece)


def _alternatives(expression: Expression) -> Iterator[Call]:
    for alternative in expression.alternatives:
        if isinstance(alternative, Call):
            yield alternative
        elif isinstance(alternative, Expression):
            yield from _alternatives(alternative)


def _literal(text: Text | None) -> str | None:
    """Return the text if it has no variable; "" for None."""
    pieces = text or ()
    return "".join(str(piece) for piece in pieces) if all(isinstance(piece, str) for piece in pieces) else None
