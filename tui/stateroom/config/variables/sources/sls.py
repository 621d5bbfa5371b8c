"""Source `${sls:stage}`: values that the tool itself decides."""

from __future__ import annotations

import hashlib

from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value


def sls(lookup: Lookup) -> Value:
    """Return the stage, or an id of this service and stage.

    The framework's instanceId is the time of the run; ours stays the same, or every plan would find a change.
    """
    if lookup.address == "stage":
        return lookup.scope.stage_of(lookup.resolver)
    if lookup.address == "instanceId":
        name = f"{lookup.resolver.document.file.parent.name}/{lookup.scope.stage_of(lookup.resolver)}"
        return hashlib.sha256(name.encode()).hexdigest()[:13]
    raise ExpressionError(f"${{sls:{lookup.address}}} is not known", "there are sls:stage and sls:instanceId")
