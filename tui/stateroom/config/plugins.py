"""`plugins:` that mean something here, and a word about those that do not."""

from __future__ import annotations

from typing import Final

from stateroom.config.build import Build

STEP_FUNCTIONS: Final = "serverless-step-functions"
PSEUDO_PARAMETERS: Final = "serverless-pseudo-parameters"
_REQUIREMENTS: Final = "serverless-python-requirements"


def read_plugins(build: Build) -> frozenset[str]:
    """The names of the plugins; each that is ignored gets one warning. Raises ConfigError."""
    service = build.service
    value = service.lookup("plugins") or []
    path: tuple[str, ...] = ("plugins",)
    if isinstance(value, dict):
        path = ("plugins", "modules")
        value = value.get("modules") or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise service.error("not a list of names", *path, todo=f"write it so: plugins: [{STEP_FUNCTIONS}]")
    for name in value:
        if name == _REQUIREMENTS:
            build.warn(f"{name} is not supported yet: put the requirements beside the code, or they will be missing")
        elif name not in (STEP_FUNCTIONS, PSEUDO_PARAMETERS):
            build.warn(f"the plugin {name} is ignored: what it would add or change is not in this config")
    return frozenset(value)
