"""Home of SST at Cloudflare: an account's R2 bucket `sst-state`, keys without `.json`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from stateroom.errors import StateError
from stateroom.model.values import Secret
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.object_names import ObjectNames
from stateroom.state.pointer import refuse_during_reset
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.vault import ObjectVault
from stateroom.state.stores.cloudflare_api import API, Cloudflare
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.patience import Patience
from stateroom.state.stores.r2 import R2Store
from stateroom.state.stores.r2_buckets import RESETTING, R2Buckets

BUCKET: Final = "sst-state"


@dataclass(frozen=True, slots=True)
class CloudflareNames(ObjectNames):
    """Object keys of SST at Cloudflare."""

    SUFFIX: ClassVar[str] = ""


def cloudflare_home(
    environment: Mapping[str, str],
    passphrase: PassphraseSource,
    *,
    holder: Holder,
    clock: Callable[[], datetime],
    url: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> Home:
    """Open the home in an account's R2 bucket. Opening calls nothing.

    Args:
        environment: as `open_api` wants it.
        passphrase: gives the passphrase when a secret comes up.
        holder: who we are.
        clock: now, UTC.
        url: where Cloudflare's API is, if it is not Cloudflare's.
        sleep: waits, seconds.

    Raises:
        StateError: there is no token.
    """
    api = open_api(environment, url, sleep)
    store = PointedStore(lambda: _find(api), lambda: _make(api))
    return Home(
        store,
        label=f"cloudflare bucket {BUCKET}",
        url=lambda: f"cloudflare://{api.account()}/{BUCKET}",
        passphrase=passphrase.with_vault(ObjectVault(store)),
        holder=holder,
        clock=clock,
        names=CloudflareNames,
        patience=api.patience,
    )


def open_api(environment: Mapping[str, str], url: str = "", sleep: Callable[[float], None] = time.sleep) -> Cloudflare:
    """Open Cloudflare's API for the account that the environment names. Calls nothing.

    Args:
        environment: CLOUDFLARE_API_TOKEN; CLOUDFLARE_DEFAULT_ACCOUNT_ID, or the first account that the token sees.
        url: where the API is, if it is not Cloudflare's.
        sleep: waits, seconds.

    Raises:
        StateError: there is no token.
    """
    token = environment.get("CLOUDFLARE_API_TOKEN")
    if not token:
        raise StateError(
            "there is no token for Cloudflare",
            why="CLOUDFLARE_API_TOKEN is not set",
            todo="set it to one that may use R2",
        )
    account = _Account(
        environment.get("CLOUDFLARE_DEFAULT_ACCOUNT_ID") or environment.get("CLOUDFLARE_ACCOUNT_ID") or ""
    )
    api = Cloudflare(Secret(token), lambda: account.id(api), url or API, Patience(sleep))
    return api


@dataclass(slots=True)
class _Account:
    known: str

    def id(self, api: Cloudflare) -> str:
        """Return the account's id, cached."""
        if not self.known:
            accounts, _ = api.result("GET", "/accounts")
            if not accounts:
                raise StateError(
                    "the token sees no Cloudflare account",
                    todo="set CLOUDFLARE_DEFAULT_ACCOUNT_ID, or use another token",
                )
            self.known = str(accounts[0]["id"])
        return self.known


def _find(api: Cloudflare) -> R2Store | None:
    if not R2Buckets(api).exists(BUCKET):
        return None
    store = R2Store(api, BUCKET)
    mark = store.get(RESETTING)
    refuse_during_reset(mark.data.decode(errors="replace") if mark else "")
    return store


def _make(api: Cloudflare) -> R2Store:
    store = _find(api)
    if store is None:
        raise StateError(
            f"there is no bucket {BUCKET} in the Cloudflare account {api.account()}",
            why="it was deleted, or SST was never used there",
            todo="check CLOUDFLARE_DEFAULT_ACCOUNT_ID; `stateroom reset --only missing` makes it again, and with "
            "--backup fills it",
        )
    return store
