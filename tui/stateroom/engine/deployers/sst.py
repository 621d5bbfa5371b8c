"""SST as a deployer: a state that SST wrote, to be looked at, repaired and set back to a version.

SST's config is a program and its CLI deploys; what can be done here is what SST leaves undone.
"""

from __future__ import annotations

import time
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.deployers.home_service import HomeService
from stateroom.engine.deployers.record_cloud import open_record_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.records.restore import restore_steps
from stateroom.engine.requests import Emit, Outcome
from stateroom.engine.tools.pending_lookup import lookup_within
from stateroom.engine.tools.record_providers import RecordProvider
from stateroom.errors import MisplacedStateError, NewerStateError, PlanError, StateError
from stateroom.model.events import (
    OperationFinished,
    OperationStarted,
    ServiceFinished,
    ServiceStarted,
    StateSaved,
    StepFinished,
)
from stateroom.model.plan import Operation, Plan, ServicePlan
from stateroom.model.resource import Record, Snapshot
from stateroom.model.standing import NO_STATE, Gravity, Standing, StateProblem
from stateroom.model.version import VersionName
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.foreign_view import view_snapshot
from stateroom.state.home import Home


class SstService(HomeService):
    """One app and stage of SST (engine.deployers.deployer.DeployedService).

    Args:
        home: where its state lies.
        service: the name that it is shown by: `app/stage`.
        app, stage: the names that the state goes by.
        options: choices of the user.
    """

    name = "SST"

    def __init__(self, home: Home, service: str, app: str, stage: str, options: WorkspaceOptions) -> None:
        self._service = service
        self._options = options
        super().__init__(home, app, stage, ask=lookup_within(self._provider), read_only=options.read_only)

    def snapshot(self, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now; None when there is none."""
        if version is not None:
            document = CheckpointDocument.parse(self._version_data(version))
        elif found := self.tools().find():
            document = found[0]
        else:
            return None
        try:
            return view_snapshot(document, self._home.keys.cipher(self._app, self._stage, document.salt))
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise StateError(
                f"the state of {self._service} cannot be shown",
                why=f"a resource in it has another form than states have ({type(error).__name__})",
                todo="`stateroom state repair` puts it right; `stateroom versions` lists earlier states",
            ) from None

    def standing(self) -> Standing:
        """Tell how the service stands; a stage without a state, what else there is of it."""
        standing = super().standing()
        if standing.problems or self._home.etag(self._app, self._stage) is not None:
            return standing
        kept = " and ".join(self._home.keys.kept(self._app, self._stage))
        text = f"there is no state, only {kept}" if kept else "there is no state"
        note = StateProblem(NO_STATE, text, "the first deploy makes one", Gravity.NOTE)
        return replace(standing, problems=(note,))

    def plan_state_rollback(self, version: VersionName) -> Plan:
        """Plan to put a version in the place of the current state. The cloud is left alone.

        Raises:
            MisplacedStateError: what lies there is another one's state, which is not to be replaced.
            StateError: there is no such version, or it cannot be read.
        """
        past = self.snapshot(version)
        try:
            current = self.snapshot()
        except (MisplacedStateError, NewerStateError):
            raise
        except StateError:
            current = None  # damaged: it is replaced as a whole
        now, then = _by_id(current), _by_id(past)
        steps = restore_steps(self._service, now, then)
        base = self._home.etag(self._app, self._stage) or "none"
        plan = ServicePlan(self._service, steps, stage=self._stage, unchanged=len(then) - len(steps), base=base)
        return Plan(Operation.ROLLBACK, (plan,), version=version)

    def execute_state_rollback(self, plan: Plan, emit: Emit) -> Outcome:
        """Write the version's file over the state that the plan was made from, every field as it was.

        Raises:
            ReadOnlyError, LockedError, StateConflictError, StateError: nothing was written.
        """
        started = time.monotonic()
        planned = plan.services[0]
        tools = self.tools()
        if plan.version is None:
            raise PlanError("the plan names no version to go back to", todo="plan again")
        data = CheckpointDocument.parse(self._version_data(plan.version)).dump()
        draft = tools.take_in(data, "rollback")
        if (draft.expected or "none") != planned.base:
            raise StateError(
                "the state has changed since this was planned", why="nothing was written", todo="plan again"
            )
        emit(OperationStarted(plan.operation, plan.stage, len(planned.steps)))
        emit(ServiceStarted(planned.service, len(planned.steps)))
        number = tools.apply(draft)
        for step in planned.steps:
            emit(StepFinished(step.service, step.id, step.logical_id, step.type, step.action, 0.0))
        emit(StateSaved(planned.service, number))
        seconds = time.monotonic() - started
        emit(ServiceFinished(planned.service, len(planned.steps), 0, 0, seconds, ()))
        emit(OperationFinished(plan.operation, len(planned.steps), 0, 0, seconds, False))
        return Outcome(done=len(planned.steps))

    def _version_data(self, name: VersionName) -> bytes:
        """Return the file of a version. Raises StateError with the existing versions."""
        version, _ = self.version(name)
        return self._home.histories.load(self._app, self._stage, version).data

    def _provider(self, place: RecordProvider) -> Provider:
        """Open the cloud where a resource of the state is; without a provider, where most of the state is."""
        if not place.region:
            snapshot = self.snapshot()
            place = replace(place, region=self._options.region or (snapshot.region if snapshot else ""))
        return open_record_provider(place, self._options)


def _by_id(snapshot: Snapshot | None) -> dict[str, Record]:
    return {record.logical_id: record for record in snapshot.records} if snapshot else {}
