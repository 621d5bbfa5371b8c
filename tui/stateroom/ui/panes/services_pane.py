"""Services: one line each, with counts of the resources that are not in step."""

from __future__ import annotations

from collections import Counter

from stateroom.presentation.survey.standing import standing_sign
from stateroom.presentation.text import plain
from stateroom.ui.deck.deck_model import DeckModel, ServiceModel
from stateroom.ui.widgets.cells import Cell, Line, fit
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.row_format import RowFormat

COUNT_STYLES = {"~": "config", "+": "config", "-": "config", "!": "cloud", "^": "cloud", "x": "bad", "?": "dim"}
ALL = ""


def count_cells(counts: Counter[str]) -> list[Cell]:
    """Format counts as `~2 !1`, each in the colour of its side."""
    shown = [Cell(f"{letter}{counts[letter]}", style) for letter, style in COUNT_STYLES.items() if counts[letter]]
    return [cell for index, item in enumerate(shown) for cell in ((Cell(" "), item) if index else (item,))]


class ServiceRows(RowFormat[str]):
    """Format of services by name; "" stands for all of them."""

    def __init__(self, model: DeckModel) -> None:
        self.model = model

    def heading(self, width: int) -> Line:
        """Return the pane's name."""
        return (Cell(fit(" Services", width)),)

    def line(self, row: str, width: int) -> Line:
        """Return the sign of what is to be known, name, the stage where services have different ones, and counts."""
        service = self.model.services.get(row)
        if row == ALL or service is None:
            counts = self._counts(self.model.counts(), len(self.model.rows(ALL)))
            return self._line(" ", Cell("all", "strong"), counts, width)
        stage = [Cell(f"{plain(service.stage)} ", "dim")] if service.stage else []
        return self._line(_sign(service), Cell(row), [*stage, *self._state_cells(service)], width)

    def _line(self, sign: str, name: Cell, right: list[Cell], width: int) -> Line:
        taken = sum(len(cell.text) for cell in right)
        room = max(1, width - taken - 3)
        return (Cell(sign, "bad"), Cell(fit(name.text, room, middle=True), name.style), Cell(" "), *right, Cell(" "))

    def _state_cells(self, service: ServiceModel) -> list[Cell]:
        if service.error:
            return [Cell("locked" if service.locked else "error", "bad")]
        if service.working:
            return [Cell("working", "accent")]
        if not service.surveyed:
            return [Cell("…", "dim")]
        return self._counts(service.counts, len(service.diffs))

    def _counts(self, counts: Counter[str], resources: int) -> list[Cell]:
        """Count what is not in step; where nothing is compared, all resources."""
        return count_cells(counts) if self.model.compared else [Cell(str(resources), "dim")]


def _sign(service: ServiceModel) -> str:
    """Return the letter of the standing. The lock is read more often than the rest, and on its own."""
    sign = standing_sign(service.standing) if service.standing else " "
    return sign if sign not in " L" else "L" if service.lock else " "


class ServicesPane(LineList[str]):
    """Names of services; the first line stands for all of them when there are several."""

    def __init__(self, model: DeckModel) -> None:
        super().__init__(ServiceRows(model), id="services")
        self.model = model

    def reload(self) -> None:
        """Show the services of the model."""
        names = list(self.model.services)
        self.show([ALL, *names] if len(names) > 1 else names)

    @property
    def service(self) -> str:
        """The chosen service; "" for all."""
        return self.current or ALL
