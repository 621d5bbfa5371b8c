"""Commands that write state or cloud, each after a plan that the user has seen."""

# Every command gets deck and context, whichever it needs.

from __future__ import annotations

from stateroom.engine.requests import Request
from stateroom.model.diff import ALL_UNDECLARED, Y
from stateroom.model.plan import Operation
from stateroom.ui.commands.base import Command, Danger
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck

_LISTS = frozenset({Pane.SERVICES, Pane.RESOURCES, Pane.DIFF})
_ONE = frozenset({Pane.RESOURCES, Pane.DIFF})  # where a resource is under the cursor that the keys go to


class OperationCommand(Command):
    """Base of the commands that make a Request.

    Each acts on what the title of the focused pane names, and never on more: in Services on the chosen service, in
    Resources on what is marked there, or else on its service, in the diff on its resource. A read-only run plans, too.
    """

    group = "Make them agree"
    danger = Danger.WRITES
    operation: Operation
    for_states = False  # True: it makes sense where another tool deploys, too
    acts_in = frozenset({*_LISTS, Pane.VERSIONS})  # the panes whose title names something that it can be done to

    def applies(self, context: CommandContext) -> bool:
        """Tell whether stateroom deploys this, or the command is for states of other tools, too."""
        return self.for_states or not (context.info and context.info.deployer)

    def refusal(self, deployer: str) -> str:
        """Return why the command is not for states that another tool deploys."""
        return f"{deployer} deploys this: `{deployer.lower()} {self.operation.value}` does it"

    def disabled(self, context: CommandContext) -> str | None:
        """Refuse it while opening, where another tool deploys, while another runs, and without a scope in sight."""
        if context.info is None:
            return "the project is still opening"
        if not self.applies(context):
            return self.refusal(context.info.deployer)
        if context.running:
            return f"{context.running} is running"
        return self.without_scope(context)

    def without_scope(self, context: CommandContext) -> str | None:
        """Return why nothing in the focused pane says what to do it to; None when something does."""
        if context.pane not in self.acts_in:
            return "choose a service or a resource first"
        if context.pane is Pane.DIFF and context.resource is None:
            return "no resource under the cursor"
        if context.pane is Pane.VERSIONS and not context.owner:
            return "choose one service first"
        return None

    def request(self, context: CommandContext) -> Request:
        """Request it for the marked resources, for the diff's resource, or for the services that the pane names."""
        if context.pane is Pane.DIFF:
            return _one(self.operation, context)
        if context.pane is Pane.VERSIONS:
            return Request(self.operation, services=(context.owner,))
        return Request(self.operation, services=_services(context), targets=context.marked)

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Plan it and ask."""
        request = self.request(context)
        deck.operations.propose(request, title(request, context))


class DeployCommand(OperationCommand):
    """Write the config to the cloud."""

    name, label, key = "deploy", "deploy", "d"
    help = "Write what the config changed to the cloud: the marked resources, the diff's one, or the whole service."
    operation = Operation.DEPLOY
    panes = _LISTS


class RefreshCommand(OperationCommand):
    """Take the cloud into the state."""

    name, label, key = "refresh", "refresh", "r"
    help = "Take the cloud as it is into the state: the marked resources, the diff's one, or the whole service."
    operation = Operation.REFRESH
    panes = _LISTS


class _OnDrift(OperationCommand):
    """Base of the commands about drift, which work on the narrowest thing under the cursor."""

    panes = acts_in = _LISTS

    def refusal(self, deployer: str) -> str:
        """Return that nothing is compared."""
        return f"{deployer} deploys this, so nothing is compared here"

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it where the cloud is known to differ."""
        reason = super().disabled(context)
        if reason or context.marked or context.pane not in _ONE:
            return reason
        if context.resource is None:
            return "no resource under the cursor"
        if context.resource.y is Y.UNREAD:
            return f"the cloud's {context.resource.logical_id} has not been read"
        if not context.resource.drifted and not context.resource.outside:
            return f"{context.resource.logical_id} has not drifted"
        return None

    def request(self, context: CommandContext) -> Request:
        """Request it for the attribute in the diff, the resource in the list, elsewhere the service."""
        if context.marked or context.pane not in _ONE or context.resource is None:
            return super().request(context)
        attributes = (context.attribute.path,) if context.pane is Pane.DIFF and context.attribute else ()
        if not attributes and not context.resource.drifted:
            attributes = (ALL_UNDECLARED,)  # there is nothing else
        return _one(self.operation, context, attributes)


class HealCommand(_OnDrift):
    """Push the state over drift."""

    name, label, key = "heal", "heal", "h"
    help = "Push the state over drift: the attribute, the resource or the marked ones, as the cursor says."
    operation = Operation.HEAL


class AcceptCommand(_OnDrift):
    """Take one drifted value into the state."""

    name, label, key = "accept", "accept", "a"
    help = "Take the cloud's value into the state: the attribute, the resource or the marked ones, as the cursor says."
    operation = Operation.ACCEPT


