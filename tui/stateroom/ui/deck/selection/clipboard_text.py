"""Resources and versions as text to paste: the rows of the screen with whole values, secrets masked."""

from __future__ import annotations

from collections.abc import Iterable

from stateroom.model.diff import ResourceDiff
from stateroom.model.version import Version
from stateroom.presentation.survey.diffs import SIDES, odd_one_out, would
from stateroom.presentation.survey.verdicts import verdict
from stateroom.presentation.values import full
from stateroom.presentation.versions import changes_text


def resource_text(diff: ResourceDiff) -> str:
    """Format a resource and all its differences."""
    lines = [f"{diff.status} {diff.service}/{diff.logical_id}  {diff.type}  {diff.physical_id}".rstrip()]
    lines.append(f"   {verdict(diff)}")
    for attribute in diff.attributes:
        odd = odd_one_out(attribute)
        lines.append(f" {attribute.mark.value} {attribute.name}  ({would(attribute)})")
        for side, value in zip(SIDES, (attribute.config, attribute.state, attribute.cloud), strict=True):
            lines.append(f"   {'>' if side in odd else ' '} {side:<7} {full(value)}")
    return "\n".join(lines) + "\n"


def resources_text(diffs: Iterable[ResourceDiff]) -> str:
    """Format several resources, with an empty line between them."""
    return "\n".join(resource_text(diff) for diff in diffs)


def version_text(service: str, version: Version) -> str:
    """Format one version as a line."""
    when = f"{version.started:%Y-%m-%d %H:%M:%S}"
    counts = changes_text(version)
    return f"{service} version {version.name}  {version.command}  {when} UTC  {version.user}  {counts}\n"
