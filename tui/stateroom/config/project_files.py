"""Find the files of a project: its main file, and the Compose file above a service's directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stateroom.config.compose.above import compose_file_above
from stateroom.config.document.document import load
from stateroom.errors import ConfigError

COMPOSE_FILES: Final = ("serverless-compose.yml", "serverless-compose.yaml", "serverless-compose.json")
SERVICE_FILES: Final = ("serverless.yml", "serverless.yaml", "serverless.json")
_CODE_FILES: Final = tuple(
    f"serverless{kind}.{suffix}" for kind in ("-compose", "") for suffix in ("ts", "js", "mjs", "cjs")
)


def project_root(path: Path) -> Path:
    """Return the directory of the project that `open_project` opens: a service's lies in its Compose project."""
    root, above = around(path)
    return above[0].parent if above is not None else root


def around(path: Path) -> tuple[Path, tuple[Path, str] | None]:
    """Return the directory of a path, and the Compose file above that lists it with the service's name there."""
    root = (path.parent if path.is_file() else path).resolve()
    if first_file(root, COMPOSE_FILES) is not None or first_file(root, SERVICE_FILES) is None:
        return root, None
    return root, compose_file_above(root, COMPOSE_FILES)


def first_file(directory: Path, names: tuple[str, ...]) -> Path | None:
    """Return the first of the names that is a file in the directory."""
    return next((directory / name for name in names if (directory / name).is_file()), None)


def no_config(root: Path, wanted: str) -> ConfigError:
    """Build the error for a directory without project files."""
    if not root.is_dir():
        return ConfigError(f"{root} is not a directory", todo="give the directory of the project")
    code = first_file(root, _CODE_FILES)
    if code is not None:
        return ConfigError(
            f"{code.name} is a program",
            why="stateroom does not run code to read a config",
            todo=f"write its result to {code.stem}.yml: serverless print > {code.stem}.yml",
        )
    return ConfigError(
        f"no project in {root}",
        why=f"neither {wanted.replace(' or ', ' nor ')} is there" if " or " in wanted else f"{wanted} is not there",
        todo="go to the project's directory or name it: stateroom PATH",
    )


def service_names(path: Path) -> tuple[str, ...]:
    """Return the names of a project's services as they are written; () where a variable or nothing readable says them.

    Args:
        path: the project's directory or a file in it; it need not exist.
    """
    root, above = around(path)
    file = above[0] if above is not None else first_file(root, (*COMPOSE_FILES, *SERVICE_FILES))
    try:
        document = load(file).value if file is not None else None
    except ConfigError:
        return ()
    if not isinstance(document, dict):
        return ()
    if file is not None and file.name in COMPOSE_FILES:
        services = document.get("services")
        return tuple(map(str, services)) if isinstance(services, dict) else ()
    name = document.get("service")
    name = name.get("name") if isinstance(name, dict) else name
    return (name,) if isinstance(name, str) and name and "${" not in name else ()
