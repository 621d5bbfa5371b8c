"""A whole survey, collected: for the commands that answer once, when everything has been read."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from stateroom.commands.context import Invocation
from stateroom.commands.interruptible import watched
from stateroom.commands.read_waits import waits_told
from stateroom.commands.services import selected_services
from stateroom.commands.usage import closest
from stateroom.engine.requests import Cockpit
from stateroom.errors import UsageError
from stateroom.model import events
from stateroom.model.diff import ResourceDiff, X, Y
from stateroom.model.events import Event
from stateroom.model.standing import Standing
from stateroom.presentation.events import event_line
from stateroom.presentation.survey.agreement import shared_reasons, without_shared
from stateroom.presentation.survey.verdicts import unresolved_in
from stateroom.presentation.text import plain


@dataclass(slots=True)
class Survey:
    """What a survey found, service by service, resources in the order of the config."""

    cloud_read: bool
    states_only: bool = False  # a home of another tool: there is neither config nor cloud to compare with
    services: dict[str, dict[str, ResourceDiff]] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    unreadable: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of configs, by service

    def add(self, event: Event) -> None:
        """Take one event of a running survey."""
        if isinstance(event, events.ServiceUnreadable):
            self.unreadable[event.service] = event.error
        elif isinstance(event, events.ServiceSurveyed | events.ResourcesRead):
            known = self.services.setdefault(event.service, {})
            known.update({diff.logical_id: diff for diff in event.diffs})
        if isinstance(event, events.ServiceSurveyed) and event.standing is not None:
            self.standings[event.service] = event.standing
        if isinstance(event, events.ServiceSurveyed) and event.warnings:
            self.warnings[event.service] = event.warnings

    def diffs(self) -> Iterator[ResourceDiff]:
        """Every resource."""
        for resources in self.services.values():
            yield from resources.values()

    def rows(self) -> list[ResourceDiff]:
        """List the resources that are worth a line; a reason that several share was said once and is not repeated."""
        shared = shared_reasons(self.diffs())
        return [without_shared(diff, shared) for diff in self.diffs() if self.out_of_step(diff)]

    def out_of_step(self, diff: ResourceDiff) -> bool:
        """Whether a resource is worth a line: not in step, or not read although it should have been."""
        return not diff.in_step if self.cloud_read else diff.x is not X.SAME

    @property
    def different(self) -> bool:
        """Whether anything differs, as far as it could be read."""
        unfinished = any(self.standing(service).unfinished for service in self.services)
        known = (diff.x not in (X.SAME, X.UNKNOWN) or diff.drifted or diff.dangers for diff in self.diffs())
        return unfinished or any(map(bool, known))

    @property
    def broken(self) -> bool:
        """Whether a state breaks a rule, so that nothing may be built on it."""
        return any(self.standing(service).broken for service in self.services)

    def standing(self, service: str) -> Standing:
        """Return the standing of a service."""
        return self.standings.get(service) or Standing()

    @property
    def complete(self) -> bool:
        """Whether everything that was to be read was read. What was not read is never said to agree."""
        return not self.unreadable and not any(map(self._is_unread, self.diffs()))

    def warning_lines(self) -> list[str]:
        """Return the warnings of configs, each once with the services that it concerns."""
        alike: dict[str, list[str]] = {}
        for service, texts in self.warnings.items():
            for text in texts:
                alike.setdefault(text, []).append(service)
        return [f"{', '.join(services)}: {text}" for text, services in alike.items()]

    def _is_unread(self, diff: ResourceDiff) -> bool:
        told = diff.unsettled or diff.unasked  # nobody can know it yet, or it was not to be asked for
        unknown = not told and (diff.x is X.UNKNOWN or unresolved_in(diff) is not None)
        return bool(diff.error) or unknown or (self.cloud_read and diff.y is Y.UNREAD)

    def narrowed(self, targets: tuple[str, ...]) -> Survey:
        """Only the resources with these addresses or logical ids.

        Raises:
            UsageError: there is no such resource.
        """
        if not targets:
            return self
        known = {name for diff in self.diffs() for name in (f"{diff.service}/{diff.logical_id}", diff.logical_id)}
        for target in targets:
            if target not in known:
                guess = closest(target, known) or "stateroom status lists what is not in step"
                raise UsageError(f"there is no resource {target!r}", todo=guess)
        kept = {
            service: {name: diff for name, diff in resources.items() if {name, f"{service}/{name}"} & set(targets)}
            for service, resources in self.services.items()
        }
        return Survey(
            self.cloud_read,
            self.states_only,
            {service: found for service, found in kept.items() if found},
            self.standings,
            self.unreadable,
            self.warnings,
        )


def add_quick_argument(parser: argparse.ArgumentParser) -> None:
    """Add the choice to leave out the second round of calls."""
    parser.add_argument(
        "--quick", action="store_true", help="do not look for what nobody declared: policies, URLs, routes, …"
    )


def take(context: Invocation, cockpit: Cockpit, *, read_cloud: bool) -> Survey:
    """Run a survey to its end, or until Ctrl-C."""
    services = selected_services(context, cockpit)
    states_only = bool(cockpit.info().deployer)
    read_cloud = read_cloud and not states_only
    survey = Survey(read_cloud, states_only)
    quick = getattr(context.options, "quick", False)
    cancelled = threading.Event()
    lock = threading.Lock()  # readings come from many threads

    read: set[tuple[str, str]] = set()

    def emit(event: Event) -> None:
        with lock:
            survey.add(event)
            if isinstance(event, events.ServiceWorking):
                context.console.progress(event_line(event) or "")
            if isinstance(event, events.ResourcesRead):
                read.update((event.service, diff.logical_id) for diff in event.diffs)
        context.console.live(f"reading the cloud: {len(read)} resources" if read_cloud else "")

    def interrupted(_times: int) -> None:
        cancelled.set()
        raise KeyboardInterrupt

    try:
        with waits_told(context.console) as tick:
            watched(
                lambda: cockpit.survey(
                    emit, services=services, read_cloud=read_cloud, cancelled=cancelled.is_set, quick=quick
                ),
                interrupted=interrupted,
                tick=tick,
            )
    finally:
        context.console.live("")
    _complain(context, survey)
    return survey


def _complain(context: Invocation, survey: Survey) -> None:
    """Say why services and resources could not be read; what concerns several is said once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for service, lines in survey.unreadable.items():
        alike.setdefault(lines, []).append(service)
    for line in survey.warning_lines():
        context.console.complain(f"warning: {plain(line)}")
    told = [(f"{', '.join(names)}: ", lines or ("cannot be read",)) for lines, names in alike.items()]
    told += [("", reason.lines()) for reason in shared_reasons(survey.diffs())]
    for head, (first, *rest) in told:
        context.console.complain(f"{head}{plain(first)}")
        for line in rest:
            context.console.complain(f"  {plain(line)}")


def exit_code(survey: Survey, *, compare: bool) -> int:
    """1 when something could not be read or a state is broken, 2 when `compare` and something differs, else 0."""
    if not survey.complete or survey.broken:
        return 1
    return 2 if compare and survey.different else 0
