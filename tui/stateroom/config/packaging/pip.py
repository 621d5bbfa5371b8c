"""Run pip so that its installs fit Lambda and are the same on every machine."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from stateroom.config.packaging.requirements_file import canonical
from stateroom.errors import ConfigError, SourceLocation
from stateroom.programs.isolated import Site, run_pip
from stateroom.programs.process import Finished

_MACHINES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
# glibc of the runtimes' systems: Amazon Linux 2023 from Python 3.12 on, Amazon Linux 2 before. Wheels may be older.
_GLIBC_2023, _GLIBC_2, _GLIBC_OLDEST = 34, 26, 17
_ADDRESSES: Final = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links")
_ADDRESS: Final = ("--index-url=", "--extra-index-url=", "--find-links=")
_WHAT: Final = "Python requirements cannot be installed"
_LAST_LINES: Final = 3  # of what pip said, when it did not come to an end
_WHEELS: Final = "--only-binary=:all:"


class NoWheelError(ConfigError):
    """A requirement has no wheel that fits: a deploy builds it."""


def cross_arguments(runtime: str, architecture: str, *, always: bool = False) -> list[str]:
    """Return pip's arguments for wheels of the runtime; [] when this process runs on the same platform.

    Args:
        runtime: of Lambda, such as `python3.12`.
        architecture: `x86_64` or `arm64`.
        always: even when it does.
    """
    version = runtime.removeprefix("python")
    machine = _MACHINES.get(architecture, architecture)
    same = (
        sys.platform == "linux"
        and platform.libc_ver()[0] == "glibc"
        and platform.machine() == machine
        and version == f"{sys.version_info[0]}.{sys.version_info[1]}"
    )
    if same and not always:
        return []
    newest = _GLIBC_2023 if int(version.partition(".")[2] or 0) >= 12 else _GLIBC_2
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _GLIBC_OLDEST - 1, -1)]
    platforms = [part for tag in [*tags, f"manylinux2014_{machine}"] for part in ("--platform", tag)]
    return [_WHEELS, "--implementation", "cp", "--python-version", version, *platforms]


def install(
    lines: Sequence[str],
    target: Path,
    arguments: Sequence[str],
    *,
    site: Site,
    where: SourceLocation,
    seconds: float,
    sources: bool,
) -> None:
    """Install requirements with their dependencies into a new directory.

    The lines go through a file, so that addresses with passwords in them never stand in a process list. That file and
    pip's own temporary files are next to the target, so that nothing is left elsewhere when it is ended.

    Args:
        lines: local paths in them are absolute.
        site: the project's directory, the user's environment, and a way to stop.
        where: the file that the lines are from.
        seconds: how long it may take.
        sources: whether what has no wheel is built, which runs its code.

    Raises:
        NoWheelError: without `sources`, something has no wheel, or does not exist at all.
        ConfigError: pip is not there, cannot reach its index, refuses, takes too long, or was cancelled.
    """
    aside = target.parent / f"{target.name}.aside"
    aside.mkdir(0o700)
    listed = aside / "requirements.txt"
    listed.touch(0o600)
    listed.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = ["install", "--target", str(target), "--requirement", str(listed)]
    command += ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar=off", *arguments]
    only_wheels = [] if sources or _WHEELS in arguments else [_WHEELS]
    try:
        done = run_pip([*command, *only_wheels], site, temporary=aside, seconds=seconds)
    except OSError as error:
        todo = "start stateroom with a Python that is there"
        raise ConfigError(_WHAT, why=f"{sys.executable}: {error.strerror}", todo=todo, where=where) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if done.code != 0:
        failure = _failed(done, arguments, seconds, where)
        if only_wheels and "No matching distribution found" in done.said:
            raise NoWheelError(failure.what, why=failure.why, todo=failure.todo, where=where)
        raise failure
    target.mkdir(exist_ok=True)
    _make_portable(target)


def stopped_error(where: SourceLocation) -> ConfigError:
    """Build the error for a cancelled installation."""
    return ConfigError("the installation of Python requirements was stopped", where=where)


def without_addresses(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Split extra arguments into (requirement lines, arguments): addresses may hold passwords."""
    words = [word for text in texts for word in text.split(None, 1)]
    lines: list[str] = []
    arguments: list[str] = []
    while words:
        word = words.pop(0)
        if word in _ADDRESSES and words:
            lines.append(f"{word} {words.pop(0)}")
        else:
            (lines if word.startswith(_ADDRESS) else arguments).append(word)
    return lines, arguments


