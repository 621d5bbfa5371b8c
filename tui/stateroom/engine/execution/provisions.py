"""What must be at hand before the first call of a run: the packages, and a way to store secrets."""

from __future__ import annotations

from collections.abc import Iterable

from stateroom.model.plan import Step
from stateroom.model.resource import Template
from stateroom.model.values import contains_secret
from stateroom.state.home import Home


def keep_packages(home: Home, target: Template) -> None:
    """Keep the packages of a service by their hashes. Needs no lock. Raises StateError."""
    for sha256, artifact in target.artifacts.items():
        if not home.has_artifact(sha256):
            home.put_artifact(sha256, artifact.path)


def prepare_secrets(home: Home, target: Template, steps: Iterable[Step]) -> None:
    """Make sure that the secrets of the steps can be stored. Raises PassphraseError."""
    if any(contains_secret(step.inputs) for step in steps):
        home.prepare_secrets(target.app, target.stage)
