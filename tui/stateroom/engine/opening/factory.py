"""Factory of homes and providers for a workspace."""

from __future__ import annotations

import difflib
import getpass
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stateroom.cloud.provider import Provider
from stateroom.config.project import Project
from stateroom.engine.opening.project_loading import settings_of
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import UsageError
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.locks.process_table import ProcessTable

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_source import PassphraseSource
    from stateroom.state.stores.aws import AwsClients

HOMES: Final = ("local", "serverless", "sst")
FOREIGN: Final = ("sst-local", "cloudflare")  # looked into, never deployed to


def open_home(project: Project, options: WorkspaceOptions) -> Home:
    """Open the home of the options, else of the project's `state:`, else `.stateroom` in the project.

    Creates nothing and calls nothing. `options.home` is `local`, `serverless`, `sst` or a directory.

    Raises:
        UsageError: the name of a home is misspelt.
    """
    if options.home == "serverless" or (options.home is None and project.state is not None):
        return _serverless(project, options)
    if options.home == "sst":
        from stateroom.state.homes.sst import sst_home

        return sst_home(aws_clients(options), _passphrase(options), holder=holder(), clock=utc_now)
    from stateroom.state.homes.local import local_home

    return local_home(directory(project.root, options.home), _passphrase(options), holder=holder(), clock=utc_now)


def open_provider(region: str, options: WorkspaceOptions, artifacts: Callable[[str], bytes]) -> Provider:
    """Open AWS in a region, with the user's AWS configuration. Makes no call."""
    from stateroom.cloud.session import open_aws

    return open_aws(region=region, profile=options.profile, endpoint_url=options.endpoint_url, artifacts=artifacts)


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

    return AwsClients(profile=options.profile, region=options.region, endpoint_url=options.endpoint_url)


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


def directory(root: Path, home: str | None) -> Path:
    """Return the directory of a local home. Raises UsageError for a misspelt home."""
    if home is None or home == "local":
        return root / ".stateroom"
    if home in FOREIGN:
        raise UsageError(
            f"the home {home} holds states of SST only",
            why="this is for projects with a serverless.yml, or for what a home needs",
            todo=f"homes for those are {', '.join(HOMES)}, or a directory",
        )
    close = difflib.get_close_matches(home, HOMES, n=1)
    if close and not Path(home).is_dir():
        raise UsageError(
            f"there is no home called {home!r}",
            why=f"homes are {', '.join(HOMES)}, or a directory",
            todo=f"did you mean {close[0]}? a directory of that name is ./{home}",
        )
    return Path(home)
