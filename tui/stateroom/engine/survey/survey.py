"""Survey config, state and cloud by resource, emitting results as they arrive. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from stateroom.cloud.provider import Identity, Provider, Reading, ReadRequest
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.background_compile import BackgroundCompile
from stateroom.engine.opening.guards import check_region
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.planner import ServicePlanner, Surroundings
from stateroom.engine.requests import Emit
from stateroom.engine.survey.drift import baseline, masked
from stateroom.errors import PassphraseError, StateroomError
from stateroom.model.compare import count_leaves, same, three_way
from stateroom.model.diff import AttributeDiff, ResourceDiff, X, Y
from stateroom.model.events import ResourcesRead, ServiceSurveyed, ServiceUnreadable, ServiceWorking, SurveyFinished
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, UNREAD, Properties, Value

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace

_BATCH_SECONDS = 0.05  # readings that arrive within this time go out as one event


@dataclass(slots=True)
class ServiceComparison:
    """Config and state of one service, to be compared with the cloud."""

    service: str
    provider: Provider
    desired: dict[str, Properties]  # by logical id
    types: dict[str, str]
    records: dict[str, Record]
    without_config: bool = False  # the config cannot be compiled: then X says `?`
    readings: dict[str, Reading] = field(default_factory=dict)

    def order(self) -> tuple[str, ...]:
        """Return the logical ids: the config's first, in its order, then those only recorded."""
        return (*self.desired, *(name for name in self.records if name not in self.desired))

    def diff(self, logical_id: str, moment: datetime | None = None) -> ResourceDiff:
        """Compare a resource three ways, as far as it has been read."""
        record = self.records.get(logical_id)
        config = self.desired.get(logical_id)
        type_ = self.types.get(logical_id) or (record.type if record else "")
        if record is None:
            attributes = three_way(self._canonical(type_, config), ABSENT, ABSENT, ABSENT)
            return ResourceDiff(self.service, logical_id, type_, X.NEW, Y.NONE, _unread(attributes))
        reading = self.readings.get(logical_id)
        asked = reading is not None and reading.error is None
        x = self._x(config, record)
        if x in (X.SAME, X.UNKNOWN) and self._untouched(record, reading):
            attributes = ()  # equality has decided; nothing is brought into canonical form for it
        else:
            attributes = self._attributes(config, record, reading)
        moved = sum(1 for item in attributes if item.managed)
        return ResourceDiff(
            service=self.service,
            logical_id=logical_id,
            type=type_,
            x=x,
            y=_y(reading, attributes),
            attributes=attributes,
            same=max(0, count_leaves(record.inputs) - moved) if asked else 0,
            physical_id=record.physical_id,
            read_at=moment if asked else None,
            error=_why_unread(reading),
        )

    def _untouched(self, record: Record, reading: Reading | None) -> bool:
        """Tell whether there is no reading, or one identical to the recorded one."""
        if reading is None or reading.error is not None:
            return True
        if reading.live is None or record.reader_version != self.provider.schema(record.type).reader_version:
            return False
        return same(reading.live.properties, record.observed)

    def _canonical(self, type_: str, properties: Properties | None) -> Value:
        return ABSENT if properties is None else self.provider.canonical(type_, properties)

    def _x(self, config: Properties | None, record: Record) -> X:
        if self.without_config:
            return X.UNKNOWN
        if config is None:
            return X.GONE
        if same(config, record.inputs):
            return X.SAME
        canonical = self.provider.canonical
        return X.SAME if same(canonical(record.type, config), canonical(record.type, record.inputs)) else X.CHANGED

    def _attributes(
        self, config: Properties | None, record: Record, reading: Reading | None
    ) -> tuple[AttributeDiff, ...]:
        state = self._canonical(record.type, record.inputs)
        wanted = state if self.without_config else self._canonical(record.type, config)
        found = three_way(wanted, state, *self._cloud_sides(record, reading))
        return _unread(found) if reading is None or reading.error is not None else found

    def _cloud_sides(self, record: Record, reading: Reading | None) -> tuple[Value, Value]:
        if reading is None or reading.error is not None:
            return ABSENT, ABSENT  # not read: nothing may be concluded, so nothing may differ
        if reading.live is None:
            return self.provider.canonical(record.type, record.inputs), ABSENT
        live = masked(reading.live, record)
        return baseline(record, live, self.provider), self.provider.canonical(record.type, live)


def _unread(attributes: tuple[AttributeDiff, ...]) -> tuple[AttributeDiff, ...]:
    return tuple(replace(item, cloud=UNREAD) for item in attributes)


def _why_unread(reading: Reading | None) -> str:
    if reading is None or reading.error is None:
        return ""
    return ": ".join(line for line in (reading.error.what, reading.error.why) if line)


def _y(reading: Reading | None, attributes: Iterable[AttributeDiff]) -> Y:
    if reading is None or reading.error is not None:
        return Y.UNREAD
    if reading.live is None:
        return Y.MISSING
    return Y.DRIFT if any(item.managed and item.mark.moved_in_cloud for item in attributes) else Y.SAME


