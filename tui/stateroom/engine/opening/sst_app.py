"""Find and open SST's homes: the one that an sst.config.ts names, or one that the options name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from stateroom.config.document.user_files import LARGEST, read_user_file
from stateroom.config.project_files import COMPOSE_FILES, SERVICE_FILES, first_file
from stateroom.engine.opening.factory import aws_clients, holder, utc_now
from stateroom.engine.opening.which_home import HOME_VARIABLE, SST_HOMES, checked_home
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError
from stateroom.state.home import Home

_CONFIG = "sst.config.ts"
_KINDS = {"aws": "sst", "local": "sst-local", "cloudflare": "cloudflare"}


@dataclass(frozen=True, slots=True)
class SstApp:
    """An SST home to look into. `app` is the one that a config file names; "" shows every app."""

    kind: str  # "sst", "sst-local", "cloudflare"
    app: str
    options: WorkspaceOptions  # with the stage that SST would choose
    own: str = ""  # the app of the directory, whose stages may be without a state yet


def find_sst_app(root: Path, options: WorkspaceOptions) -> SstApp | None:
    """Find the SST home to open at `root`; None where a project of ours is, or nothing of SST's.

    Its own files go before: a directory with a serverless.yml is a project, whatever home keeps its state.

    Raises:
        UsageError: the name of a home is misspelt, or is one of another tool.
    """
    if is_project(root):
        return None
    config = root / _CONFIG
    if options.home is not None:
        if checked_home(options.home) not in SST_HOMES:
            return None
        return SstApp(options.home, "", options, _setting(_text(config), "name") if config.exists() else "")
    if config.exists():
        text = _text(config)
        name = _setting(text, "name")
        return SstApp(_kind(text), name, _with_stage(options, root), name)
    variable = options.environment.get(HOME_VARIABLE, "")
    return SstApp(variable, "", options) if variable in SST_HOMES else None


def is_project(root: Path) -> bool:
    """Whether a directory has a serverless.yml or a serverless-compose.yml."""
    return bool(first_file(root, (*COMPOSE_FILES, *SERVICE_FILES)))


def open_sst_home(kind: str, options: WorkspaceOptions) -> Home:
    """Open an SST home by its kind. Reads nothing of it yet.

    Raises:
        StateError: Cloudflare's token is missing.
    """
    from stateroom.state.homes.cloudflare import cloudflare_home
    from stateroom.state.homes.sst import sst_home
    from stateroom.state.homes.sst_local import sst_local_home
    from stateroom.state.secrets.passphrase_source import PassphraseSource
    from stateroom.state.stores.aws import refuse_offline

    passphrase = PassphraseSource(environment=options.environment, prompt=options.prompt, offer=options.offer)
    who = holder()
    if kind == "cloudflare":
        refuse_offline(options.offline)
        url = options.endpoint_url or ""
        return cloudflare_home(options.environment, passphrase, holder=who, clock=utc_now, url=url)
    if kind == "sst-local":
        return sst_local_home(options.environment, passphrase, holder=who, clock=utc_now)
    return sst_home(aws_clients(options), passphrase, holder=who, clock=utc_now)


def _text(file: Path) -> str:
    """Return a file's text. Raises ConfigError."""
    try:
        return read_user_file(file, LARGEST).decode("utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read", why=error.strerror or "", todo="check the file") from None


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
        stage = _text(file).strip()
    return replace(options, stage=stage) if stage else options
