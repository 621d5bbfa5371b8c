"""Read `plugins:` and warn about those that are ignored."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.plugin_verdicts import VERDICTS, Fate
from stateroom.config.service import Service

STEP_FUNCTIONS: Final = "serverless-step-functions"
PSEUDO_PARAMETERS: Final = "serverless-pseudo-parameters"
PYTHON_REQUIREMENTS: Final = "serverless-python-requirements"
ALERTS: Final = "serverless-plugin-aws-alerts"
ESBUILD: Final = "serverless-esbuild"
ROLES_PER_FUNCTION: Final = "serverless-iam-roles-per-function"


def read_plugins(build: Compilation) -> frozenset[str]:
    """Return the names of the plugins that count; each that is ignored gets one warning.

    Those of `custom.stateroom.withoutPlugins` do not count.

    Raises:
        ConfigError: the list is none.
    """
    service = build.service
    value = service.lookup("plugins") or []
    path: tuple[str, ...] = ("plugins",)
    if isinstance(value, dict):
        path = ("plugins", "modules")
        value = value.get("modules") or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise service.error("not a list of names", *path, todo=f"write it so: plugins: [{STEP_FUNCTIONS}]")
    accepted = _accepted(service)
    for index, name in enumerate(value):
        _judge(build, name, (*path, index), accepted=name in accepted)
    return frozenset(value) - accepted


def _judge(build: Compilation, name: str, path: KeyPath, *, accepted: bool) -> None:
    """Warn of a plugin that is missed; postpone the error for one without which something else would be deployed."""
    verdict = VERDICTS.get(name)
    if verdict is None:
        build.warn(f"the plugin {name} is ignored: what it would add or change is not in this config")
    elif verdict.fate is Fate.MISSED or (verdict.fate is Fate.REFUSED and accepted):
        build.warn(f"the plugin {name} is ignored: {verdict.why}: {verdict.todo}")
    elif verdict.fate is Fate.REFUSED:
        todo = f"{verdict.todo}; or accept it: custom.stateroom.withoutPlugins: [{name}]"
        build.postponed.append(
            build.service.error(f"the plugin {name} is not supported", *path, why=verdict.why, todo=todo)
        )


def _accepted(service: Service) -> frozenset[str]:
    """Return the plugins that the project does without. Raises ConfigError."""
    path = ("custom", "stateroom", "withoutPlugins")
    names = service.lookup(*path) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise service.error("not a list of names", *path, todo="write it so: withoutPlugins: [serverless-lift]")
    return frozenset(names)


def lists_plugin(service: Service, plugin: str) -> bool:
    """Tell whether a service lists a plugin."""
    value = service.lookup("plugins")
    names = value.get("modules") if isinstance(value, dict) else value
    return isinstance(names, list) and plugin in names
