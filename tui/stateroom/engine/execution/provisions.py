"""Provisions of a run, stored before its first call: the packages, and a way to encrypt secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from stateroom.cloud.provider import Provider, TypeSchema
from stateroom.errors import DamagedPackageError
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Template
from stateroom.model.values import Value, contains_secret
from stateroom.state.home import Home

_MAKES: Final = (Action.CREATE, Action.REPLACE, Action.UPDATE, Action.ADOPT)


def keep_packages(home: Home, target: Template) -> None:
    """Store the packages of a service by their hashes. Needs no lock.

    Raises:
        StateError: the home cannot be written; or a package was damaged since it was made: it is thrown away, so that
            the next run makes it again.
    """
    for sha256, artifact in target.artifacts.items():
        try:
            home.packages.put(sha256, artifact.path)
        except DamagedPackageError:
            with suppress(OSError):
                artifact.path.unlink(missing_ok=True)
            raise


def prepare_secrets(home: Home, target: Template, steps: Iterable[Step], provider: Provider) -> str:
    """Make sure that secrets of the steps, and those that AWS will answer, can be encrypted. Raises PassphraseError.

    Returns a note about a passphrase that was made for them; "" when there was one.
    """
    if not any(contains_secret(step.inputs) or _brings_one(step, provider.schema(step.type)) for step in steps):
        return ""
    home.prepare_secrets(target.app, target.stage)
    place = f"{target.app}/{target.stage}"
    if place not in home.keys.passphrases.made:
        return ""
    home.keys.passphrases.made.discard(place)
    told = f"a new passphrase encrypts the secrets of {place}, and only this machine's keyring has it"
    return f"{told}. Colleagues and CI need it: stateroom passphrase export"


def _brings_one(step: Step, schema: TypeSchema) -> bool:
    """Tell whether AWS will answer a secret that the config does not have: one that it makes, or one that is plain."""
    found = ((_at(step.inputs, path.split(".")), value) for path, value in schema.secret_with.items())
    return step.action in _MAKES and any(
        there and (not value or str(there).lower() == value.lower()) for there, value in found
    )


def _at(value: Value, path: list[str]) -> Value:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
