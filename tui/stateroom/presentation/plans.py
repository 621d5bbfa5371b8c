"""Plans in words: what would be done, destructive steps first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from stateroom.model.data_loss import lost_data
from stateroom.model.plan import Action, BootstrapPart, Operation, Plan, Step
from stateroom.model.version import Past
from stateroom.presentation.steps.document import bootstrap_json, services_json
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import type_name

# Destructive first: what cannot be taken back must be read before the eye tires.
_ORDER = {
    Action.REFUSE: 0,
    Action.PENDING: 0,
    Action.DELETE: 1,
    Action.REPLACE: 2,
    Action.REVERT: 2,
    Action.UPDATE: 3,
    Action.CREATE: 4,
    Action.ADOPT: 5,
    Action.FORGET: 6,
    Action.RECORD: 7,
}
_SUMMARY = (
    (Action.CREATE, "to create"),
    (Action.UPDATE, "to update"),
    (Action.REPLACE, "to replace"),
    (Action.DELETE, "to delete"),
    (Action.REVERT, "to revert"),
    (Action.ADOPT, "to adopt"),
    (Action.FORGET, "to drop from state"),
    (Action.RECORD, "to record in state"),
    (Action.REFUSE, "refused"),
    (Action.PENDING, "pending: left alone"),
)


_WAY_BACK = {
    True: "           The bucket keeps what is deleted: stateroom versions lists it, rollback goes back to it.",
    False: "           Nothing brings that back.",
    None: "           Whether the bucket keeps what is deleted may not be asked with these credentials.",
}

_ON = {
    Operation.DEPLOY: "to",
    Operation.REMOVE: "from",
    Operation.REFRESH: "on",
    Operation.HEAL: "on",
    Operation.ACCEPT: "on",
    Operation.ROLLBACK: "on",
    Operation.IMPORT: "on",
    Operation.RECOVER: "on",
}


def address(step: Step) -> str:
    """`orders/OrdersQueue`."""
    return plain(f"{step.service}/{step.logical_id}")


def ordered(plan: Plan) -> tuple[Step, ...]:
    """Sort steps for reading: deletions, replacements, updates, then the rest; plan order within each."""
    return tuple(sorted(plan.steps(), key=lambda step: _ORDER[step.action]))


def step_line(step: Step, name_width: int = 0) -> str:
    """`± replace  orders/OrdersQueue  SQS Queue  (reason)`; names are filled up to `name_width` cells."""
    name, why = address(step), reason(step)
    note = f"  ({why})" if why else ""
    shown = pad(name, max(name_width, cells(name)))
    return f"{step.action.glyph} {step.action.value:<7}  {shown}  {type_name(step.type)}{note}"


def reason(step: Step) -> str:
    """Why the step is there, and what else happens with it; may be empty."""
    notes = [plain(step.reason)] if step.reason else []
    if step.action is Action.REPLACE and step.delete_first:
        notes.append("the old one is deleted first")
    if lost := lost_data(step):
        notes.append(f"{lost} will be lost")
    if step.deleted_with:
        notes.append(f"goes with {plain(step.deleted_with.split('#')[0])}")
    return "; ".join(notes)


def bootstrap_lines(plan: Plan) -> tuple[str, ...]:
    """One line for each part of the home that is made first: `+ make     bucket NAME in REGION, with versioning`."""
    return tuple(map(_bootstrap_line, plan.bootstrap))


def _bootstrap_line(part: BootstrapPart) -> str:
    if part.kind == "keyring entry":
        return f"+ make     a passphrase for {plain(part.name)} in this machine's keyring  (it encrypts the secrets)"
    versioned = ", with versioning" if part.versioned else ""
    return f"+ make     {part.kind} {plain(part.name)} in {part.region}{versioned}  (the home's {part.role})"


def deferred_lines(plan: Plan) -> tuple[str, ...]:
    """One line for each service that is planned when others are deployed: `billing: known after orders  (REASON)`."""
    return tuple(
        f"{plain(item.service)}: known after {plain(', '.join(item.after))}  ({plain(item.why)})"
        for item in plan.deferred
    )


def past_lines(plan: Plan) -> tuple[str, ...]:
    """Say what a remove clears of the home besides the state, and whether anything brings it back."""
    return tuple(line for item in plan.services if item.past for line in _past_lines(item.service, item.past))


def _past_lines(service: str, past: Past) -> Iterator[str]:
    many = f"{past.versions} version{'' if past.versions == 1 else 's'} of its state"
    yield (
        f"- clear    {plain(service)}: {many}, their records, and packages that nothing else in the home needs"
        "  (--keep-history keeps all of it)"
    )
    yield _WAY_BACK[past.kept]
    if past.secrets:
        yield "           Its passphrase stays (stateroom passphrase status); passphrase forget takes it away."


def tag_lines(plan: Plan) -> tuple[str, ...]:
    """Say which tags every step writes that makes or takes over something; nothing when none does."""
    if not any(step.action in (Action.CREATE, Action.REPLACE, Action.ADOPT) for step in plan.steps()):
        return ()
    return ("What is made is tagged as this state's, where its type bears tags: stateroom:service, stage, …",)


def title(plan: Plan, home: str = "") -> str:
    """Name what a plan acts on, all of it.

    `Plan: deploy of orders, billing (2 of 3 services) to dev · eu-west-1 · account 123456789012 · home local; targets
    orders/OrdersQueue`.
    """
    names = [item.service for item in plan.services]
    total = f" ({len(names)} of {plan.project_services} services)" if plan.project_services > 1 else ""
    version = f" to version {plan.version}" if plan.version is not None else ""
    regions = dict.fromkeys(item.region for item in plan.services)
    accounts = dict.fromkeys(item.account for item in plan.services if item.account)
    parts = [
        f"Plan: {plan.operation.value} of {', '.join(names) or 'nothing'}{total}{version} {_ON[plan.operation]}",
        *filter(None, regions),
        *(f"account {account}" for account in accounts),
        *([f"home {home}"] if home else []),
    ]
    parts[0] = f"{parts[0]} {plan.stage}"
    targets = f"; targets {', '.join(plan.targets)}" if plan.targets else ""
    return plain(" · ".join(parts) + targets)


def loss_line(losses: Collection[Step]) -> str:
    """Say `Data will be lost: orders/OrdersTable (its items), orders/Inbox (its messages)`; "" without a loss."""
    named = ", ".join(f"{address(step)} ({lost_data(step)})" for step in losses)
    return f"Data will be lost: {named}" if named else ""


def unread_lines(plan: Plan) -> tuple[str, ...]:
    """One line for each reason why the cloud's values are not known: `the cloud was not read (orders/Fn): REASON`."""
    reasons: dict[str, list[Step]] = {}
    for step in plan.steps():
        if step.unread:
            reasons.setdefault(step.unread, []).append(step)
    return tuple(
        f"the cloud was not read ({address(steps[0])}{f' and {len(steps) - 1} more' if len(steps) > 1 else ''}): "
        f"{plain(reason)}"
        for reason, steps in reasons.items()
    )


