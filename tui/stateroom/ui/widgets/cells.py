"""Cells: pieces of one line of text, cut to a width in terminal columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from stateroom.presentation.text import cells, elide, head, plain


class Cell(NamedTuple):
    """Text in a named style (a component class of the list without its prefix)."""

    text: str
    style: str = ""


Line: TypeAlias = Iterable[Cell]


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Pad `text` to exactly `width` columns, or cut it at the end (in the `middle` for names).

    Control characters are escaped first.
    """
    if width <= 0:
        return ""
    text = plain(text)
    length = cells(text)
    if length > width:
        text = elide(text, width) if middle else head(text, width - 1) + "…"
        length = cells(text)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def share(total: int, *wants: tuple[int, int, int]) -> tuple[int, ...]:
    """Divide `total` columns: each want is (least, most, weight). What is missing is taken from the last."""
    widths = [least for least, _, _ in wants]
    spare = total - sum(widths)
    growing = [index for index, (least, most, weight) in enumerate(wants) if weight and most > least]
    while spare > 0 and growing:
        weights = sum(wants[index][2] for index in growing)
        given = 0
        for index in list(growing):
            least_left = wants[index][1] - widths[index]
            more = min(least_left, max(1, spare * wants[index][2] // weights), spare - given)
            widths[index] += more
            given += more
            if widths[index] >= wants[index][1]:
                growing.remove(index)
        if not given:
            break
        spare -= given
    for index in range(len(widths) - 1, -1, -1):
        if spare >= 0:
            break
        cut = min(widths[index], -spare)
        widths[index] -= cut
        spare += cut
    return tuple(widths)
