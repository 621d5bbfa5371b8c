"""Find the Compose file above a service's directory that lists the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from stateroom.config.document.document import load
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_HIGHEST: Final = 5  # directories up; a service lies in the project that lists it


def compose_file_above(directory: Path, names: Sequence[str]) -> tuple[Path, str] | None:
    """Return the nearest Compose file above that lists the directory as a service's, and the service's name there.

    The search ends at the repository's root. A file that cannot be read lists nothing.

    Args:
        directory: a service's, absolute.
        names: file names of Compose files, in the order of preference.
    """
    for above in _above(directory):
        file = next((above / name for name in names if (above / name).is_file()), None)
        if file is not None:
            service = _listed(file, directory)
            return (file, service) if service else None
    return None


def _above(directory: Path) -> Iterator[Path]:
    for below, above in list(zip((directory, *directory.parents), directory.parents, strict=False))[:_HIGHEST]:
        if (below / ".git").exists():
            return
        yield above


def _listed(file: Path, directory: Path) -> str:
    """Return the name of the service in a directory; "" when the file does not list it."""
    try:
        services: Value = load(file).value
    except ConfigError:
        return ""
    services = services.get("services") if isinstance(services, dict) else None
    for name, block in services.items() if isinstance(services, dict) else ():
        path = block.get("path") if isinstance(block, dict) else None
        if isinstance(path, str) and path and "\0" not in path and (file.parent / path).resolve() == directory:
            return str(name)
    return ""
