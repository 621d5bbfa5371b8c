"""A workspace over a cloud in memory and a home in a directory, with its config given as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stateroom.config.compile_options import Watch
from stateroom.config.project import Project, ServiceEntry
from stateroom.config.siblings import OutputValue, symbolic
from stateroom.engine.cockpit import ProjectCockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Control, Outcome, Request
from stateroom.engine.workspace import Workspace
from stateroom.model.diff import ResourceDiff
from stateroom.model.events import Event, ResourcesRead, ServiceSurveyed, StepFailed
from stateroom.model.plan import Operation, Plan
from stateroom.model.resource import Output, Resource, Template
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.engine.cloud import MemoryCloud

HOLDER = Holder("ana", "laptop", 4242, "stateroom")
QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"
API = "AWS::ApiGatewayV2::Api"
ROUTE = "AWS::ApiGatewayV2::Route"


@dataclass
class Config:
    """What the services want: service → logical id → (type, properties), and service → output → value."""

    resources: dict[str, dict[str, tuple[str, dict[str, Any]]]]
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    depends_on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)  # of services that are not on dev
    regions: dict[str, str] = field(default_factory=dict)  # of services that are not in eu-west-1


def home_in(directory: Path) -> Home:
    """A local home with a fixed passphrase."""
    return local_home(
        directory,
        PassphraseSource("test passphrase", environment={}),
        holder=HOLDER,
        clock=lambda: datetime.now(UTC),
    )


class LabWorkspace(Workspace):
    """A Workspace whose config is data."""

    config: Config

    def template(
        self,
        service: str,
        watch: Watch | None = None,
        *,
        install: bool = True,
        sources: bool = False,
        output: OutputValue = symbolic,
    ) -> Template:
        resources = {
            name: Resource(name, type_, properties)
            for name, (type_, properties) in self.config.resources[service].items()
        }
        outputs = {name: Output(value) for name, value in self.config.outputs.get(service, {}).items()}
        return Template(service, *self.place(service), self.region(service), resources, outputs)

    def app(self, service: str) -> str:
        return f"shop-{service}"

    def region(self, service: str) -> str:
        return self.options.region or self.config.regions.get(service, "eu-west-1")

    def stack(self, service: str) -> tuple[str, str]:
        return f"{self.app(service)}-{self.stage_of(service)}", self.region(service)

    def deployer(self, service: str) -> str:
        return ""


class Lab:
    """The user's side of it: operations as one call each, and what was seen."""

    def __init__(self, directory: Path, config: Config, cloud: MemoryCloud | None = None, **options: Any) -> None:
        self.directory = directory
        self.config = config
        self.cloud = cloud or MemoryCloud()
        self.clouds = {"eu-west-1": self.cloud}  # by region
        self.events: list[Event] = []
        self.options = WorkspaceOptions(**options)

    @property
    def workspace(self) -> LabWorkspace:
        """Opened anew each time, as each command does."""
        entries = {
            name: ServiceEntry(name, self.directory, {}, self.config.depends_on.get(name, ()))
            for name in self.config.resources
        }
        stages = {name: self.options.stage or self.config.stages.get(name, "dev") for name in entries}
        project = Project("shop", self.directory, entries, True, frozenset({"prod"}), stages)
        workspace = LabWorkspace(
            project,
            self.options,
            home_in(self.directory / ".stateroom"),
            lambda region, *_: self.clouds.setdefault(region, MemoryCloud(region=region)),
        )
        workspace.config = self.config
        return workspace

    @property
    def cockpit(self) -> ProjectCockpit:
        """The workspace behind the door that the faces use."""
        return ProjectCockpit(self.workspace)

    def plan(self, operation: Operation = Operation.DEPLOY, **request: Any) -> Plan:
        return self.cockpit.plan(Request(operation, **request))

    def run(
        self,
        operation: Operation = Operation.DEPLOY,
        *,
        undo: bool = False,
        control: Control | None = None,
        watch: Callable[[Event], None] = lambda event: None,
        **request: Any,
    ) -> Outcome:
        """Plan and execute, as a command with --yes does."""
        cockpit = self.cockpit
        plan = cockpit.plan(Request(operation, **request))

        def emit(event: Event) -> None:
            self.events.append(event)
            watch(event)

        return cockpit.execute(plan, emit, control or Control(), undo_on_failure=undo)

    def survey(self) -> dict[str, ResourceDiff]:
        """The last word on every resource, by `service/logical id`."""
        diffs: dict[str, ResourceDiff] = {}

        def emit(event: Event) -> None:
            if isinstance(event, ServiceSurveyed | ResourcesRead):
                diffs.update({f"{item.service}/{item.logical_id}": item for item in event.diffs})

        self.cockpit.survey(emit)
        return diffs

    def statuses(self) -> dict[str, str]:
        """Two letters for each resource that is not in step."""
        return {name: diff.status for name, diff in self.survey().items() if not diff.in_step}

    def failures(self) -> list[StepFailed]:
        return [event for event in self.events if isinstance(event, StepFailed)]


def one_service(**resources: tuple[str, dict[str, Any]]) -> Config:
    """A config with the single service `orders`."""
    return Config({"orders": resources})
