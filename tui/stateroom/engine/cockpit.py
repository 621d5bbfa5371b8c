"""Open a project, or a home with SST's states, as a cockpit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from stateroom.config.project import COMPOSE_FILES, SERVICE_FILES, first_file
from stateroom.engine.foreign_workspace import ForeignWorkspace
from stateroom.engine.opening.factory import FOREIGN, aws_clients, holder, utc_now
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.workspace import Workspace, open_workspace
from stateroom.state.home import Home

SST_HOMES = ("sst", *FOREIGN)
_CONFIG = "sst.config.ts"
_KINDS = {"aws": "sst", "local": "sst-local", "cloudflare": "cloudflare"}


def open_cockpit(path: Path, options: WorkspaceOptions) -> Workspace | ForeignWorkspace:
    """Open the project at `path`, or the SST home of the options or an sst.config.ts.

    Raises:
        ConfigError: there is no project, or its files cannot be read.
        UsageError: a service is named that does not exist.
        StateError: an SST home cannot be found or listed.
    """
    root = (path.parent if path.is_file() else path).resolve()
    if first_file(root, (*COMPOSE_FILES, *SERVICE_FILES)):
        return open_workspace(path, options)  # a stateroom project, with its state in any kind of home
    if options.home in SST_HOMES:
        return _open(options.home, root, options, "")
    if options.home is None and (root / _CONFIG).is_file():
        text = (root / _CONFIG).read_text(encoding="utf-8", errors="replace")
        return _open(_kind(text), root, _with_stage(options, root), _setting(text, "name"))
    return open_workspace(path, options)


def home_of(path: Path, options: WorkspaceOptions) -> str | None:
    """Return the home of the options or of an sst.config.ts at `path`; None for the project's own."""
    config = path / _CONFIG
    if options.home or first_file(path, (*COMPOSE_FILES, *SERVICE_FILES)) or not config.is_file():
        return options.home
    return _kind(config.read_text(encoding="utf-8", errors="replace"))


def _open(kind: str, root: Path, options: WorkspaceOptions, app: str) -> ForeignWorkspace:
    home = _home(kind, options)
    return ForeignWorkspace(home, options, project=app or "SST", path=str(root), app=app)


def _home(kind: str, options: WorkspaceOptions) -> Home:
    from stateroom.state.homes.cloudflare import cloudflare_home
    from stateroom.state.homes.sst import sst_home
    from stateroom.state.homes.sst_local import sst_local_home
    from stateroom.state.secrets.passphrase_source import PassphraseSource

    passphrase = PassphraseSource(environment=options.environment, prompt=options.prompt, offer=options.offer)
    who = holder()
    if kind == "cloudflare":
        url = options.endpoint_url or ""
        return cloudflare_home(options.environment, passphrase, holder=who, clock=utc_now, url=url)
    if kind == "sst-local":
        return sst_local_home(options.environment, passphrase, holder=who, clock=utc_now)
    return sst_home(aws_clients(options), passphrase, holder=who, clock=utc_now)


def _kind(text: str) -> str:
    return _KINDS.get(_setting(text, "home"), "sst")


def _setting(text: str, key: str) -> str:
    """Return a literal text setting of `app()`; the config is a program, and is not run."""
    found = re.search(rf"""\b{key}\s*:\s*["'`]([\w-]+)["'`]""", text)
    return found[1] if found else ""


def _with_stage(options: WorkspaceOptions, root: Path) -> WorkspaceOptions:
    """Set the stage in SST's order: flag, SST_STAGE, .sst/stage; without any, every stage is shown."""
    stage = options.stage or options.environment.get("SST_STAGE")
    file = root / ".sst" / "stage"
    if not stage and file.is_file():
        stage = file.read_text(encoding="utf-8", errors="replace").strip()
    return replace(options, stage=stage) if stage else options
