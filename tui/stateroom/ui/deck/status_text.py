"""Texts about the model: freshness in the title, remarks above the resources, hints in the footer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from stateroom.presentation.survey.agreement import shared_reasons
from stateroom.presentation.survey.standing import standing_remarks
from stateroom.presentation.survey.verdicts import refusal_lines
from stateroom.presentation.values import age
from stateroom.ui.commands import COMMANDS, CommandContext, display_key
from stateroom.ui.deck.deck_model import DeckModel, ServiceModel
from stateroom.ui.screens.problem_screen import names_repair
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.key_bar import KeyHint


def freshness(model: DeckModel, now: datetime) -> Cell:
    """Say how old the readings of the cloud are, or what is being read or done."""
    if model.info is None:
        return Cell("opening…", "dim")
    if model.running:
        return Cell(f"{model.running} is running", "accent")
    if model.surveying:
        read, total = model.progress()
        if model.working() and read == total:
            return Cell(model.working(), "accent")
        return Cell(f"reading cloud {read}/{total}" if total else "reading…", "accent")
    if model.info.deployer:
        return Cell(f"deployed by {model.info.deployer}: states only", "dim")
    if model.read_at is None:
        return Cell("cloud not read", "bad" if model.failed else "dim")
    unread = f", {model.failed} not" if model.failed else ""
    return Cell(f"cloud read {age(model.read_at, now)} ago{unread}", "bad" if unread else "dim")


def resource_remarks(
    model: DeckModel, keys: Mapping[str, str], service: str, *, shown: int, total: int, filter_text: str
) -> tuple[str, ...]:
    """Return what was cut off, errors of the chosen service ("" for all), or the reason why no resource is shown.

    `shown` counts the rows of the list, `total` the resources before the filter.
    """
    services = model.services_of(service)
    errors = tuple(dict.fromkeys(line for item in services for line in item.error))
    if any(item.error and item.locked for item in services):
        errors = (*errors, f"{display_key(keys['reread'])} asks for the passphrase again")
    if errors and model.reset_refusal == "" and names_repair(errors):
        errors = (*errors, f"{display_key(keys['reset'])} does that here, step by step")
    standing = (*_standing_remarks(services), *refusal_lines(model.rows(service)))
    if errors and (service or not shown):
        return (*standing, *errors)
    if shared := shared_reasons(model.rows(service)):
        return (*standing, *(line for reason in shared for line in reason.lines()))
    if shown or standing:
        return standing
    if not services or not all(item.surveyed for item in services):
        return ("reading the project…",) if model.info or not services else ("opening…",)
    if total and filter_text:
        return (f"nothing matches {filter_text}",)
    return ("no resources",)


def _standing_remarks(services: Sequence[ServiceModel]) -> Iterator[str]:
    """Yield what is to be known about services besides their differences, each with its name if there are several."""
    for service in services:
        head = f"{service.name}: " if len(services) > 1 else ""
        for text in standing_remarks(service.standing) if service.standing else ():
            yield f"{head}{text}"


def key_hints(context: CommandContext, keys: Mapping[str, str]) -> Iterator[KeyHint]:
    """Yield the hints of the focused pane, with the key to stop first while an operation runs."""
    if context.running:
        yield KeyHint(display_key(keys["stop"]), "stop", "stop", True)
    for command in COMMANDS:
        here = not command.panes or context.pane in command.panes
        if command.footer and here and command.applies(context):
            enabled = command.disabled(context) is None
            yield KeyHint(display_key(keys[command.name]), command.label, command.name, enabled)