def remove(target: Path, names: Iterable[str]) -> None:
    """Remove distributions from an installed directory that others brought along."""
    unwanted = {canonical(name) for name in names}
    for info in target.glob("*.dist-info"):
        if canonical(info.name.removesuffix(".dist-info").rpartition("-")[0]) in unwanted:
            for path in _recorded(target, info):
                path.unlink(missing_ok=True)
            for path in info.glob("*"):
                path.unlink()
            info.rmdir()


def _recorded(target: Path, info: Path) -> Iterator[Path]:
    try:
        lines = (info / "RECORD").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        path = target / re.sub(r",[^,]*,[^,]*$", "", line).strip('"')
        if path.resolve().is_relative_to(target.resolve()) and path.is_file():
            yield path


def _make_portable(target: Path) -> None:
    """Remove files that name this machine: console scripts and the origin of local packages."""
    commands = target / "bin"
    start = f"#!{sys.executable}".encode()
    for path in commands.glob("*") if commands.is_dir() else ():
        if path.is_file() and (path.read_bytes().startswith(start) or b"'''exec' " in path.read_bytes()[:200]):
            path.unlink()
    for info in target.glob("*.dist-info"):
        (info / "direct_url.json").unlink(missing_ok=True)
        record = info / "RECORD"
        if record.is_file():
            lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
            mine = re.compile(r'"?(?:\.\./)*bin/|.*\.dist-info/direct_url\.json,')
            record.write_text("".join(sorted(line for line in lines if not mine.match(line))), encoding="utf-8")


def _failed(done: Finished, arguments: Sequence[str], seconds: float, where: SourceLocation) -> ConfigError:
    lines = [re.sub(r"://[^/@\s]+@", "://***@", line.strip()) for line in done.said.splitlines() if line.strip()]
    if done.flooded:
        return ConfigError(_WHAT, why="pip was ended: its output had no end", todo="try: pip install -r", where=where)
    if done.code is None:
        return _ended(done, lines, seconds, where)
    said = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    why = (said or lines[-1:] or ["pip said nothing"])[0]
    todo = "correct the requirements, or try: pip install -r with the same file"
    if "No module named pip" in done.said:
        why, todo = f"{sys.executable} has no pip", "install it: python -m ensurepip"
    elif any(word in done.said for word in ("NewConnectionError", "Name or service", "getaddrinfo", "Retrying (Retry")):
        why, todo = "pip cannot reach its index", "go online, or point PIP_FIND_LINKS at a directory of wheels"
    elif "from versions: none" in done.said and arguments[:1] == [_WHEELS]:
        version, system = (arguments[arguments.index(name) + 1] for name in ("--python-version", "--platform"))
        todo = f"take a version with a wheel for Python {version} on {system}, or run on the like of Lambda"
    return ConfigError(_WHAT, why=why, todo=todo, where=where)


def _ended(done: Finished, lines: list[str], seconds: float, where: SourceLocation) -> ConfigError:
    if done.cancelled:
        return stopped_error(where)
    last = " / ".join(lines[-_LAST_LINES:]) or "nothing"
    return ConfigError(
        f"Python requirements are not installed after {seconds:g} seconds",
        why=f"pip said last: {last}",
        todo="see whether its index answers, or give it more time: custom.stateroom.installTimeout",
        where=where,
    )