class AcceptResourceCommand(_OnDrift):
    """Take all drift of one resource into the state."""

    name, label, key = "accept_resource", "accept all", "A"
    help = "Take all of the cloud's values of this resource into the state."
    operation = Operation.ACCEPT
    panes = frozenset({Pane.DIFF})
    acts_in = _ONE

    def request(self, context: CommandContext) -> Request:
        """Request it for whole resources."""
        if context.marked or context.resource is None:
            return super().request(context)
        return _one(self.operation, context)


class RemoveCommand(OperationCommand):
    """Delete from cloud and state."""

    name, label, key = "remove", "remove", "x"
    help = "Delete from cloud and state: the marked resources, the one under the cursor, or in Services all of one."
    operation = Operation.REMOVE
    danger = Danger.DESTROYS
    panes = acts_in = _LISTS

    def disabled(self, context: CommandContext) -> str | None:
        """Refuse it on a protected stage."""
        reason = super().disabled(context)
        if reason is None and context.info is not None:
            for stage in context.info.stages_of(self.request(context).services):
                if stage in context.info.protected:
                    return f"stage {stage} is protected"
        if reason is None and context.pane in _ONE and not (context.marked or context.resource):
            return "no resource under the cursor"
        return reason

    def request(self, context: CommandContext) -> Request:
        """Request it for a whole service from the Services pane only."""
        if not context.marked and context.pane in _ONE and context.resource:
            return _one(self.operation, context)
        return super().request(context)


class RollBackCommand(OperationCommand):
    """Roll cloud and state back to an old version."""

    name, label, key = "rollback", "roll back", "b"
    help = "Make the cloud and the state as they were at the version under the cursor."
    operation = Operation.ROLLBACK
    panes = frozenset({Pane.VERSIONS})
    acts_in = panes
    state_only = False

    def refusal(self, deployer: str) -> str:
        """Return that the state can go back all the same."""
        return f"{deployer} deploys this, so only the state can go back"

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it for a past version, chosen in the Versions pane."""
        reason = super().disabled(context)
        if reason:
            return reason
        if context.version is None:
            return "choose a version in the Versions pane first"
        if not context.version.stored:
            return f"there is no state of version {context.version.name}"
        if context.version.current:
            return f"version {context.version.name} is the current one"
        return None

    def without_scope(self, context: CommandContext) -> str | None:
        """Return why there is no version."""
        return None if context.pane is Pane.VERSIONS else "choose a version in the Versions pane first"

    def request(self, context: CommandContext) -> Request:
        """Request it for one service and one version."""
        name = context.version.name if context.version else None
        return Request(
            self.operation,
            services=(context.owner,) if context.owner else (),
            version=name,
            state_only=self.state_only,
        )


class RollBackStateCommand(RollBackCommand):
    """Roll only the state back to an old version."""

    name, label, key = "rollback_state", "state only", "B"
    help = "Make the state as it was at the version under the cursor, and leave the cloud alone."
    state_only = True
    for_states = True


def _services(context: CommandContext) -> tuple[str, ...]:
    if context.marked:
        return tuple(dict.fromkeys(address.partition("/")[0] for address in context.marked))
    return (context.service,) if context.service else ()


def _one(operation: Operation, context: CommandContext, attributes: tuple[tuple[str | int, ...], ...] = ()) -> Request:
    resource = context.resource
    if resource is None:
        raise ValueError("no resource under the cursor")
    address = f"{resource.service}/{resource.logical_id}"
    return Request(operation, services=(resource.service,), targets=(address,), attributes=attributes)


_VERBS = {
    Operation.DEPLOY: "Deploy",
    Operation.REFRESH: "Refresh",
    Operation.HEAL: "Heal",
    Operation.ACCEPT: "Accept",
    Operation.REMOVE: "Remove",
    Operation.ROLLBACK: "Roll back",
    Operation.IMPORT: "Import",
    Operation.RECOVER: "Recover",
}


def scope(context: CommandContext) -> str:
    """Say what the focused pane's keys act on: `orders`, `3 marked`, `OrdersFn.Timeout`; "" where they do nothing."""
    if context.pane in _ONE and context.marked:
        return f"{len(context.marked)} marked"
    if context.pane is Pane.DIFF:
        name = context.resource.logical_id if context.resource else ""
        return f"{name}.{context.attribute.name}" if name and context.attribute else name
    if context.pane is Pane.VERSIONS:
        return context.owner
    return (context.service or "all services") if context.pane in _LISTS else ""


def title(request: Request, context: CommandContext) -> str:
    """Describe a request in a line: `Heal MemorySize of orders/OrdersFn · dev`."""
    if request.attributes and context.attribute:
        what = f"{context.attribute.name} of {request.targets[0]}"
    elif len(request.targets) == 1:
        what = request.targets[0]
    elif request.targets:
        what = f"{len(request.targets)} resources"
    else:
        what = ", ".join(request.services) or "all services"
    if request.operation is Operation.ROLLBACK:
        what += f" to version {request.version}" + (" (state only)" if request.state_only else "")
    stage = ", ".join(context.info.stages_of(request.services)) if context.info else ""
    return f"{_VERBS[request.operation]} {what} · {stage}"
