"""Which home: choose where a project's state lives, from what was said and what is there. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stateroom.errors import UsageError

HOMES: Final = ("local", "serverless", "sst")
FOREIGN: Final = ("sst-local", "cloudflare")  # looked into, never deployed to
SST_HOMES: Final = ("sst", *FOREIGN)
# SST's `home:`, Pulumi's backends and Terraform's by name. As `--home` they would each become a directory.
_TOOLS_HOMES = """aws azblob azure azurerm cloud consul cos dynamodb file gcp gcs gs http https kubernetes
    oss pg postgres pulumi r2 remote s3 ssm terraform"""
ELSEWHERE: Final = frozenset(_TOOLS_HOMES.split())
HOME_VARIABLE: Final = "STATEROOM_HOME"
FILE: Final = "custom.stateroom.home"
_TWO_HOMES: Final = (
    "the state is in .stateroom, where it was deployed from here before, and not in the bucket that `state:` names; "
    "--home serverless uses the bucket"
)


@dataclass(frozen=True, slots=True)
class HomeEvidence:
    """What the choice depends on; "" where nothing is said.

    Args:
        flag: `--home`.
        variable: STATEROOM_HOME.
        file: `custom.stateroom.home` of the project.
        deployed_here: whether `.stateroom` beside the project holds a state of one of its services.
        bucket: whether `state:` of the project names a bucket.
    """

    flag: str = ""
    variable: str = ""
    file: str = ""
    deployed_here: bool = False
    bucket: bool = False


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """Home of a project. `name` is one of HOMES or FOREIGN, or a directory; `because` says what decided it."""

    name: str
    because: str
    warning: str = ""

    def directory(self, root: Path) -> Path | None:
        """Return the directory that was named, in the project's file relative to `root`; None for a kind of home."""
        if self.name in (*HOMES, *FOREIGN):
            return None
        return root / self.name if self.because == FILE else Path(self.name)


def choose_home(evidence: HomeEvidence) -> HomeChoice:
    """Choose the home: as somebody said, else as deployed from here before, else `state:`, else the account's bucket.

    Raises:
        UsageError: a name is misspelt, or is a home of another tool.
    """
    said = (
        (evidence.flag, "--home"),
        (evidence.variable, HOME_VARIABLE),
        (evidence.file, FILE),
    )
    for name, because in said:
        if name:
            return HomeChoice(checked_home(name, because), because)
    if evidence.deployed_here:
        return HomeChoice("local", "deployed from here before", _TWO_HOMES if evidence.bucket else "")
    return HomeChoice("serverless", "state:" if evidence.bucket else "the account's bucket")


def checked_home(name: str, said: str = "--home") -> str:
    """Return the name of a home or a directory, unless something else may have been meant.

    Args:
        name: as it was given.
        said: where, for the message.

    Raises:
        UsageError: it is a kind of home of another tool, or nearly one of ours.
    """
    if name in (*HOMES, *FOREIGN):
        return name
    scheme = name.partition("://")[0].casefold() if "://" in name else ""
    if name.casefold() in {*ELSEWHERE, *HOMES, *FOREIGN} or scheme:
        raise UsageError(
            f"{said} {name}: what is meant?",
            why=f"{name} is a kind of home of other tools; here homes are {', '.join(HOMES)}, or a directory",
            todo=_meant(name, scheme),
        )
    is_path = "/" in name or name.startswith(".")
    close = () if is_path else difflib.get_close_matches(name, (*HOMES, *FOREIGN), n=1)
    if close and not Path(name).is_dir():
        raise UsageError(
            f"there is no home called {name!r}",
            why=f"homes are {', '.join(HOMES)}, or a directory",
            todo=f"did you mean {close[0]}? a directory of that name is ./{name}",
        )
    return name


def named_directories(root: Path, flag: str, variable: str, file: str) -> tuple[Path, ...]:
    """Return every directory that is named as a home, used or not, absolute; arguments as in HomeEvidence."""
    said = (HomeChoice(flag, ""), HomeChoice(variable, ""), HomeChoice(file, FILE))
    places = (choice.directory(root) for choice in said if choice.name)
    return tuple(place.resolve() for place in places if place is not None)


def _meant(name: str, scheme: str) -> str:
    """Return the ways out for a name that other tools use."""
    account = "serverless (the account's bucket of the Serverless Framework), sst (SST's bucket)"
    directory = "" if scheme else f", or the directory ./{name}"
    return f"did you mean {account}{directory}? `state:` in serverless.yml names a bucket of your own"
