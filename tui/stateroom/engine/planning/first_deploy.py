"""Refuse to deploy a second copy of what another tool deployed as a CloudFormation stack."""

from __future__ import annotations

from stateroom.config.compose.own_settings import DIRECT
from stateroom.engine.framework_outputs import by_tool, stack_of
from stateroom.engine.workspace import Workspace
from stateroom.errors import CloudError, PlanError

_BY_CHOICE = "--deployer direct, or custom.stateroom.deployer: direct,"


def check_no_stack(workspace: Workspace, service: str, deployer: str) -> None:
    """Check before a first deploy that nobody deploys the service as a stack. Asks once, and not if it was chosen.

    Args:
        workspace: the project.
        service: one without a state.
        deployer: `--deployer`; "" when it was not given.

    Raises:
        PlanError: its stack exists, or it is not known whether it does.
    """
    if DIRECT in (deployer, workspace.deployer(service)):
        return
    name, region = workspace.stack(service)
    try:
        stack = stack_of(workspace, service)
    except CloudError as error:
        raise PlanError(
            f"{service}: whether it is deployed as CloudFormation stack {name} is not known",
            why="; ".join(error.lines()[:2]),
            todo=f"allow cloudformation:DescribeStacks in {region}; {_BY_CHOICE} deploys without asking",
        ) from error
    if stack is not None:
        raise PlanError(
            f"{service} is deployed as CloudFormation stack {name}{by_tool(stack)}",
            why=f"{stack.id} is {stack.status}, and there is no state of stateroom: it would make a second copy",
            todo=f"go on with the tool that deployed it, or name another --stage; {_BY_CHOICE} makes the second copy",
        )
