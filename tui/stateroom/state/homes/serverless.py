"""Serverless home: the account's state bucket of the Serverless Framework v4.

The framework's own states are the outputs of CloudFormation stacks, under `services/traditional/` and `services/cfn/`.
Ours are next to them under `services/stateroom/`, in the same shape and with `outputs` at the top, so that one reader
reads both; locks, past states and journals, which the framework does not have, are under `stateroom/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ClassVar, Final
from urllib.parse import quote, unquote
from uuid import uuid4

from stateroom.model.plan import BootstrapPart
from stateroom.model.resource import Snapshot
from stateroom.model.values import contains_secret, contains_unknown
from stateroom.model.version import Holder
from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.home import FirstWrite, Home
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.pointed import PointedBucket
from stateroom.state.object_names import ObjectNames
from stateroom.state.pointer import Pointer
from stateroom.state.repository.artifact_store import PackageBucket, bucket_name
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.vault import ParameterVault
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.parameters import Parameters

PASSPHRASES: Final = "/stateroom/passphrase/"
STATE_POINTER: Final = Pointer(
    role="states",
    parameter="/serverless-framework/state/s3-bucket",
    region="us-east-1",
    prefix="serverless-framework-state-",
    fresh_name=lambda: f"serverless-framework-state-{uuid4()}",
)


def packages_pointer(region: str) -> Pointer:
    """Return the pointer to the framework's deployment bucket of a region."""
    prefix = f"serverless-framework-deployments-{region}-"
    return Pointer(
        role="deployment packages",
        parameter="/serverless-framework/deployment/s3-bucket",
        region=region,
        prefix=prefix,
        fresh_name=lambda: f"{prefix}{str(uuid4())[:13]}",
    )


@dataclass(frozen=True, slots=True)
class ServerlessNames(ObjectNames):
    """Object keys in a Serverless bucket.

    `<app>_<stage>` names a service; neither part may contain a `_` there.
    """

    STATES: ClassVar[str] = "services/stateroom/"
    UPDATES: ClassVar[str] = "stateroom/update/"

    @property
    def id(self) -> str:
        """Name of service and stage, without a slash."""
        return f"{_quoted(self.app)}_{_quoted(self.stage)}"

    @property
    def state(self) -> str:
        """Key of the current state, where the framework looks for another runner's states."""
        return f"{self.STATES}{self.id}/state/state.json"

    @property
    def lock(self) -> str:
        """Key of the lock."""
        return f"stateroom/lock/{self.id}.json"

    @property
    def snapshots(self) -> str:
        """Prefix of the past states."""
        return f"stateroom/snapshot/{self.id}/"

    @property
    def updates(self) -> str:
        """Prefix of the records of operations."""
        return f"{self.UPDATES}{self.id}/"

    def damaged(self, update_id: str) -> str:
        """Return the key of an unreadable state that was replaced."""
        return f"stateroom/damaged/{self.id}/{update_id}.json"

    @property
    def journals(self) -> str:
        """Prefix of the journals of interrupted operations."""
        return f"stateroom/journal/{self.id}/"

    @classmethod
    def owner(cls, key: str) -> tuple[str, str] | None:
        """Return (app, stage) of a state's key, or None for another key."""
        parts = key.split("/")
        if len(parts) != 5 or not key.startswith(cls.STATES) or parts[3:] != ["state", "state.json"]:
            return None
        app, separator, stage = parts[2].partition("_")
        return (unquote(app), unquote(stage)) if separator else None

    @classmethod
    def asset(cls, sha256: str) -> str:
        """Return the key of a deployment package."""
        return f"stateroom/asset/{sha256}.zip"


