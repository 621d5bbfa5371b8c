"""botocore's descriptions of services, found without a look at every service that there is.

Before botocore loads a description it lists all services that have one of the kind, some four hundred directories: a
third of the time that a command's clients take to make. Here only the service that was asked for is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader


def session(profile: str | None, region: str | None) -> Any:
    """A boto3 session of the user's AWS configuration. Raises botocore's errors."""
    core = botocore.session.get_session()
    if profile:
        core.set_config_variable("profile", profile)  # it may say where more descriptions are
    paths = core.get_component("data_loader").search_paths
    core.register_component("data_loader", _Loader(list(paths), include_default_search_paths=False))
    return boto3.Session(botocore_session=core, profile_name=profile, region_name=region)


class _Loader(Loader):  # type: ignore[misc]  # botocore has no types
    def list_available_services(self, type_name: str) -> Any:
        return _Services(self, type_name)

    def all_services(self, type_name: str) -> list[str]:
        return list(super().list_available_services(type_name))


class _Services:
    """The names of services that have a description of a kind, looked up one by one unless all are wanted."""

    def __init__(self, loader: _Loader, kind: str) -> None:
        self._loader = loader
        self._kind = kind

    def __contains__(self, name: str) -> bool:
        try:
            return bool(self._loader.list_api_versions(name, self._kind))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._loader.all_services(self._kind))
