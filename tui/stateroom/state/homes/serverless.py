"""Serverless home: the account's state bucket of the Serverless Framework v4.

The framework's own states are the outputs of CloudFormation stacks, under `services/traditional/` and `services/cfn/`.
Ours are next to them under `services/stateroom/`, in the same shape and with `outputs` at the top, so that one reader
reads both; locks, past states and journals, which the framework does not have, are under `stateroom/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote, unquote
from uuid import uuid4

from stateroom.model.resource import Snapshot
from stateroom.model.values import contains_secret, contains_unknown
from stateroom.model.version import Holder
from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.home import Home
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.pointed import PointedBucket, Pointer
from stateroom.state.object_names import ObjectNames
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
        return f"stateroom/update/{self.id}/"

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
    pointed = PointedBucket(clients, STATE_POINTER, clock)

    def label() -> str:
        found = custom.name if custom else (pointed.found.bucket if pointed.found else "")
        return f"serverless bucket {found}" if found else "serverless"

    def shared() -> Parameters:
        return Parameters(clients, STATE_POINTER.region)

    def packages() -> PointedBucket:
        return PointedBucket(clients, packages_pointer(packages_region()), clock)

    return Home(
        custom.late_store(clients) if custom else PointedStore(pointed.find, pointed.make),
        label=label,
        url=lambda: f"serverless://{clients.account}" + (f"/{custom.name}" if custom else ""),
        passphrase=passphrase.with_vault(ParameterVault(shared, PASSPHRASES)),
        holder=holder,
        clock=clock,
        patience=clients.patience,
        confirm=(lambda: None) if custom else pointed.recheck,
        names=ServerlessNames,
        assets=PointedStore(lambda: packages().find(), lambda: packages().make()),
        hook=with_outputs,
        shared=True,
    )


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