def survey(
    workspace: Workspace,
    emit: Emit,
    *,
    services: Sequence[str],
    read_cloud: bool,
    cancelled: Callable[[], bool],
) -> None:
    """Emit for each service ServiceSurveyed (state, then config), then ResourcesRead.

    The state takes milliseconds, the config takes compiling, the cloud takes calls: each shows when it is ready. A
    config with slow work to do is announced by ServiceWorking; the cloud is read meanwhile. A service that cannot be
    opened is one ServiceUnreadable; the others go on. SurveyFinished is last.
    """
    started = time.monotonic()
    columns: dict[str, StateColumn] = {}
    for name in services:
        columns.update(_open_state(workspace, name, emit))
    comparisons: dict[str, ServiceComparison] = {}
    slow: dict[str, BackgroundCompile[ServiceComparison]] = {}
    for name, column in columns.items():
        if cancelled():
            return
        if not _is_comparable(workspace, name, column, emit):
            continue
        compiling = BackgroundCompile(partial(compare, workspace, name, column), cancelled)
        if compiling.is_quick():
            comparisons |= _open_config(workspace, name, column, compiling, emit)
        else:
            slow[name] = compiling
            emit(ServiceWorking(name, compiling.doing))
            comparisons |= {name: _without_config(workspace, name, column)} if column.exists else {}
    read = failed = 0
    if read_cloud:
        by_provider: dict[int, list[ServiceComparison]] = {}
        for comparison in comparisons.values():
            by_provider.setdefault(id(comparison.provider), []).append(comparison)
        for group in by_provider.values():
            done, errors = _read_cloud(group, emit, cancelled)
            read, failed = read + done, failed + errors
    names = {compiling.future: name for name, compiling in slow.items()}
    for future in as_completed(names):
        if cancelled():
            return
        name = names[future]
        readings = comparisons[name].readings if name in comparisons else {}
        _open_config(workspace, name, columns[name], slow[name], emit, readings)
    if not cancelled():
        emit(SurveyFinished(time.monotonic() - started, read, failed))


def _is_comparable(workspace: Workspace, service: str, column: StateColumn, emit: Emit) -> bool:
    """Tell whether config and cloud belong to that state; if not, emits the reason."""
    try:
        check_region(service, column.region, workspace.region(service))
    except StateroomError as error:
        emit(ServiceUnreadable(service, error.lines()))
        return False
    return True


def _without_config(workspace: Workspace, service: str, column: StateColumn) -> ServiceComparison:
    return ServiceComparison(service, workspace.provider(service), {}, {}, column.snapshot.by_id(), True)


def _open_state(workspace: Workspace, service: str, emit: Emit) -> dict[str, StateColumn]:
    try:
        column = workspace.state(service)
    except StateroomError as error:
        emit(ServiceUnreadable(service, error.lines(), isinstance(error, PassphraseError)))
        return {}
    if column.exists:
        emit(_surveyed(_without_config(workspace, service, column)))
    return {service: column}


def _open_config(
    workspace: Workspace,
    service: str,
    column: StateColumn,
    compiling: BackgroundCompile[ServiceComparison],
    emit: Emit,
    readings: Mapping[str, Reading] = MappingProxyType({}),
) -> dict[str, ServiceComparison]:
    """Emit the compiled config's comparison; {} when there is nothing to read from the cloud."""
    try:
        comparison = compiling.future.result()
    except StateroomError as error:
        emit(ServiceUnreadable(service, error.lines(), isinstance(error, PassphraseError)))
        return {service: _without_config(workspace, service, column)} if column.exists else {}
    comparison.readings.update(readings)
    emit(_surveyed(comparison))
    return {service: comparison}


def _surveyed(comparison: ServiceComparison) -> ServiceSurveyed:
    moment = datetime.now(UTC) if comparison.readings else None
    return ServiceSurveyed(comparison.service, tuple(comparison.diff(name, moment) for name in comparison.order()))


def compare(workspace: Workspace, service: str, column: StateColumn, watch: Watch) -> ServiceComparison:
    """Compare config and state of a service, without the cloud.

    Raises:
        StateroomError: the config cannot be compiled.
    """
    snapshot = column.snapshot
    provider = workspace.provider(service)
    template = workspace.template(service, watch)
    outputs = {name: _outputs(workspace, name) for name in workspace.dependencies(service)}
    known = Identity(snapshot.account, workspace.region(service)) if snapshot.account else provider.known_identity()
    surroundings = Surroundings(
        provider,
        known,
        {name: value for name, value in outputs.items() if value is not None},
        look_up=workspace.look_up(service),
        offline=True,
    )
    planner = ServicePlanner(template, snapshot.records, surroundings)
    planner.plan()  # tells which physical ids will change, so that references to them are shown as not known yet
    return ServiceComparison(
        service,
        provider,
        desired=planner.inputs,
        types={name: item.type for name, item in template.resources.items()},
        records=snapshot.by_id(),
    )


def _outputs(workspace: Workspace, service: str) -> dict[str, Value] | None:
    column = workspace.state(service)
    here = column.region in ("", workspace.region(service))
    return dict(column.snapshot.outputs) if column.exists and here else None


def _read_cloud(group: Sequence[ServiceComparison], emit: Emit, cancelled: Callable[[], bool]) -> tuple[int, int]:
    """Read the records of services with one provider; returns the numbers of reads and of failures."""
    by_service = {comparison.service: comparison for comparison in group}
    requests = [
        ReadRequest(f"{comparison.service}/{name}", record.type, record.physical_id, record.inputs)
        for comparison in group
        for name, record in comparison.records.items()
    ]
    batch: dict[str, list[str]] = {}
    failed, sent = 0, time.monotonic()
    for reading in group[0].provider.read_many(requests, cancelled):
        if cancelled():
            return 0, 0
        service, _, name = reading.key.partition("/")
        by_service[service].readings[name] = reading
        failed += reading.error is not None
        batch.setdefault(service, []).append(name)
        if time.monotonic() - sent >= _BATCH_SECONDS:
            _send(by_service, batch, emit)
            batch, sent = {}, time.monotonic()
    _send(by_service, batch, emit)
    return len(requests), failed


def _send(comparisons: Mapping[str, ServiceComparison], batch: Mapping[str, Sequence[str]], emit: Emit) -> None:
    moment = datetime.now(UTC)
    for service, names in batch.items():
        emit(ResourcesRead(service, tuple(comparisons[service].diff(name, moment) for name in names)))
