"""SST home: the state bucket of an account and region, named by the parameter `/sst/bootstrap`.

SST silently creates a new pair of buckets when the parameter is gone, and every stage then seems never to have been
deployed. Here that is an error, and the parameter is created again for the existing buckets.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from stateroom.errors import StateError
from stateroom.model.plan import BootstrapPart
from stateroom.model.problems.error_response import error_code
from stateroom.model.version import Holder
from stateroom.state.home import FirstWrite, Home
from stateroom.state.object_names import ObjectNames
from stateroom.state.pointer import RESET_KEY, refuse_during_reset
from stateroom.state.repository.artifact_store import PackageBucket, bucket_name
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.vault import ParameterVault
from stateroom.state.stores.aws import AwsClients, explained
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.packing import Packing
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3Store

POINTER: Final = "/sst/bootstrap"
STATE_PREFIX: Final = "sst-state-"
ASSET_PREFIX: Final = "sst-asset-"
REPOSITORY: Final = "sst-asset"
PASSPHRASES: Final = "/sst/passphrase/"
_VERSION: Final = 5  # bootstrap steps that SST 4.17 knows
_ALPHABET: Final = "abcdefhkmnorstuvwxz"  # SST's, for the 12 letters that its buckets end with
_REPAIR: Final = "`stateroom bootstrap status` shows what is there; `stateroom reset --only missing` repairs it"


@dataclass(frozen=True, slots=True)
class SstPointer:
    """Content of the parameter. `body` is all of it, unknown fields included."""

    state: str
    asset: str
    version: int
    body: dict[str, Any] = field(default_factory=dict)


class SstBootstrap:
    """Bootstrap of SST: the parameter, the two buckets that it names, and the image repository."""

    def __init__(self, clients: AwsClients, region: Callable[[], str]) -> None:
        self._clients = clients
        self._region = region
        self._packing = Packing(sst=True)
        self.found: SstPointer | None = None  # what was read last, for labels

    @property
    def region(self) -> str:
        """Region of the home."""
        return self._region()

    @property
    def parameters(self) -> Parameters:
        """Return the parameters of the region."""
        return Parameters(self._clients, self.region)

    def pointer(self) -> SstPointer | None:
        """Return the parameter's content; None without one. Raises StateError, also without a bucket name."""
        parameter = self.parameters.get(POINTER)
        if parameter is None:
            return None
        try:
            body = json.loads(parameter.value)
            state, asset = str(body["state"] or ""), str(body.get("asset") or "")
            version = int(body.get("version") or 0)
        except (ValueError, KeyError, TypeError, AttributeError):
            state = ""
        if not state:
            raise StateError(
                f"the parameter {POINTER} in {self.region} names no state bucket",
                why='it should hold {"version": …, "state": …, "asset": …}',
                todo=_REPAIR,
            )
        self.found = SstPointer(state, asset, version, body)
        return self.found

    def find(self) -> S3Store | None:
        """Return the state bucket as a store, or None before SST's bootstrap. Creates nothing.

        Raises:
            StateError: the parameter names a bucket that is gone, or it is gone itself and state buckets are not.
        """
        bootstrap = self.pointer()
        if bootstrap is None:
            if orphans := self.orphans():
                self._refuse(orphans)
            return None
        refuse_during_reset(str(bootstrap.body.get(RESET_KEY) or ""))
        if not self.buckets.exists(bootstrap.state):
            raise StateError(
                f"the state bucket {bootstrap.state} does not exist",
                why=f"the parameter {POINTER} in {self.region} names it: it was deleted, or it is another account's",
                todo=_REPAIR,
            )
        return S3Store(self._clients, bootstrap.state, self.region, packing=self._packing)

    def make(self) -> S3Store:
        """Return the state bucket as a writable store. Raises StateError without an SST bootstrap."""
        store = self.find()
        if store is None:
            raise StateError(
                f"there is no SST home in {self.region}",
                why=f"the parameter {POINTER} does not exist, and no bucket is called {STATE_PREFIX}…",
                todo="choose another --region or --profile; `sst deploy` makes a home",
            )
        return store

    def find_assets(self) -> S3Store | None:
        """Return the asset bucket as a store, or None before SST's bootstrap. Creates nothing."""
        bootstrap = self.pointer()
        return S3Store(self._clients, bootstrap.asset, self.region) if bootstrap and bootstrap.asset else None

    def make_assets(self) -> S3Store:
        """Return the asset bucket as a writable store. Raises StateError when there is none."""
        self.make()
        store = self.find_assets()
        if store is None:
            raise StateError(
                f"the parameter {POINTER} in {self.region} names no asset bucket",
                why="deployment packages are kept there",
                todo=_REPAIR,
            )
        return store

    @property
    def buckets(self) -> Buckets:
        """Return the buckets of the region."""
        return Buckets(self._clients, self.region)

    def orphans(self) -> tuple[str, ...]:
        """Return the state buckets that are not empty, pointed at or not. Raises StateError."""
        here = (name for name in self.buckets.named(STATE_PREFIX) if self._is_here(name))
        return tuple(name for name in here if self.buckets.may_hold_anything(name))

    def point(self, state: str) -> SstPointer:
        """Set the parameter to this state bucket and its asset bucket, created if missing.

        The parameter is written last, as in SST, so that it never names a missing bucket. Raises StateError.
        """
        ending = state.removeprefix(STATE_PREFIX)
        self._complete(ending)
        return self._point(ending)

    def create(self) -> SstPointer:
        """Bootstrap as SST does: two buckets with one random suffix, versioning, repository, parameter.

        Raises:
            StateError: there is a home already, or buckets of one that lost its parameter.
        """
        existing = self.pointer()
        if existing is not None:
            return existing
        if orphans := self.orphans():
            self._refuse(orphans)
        ending = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        self._complete(ending)
        return self._point(ending)

    def _complete(self, ending: str) -> None:
        """Create the missing buckets of this suffix."""
        for prefix in (ASSET_PREFIX, STATE_PREFIX):
            name = f"{prefix}{ending}"
            if not self.buckets.exists(name):
                self.buckets.create(name)
                self.only_encrypted_transport(name)
        if self.buckets.versioning(f"{STATE_PREFIX}{ending}") != "Enabled":
            self.buckets.keep_versions(f"{STATE_PREFIX}{ending}")

    def _point(self, ending: str) -> SstPointer:
        body = self.body(f"{STATE_PREFIX}{ending}", f"{ASSET_PREFIX}{ending}")
        self.parameters.replace(POINTER, json.dumps(body, separators=(",", ":")))
        self.found = SstPointer(str(body["state"]), str(body["asset"]), _VERSION, body)
        return self.found

    def body(self, state: str, asset: str) -> dict[str, Any]:
        """Return the parameter's body for two buckets; its repository is created when missing."""
        registry, url = self._repository()
        return {
            "version": _VERSION,
            "asset": asset,
            "assetEcrRegistryId": registry,
            "assetEcrUrl": url,
            "state": state,
            "appsyncHttp": "",
            "appsyncRealtime": "",
        }

    def has_repository(self) -> bool:
        """Tell whether the image repository exists. Raises StateError."""
        with explained(f"cannot look for the repository {REPOSITORY}", needs="ecr:DescribeRepositories"):
            try:
                self._clients("ecr", self.region).describe_repositories(repositoryNames=[REPOSITORY])
            except Exception as error:
                if error_code(error) == "RepositoryNotFoundException":
                    return False
                raise
        return True

    def _repository(self) -> tuple[str, str]:
        """Return (registry id, URL) of the image repository, created when missing."""
        client = self._clients("ecr", self.region)
        with explained(f"cannot make the repository {REPOSITORY} in {self.region}", needs="ecr:CreateRepository"):
            try:
                found = client.create_repository(repositoryName=REPOSITORY)["repository"]
            except Exception as error:
                if error_code(error) != "RepositoryAlreadyExistsException":
                    raise
                found = client.describe_repositories(repositoryNames=[REPOSITORY])["repositories"][0]
        return str(found["registryId"]), str(found["repositoryUri"])

    def only_encrypted_transport(self, bucket: str) -> None:
        """Set SST's bucket policy, which denies requests without TLS."""
        policy = _encrypted_only(bucket, self.region)
        with explained(f"cannot set the policy of {bucket}", needs="s3:PutBucketPolicy"):
            self._clients("s3", self.region).put_bucket_policy(Bucket=bucket, Policy=policy)

    def _is_here(self, bucket: str) -> bool:
        """Tell whether a bucket is in the home's region: each region has a home of its own."""
        return self.buckets.region_of(bucket) == self.region

    def _refuse(self, orphans: tuple[str, ...]) -> NoReturn:
        raise StateError(
            f"the parameter {POINTER} in {self.region} is gone, but the bucket {orphans[0]} is not",
            why="it holds states; SST would make a new, empty bucket now and show every stage as not deployed"
            + (f"; so may {', '.join(orphans[1:])}" if orphans[1:] else ""),
            todo=_REPAIR,
        )


