"""Manage SST's secrets of a stage and of its app's fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import ReadOnlyError, UsageError
from stateroom.model.values import Secret
from stateroom.state.home import Home
from stateroom.state.secrets.secrets_file import FALLBACK, SecretsFile, check_name


@dataclass(frozen=True, slots=True)
class SecretStore:
    """The sets of one app and stage. `target` is the one that changes go to."""

    tools: StateTools
    fallback: bool

    @property
    def target(self) -> SecretsFile:
        """Set that is changed."""
        stage = FALLBACK if self.fallback else self.tools.stage
        return self.tools.home.keys.secrets(self.tools.app, stage)

    def sets(self) -> dict[str, dict[str, Secret]]:
        """Return every set by title: `fallback`, `app/stage`. Raises PassphraseError."""
        keys, app = self.tools.home.keys, self.tools.app
        fallback = {"fallback": keys.secrets(app, FALLBACK).read()}
        if self.fallback:
            return fallback
        own = {f"{app}/{self.tools.stage}": keys.secrets(app, self.tools.stage).read()}
        return (fallback if fallback["fallback"] else {}) | own

    def checked(self, name: str) -> str:
        """Return the name if SST accepts it. Raises UsageError."""
        return check_name(name)

    def set(self, values: Mapping[str, str]) -> dict[str, Secret]:
        """Add or overwrite secrets; returns all of the set."""
        self._refuse_read_only()
        fresh = {name: Secret(value) for name, value in values.items()}
        return self.target.change(lambda before: {**before, **fresh})

    def remove(self, names: Sequence[str]) -> dict[str, Secret]:
        """Delete secrets; returns the remaining ones. Raises UsageError when one does not exist."""
        self._refuse_read_only()

        def without(before: dict[str, Secret]) -> dict[str, Secret]:
            for name in names:
                if name not in before:
                    raise UsageError(
                        f"there is no secret {name} in {self.target.label}",
                        why=f"there are: {', '.join(sorted(before))}" if before else "there are none",
                        todo="--fallback looks among those of all stages" if not self.fallback else "",
                    )
            return {name: value for name, value in before.items() if name not in names}

        return self.target.change(without)

    def _refuse_read_only(self) -> None:
        if self.tools.read_only:
            raise ReadOnlyError("nothing was changed", why="--read-only was given", todo="leave --read-only out")


def keeps_secrets(home: Home) -> bool:
    """Tell whether a home can store apps' secrets, as SST's own can."""
    return home.label.startswith(("sst", "cloudflare"))


def secret_store(tools: StateTools, *, fallback: bool) -> SecretStore:
    """Return the secrets of a service. Raises UsageError where the home is not one of SST's."""
    if not keeps_secrets(tools.home):
        raise UsageError(
            f"the home {tools.home.label} keeps no secrets of apps",
            why="only SST's homes do, as `sst secret` stores them",
            todo="for an app of SST: --home sst; a serverless.yml takes its secrets from ${ssm:…} or ${env:…}",
        )
    return SecretStore(tools, fallback)
