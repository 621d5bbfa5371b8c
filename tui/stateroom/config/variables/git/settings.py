"""Settings of git, read as files: `user.name`, `extensions.objectFormat`. https://git-scm.com/docs/git-config#_syntax"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from stateroom.config.variables.git.files import GitUnreadableError, NeedsGitError, read_text

_SECTION: Final = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?")
_DEEPEST: Final = 10  # files that include files
_MOST_FILES: Final = 100  # of one setting; files that include each other twice double with every level
_LARGEST: Final = 1_000_000  # bytes of one
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}


def setting(name: str, files: Iterable[Path], home: Path | None) -> str:
    """Return a setting such as `user.name`; the last file that has it wins. "" when none has.

    Args:
        name: section and key, in lower case.
        files: in git's order: the machine's, the user's, the repository's.
        home: what `~` means in the path of an included file.

    Raises:
        NeedsGitError: a file includes others on a condition.
        GitUnreadableError: a file cannot be read.
    """
    found = ""
    read: list[Path] = []
    for file in files:
        for key, value in _settings(file, home, 0, read):
            found = value if key == name else found
    return found


def _settings(file: Path, home: Path | None, depth: int, read: list[Path]) -> Iterator[tuple[str, str]]:
    read.append(file)
    if depth > _DEEPEST or len(read) > _MOST_FILES:
        raise GitUnreadableError(f"{file.name} includes too many others")
    section = ""
    text = (read_text(file, _LARGEST) or "").replace("\r\n", "\n").replace("\\\n", "")
    for raw in text.split("\n"):
        line = raw.strip()
        if head := _SECTION.match(line):
            section = head[1].lower() + (f".{head[2]}" if head[2] is not None else "")
            line = line[head.end() :].strip()
        if line.startswith(("#", ";")) or not (found := _KEY.match(line)):
            continue
        if section.startswith("includeif"):
            raise NeedsGitError(f"{file.name} includes other files on a condition")
        key, value = found[1].lower(), "true" if found[2] is None else _value(found[2])
        if (section, key) == ("include", "path"):
            yield from _settings(_included(file, value, home), home, depth + 1, read)
        else:
            yield f"{section}.{key}", value


def _included(file: Path, value: str, home: Path | None) -> Path:
    if value.startswith("~/") and home is not None:
        return home / value[2:]
    return file.parent / value


def _value(text: str) -> str:
    """Read a value: quotes keep spaces, `#` and `;` begin a comment outside of them."""
    result, quoted, index = "", False, 0
    kept = 0  # length up to the last character that is no trailing space
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            index += 1
            result += _ESCAPES.get(text[index], text[index])
            kept = len(result)
        elif char == '"':
            quoted = not quoted
            kept = len(result)
        elif char in "#;" and not quoted:
            break
        else:
            result += char
            kept = len(result) if quoted or not char.isspace() else kept
        index += 1
    return result[:kept]
