"""Resolver of type terraform: outputs of Terraform states, `${terraform:outputs:queue_url}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from stateroom.config.document.numbers import parse_number
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.config.variables.sources.cloud import read_remote
from stateroom.errors import TrustError
from stateroom.model.remote import RemoteRequest, StoredObject, WebDocument
from stateroom.model.values import Secret, Value
from stateroom.programs.access import ProgramUse
from stateroom.programs.known import WEB


def terraform(lookup: Lookup, config: Mapping[str, Value]) -> Value:
    """Return an output, or a value in it: `outputs:table.arn`. A sensitive one is a secret."""
    kind, _, address = lookup.address.partition(":")
    if kind != "outputs" or not address:
        raise ExpressionError(f"{lookup.address} is not an output", f"write ${{{lookup.source}:outputs:name}}")
    answer = read_remote(lookup, _request(lookup, config))
    if not isinstance(answer, str):
        raise ExpressionError(f"the Terraform state of {lookup.source} does not exist", "check the resolver's place")
    name, *path = address.split(".")
    output = _outputs(lookup, answer).get(name)
    if not isinstance(output, Mapping) or "value" not in output:
        return MISSING
    value: Value = output["value"]
    for part in path:
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return MISSING
    return Secret(value) if output.get("sensitive") and value is not None else value


def _outputs(lookup: Lookup, text: str) -> Mapping[str, Value]:
    try:
        state = json.loads(text, parse_float=parse_number)
    except ValueError:
        state = None
    outputs = state.get("outputs") if isinstance(state, dict) else None
    if not isinstance(outputs, dict):
        raise ExpressionError(f"what {lookup.source} points to is not a Terraform state", "check the resolver's place")
    return outputs


def _request(lookup: Lookup, config: Mapping[str, Value]) -> RemoteRequest:
    backend = config.get("backend")
    if backend == "s3":
        bucket, key = _text(lookup, config, "bucket"), _text(lookup, config, "key")
        return StoredObject(bucket, key, str(config.get("region") or lookup.region or ""), lookup.profile)
    if backend == "http":
        password = config.get("password")
        address = _text(lookup, config, "address")
        _check_trusted(lookup, address)
        secret = password if isinstance(password, Secret) or password is None else Secret(str(password))
        return WebDocument(address, str(config.get("username") or ""), secret)
    raise ExpressionError(
        f"{lookup.source}: the backend {backend} is not supported" if backend else f"{lookup.source}: no backend",
        "use backend: s3 or backend: http",
    )


def _check_trusted(lookup: Lookup, address: str) -> None:
    """Check that this project may send a request to an address that it chooses. Raises TrustError."""
    resolver = lookup.resolver
    files = (resolver.document.file.resolve(), *(path.resolve() for path in resolver.documents))
    host = urlsplit(address).hostname or "somewhere"
    use = ProgramUse(WEB, f"read the Terraform state of {lookup.source} from {host}", tuple(dict.fromkeys(files)))
    if refusal := lookup.scope.programs.ask(use):
        raise TrustError(f"{lookup.source} is not read: its state is at {host}", todo=refusal)


def _text(lookup: Lookup, config: Mapping[str, Value], name: str) -> str:
    value = config.get(name)
    if not isinstance(value, str) or not value:
        raise ExpressionError(f"{lookup.source}: no {name}", f"add {name}: to the resolver")
    return value
