"""Factory of homes and providers for a workspace."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stateroom.cloud.provider import Artifacts, Provider
from stateroom.config.project import Project
from stateroom.engine.opening.home_choice import project_home
from stateroom.engine.opening.project_loading import settings_of
from stateroom.engine.opening.which_home import FOREIGN, HOMES, HomeChoice
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import UsageError
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.local import DEFAULT
from stateroom.state.locks.process_table import ProcessTable

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_source import PassphraseSource
    from stateroom.state.stores.aws import AwsClients


def open_home(project: Project, options: WorkspaceOptions) -> Home:
    """Open the home that `project_home` chooses. Creates nothing and calls nothing.

    Raises:
        UsageError: the name of a home is misspelt, or is one of another tool.
    """
    choice = project_home(project, options)
    if choice.name == "serverless":
        return _serverless(project, options)
    if choice.name == "sst":
        from stateroom.state.homes.sst import sst_home

        return sst_home(aws_clients(options), _passphrase(options), holder=holder(), clock=utc_now)
    from stateroom.state.homes.local import local_home

    return local_home(directory(project, choice), _passphrase(options), holder=holder(), clock=utc_now)


def open_provider(region: str, options: WorkspaceOptions, artifacts: Artifacts) -> Provider:
    """Open AWS in a region, with the user's AWS configuration. Makes no call."""
    from stateroom.cloud.session import open_aws

    return open_aws(
        region=region,
        profile=options.profile,
        endpoint_url=options.endpoint_url,
        artifacts=artifacts,
        offline=options.offline,
    )


def holder() -> Holder:
    """Return this process's identity and place, for locks and update records."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id that has no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return ProcessTable().placed(Holder(user, socket.gethostname(), os.getpid(), "stateroom"))


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def aws_clients(options: WorkspaceOptions) -> AwsClients:
    """Make the homes' AWS clients, with the user's AWS configuration. Makes no call."""
    from stateroom.state.stores.aws import AwsClients

    return AwsClients(
        profile=options.profile, region=options.region, endpoint_url=options.endpoint_url, offline=options.offline
    )


def _serverless(project: Project, options: WorkspaceOptions) -> Home:
    from stateroom.state.homes.custom import CustomBucket
    from stateroom.state.homes.serverless import serverless_home

    own = project.state
    return serverless_home(
        aws_clients(replace(options, profile=options.profile or (own.profile if own else "") or None)),
        _passphrase(options),
        holder=holder(),
        clock=utc_now,
        packages_region=lambda: packages_region(project, options),
        custom=CustomBucket(own.bucket, own.region, own.encryption) if own else None,
    )


def packages_region(project: Project, options: WorkspaceOptions) -> str:
    """Return the region for packages: that of the project's first service."""
    from stateroom.config.identity import identify

    if options.region:
        return options.region
    return identify(next(iter(project.services.values())), settings_of(project, options)).region


def _passphrase(options: WorkspaceOptions) -> PassphraseSource:
    from stateroom.state.secrets.passphrase_source import PassphraseSource

    return PassphraseSource(environment=options.environment, prompt=options.prompt, offer=options.offer)


def directory(project: Project, choice: HomeChoice) -> Path:
    """Return the directory of a local home.

    Raises:
        UsageError: it is a home of SST's, or the directory of a service.
    """
    if choice.name in FOREIGN:
        raise UsageError(
            f"the home {choice.name} holds states of SST only",
            why="this is for projects with a serverless.yml, or for what a home needs",
            todo=f"homes for those are {', '.join(HOMES)}, or a directory",
        )
    place = choice.directory(project.root) or project.root / DEFAULT
    if place.resolve() in {project.root, *(entry.path.resolve() for entry in project.services.values())}:
        raise UsageError(
            f"{choice.because}: {choice.name} is the directory of the project itself",
            why="its files would be deployed, and the states among them",
            todo="name a directory of its own, such as ./states",
        )
    return place
