"""Load botocore's service descriptions without listing all services.

Before botocore loads a description it lists all services that have one of the kind, some four hundred directories: a
third of the time to build a command's clients. Here only the requested service is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def session(profile: str | None, region: str | None) -> Any:
    """Make a boto3 session of the user's AWS configuration. Raises botocore's errors."""
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    if profile:
        core.set_config_variable("profile", profile)  # it may say where more descriptions are
    loader = core.get_component("data_loader")
    every = loader.list_available_services
    loader.list_available_services = lambda type_name: _Services(loader, type_name, every)
    return boto3.Session(botocore_session=core, profile_name=profile, region_name=region)


class _Services:
    """Lazy list of the services with a description of a kind, looked up one by one."""

    def __init__(self, loader: Any, kind: str, every: Callable[[str], list[str]]) -> None:
        self._loader = loader
        self._kind = kind
        self._every = every

    def __contains__(self, name: str) -> bool:
        from botocore.exceptions import DataNotFoundError

        try:
            return bool(self._loader.list_api_versions(name, self._kind))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._every(self._kind))
