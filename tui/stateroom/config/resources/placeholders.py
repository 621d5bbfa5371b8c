"""Placeholders for what only a deploy can tell: `${OrdersQueue.Arn}` in place of "known after deploy"."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.config.resources.template import resolve
from stateroom.errors import ConfigError
from stateroom.model.values import UNKNOWN, Value, contains_unknown


class _Placeholders:
    """References (config.resources.template) that answer with their own names, as Fn::Sub writes them."""

    def ref(self, logical_id: str) -> Value:
        """Return `${Queue}`."""
        return f"${{{logical_id}}}"

    def attribute(self, logical_id: str, name: str) -> Value:
        """Return `${Queue.Arn}`."""
        return f"${{{logical_id}.{name}}}"

    def pseudo(self, name: str) -> Value:
        """Return `${AWS::Region}`."""
        return f"${{{name}}}"

    def service_output(self, service: str, name: str) -> Value:
        """Return `${billing.QueueUrl}`."""
        return f"${{{service}.{name}}}"

    def dynamic(self, text: str) -> Value:
        """Return the text as it is written."""
        return text


def with_placeholders(resolved: Value, source: Value) -> Value:
    """Return a resolved value with a placeholder wherever it is UNKNOWN and its source names what it comes from.

    Args:
        resolved: a value after `resolve`.
        source: the same value before, with its intrinsic functions.
    """
    if resolved is UNKNOWN:
        return _named(source)
    if not contains_unknown(resolved):
        return resolved
    if isinstance(resolved, Mapping) and isinstance(source, Mapping):
        return {key: with_placeholders(item, source.get(key, UNKNOWN)) for key, item in resolved.items()}
    if isinstance(resolved, list | tuple) and isinstance(source, list | tuple) and len(resolved) == len(source):
        return [with_placeholders(item, before) for item, before in zip(resolved, source, strict=True)]
    return resolved


def _named(source: Value) -> Value:
    try:
        return source if source is UNKNOWN else resolve(source, _Placeholders())
    except ConfigError:  # a function of a value that is not there, such as Fn::Select
        return UNKNOWN
