"""Read `plugins:` and warn about those that are ignored."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.service import UNDERSTOOD, Service

STEP_FUNCTIONS: Final = "serverless-step-functions"
PSEUDO_PARAMETERS: Final = "serverless-pseudo-parameters"
PYTHON_REQUIREMENTS: Final = "serverless-python-requirements"
ROLES_PER_FUNCTION: Final = "serverless-iam-roles-per-function"


def read_plugins(build: Compilation) -> frozenset[str]:
    """Return the names of the plugins; each that is ignored gets one warning. Raises ConfigError."""
    service = build.service
    value = service.lookup("plugins") or []
    path: tuple[str, ...] = ("plugins",)
    if isinstance(value, dict):
        path = ("plugins", "modules")
        value = value.get("modules") or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise service.error("not a list of names", *path, todo=f"write it so: plugins: [{STEP_FUNCTIONS}]")
    for name in value:
        if name not in UNDERSTOOD:
            build.warn(f"the plugin {name} is ignored: what it would add or change is not in this config")
    return frozenset(value)


def lists_plugin(service: Service, plugin: str) -> bool:
    """Tell whether a service lists a plugin."""
    value = service.lookup("plugins")
    names = value.get("modules") if isinstance(value, dict) else value
    return isinstance(names, list) and plugin in names
