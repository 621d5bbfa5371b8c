"""botocore's descriptions of services, found without a look at every service that there is.

Before botocore loads a description it lists all services that have one of the kind, some four hundred directories: a
third of the time that a command's clients take to make. Here only the service that was asked for is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def session(profile: str | None, region: str | None) -> Any:
    """A boto3 session of the user's AWS configuration. Raises botocore's errors."""
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
    """The names of services that have a description of a kind, looked up one by one unless all are wanted."""

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
