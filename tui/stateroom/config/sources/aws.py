"""`${aws:region}`, `${aws:accountId}`, `${aws:partition}`. The last two stay symbolic, so compiling asks no API."""

from __future__ import annotations

from stateroom.config.expression import ExpressionError
from stateroom.config.sources.scope import Lookup
from stateroom.model.values import Value


def aws(lookup: Lookup) -> Value:
    """The region as text, account and partition as pseudo parameters."""
    if lookup.address == "region":
        return lookup.scope.region_of(lookup.resolver)
    if lookup.address == "accountId":
        return {"Ref": "AWS::AccountId"}
    if lookup.address == "partition":
        return {"Ref": "AWS::Partition"}
    raise ExpressionError(
        f"${{aws:{lookup.address}}} is not known", "there are aws:accountId, aws:region and aws:partition"
    )
