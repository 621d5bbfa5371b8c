"""Builds the real home and the real provider for a workspace. The one place that knows which ones there are."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from stateroom.cloud.provider import Provider
from stateroom.config.project import Project
from stateroom.engine.options import WorkspaceOptions
from stateroom.model.version import Holder
from stateroom.state.home import Home


def open_home(project: Project, options: WorkspaceOptions) -> Home:
    """The home that the options name: a directory, `.stateroom` in the project by default. Creates nothing."""
    from stateroom.state.homes.local import local_home
    from stateroom.state.passphrase import PassphraseSource

    root = Path(options.home) if options.home else project.root / ".stateroom"
    passphrase = PassphraseSource(environment=options.environment, prompt=options.prompt)
    return local_home(root, passphrase, holder=holder(), clock=lambda: datetime.now(UTC))


def open_provider(region: str, options: WorkspaceOptions, artifacts: Callable[[str], bytes]) -> Provider:
    """AWS in a region, with the user's ordinary configuration. Makes no call."""
    from stateroom.cloud.session import open_aws

    return open_aws(region=region, profile=options.profile, endpoint_url=options.endpoint_url, artifacts=artifacts)


def holder() -> Holder:
    """Who we are, for locks and update records."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id that has no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return Holder(user, socket.gethostname(), os.getpid(), "stateroom")
