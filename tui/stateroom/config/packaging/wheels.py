"""Requirements that pip can install from wheels alone, which runs no code of theirs.

`--only-binary :all:` does not keep pip from building a directory, an archive or a repository that a requirement names,
so those are found here before pip is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from stateroom.config.document.user_files import read_user_text
from stateroom.config.packaging.requirements_file import local_path, option_of

_HARMLESS: Final = frozenset(
    {
        *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host"),
        *("--pre", "--prefer-binary", "--require-hashes", "--no-deps", "--no-cache-dir"),
    }
)
_CONSTRAINTS: Final = frozenset({"-c", "--constraint"})
_NAMED: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]/]*\])?\s*(\(?[<>=!~][^;@/]*)?(;.*?)?(\s--hash[= ]\S+)*\s*", re.DOTALL
)
_WHEEL: Final = re.compile(
    r"(?:[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*)?(?:https?|file)://[^\s#?;]+\.whl(?:[#?]\S*)?"
    r"(\s+;.*?)?(\s--hash[= ]\S+)*\s*",
    re.DOTALL,
)


def needs_building(lines: Sequence[str], arguments: Iterable[str], root: Path) -> str:
    """Return the first requirement, option or argument that may run code of a package; "" when none does.

    Args:
        lines: of a requirements file, as `requirement_lines` returns them.
        arguments: of the user for pip.
        root: what local paths are relative to.
    """
    for argument in arguments:
        if argument.partition("=")[0] not in _HARMLESS:
            return argument
    return next((line for line in lines if not _is_wheel(line, root)), "")


def _is_wheel(line: str, root: Path) -> bool:
    if len(line.splitlines()) != 1:  # pip takes more characters for the end of a line than \n
        return False
    if not line.startswith("-"):
        local = local_path(root, line)
        if local is not None:
            return local.is_file() and local.suffix == ".whl"
        return bool(_NAMED.fullmatch(line) or _WHEEL.fullmatch(line))
    name, value = option_of(line)
    if name in _CONSTRAINTS:
        return _is_plain(Path(value))
    return name in _HARMLESS


def _is_plain(constraints: Path) -> bool:
    """Tell whether a file of constraints names versions only."""
    try:
        text = read_user_text(constraints)
    except (OSError, ValueError):
        return False
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.replace("\\\n", " ").splitlines())
    return all(_NAMED.fullmatch(line) for line in lines if line)
