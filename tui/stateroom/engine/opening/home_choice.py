"""Choose a project's home by options, environment, files and what `.stateroom` holds."""

from __future__ import annotations

from pathlib import Path

from stateroom.config.identity import identify
from stateroom.config.project import Project
from stateroom.engine.opening.project_loading import settings_of
from stateroom.engine.opening.which_home import HOME_VARIABLE, HomeChoice, HomeEvidence, choose_home
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError
from stateroom.state.homes.local import DEFAULT, services_in


def project_home(project: Project, options: WorkspaceOptions) -> HomeChoice:
    """Choose a project's home. Reads files; calls nothing.

    Raises:
        UsageError: the name of a home is misspelt, or is one of another tool.
    """
    said = HomeEvidence(options.home or "", options.environment.get(HOME_VARIABLE, ""), project.home)
    if said != HomeEvidence():
        return choose_home(said)
    found = services_in(project.root / DEFAULT)
    here = bool(found) and not found.isdisjoint(_apps(project, options))
    return choose_home(HomeEvidence(deployed_here=here, bucket=project.state is not None))


def account_home(root: Path, options: WorkspaceOptions) -> HomeChoice:
    """Choose the home for a directory without a readable project; any state in `.stateroom` counts."""
    here = bool(services_in(root / DEFAULT))
    return choose_home(HomeEvidence(options.home or "", options.environment.get(HOME_VARIABLE, ""), deployed_here=here))


def _apps(project: Project, options: WorkspaceOptions) -> set[str]:
    """Return the names that the services' states go by; a service that cannot be read counts by its Compose name."""
    settings, names = settings_of(project, options), set()
    for name, entry in project.services.items():
        try:
            names.add(identify(entry, settings).app)
        except ConfigError:
            names.add(name)
    return names
