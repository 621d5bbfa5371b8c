"""Keep the code that an accept or a refresh takes into the state, so that its version can be rolled back to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from stateroom.cloud.package_source import PackageSource
from stateroom.cloud.provider import Provider
from stateroom.engine.records.kept_packages import packages_in
from stateroom.errors import CloudError, StateroomError
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record
from stateroom.state.home import Home


def keep_taken_packages(
    steps: Iterable[Step], records: Mapping[str, Record], home: Home, provider: Provider, note: Callable[[str], None]
) -> None:
    """Download the packages that steps record and the home lacks. What cannot be had is told; the state is taken.

    Args:
        steps: of the plan.
        records: by logical id, as before it.
        home: where packages are kept.
        provider: the cloud that has them.
        note: hears what was kept, and what was not.
    """
    if not isinstance(provider, PackageSource):
        return
    for step in steps:
        if step.action is not Action.RECORD or step.record is None:
            continue
        before = records.get(step.logical_id)
        for sha256 in set(packages_in(step.record.inputs)) - set(packages_in(before.inputs if before else {})):
            name = f"{step.logical_id}: its code {sha256[:12]}"
            try:
                if home.packages.problem(sha256):
                    home.packages.keep(sha256, _downloaded(sha256, step.record, provider))
                    note(f"{name} was fetched and is kept, so that it can be rolled back to")
            except StateroomError as error:
                note(f"{name} cannot be rolled back to: {'; '.join(error.lines()[:2])}")


def _downloaded(sha256: str, record: Record, source: PackageSource) -> bytes:
    data = source.package(record.type, record.physical_id)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CloudError("it has changed since it was read", todo="run the command again", passes=True)
    return data