def counts(plan: Plan) -> Counter[Action]:
    """Count steps by action, where the deletion of a replaced resource's old copy is part of the replacement."""
    replaced = {f"{step.id}#delete" for step in plan.steps() if step.action is Action.REPLACE}
    return Counter(step.action for step in plan.steps() if step.id not in replaced)


def summary(plan: Plan) -> str:
    """`3 to create, 1 to update, 1 to replace; 12 unchanged`, or `nothing to do; 13 unchanged`."""
    count = counts(plan)
    parts = [f"{count[action]} {words}" for action, words in _SUMMARY if count[action]]
    if outputs := [item.service for item in plan.services if item.outputs_change and not item.steps]:
        parts.append(f"outputs of {', '.join(outputs)} to record")
    if cleared := [item.service for item in plan.services if item.past and not item.steps]:
        parts.append(f"the past of {', '.join(cleared)} to clear")
    if settled := [item.service for item in plan.services if item.settles and not item.steps]:
        parts.append(f"what became of interrupted steps of {', '.join(settled)} to record")
    text = ", ".join(parts) or "nothing to do"
    rest = [
        f"{number} {word}"
        for number, word in (
            (sum(service.unchanged for service in plan.services), "unchanged"),
            (sum(service.skipped for service in plan.services), "left out by --target"),
        )
        if number
    ]
    return f"{text}; {', '.join(rest)}" if rest else text


def on_stage(stage: str) -> str:
    """`stage dev`, or `stages dev, prod`."""
    return f"stages {stage}" if "," in stage else f"stage {stage}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Convert a plan to the JSON of `--json`.

    Keys: operation, stage (`dev`, or `dev, prod`), destroys, writes_cloud, summary (action to count), warnings,
    targets (addresses that it is limited to), project_services, bootstrap (what is made of the home first: each with
    role, kind, name, region and versioned), deferred (what is planned when this has run: each with service, after and
    why),
    services: each with service, stage, account, region, waits_for, unchanged, skipped, outputs_change, settles, note
    and steps: each with id, address, logical_id, type, action, reason, problems (of a refused one: what, todo, path,
    file, line), physical_id, waits_for, delete_first, deleted_with, data_lost (what goes with it), changes and kept
    (drift that stays): each with path, name, forces_replacement, undeclared, danger (of what nobody declared),
    cloud_read and, where the attribute exists, before, after and cloud; cloud_unread (why the cloud's values are not
    known); and properties (what will be)
    or recorded (what is deleted).
    """
    return {
        "operation": plan.operation.value,
        "stage": plan.stage,
        "destroys": plan.destroys,
        "writes_cloud": plan.writes_cloud,
        "summary": {action.value: number for action, number in counts(plan).items()},
        "warnings": list(plan.warnings),
        "targets": list(plan.targets),
        "project_services": plan.project_services,
        "bootstrap": bootstrap_json(plan),
        "deferred": [{"service": item.service, "after": list(item.after), "why": item.why} for item in plan.deferred],
        "services": services_json(plan),
    }