def _encrypted_only(bucket: str, region: str) -> str:
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    partition = "aws-us-gov" if region.startswith("us-gov-") else partition
    arn = f"arn:{partition}:s3:::{bucket}"
    statement = {
        "Sid": "EnforceSSLRequests",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def sst_home(
    clients: AwsClients,
    passphrase: PassphraseSource,
    *,
    holder: Holder,
    clock: Callable[[], datetime],
    region: Callable[[], str] | None = None,
) -> Home:
    """Open the home in the SST bucket of the account and region. Opening calls nothing.

    Args:
        clients: AWS.
        passphrase: gives the passphrase when a secret comes up; SST's parameters become its vault.
        holder: who we are.
        clock: now, UTC.
        region: the home's region; the user's by default. Asked when something is read.
    """
    bootstrap = SstBootstrap(clients, region or (lambda: clients.region))

    def label() -> str:
        return f"sst bucket {bootstrap.found.state}" if bootstrap.found else "sst"

    def unmade(_needs: FirstWrite) -> tuple[BootstrapPart, ...]:
        if bootstrap.found is None:  # only SST makes its home, so a plan without one is refused
            bootstrap.make()
        return ()

    return Home(
        PointedStore(bootstrap.find, bootstrap.make),
        label=label,
        url=lambda: f"sst://{clients.account}/{bootstrap.region}",
        passphrase=passphrase.with_vault(ParameterVault(lambda: bootstrap.parameters, PASSPHRASES)),
        holder=holder,
        clock=clock,
        patience=clients.patience,
        names=ObjectNames,
        assets=PointedStore(bootstrap.find_assets, bootstrap.make_assets),
        assets_bucket=PackageBucket(lambda: bootstrap.region, lambda: bucket_name(bootstrap.find_assets())),
        unmade=unmade,
    )
