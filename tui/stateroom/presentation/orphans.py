"""Orphans in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stateroom.engine.orphan_report import Orphan, OrphanReport
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import type_name

_INDENT = "    "


def orphan_lines(rows: Sequence[Orphan]) -> Iterator[str]:
    """Yield the lines of rows: what it is, whose mark it bears, what goes with it, why nothing is said of it."""
    kinds = max(cells(_kind(row)) for row in rows)
    addresses = max(cells(row.address) for row in rows)
    for row in sorted(rows, key=lambda row: (row.service, row.stage, row.logical_id, row.physical_id)):
        yield f"  {pad(_kind(row), kinds)}  {pad(plain(row.address), addresses)}  {plain(row.physical_id)}"
        yield f"{_INDENT}{_lineage(row)}"
        if row.parts:
            yield f"{_INDENT}with it: {plain(', '.join(row.parts))}"
        if row.why_not:
            yield f"{_INDENT}{plain(row.why_not)}"


def _kind(row: Orphan) -> str:
    return type_name(row.type) if row.type else "(by its ARN)"


def _lineage(row: Orphan) -> str:
    """Say which state the mark names, and where that is."""
    home = f", home {plain(row.home)}" if row.home else ""
    if not row.lineage:
        return f"tagged before there were lineages{home}"
    if row.lineage_of:
        return f"lineage of {plain(row.lineage_of)}, whose state does not have it{home}"
    return f"lineage {row.lineage}, which no state of this home has{home}"


def orphans_json(report: OrphanReport) -> dict[str, Any]:
    """Convert a report to the JSON of `--json`.

    Keys: orphans, unsayable and elsewhere (rows, each with type, physical_id, arn, region, service, stage, resource,
    lineage, lineage_of, home, parts and why_not), unread (state to why), unasked (type to why), places.
    """
    return {
        "orphans": [_row(row) for row in report.orphans],
        "unsayable": [_row(row) for row in report.unsayable],
        "elsewhere": [_row(row) for row in report.elsewhere],
        "unread": dict(report.unread),
        "unasked": dict(report.unasked),
        "places": list(report.places),
    }


def _row(row: Orphan) -> dict[str, Any]:
    return {
        "type": row.type,
        "physical_id": row.physical_id,
        "arn": row.arn,
        "region": row.region,
        "service": row.service,
        "stage": row.stage,
        "resource": row.logical_id,
        "lineage": row.lineage,
        "lineage_of": row.lineage_of,
        "home": row.home,
        "parts": list(row.parts),
        "why_not": row.why_not,
    }
