"""Who is asked for a service's state, plan, run, history and lock; and what each cockpit offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.config.compile_options import Watch
from stateroom.engine.cockpit import open_cockpit
from stateroom.engine.deployers.deployer import DeployedService, Deployer
from stateroom.engine.operate import plan_request
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit, OperatingCockpit, Request, StateRollbackCockpit
from stateroom.errors import PlanError, UsageError
from stateroom.model.plan import Action, Operation
from tests.commands.sst_home import Machine
from tests.engine.lab import QUEUE, Lab, one_service


def foreign(directory: Path) -> Cockpit:
    machine = Machine(directory)
    machine.deployed()
    return open_cockpit(machine.here, WorkspaceOptions(home="sst-local", environment=machine.environment))


def test_a_direct_deployer_answers_for_one_service(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Jobs=(QUEUE, {"QueueName": "jobs"})))
    deployer: Deployer = lab.cockpit.deployer("orders")
    assert deployer.name == "direct"
    assert deployer.snapshot() is None
    assert not deployer.state().exists
    planned = deployer.plan(Request(Operation.DEPLOY), {}, Watch())
    assert [step.action for step in planned.plan.steps] == [Action.CREATE]
    assert lab.run().ok
    assert [version.command for version in deployer.history().versions] == ["deploy"]
    assert deployer.lock() is None
    with pytest.raises(UsageError, match="there is no service 'billing'"):
        lab.cockpit.deployer("billing")


def test_a_project_offers_every_operation(tmp_path: Path) -> None:
    cockpit = Lab(tmp_path, one_service(Jobs=(QUEUE, {"QueueName": "jobs"}))).cockpit
    assert isinstance(cockpit, OperatingCockpit)
    assert not isinstance(cockpit, StateRollbackCockpit)
    assert plan_request(cockpit, Request(Operation.DEPLOY)).counts() == {Action.CREATE: 1}


def test_a_home_of_another_tool_offers_to_set_states_back_and_nothing_else(tmp_path: Path) -> None:
    cockpit = foreign(tmp_path)
    assert not isinstance(cockpit, OperatingCockpit)
    assert isinstance(cockpit, StateRollbackCockpit)
    deployed: DeployedService = cockpit.deployer("ledger/qa")  # type: ignore[attr-defined]  # of ForeignCockpit
    assert deployed.name == cockpit.info().deployer == "SST"


@pytest.mark.parametrize("operation", [item for item in Operation if item is not Operation.RECOVER])
def test_an_operation_of_another_tool_is_refused_before_anything_is_read(tmp_path: Path, operation: Operation) -> None:
    with pytest.raises(PlanError, match=f"stateroom does not {operation.value} what another tool deployed") as refused:
        plan_request(foreign(tmp_path), Request(operation, version=1))
    assert "`sst " in refused.value.todo


def test_a_state_is_set_back_for_one_service_and_one_version(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rollback is for one service and one version"):
        plan_request(foreign(tmp_path), Request(Operation.ROLLBACK, state_only=True))
