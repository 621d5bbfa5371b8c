"""Survey a project: compare config, state and cloud, resource by resource, as the answers arrive. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from stateroom.cloud.provider import Reading
from stateroom.engine.opening.background_compile import BackgroundCompile
from stateroom.engine.opening.guards import check_region
from stateroom.engine.opening.standing import with_lost_state
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.requests import Emit
from stateroom.engine.survey.child_reading import read_children_of
from stateroom.engine.survey.cloud_reading import read_cloud_of
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.engine.survey.config_column import compare_service, compare_without_config
from stateroom.engine.workspace import Workspace
from stateroom.errors import PassphraseError, StateroomError
from stateroom.model.events import ServiceSurveyed, ServiceUnreadable, ServiceWorking, SurveyFinished
from stateroom.model.standing import Standing


def survey_project(
    workspace: Workspace,
    state: Callable[[str], StateColumn],
    emit: Emit,
    *,
    services: Sequence[str],
    read_cloud: bool,
    cancelled: Callable[[], bool],
    quick: bool = False,
) -> None:
    """Emit, for each service, ServiceSurveyed with the state alone, then again with the config, then ResourcesRead.

    The state is there in milliseconds, the config takes compiling, the cloud takes calls: each shows when it is ready.
    A config that has to wait for something slow is announced by ServiceWorking; the cloud is read meanwhile.
    What nobody declared is read last, through its parents' lists: of these the resources come once more.
    A service that cannot be opened is one ServiceUnreadable; the others go on. The end is SurveyFinished.

    Args:
        workspace: the project.
        state: asks a service's deployer for its state.
        emit: told of everything.
        services: in the order in which they are surveyed.
        read_cloud: if not, compare config with state only, and call nobody: nothing is installed for it.
        cancelled: whether nobody wants to know any more.
        quick: only the first round of calls: leave out the children that nobody declared.
    """
    started = time.monotonic()
    survey = _Survey(workspace, state, emit, cancelled, install=read_cloud)
    for name in services:
        survey.open_state(name)
    for name in tuple(survey.columns):
        if cancelled():
            return
        survey.start_config(name)
    read, failed = read_cloud_of(survey.comparisons.values(), emit, cancelled) if read_cloud else (0, 0)
    names = {compiling.future: name for name, compiling in survey.slow.items()}
    for future in as_completed(names):
        if cancelled():
            return
        survey.open_slow_config(names[future])
    if read_cloud and not quick:
        read_children_of(survey.comparisons.values(), emit, cancelled)
    if not cancelled():
        emit(SurveyFinished(time.monotonic() - started, read, failed))


class _Survey:
    """One survey on its way: what was opened so far, by service."""

    def __init__(
        self,
        workspace: Workspace,
        state: Callable[[str], StateColumn],
        emit: Emit,
        cancelled: Callable[[], bool],
        *,
        install: bool,
    ) -> None:
        self._install = install
        self._workspace = workspace
        self._state = state
        self._emit = emit
        self._cancelled = cancelled
        self.columns: dict[str, StateColumn] = {}
        self.standings: dict[str, Standing] = {}
        self.comparisons: dict[str, ServiceComparison] = {}  # those whose cloud can be read
        self.slow: dict[str, BackgroundCompile[ServiceComparison]] = {}

    def open_state(self, service: str) -> None:
        """Show the state alone."""
        try:
            column = self._state(service)
        except StateroomError as error:
            self._tell_unreadable(service, error)
            return
        standing, problem = self._standing(service, column), self._elsewhere(service, column)
        if not column.untouched or not standing.quiet:
            self._emit(_surveyed(compare_without_config(self._workspace, service, column, problem), standing))
        self.standings[service] = standing
        if problem is not None:  # config and cloud have nothing to do with that state
            self._tell_unreadable(service, problem)
            return
        self.columns[service] = column

    def _standing(self, service: str, column: StateColumn) -> Standing:
        if not column.untouched:
            return column.standing
        return with_lost_state(column.standing, self._workspace.home, *self._workspace.place(service))

    def _elsewhere(self, service: str, column: StateColumn) -> StateroomError | None:
        """Return why a state belongs to another region than the config, if it does."""
        try:
            check_region(service, column.region, self._workspace.region(service))
        except StateroomError as error:
            return error
        return None

    def start_config(self, service: str) -> None:
        """Compile the config; show it if it is there at once, else say what it waits for."""
        column = self.columns[service]
        compare = partial(compare_service, self._workspace, self._state, service, column, install=self._install)
        compiling = BackgroundCompile(compare, self._cancelled)
        if compiling.is_quick():
            self._open_config(service, compiling)
            return
        self.slow[service] = compiling
        self._emit(ServiceWorking(service, compiling.doing))
        if not column.untouched:
            self.comparisons[service] = compare_without_config(self._workspace, service, column)

    def open_slow_config(self, service: str) -> None:
        """Show a config that was waited for, with what was read of the cloud meanwhile."""
        known = self.comparisons.get(service)
        self._open_config(service, self.slow[service], known.readings if known else MappingProxyType({}))

    def _open_config(
        self,
        service: str,
        compiling: BackgroundCompile[ServiceComparison],
        readings: Mapping[str, Reading] = MappingProxyType({}),
    ) -> None:
        try:
            comparison = compiling.future.result()
        except StateroomError as error:
            without = self._show_without_config(service, error, readings)
            if not self.columns[service].untouched:
                self.comparisons[service] = without
            return
        comparison.readings.update(readings)
        self._emit(_surveyed(comparison, self.standings[service]))
        self.comparisons[service] = comparison

    def _show_without_config(
        self, service: str, error: StateroomError, readings: Mapping[str, Reading] = MappingProxyType({})
    ) -> ServiceComparison:
        """Show state and cloud alone, with the reason, and tell the error."""
        comparison = compare_without_config(self._workspace, service, self.columns[service], error)
        comparison.readings.update(readings)
        if not self.columns[service].untouched:
            self._emit(_surveyed(comparison, self.standings[service]))
        self._tell_unreadable(service, error)
        return comparison

    def _tell_unreadable(self, service: str, error: StateroomError) -> None:
        self._emit(ServiceUnreadable(service, error.lines(), isinstance(error, PassphraseError)))


def _surveyed(comparison: ServiceComparison, standing: Standing) -> ServiceSurveyed:
    moment = datetime.now(UTC) if comparison.readings else None
    diffs = tuple(comparison.diff(name, moment) for name in comparison.order())
    return ServiceSurveyed(comparison.service, diffs, None if standing.quiet else standing, comparison.warnings)