def serverless_home(
    clients: AwsClients,
    passphrase: PassphraseSource,
    *,
    holder: Holder,
    clock: Callable[[], datetime],
    packages_region: Callable[[], str],
    custom: CustomBucket | None = None,
) -> Home:
    """Open the home in the account's Serverless bucket.

    Opening calls nothing; the first write creates missing parts.

    Args:
        clients: AWS.
        passphrase: gives the passphrase when a secret comes up; a team shares it in SSM.
        holder: who we are.
        clock: now, UTC.
        packages_region: where deployment packages are kept: the region of the deploy. Asked when one comes up.
        custom: a bucket of the user's own for the states.
    """
    parts = _AccountParts(clients, clock, packages_region, custom)
    team = passphrase.with_vault(ParameterVault(lambda: Parameters(clients, STATE_POINTER.region), PASSPHRASES))
    return Home(
        parts.states,
        label=parts.label,
        url=parts.url,
        passphrase=team,
        holder=holder,
        clock=clock,
        patience=clients.patience,
        confirm=parts.confirm,
        names=ServerlessNames,
        assets=PointedStore(lambda: parts.packages().find(), lambda: parts.packages().make()),
        assets_bucket=PackageBucket(packages_region, lambda: bucket_name(parts.packages().find())),
        hook=with_outputs,
        shared=True,
        unmade=lambda needs: parts.unmade(needs, team),
    )


class _AccountParts:
    """Buckets of the home in an account. Arguments as of `serverless_home`."""

    def __init__(
        self,
        clients: AwsClients,
        clock: Callable[[], datetime],
        packages_region: Callable[[], str],
        custom: CustomBucket | None,
    ) -> None:
        self._clients = clients
        self._custom = custom
        self._own = custom.opened(clients) if custom else None
        self._pointed = PointedBucket(clients, STATE_POINTER, clock)
        # The region is not known before it is asked for; the bucket keeps the name that a plan showed.
        self.packages = cache(lambda: PointedBucket(clients, packages_pointer(packages_region()), clock))
        self.states = self._own.late_store() if self._own else PointedStore(self._pointed.find, self._pointed.make)

    def confirm(self) -> None:
        """Check that the pointer still names the bucket. Raises StateError."""
        if self._custom is None:
            self._pointed.recheck()

    def label(self) -> str:
        """Return the home's label, with the bucket as soon as it is known."""
        found = self._pointed.found.bucket if self._pointed.found else ""
        name = self._custom.name if self._custom else found
        return f"serverless bucket {name}" if name else "serverless"

    def url(self) -> str:
        """Return the home as the keyring knows it. Raises StateError."""
        return f"serverless://{self._clients.account}" + (f"/{self._custom.name}" if self._custom else "")

    def unmade(self, needs: FirstWrite, team: PassphraseSource) -> Iterator[BootstrapPart]:
        """Yield what a write will make in the account first. Raises StateError when it could not be written."""
        yield from self._own.unmade() if self._own else self._pointed.unmade()
        if needs.packages:
            yield from self.packages().unmade()
        for app, stage in needs.secrets:
            yield from _passphrase_part(team, f"{self.url()}#{app}/{stage}")


def _passphrase_part(source: PassphraseSource, user: str) -> Iterator[BootstrapPart]:
    """Yield the parameter that will share a new passphrase, and the entry of this machine's keyring.

    There are none where there is a passphrase, or no way to the vault.
    """
    place = user.rpartition("#")[2]
    known, kept = None, False
    for known in source.candidates(user):
        if known.passphrase is not None:
            return
        kept = kept or (known.source == "keyring" and known.usable)
    if known is not None and known.usable:
        yield BootstrapPart("passphrase", "parameter", f"{PASSPHRASES}{place}", STATE_POINTER.region)
        if kept:
            yield BootstrapPart("passphrase", "keyring entry", place, "")


def with_outputs(snapshot: Snapshot, document: Raw) -> Raw:
    """Return a state with the service's outputs at the top, where readers of framework states look.

    Secret outputs and those only known after a deploy are left out: the framework cannot express them.
    """
    plain = {
        name: value
        for name, value in snapshot.outputs.items()
        if not contains_secret(value) and not contains_unknown(value)
    }
    return {**document, "outputs": plain}


def _quoted(name: str) -> str:
    return quote(name, safe="").replace("_", "%5F")
