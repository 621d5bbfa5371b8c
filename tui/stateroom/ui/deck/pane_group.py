"""The five panes of the deck: what each shows of the model, which one has the keys, and how high they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from stateroom.model.diff import ResourceDiff
from stateroom.presentation.survey.agreement import shared_reasons
from stateroom.ui.commands import Pane
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.operations.operation_progress import OperationProgress
from stateroom.ui.deck.status_text import resource_remarks
from stateroom.ui.panes.activity_pane import ActivityPane
from stateroom.ui.panes.diff_pane import DiffPane
from stateroom.ui.panes.resources_pane import ResourcesPane
from stateroom.ui.panes.services_pane import ServicesPane
from stateroom.ui.panes.versions_pane import VersionsPane
from stateroom.ui.widgets.line_list import LineList

_ORDER = (Pane.SERVICES, Pane.RESOURCES, Pane.VERSIONS, Pane.DIFF, Pane.ACTIVITY)
_OPENED_FROM = {
    Pane.RESOURCES: Pane.SERVICES,
    Pane.VERSIONS: Pane.SERVICES,
    Pane.DIFF: Pane.RESOURCES,
    Pane.ACTIVITY: Pane.RESOURCES,
}


class PaneGroup:
    """The panes, filled from the model.

    Args:
        moved: called when something else is under the cursor.
    """

    def __init__(
        self,
        model: DeckModel,
        progress: OperationProgress,
        keys: Mapping[str, str],
        clock: Callable[[], datetime],
        moved: Callable[[], object],
    ) -> None:
        self._model, self._progress, self._keys, self._moved = model, progress, keys, moved
        self.focused = Pane.RESOURCES
        self.services = ServicesPane(model)
        self.resources = ResourcesPane(clock)
        self.versions = VersionsPane(clock)
        self.diff = DiffPane(clock)
        self.activity = ActivityPane(progress, time.monotonic)
        self._lists: dict[Pane, LineList[Any]] = {
            Pane.SERVICES: self.services,
            Pane.RESOURCES: self.resources,
            Pane.VERSIONS: self.versions,
            Pane.DIFF: self.diff,
            Pane.ACTIVITY: self.activity,
        }

    @property
    def owner(self) -> str:
        """The chosen service, or that of the resource under the cursor; "" for none."""
        resource = self.resources.resource
        return self.services.service or (resource.service if resource else "")

    # Contents.

    def reload(self) -> None:
        """Show the model and the progress as they are now."""
        self.services.reload()
        self.reload_resources()
        self._reload_activity()

    def _reload_activity(self) -> None:
        if self.activity.display:
            self.activity.reload()
            self.activity.refresh()

    def reload_resources(self) -> None:
        """Show the chosen service's resources that pass the filter, with versions and diff."""
        service, table = self.services.service, self.resources.table
        found = self._model.rows(service)
        table.shared = frozenset(item.reason for item in shared_reasons(found))
        rows = table.arrange(found)
        several = len(self._model.services) > 1
        table.with_service = not service and several
        table.service, table.whose = service, (service or "all") if several else ""
        remarks = resource_remarks(
            self._model, self._keys, service, shown=len(rows), total=table.total, filter_text=table.filter.text
        )
        self.resources.show([*remarks, *rows])
        self.reload_under_cursor()
        self.share_height()

    def reload_under_cursor(self) -> None:
        """Show the versions and the diff that belong to the resource under the cursor."""
        self.versions.show_versions(self._model.services.get(self.owner))
        self.diff.show_resource(self.resources.resource)
        self._moved()

    def tick(self) -> None:
        """Bring ages and running times up to date; called every second."""
        if self._progress.active:
            self.activity.reload()
            self.activity.refresh()
        elif int(time.monotonic()) % 10 == 0:
            self.resources.repaint()
            self.versions.repaint()

    def unfold_diff(self) -> None:
        """Show or hide what the diff folds away."""
        self.diff.unfold()
        self.share_height()

    def share_height(self) -> None:
        """Give the diff the lines that it can use, up to half of all (beside the log a third), the lists the rest."""
        rows = (row for row in self.resources.rows if isinstance(row, ResourceDiff))
        most = self.diff.screen.size.height // (3 if self.activity.display else 2)
        height = min(self.diff.height_for(rows), max(4, most))
        if self.diff.styles.height is None or self.diff.styles.height.value != height:
            self.diff.styles.height = height

    # Focus.

    def focus(self, pane: Pane) -> None:
        """Send keys to a pane; shows the activity pane if it was hidden."""
        if pane is Pane.ACTIVITY:
            self.show_activity(True)
        target = self._lists[pane]
        if target.display:
            target.focus()

    def focus_beside(self, step: int) -> None:
        """Send keys to the pane before (-1) or after (1)."""
        shown = [pane for pane in _ORDER if self._lists[pane].display]
        found = self.focused in shown
        self.focus(shown[(shown.index(self.focused) + step) % len(shown)] if found else Pane.RESOURCES)

    def back(self) -> None:
        """Go to the pane from which this one is opened; hides the activity pane."""
        if self.focused is Pane.ACTIVITY:
            self.toggle_activity()
        elif self.focused in _OPENED_FROM:
            self.focus(_OPENED_FROM[self.focused])

    def choose(self) -> None:
        """Open the row under the cursor, as enter does."""
        self._lists[self.focused].action_choose()

    def show_activity(self, show: bool) -> None:
        """Show or hide the log."""
        self.activity.set_class(show, "-shown")
        self.activity.screen.call_after_refresh(self.share_height)
        if show:
            self.activity.reload()
        elif self.focused is Pane.ACTIVITY:
            self.focus(Pane.RESOURCES)

    def toggle_activity(self) -> None:
        """Show the log if it is hidden, else hide it."""
        self.show_activity(not self.activity.has_class("-shown"))
