"""Resolve CloudFormation's dynamic references: `{{resolve:…}}` in a text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from stateroom.config.variables.expression import ExpressionError
from stateroom.model.remote import ParameterRequest, ParameterValue, RemoteAnswer, RemoteRequest, StoredSecret
from stateroom.model.values import Secret, Value

OPENING: Final = "{{resolve:"
_REFERENCE: Final = re.compile(r"\{\{resolve:([A-Za-z-]+):([^{}]+)\}\}")
_SECRET_ARN: Final = 7  # parts of a secret's ARN between colons

Ask = Callable[[RemoteRequest, str], RemoteAnswer]
"""The answer to a request on behalf of the text that asks for it. Raises ExpressionError."""


def requests_in(text: str, region: str) -> Iterator[RemoteRequest]:
    """Yield the requests of the references in a text. Raises ExpressionError for a malformed one."""
    for found in _REFERENCE.finditer(text):
        yield _request(found, region)[0]


def with_answers(text: str, region: str, ask: Ask) -> Value:
    """Replace each reference in the text by its value; a Secret when one of them is secret.

    Raises:
        ExpressionError: a reference is malformed, leads nowhere, or cannot be read.
    """
    pieces: list[str] = []
    secret, end = False, 0
    for found in _REFERENCE.finditer(text):
        value = _value(found, region, ask)
        secret = secret or isinstance(value, Secret)
        pieces += [text[end : found.start()], value.reveal() if isinstance(value, Secret) else value]
        end = found.end()
    whole = "".join((*pieces, text[end:]))
    return Secret(whole) if secret else whole


def _request(found: re.Match[str], region: str) -> tuple[RemoteRequest, str]:
    """Return (request, key in the JSON answer or "")."""
    service, rest = found[1], found[2].strip()
    arn = rest.split(":") if rest.startswith("arn:") else []
    region = arn[3] if len(arn) > 3 and arn[3] else region
    if service in ("ssm", "ssm-secure"):
        return ParameterRequest(region, rest), ""
    if service != "secretsmanager":
        raise ExpressionError(f"{found[0]} is of an unknown service", "there are ssm, ssm-secure and secretsmanager")
    parts = rest.split(":")
    name, more = (":".join(parts[:_SECRET_ARN]), parts[_SECRET_ARN:]) if arn else (parts[0], parts[1:])
    kind, key, stage, version = (*more, "", "", "", "")[:4]
    if kind not in ("", "SecretString") or len(more) > 4:
        raise ExpressionError(
            f"{found[0]} is malformed", "write {{resolve:secretsmanager:name:SecretString:key:stage:version}}"
        )
    return StoredSecret(region, name, stage, version), key


def _value(found: re.Match[str], region: str, ask: Ask) -> Value:
    request, key = _request(found, region)
    answer = ask(request, found[0])
    if answer is None:
        raise ExpressionError(f"{found[0]} leads to nothing", "correct its name or its region")
    if isinstance(answer, ParameterValue):
        if found[1] == "ssm-secure":
            return Secret(answer.value)
        if answer.type == "SecureString":
            raise ExpressionError(f"{found[0]} is a SecureString", "write {{resolve:ssm-secure:…}}")
        return answer.value
    return _part(found[0], answer, key) if key else answer


def _part(shown: str, answer: RemoteAnswer, key: str) -> Secret:
    try:
        document = json.loads(answer.reveal() if isinstance(answer, Secret) else "")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or key not in document:
        raise ExpressionError(f"{shown}: the secret has no key {key}", "correct the key, or store a JSON object")
    value = document[key]
    return Secret(value if isinstance(value, str) else json.dumps(value))
