"""What a project wants started, and whether that is allowed: asked at each place that would start something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stateroom.programs.known import Program


@dataclass(frozen=True, slots=True)
class ProgramUse:
    """One thing that a project wants a program for.

    Args:
        program: the program.
        purpose: what it does and for whom: `install requirements.txt of orders`.
        files: files that decide what it does; when one of them changes, that is asked again.
    """

    program: Program
    purpose: str
    files: tuple[Path, ...] = ()


def _refuse(_use: ProgramUse) -> str:
    return "no program is started for this project"


@dataclass(frozen=True, slots=True)
class ProgramAccess:
    """Whether a project's programs may run. By default none may.

    Args:
        root: the project's directory: what its programs are kept out of.
        refusal: why a use is not allowed, as what the user can do; "" when it is allowed.
        wanted: uses that were asked for, allowed or not, each once; filled by `ask`.
    """

    root: Path = Path()
    refusal: Callable[[ProgramUse], str] = _refuse
    wanted: dict[ProgramUse, str] = field(default_factory=dict, compare=False)

    def ask(self, use: ProgramUse) -> str:
        """Note a use, and return why it is not allowed; "" when it is."""
        if use not in self.wanted:
            self.wanted[use] = self.refusal(use)
        return self.wanted[use]

    @property
    def refused(self) -> tuple[ProgramUse, ...]:
        """Uses that were asked for and are not allowed."""
        return tuple(use for use, why in self.wanted.items() if why)


NO_PROGRAMS: Final = ProgramAccess()
