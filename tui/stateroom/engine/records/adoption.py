"""Take over a resource that exists: what a record of it says was asked for, although nobody here asked."""

from __future__ import annotations

from stateroom.cloud.provider import Provider
from stateroom.model.compare import same
from stateroom.model.values import ABSENT, Properties, Value


def adopted_inputs(type_: str, declared: Properties, live: Properties, provider: Provider) -> dict[str, Value]:
    """Return the inputs of a resource that is taken over: the config's, and the cloud's where it has something else.

    What the server adds, leaves out or spells otherwise is no difference, so that the next plan changes only what
    truly differs. Properties that the cloud does not have are left out: a plan sets them.

    Args:
        type_: resource type.
        declared: properties as the config wants them, with Secrets.
        live: the reading, with Secrets where `declared` has them.
        provider: the cloud.
    """
    wanted = provider.canonical(type_, declared)
    seen = provider.as_declared(type_, declared, live)
    inputs: dict[str, Value] = {}
    for key, value in declared.items():
        there = seen.get(key, ABSENT)
        if key not in wanted or same(there, wanted[key]):
            inputs[key] = value  # nothing to compare, or nothing that differs: as it is written
        elif there is not ABSENT:
            inputs[key] = there
    return inputs
