"""Commands that write, each through a plan that the user sees first."""

# Every command is given deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from stateroom.engine.requests import Request
from stateroom.model.diff import Y
from stateroom.model.plan import Operation
from stateroom.ui.commands.base import Command, CommandContext, Danger, Deck, Pane

_LISTS = frozenset({Pane.SERVICES, Pane.RESOURCES, Pane.DIFF})


class OperationCommand(Command):
    """A command that makes a Request."""

    group = "Make them agree"
    danger = Danger.WRITES
    operation: Operation
    for_states = False  # it makes sense where another tool deploys, too

    def applies(self, context: CommandContext) -> bool:
        """Most only where stateroom deploys."""
        return self.for_states or not (context.info and context.info.deployer)

    def elsewhere(self, deployer: str) -> str:
        """Why it is not for states that another tool deploys."""
        return f"{deployer} deploys this: `{deployer.lower()} {self.operation.value}` does it"

    def disabled(self, context: CommandContext) -> str | None:
        """Not while opening, on what another tool deploys, read-only, or while another operation runs."""
        if context.info is None:
            return "the project is still opening"
        if not self.applies(context):
            return self.elsewhere(context.info.deployer)
        if context.info.read_only:
            return "stateroom runs read-only"
        if context.running:
            return f"{context.running} is running"
        return None

    def request(self, context: CommandContext) -> Request:
        """The marked resources; without marks, the chosen service or all of them."""
        return Request(self.operation, services=_services(context), targets=context.marked)

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Plan it and ask."""
        request = self.request(context)
        deck.propose(request, title(request, context))


class DeployCommand(OperationCommand):
    """Config into the cloud."""

    name, label, key = "deploy", "deploy", "d"
    help = "Write what the config changed to the cloud: the marked resources, or the whole service."
    operation = Operation.DEPLOY
    panes = _LISTS


class RefreshCommand(OperationCommand):
    """Cloud into state."""

    name, label, key = "refresh", "refresh", "r"
    help = "Take the cloud as it is into the state: the marked resources, or the whole service."
    operation = Operation.REFRESH
    panes = _LISTS


class _OnDrift(OperationCommand):
    """Commands about drift work on the narrowest thing under the cursor."""

    panes = _LISTS

    def elsewhere(self, deployer: str) -> str:
        """Nobody else has it."""
        return f"{deployer} deploys this, so nothing is compared here"

    def disabled(self, context: CommandContext) -> str | None:
        """Only where the cloud is known to differ."""
        reason = super().disabled(context)
        if reason or context.marked or context.pane not in (Pane.RESOURCES, Pane.DIFF):
            return reason
        if context.resource is None:
            return "no resource under the cursor"
        if context.resource.y is Y.UNREAD:
            return f"the cloud's {context.resource.logical_id} has not been read"
        if not context.resource.drifted:
            return f"{context.resource.logical_id} has not drifted"
        return None

    def request(self, context: CommandContext) -> Request:
        """In the diff the attribute under the cursor, in the list the resource, elsewhere the service."""
        if context.marked or context.pane not in (Pane.RESOURCES, Pane.DIFF) or context.resource is None:
            return super().request(context)
        attributes = (context.attribute.path,) if context.pane is Pane.DIFF and context.attribute else ()
        return _one(self.operation, context, attributes)


class HealCommand(_OnDrift):
    """State over drift."""

    name, label, key = "heal", "heal", "h"
    help = "Push the state over drift: the attribute, the resource or the marked ones, as the cursor says."
    operation = Operation.HEAL


class AcceptCommand(_OnDrift):
    """Drift into state."""

    name, label, key = "accept", "accept", "a"
    help = "Take the cloud's value into the state: the attribute, the resource or the marked ones, as the cursor says."
    operation = Operation.ACCEPT


class AcceptResourceCommand(_OnDrift):
    """All drift of one resource into state."""

    name, label, key = "accept_resource", "accept all", "A"
    help = "Take all of the cloud's values of this resource into the state."
    operation = Operation.ACCEPT
    panes = frozenset({Pane.DIFF})

    def request(self, context: CommandContext) -> Request:
        """Always whole resources."""
        if context.marked or context.resource is None:
            return super().request(context)
        return _one(self.operation, context)


class RemoveCommand(OperationCommand):
    """Delete from cloud and state."""

    name, label, key = "remove", "remove", "x"
    help = "Delete from cloud and state: the marked resources, the one under the cursor, or in Services all of one."
    operation = Operation.REMOVE
    danger = Danger.DESTROYS
    panes = _LISTS

    def disabled(self, context: CommandContext) -> str | None:
        """Never on a protected stage."""
        reason = super().disabled(context)
        if reason is None and context.info is not None:
            for stage in context.info.stages_of(self.request(context).services):
                if stage in context.info.protected:
                    return f"stage {stage} is protected"
        if reason is None and context.pane in (Pane.RESOURCES, Pane.DIFF) and not (context.marked or context.resource):
            return "no resource under the cursor"
        return reason

    def request(self, context: CommandContext) -> Request:
        """A whole service only from the Services pane."""
        if not context.marked and context.pane in (Pane.RESOURCES, Pane.DIFF) and context.resource:
            return _one(self.operation, context)
        return super().request(context)


class RollBackCommand(OperationCommand):
    """An old version into the cloud."""

    name, label, key = "rollback", "roll back", "b"
    help = "Make the cloud and the state as they were at the version under the cursor."
    operation = Operation.ROLLBACK
    panes = frozenset({Pane.VERSIONS})
    state_only = False

    def elsewhere(self, deployer: str) -> str:
        """The state can go back all the same."""
        return f"{deployer} deploys this, so only the state can go back"

    def disabled(self, context: CommandContext) -> str | None:
        """Only to a past version, chosen in the Versions pane."""
        reason = super().disabled(context)
        if reason:
            return reason
        if context.pane is not Pane.VERSIONS or context.version is None:
            return "choose a version in the Versions pane first"
        if not context.version.stored:
            return f"there is no state of version {context.version.name}"
        if context.version.current:
            return f"version {context.version.name} is the current one"
        return None

    def request(self, context: CommandContext) -> Request:
        """One service, to one version."""
        name = context.version.name if context.version else None
        return Request(
            self.operation,
            services=(context.owner,) if context.owner else (),
            version=name,
            state_only=self.state_only,
        )


class RollBackStateCommand(RollBackCommand):
    """An old version into the state only."""

    name, label, key = "rollback_state", "state only", "B"
    help = "Make the state as it was at the version under the cursor, and leave the cloud alone."
    state_only = True
    for_states = True


class UnlockCommand(OperationCommand):
    """Break a lock that nobody holds any more."""

    name, label, key = "unlock", "unlock", "u"
    help = "Show who holds the service's lock, and break it."
    panes = frozenset({Pane.SERVICES})
    for_states = True

    def disabled(self, context: CommandContext) -> str | None:
        """Only where there is a lock."""
        reason = super().disabled(context)
        if reason is None and context.lock is None:
            return f"{context.owner or 'no service'} is not locked" if context.owner else "nothing is locked"
        return reason

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Ask first."""
        if context.lock is not None:
            deck.ask_unlock(context.owner, context.lock)


class ResetHomeCommand(Command):
    """Bootstrap taken down and set up again."""

    name, label, key = "reset", "reset home", "R"
    help = (
        "Guide through a reset of the home's bootstrap, or put back what is missing of it; goes on where one stopped."
    )
    group = "Make them agree"
    danger = Danger.DESTROYS
    panes = frozenset({Pane.SERVICES})

    def applies(self, context: CommandContext) -> bool:
        """Where the home can be reset."""
        return not context.reset_refusal

    def disabled(self, context: CommandContext) -> str | None:
        """Not while opening, read-only, on a protected stage, while something runs, or where nothing can be reset."""
        if context.info is None:
            return "the project is still opening"
        if context.info.read_only:
            return "stateroom runs read-only"
        if context.running:
            return f"{context.running} is running"
        if context.info.protected:
            return f"stage {', '.join(sorted(context.info.protected))} is protected"
        return "the home is still opening" if context.reset_refusal is None else context.reset_refusal or None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the guide."""
        deck.open_reset()


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
    Operation.RECOVER: "Recover",
}


def title(request: Request, context: CommandContext) -> str:
    """What a request is about, in a line: `Heal MemorySize of orders/OrdersFn · dev`."""
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
