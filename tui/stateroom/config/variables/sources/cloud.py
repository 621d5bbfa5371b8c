"""Sources that read AWS: `${ssm:/name}`, `${cf:stack.Output}`, `${s3:bucket/key}` and `${aws:…}`.

All of them accept a region: `${cf(eu-west-1):stack.Output}`; `${aws:ssm:/name}` is the longer form of `${ssm:/name}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.document.numbers import parse_number
from stateroom.config.naming import partition_of
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.prefetch import ToRequest, requests_ahead
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.remote import (
    Account,
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StackOutputs,
    StoredObject,
)
from stateroom.model.values import Secret, Value

_FLAGS: Final = frozenset({"raw", "noDecrypt"})
_S3: Final = ("s3://", "arn:aws:s3:::")


def ssm(lookup: Lookup) -> Value:
    """Return an SSM parameter.

    A StringList is a list, a SecureString a secret; JSON is parsed, unless `raw`.
    """
    answer = read_remote(lookup, _parameter(lookup))
    if not isinstance(answer, ParameterValue):
        return MISSING
    raw = "raw" in _flags(lookup)
    if answer.type == "StringList":
        return answer.value if raw else answer.value.split(",")
    if answer.type != "SecureString":
        return answer.value
    return Secret(answer.value) if raw else _secrets(answer.value)


def _secrets(text: str) -> Value:
    """Return a JSON object's values as secrets, other text as one."""
    if text.lstrip().startswith("{"):
        try:
            return _leaves(json.loads(text, parse_float=parse_number))
        except (ValueError, RecursionError):
            return Secret(text)
    return Secret(text)


def _leaves(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _leaves(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_leaves(item) for item in value]
    return None if value is None else Secret(value)


def cf(lookup: Lookup) -> Value:
    """Return a stack's output; of a stack that a service of the project stands for, that service's."""
    stack, _, name = lookup.address.partition(".")
    service = lookup.scope.siblings.by_stack(stack, _region(lookup)) if name else ""
    if service:
        return lookup.scope.siblings.output(service, name)
    answer = read_remote(lookup, _stack(lookup))
    return answer.get(name, MISSING) if isinstance(answer, Mapping) else MISSING


def s3(lookup: Lookup) -> Value:
    """Return an S3 object's text."""
    answer = read_remote(lookup, _object(lookup))
    return answer if isinstance(answer, str) else MISSING


def aws(lookup: Lookup) -> Value:
    """Return the region, the partition, the account id, or the value of a longer form.

    Without a connection the account stays symbolic: the deploy resolves it.
    """
    kind, _, rest = lookup.address.partition(":")
    if kind in _LONG_FORMS:
        return _LONG_FORMS[kind](replace(lookup, address=rest))
    if lookup.address == "region":
        return _region(lookup)
    if lookup.address == "partition":
        region = _region(lookup)
        return partition_of(region)
    if lookup.address == "accountId":
        return _account(lookup)
    raise ExpressionError(
        f"${{aws:{lookup.address}}} is not known", "there are aws:accountId, aws:region and aws:partition"
    )


def _account(lookup: Lookup) -> Value:
    if lookup.scope.remote.values is None:
        return {"Ref": "AWS::AccountId"}
    try:
        answer = read_remote(lookup, Account(lookup.profile, _region(lookup)))
    except ExpressionError:
        return {"Ref": "AWS::AccountId"}
    return answer if isinstance(answer, str) else {"Ref": "AWS::AccountId"}


def read_remote(lookup: Lookup, request: RemoteRequest) -> RemoteAnswer:
    """Return the answer to a request of a variable. Raises ExpressionError when it cannot be read."""
    params = f"({lookup.params})" if lookup.params else ""
    shown = f"${{{lookup.source}{params}:{lookup.address}}}"
    scope, resolver = lookup.scope, lookup.resolver
    return scope.remote.read(request, shown, lambda: requests_ahead(scope, resolver, REQUESTS))


def _flags(lookup: Lookup) -> set[str]:
    return {word.strip() for word in lookup.params.split(",")} & _FLAGS


def _region(lookup: Lookup) -> str:
    words = [word.strip() for word in lookup.params.split(",") if word.strip() and word.strip() not in _FLAGS]
    if len(words) > 1:
        raise ExpressionError(f"{', '.join(words)}: more than one region", "write one")
    return words[0] if words else lookup.region or lookup.scope.region_of(lookup.resolver)


def _parameter(lookup: Lookup) -> ParameterRequest:
    if not lookup.address:
        raise ExpressionError("ssm names no parameter", "write ${ssm:/path/to/parameter}")
    return ParameterRequest(_region(lookup), lookup.address, "noDecrypt" not in _flags(lookup), lookup.profile)


def _stack(lookup: Lookup) -> StackOutputs:
    stack, _, output = lookup.address.partition(".")
    if not stack or not output:
        raise ExpressionError(f"cf:{lookup.address} names no output of a stack", "write ${cf:stack-name.OutputName}")
    return StackOutputs(_region(lookup), stack, lookup.profile)


def _strange_stack(lookup: Lookup) -> StackOutputs | None:
    request = _stack(lookup)
    return None if lookup.scope.siblings.by_stack(request.stack, request.region) else request


def _object(lookup: Lookup) -> StoredObject:
    address = lookup.address
    for prefix in _S3:
        address = address.removeprefix(prefix)
    bucket, _, key = address.partition("/")
    if not bucket or not key:
        raise ExpressionError(f"s3:{lookup.address} names no object", "write ${s3:bucket/path/of/object}")
    return StoredObject(bucket, key, _region(lookup) if lookup.params else lookup.region, lookup.profile)


def _long_form(lookup: Lookup) -> RemoteRequest | None:
    kind, _, rest = lookup.address.partition(":")
    if kind in REQUESTS:
        return REQUESTS[kind](replace(lookup, address=rest))
    return Account(lookup.profile, _region(lookup)) if lookup.address == "accountId" else None


_LONG_FORMS: Final[Mapping[str, Callable[[Lookup], Value]]] = {"ssm": ssm, "cf": cf, "s3": s3}
REQUESTS: Final[Mapping[str, ToRequest]] = {"ssm": _parameter, "cf": _strange_stack, "s3": _object, "aws": _long_form}
"""What a source's variables ask for, so that they can be asked for together."""
