"""Open a home and its bootstrap for inspection, creation, repair or reset. Calls nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stateroom.config.project import Project
from stateroom.engine.opening import factory
from stateroom.engine.opening.home_choice import account_home, project_home
from stateroom.engine.opening.project_loading import read_project
from stateroom.engine.opening.sst_app import find_sst_app, is_project
from stateroom.engine.opening.which_home import HOME_VARIABLE, HomeChoice
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from stateroom.state.homes.bootstrap import Bootstrap, Inspected


@dataclass(frozen=True, slots=True)
class Premises:
    """Home to inspect, and its bootstrap, if it has one.

    Args:
        home: to be looked at.
        bootstrap: to be made, repaired and reset; None for a home that nothing points at.
        why: why there is none; "" when there is one.
        todo: what to do instead of a reset.
    """

    home: Inspected
    bootstrap: Bootstrap | None = None
    why: str = ""
    todo: str = ""


def open_premises(options: WorkspaceOptions, path: Path) -> Premises:
    """Open the home of the options, or of the project at `path`.

    Raises:
        UsageError: the name of a home is misspelt.
        ConfigError: no home is named, and the project's files cannot be read.
        StateError: Cloudflare's token is missing.
    """
    root = (path.parent if path.is_file() else path).resolve()
    project = _project(root, options)
    choice = _choice(root, project, options)
    if choice.name == "serverless":
        return _serverless(options, project)
    clients = factory.aws_clients(options)
    if choice.name == "sst":
        from stateroom.state.homes.sst_bootstrap import SstParts

        return _movable(SstParts(clients))
    if choice.name == "cloudflare":
        from stateroom.state.homes.cloudflare import open_api
        from stateroom.state.homes.cloudflare_bootstrap import CloudflareParts

        api = open_api(options.environment, options.endpoint_url or "")
        return _movable(CloudflareParts(api, factory.utc_now, factory.holder()))
    from stateroom.state.homes.fixed import DirectoryParts
    from stateroom.state.homes.local import DEFAULT
    from stateroom.state.homes.sst_local import sst_directory
    from stateroom.state.stores.directory import DirectoryStore

    local = choice.name != "sst-local"
    own = factory.directory(project, choice) if project else choice.directory(root) or root / DEFAULT
    place = own if local else sst_directory(options.environment)
    parts = DirectoryParts("local" if local else "sst-local", DirectoryStore(place.absolute()))
    return Premises(parts, None, *parts.why_fixed)


def _choice(root: Path, project: Project | None, options: WorkspaceOptions) -> HomeChoice:
    """Choose the home as opening the directory does: a project's, an SST app's, else the account's."""
    if project is not None:
        return project_home(project, options)
    app = find_sst_app(root, options)
    return HomeChoice(app.kind, "sst.config.ts") if app else account_home(root, options)


def _movable(bootstrap: Bootstrap) -> Premises:
    return Premises(bootstrap, bootstrap)


def _serverless(options: WorkspaceOptions, project: Project | None) -> Premises:
    from stateroom.state.homes.serverless_bootstrap import ServerlessBootstrap

    if project and project.state:
        from stateroom.state.homes.custom import CustomBucket
        from stateroom.state.homes.fixed import OwnBucketParts

        own = project.state
        clients = factory.aws_clients(replace(options, profile=options.profile or own.profile or None))
        parts = OwnBucketParts(clients, CustomBucket(own.bucket, own.region, own.encryption))
        return Premises(parts, None, *parts.why_fixed)
    clients = factory.aws_clients(options)
    region = factory.packages_region(project, options) if project else options.region or clients.region
    return _movable(ServerlessBootstrap(clients, region, factory.utc_now))


def _project(root: Path, options: WorkspaceOptions) -> Project | None:
    """Return the project at `root`; None where there is none, or a broken one whose home somebody named.

    Raises:
        ConfigError: its files cannot be read, and only they know which home is meant.
    """
    try:
        return read_project(root, options)
    except (ConfigError, UsageError):
        if is_project(root) and not (options.home or options.environment.get(HOME_VARIABLE)):
            raise
        return None  # a bootstrap belongs to an account, not to a project
