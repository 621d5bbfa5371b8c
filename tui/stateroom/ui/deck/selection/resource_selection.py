"""Selection: which resources are shown, which are marked, and what is under the cursor."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widgets import Input

from stateroom.model.diff import ResourceDiff
from stateroom.ui.commands import CommandContext, Pane
from stateroom.ui.deck.deck_model import Address
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.deck.selection.filters import parse


def filter_line() -> Input:
    """Return the line under the resources where a filter is typed; style sheets hide it until it is wanted."""
    return Input(placeholder="words  ~ ! x + ?  status:drift  type:Function", id="filter", compact=True)


class ResourceSelection:
    """Filter, marks and folds of the resource list, and the context that they make for commands."""

    def __init__(self, parts: DeckParts, line: Input) -> None:
        self._model, self._panes, self._view, self._line = parts.model, parts.panes, parts.view, line
        self._resources, self._table = parts.panes.resources, parts.panes.resources.table

    @property
    def context(self) -> CommandContext:
        """What commands may look at."""
        panes, model = self._panes, self._model
        service = model.services.get(panes.owner)
        return CommandContext(
            pane=panes.focused,
            info=model.info,
            service=panes.services.service,
            resource=self._resources.resource,
            attribute=panes.diff.attribute,
            marked=tuple("/".join(address) for address in self._marks_in_sight()),
            version=panes.versions.version,
            lock=service.lock if service else None,
            running=model.running,
            filtered=bool(self._table.filter),
            has_marks=bool(self._table.marks),
            reset_refusal=model.reset_refusal,
            tree=bool(self._table.components),
        )

    @property
    def marked(self) -> list[ResourceDiff]:
        """The marked resources that the newest survey has, in the order of marking."""
        return [diff for address in self._marks_in_sight() if (diff := self._model.find(address))]

    def _marks_in_sight(self) -> Iterator[Address]:
        """Yield the marks that keys act on: those of the chosen service, while their list has the focus."""
        if self._panes.focused is Pane.RESOURCES:
            yield from self._table.marks.of(self._panes.services.service)

    # Filter.

    def open_filter(self) -> None:
        """Show the filter line; it filters with every key."""
        self._line.add_class("-shown")
        self._line.focus()

    def filter_typed(self, text: str) -> None:
        """Show the resources that pass a filter."""
        before = self._resources.resource
        self._table.filter = parse(text)
        self._panes.reload_resources()
        if before is not None and not self._table.filter(before):
            self._resources.move_to(0)  # the best place to look at what is left

    def close_filter(self) -> None:
        """Hide the filter line; its filter stays."""
        self._panes.focus(Pane.RESOURCES)
        self._line.remove_class("-shown")

    def _drop_filter(self) -> bool:
        had = bool(self._table.filter) or self._line.has_class("-shown")
        if self._line.has_focus:
            self._panes.focus(Pane.RESOURCES)
        self._line.remove_class("-shown")
        self._line.value = ""
        if self._table.filter:
            self._table.filter = parse("")
            self._panes.reload_resources()
        return had

    # Marks.

    def mark(self) -> None:
        """Mark the resource under the cursor, or take its mark away, and go one row down."""
        resource = self._resources.resource
        if resource is not None:
            self._table.marks.toggle(self._with_parts(resource))
            self._resources.repaint()
            self._resources.action_move(1)

    def mark_all(self) -> None:
        """Mark all resources that the filter shows; when all are marked, take the marks away."""
        hits = (row for row in self._resources.rows if isinstance(row, ResourceDiff) and self._is_hit(row))
        self._table.marks.toggle(address for row in hits for address in self._with_parts(row))
        self._resources.repaint()

    def _is_hit(self, row: ResourceDiff) -> bool:
        return not self._table.components.only_around_hits((row.service, row.logical_id))

    def _with_parts(self, resource: ResourceDiff) -> Iterator[Address]:
        """Yield a resource and all its parts; alone while a filter is on, which may hide some of them."""
        own = resource.service, resource.logical_id
        yield own
        if not self._table.filter.text:
            yield from self._table.components.below(own)

    def clear_marks(self) -> bool:
        """Take all marks away; returns False when there were none."""
        had = self._table.marks.clear()
        self._resources.repaint()
        return had

    def keep_marks(self) -> None:
        """Take the marks away from resources that no longer exist."""
        services = self._model.services.items()
        self._table.marks.keep({(name, logical_id) for name, service in services for logical_id in service.diffs})

    def clear(self) -> None:
        """Take away the filter and all marks."""
        self._drop_filter()
        self.clear_marks()

    def step_back(self) -> bool:
        """Take away the filter, or else all marks; returns False when there was neither."""
        return self._drop_filter() or self.clear_marks()

    # Folds and differences.

    def fold(self) -> None:
        """Fold or open the component under the cursor, or the one that this resource is a part of."""
        components, own = self._table.components, self._resources.address
        if own is None:
            return
        if not components.branch(own).below:
            own = next(components.above(own), own)
            self._resources.go_to(own)
        components.fold(own, folded=not components.branch(own).folded)
        self._resources.post_message(self._resources.Folded())

    def fold_all(self) -> None:
        """Fold all components, or open all when they are folded; the cursor goes to what holds its resource."""
        components, own = self._table.components, self._resources.address
        if components.fold_all() and own is not None:
            *_, outermost = (own, *components.above(own))
            self._resources.go_to(outermost)
        self._resources.post_message(self._resources.Folded())

    def next_difference(self, step: int) -> None:
        """Go to the next (1) or previous (-1) row that is not in step: an attribute in the diff, else a resource."""
        in_diff = self._panes.focused is Pane.DIFF
        if not (self._panes.diff.next_difference(step) if in_diff else self._resources.next_difference(step)):
            self._view.say("no more differences that way", timeout=2)
