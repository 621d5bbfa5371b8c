"""Source `${service:orders.queueUrl}`: another service's output, as newer releases of Compose write it."""

from __future__ import annotations

import re
from typing import Final

from stateroom.config.document.intrinsics import SERVICE_OUTPUT
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value

_OUTPUT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


def service(lookup: Lookup) -> Value:
    """Return the reference to the output: the same as `${orders.queueUrl}`.

    Raises:
        ExpressionError: it does not name a service and an output, or the file is no Compose file.
    """
    match = _OUTPUT.fullmatch(lookup.address.strip())
    if match is None:
        raise ExpressionError(
            f"${{service:{lookup.address}}} does not name a service and one of its outputs",
            "write it so: ${service:orders.queueUrl}",
        )
    name, output = match.groups()
    services = lookup.resolver.document.value.get("services")
    if not isinstance(services, dict):
        raise ExpressionError(
            f"${{service:{name}.{output}}} is for serverless-compose.yml",
            f"pass it there as a param, {output}: ${{{name}.{output}}}, and use ${{param:{output}}} here",
        )
    return {SERVICE_OUTPUT: [name, output]}
