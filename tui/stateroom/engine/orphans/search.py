"""Find orphans: what bears our mark in the project's account and regions, and is in no state of the home."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from stateroom.cloud.children import Recorded
from stateroom.cloud.ownership import HOME, LINEAGE, RESOURCE, SERVICE, STAGE
from stateroom.cloud.provider import Provider
from stateroom.engine.orphan_report import Orphan, OrphanReport
from stateroom.engine.planning.imports.holdings import Holdings, holdings_of
from stateroom.engine.workspace import Workspace
from stateroom.errors import CloudError
from stateroom.model.ownership import MarkedResource
from stateroom.model.resource import Live

_GLOBAL = ("AWS::IAM::", "AWS::S3::Bucket", "AWS::CloudFront::")  # listed in every region


def find_orphans(workspace: Workspace, cancelled: Callable[[], bool] = lambda: False) -> OrphanReport:
    """Search the account, in every region of the project's services. Only reads.

    Raises:
        StateError: the home cannot be listed.
        CloudError: the cloud cannot be asked who we are.
    """
    regions = {workspace.region(name): name for name in reversed(workspace.services)}
    held = holdings_of(workspace.home, [workspace.place(name) for name in workspace.services])
    rows: dict[tuple[str, str], Orphan] = {}
    unasked: dict[str, str] = {}
    places: list[str] = []
    for region, service in regions.items():
        provider = workspace.provider(service)
        identity = provider.identity()
        places.append(f"account {identity.account}, {region}")
        found = provider.marked()
        unasked |= found.unasked
        for item in found.found:
            if cancelled():
                break
            row = _row(item, provider, held, identity.account, region)
            if row is not None:
                rows.setdefault((row.type, row.physical_id), replace(row, home=item.tags.get(HOME, "")))
    home = workspace.home.mark
    here = [row for row in rows.values() if row.home in ("", home)]
    return OrphanReport(
        tuple(row for row in here if not row.why_not),
        tuple(row for row in here if row.why_not),
        tuple(row for row in rows.values() if row.home not in ("", home)),
        held.unread,
        unasked,
        tuple(places),
    )


def _row(item: MarkedResource, provider: Provider, held: Holdings, account: str, region: str) -> Orphan | None:
    """Return the row of a resource; None when a state has it, or when it is gone."""
    live = _read(item, provider)
    if live is None and item.type:
        return None
    arn = str(live.properties.get("Arn") or "") if live else item.physical_id
    names = {item.physical_id, *filter(None, (arn,))}
    if held.holder(item.type, names, account, "" if item.type.startswith(_GLOBAL) else region):
        return None
    tags = item.tags
    namesake = None
    if not item.type:  # only its ARN is known, so it is compared with every type of record
        namesake = held.namesake(arn, tags.get(SERVICE, ""), tags.get(STAGE, ""), tags.get(RESOURCE, ""))
        if namesake and (arn in namesake.names or namesake.physical_id in re.split("[:/]", arn)):
            return None
    place = f"{tags.get(SERVICE, '')}/{tags.get(STAGE, '')}"
    lineage = tags.get(LINEAGE, "")
    return Orphan(
        item.type,
        item.physical_id,
        arn,
        region,
        tags.get(SERVICE, ""),
        tags.get(STAGE, ""),
        tags.get(RESOURCE, ""),
        lineage,
        lineage_of=held.lineages.get(lineage, ""),
        parts=_parts(item, provider, live),
        why_not=f"{namesake.address} may be this one" if namesake else _why_not(place, held),
    )


def _read(item: MarkedResource, provider: Provider) -> Live | None:
    """Read a resource; one that cannot be read is there, all the same."""
    if not item.type:
        return None
    try:
        return provider.read(item.type, item.physical_id, {})
    except CloudError:
        return Live(item.physical_id, {})


def _why_not(place: str, held: Holdings) -> str:
    if place in held.busy:
        return held.busy[place]
    if held.unread:
        names = ", ".join(held.unread)
        return f"the state of {names} could not be read"
    return ""


def _parts(item: MarkedResource, provider: Provider, live: Live | None) -> tuple[str, ...]:
    """Name what hangs on a resource without tags of its own."""
    if live is None or not provider.children.kinds(item.type):
        return ()
    parent = Recorded(item.physical_id, item.type, item.physical_id, live.properties)
    found = provider.children.read([parent], lambda: False)
    return tuple(f"{reading.kind} {name}" for reading in found for name in reading.children)


def chosen_orphans(report: OrphanReport, wanted: tuple[str, ...]) -> Mapping[str, tuple[Orphan, ...]]:
    """Return what each name that a user gave means, among all rows."""
    rows = (*report.orphans, *report.unsayable, *report.elsewhere)
    return {name: tuple(row for row in rows if name in row.names) for name in wanted}
