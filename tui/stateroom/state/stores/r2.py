"""A Cloudflare R2 bucket as a store, over R2's S3 API: its conditional writes exclude, Cloudflare's own API cannot.

An API token is a key of the S3 API, too: the access key is the token's id, the secret the SHA-256 of the token, in hex
(https://developers.cloudflare.com/r2/api/tokens/). SST speaks the other API to the same objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.state.stores.aws import AwsClients, error_code, explained
from stateroom.state.stores.cloudflare_api import Cloudflare
from stateroom.state.stores.packing import Packing
from stateroom.state.stores.s3 import S3Store
from stateroom.state.stores.store import Blob

REGION: Final = "auto"
_REFUSED: Final = frozenset(
    {"AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized", "401", "403"}
)


class R2Clients(AwsClients):
    """Clients of R2's S3 API for an account, with an API token for a key."""

    def __init__(self, api: Cloudflare) -> None:
        super().__init__(region=REGION, patience=api.patience)
        self._api = api

    def explained(self, what: str, *, missing: str = "", needs: str = "") -> AbstractContextManager[None]:
        """Turn errors into StateErrors; what a token lacks is said."""
        return _explained(what, missing, needs)

    def _build(self, service: str, region: str) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",  # R2 does not know all of S3's checksums
            response_checksum_validation="when_required",
        )
        access, token = self._api.token_id(), self._api.token.reveal()
        secret = hashlib.sha256(token.encode()).hexdigest()
        with explained("the AWS configuration cannot be used"):
            return _session().client(
                service,
                region_name=region,
                endpoint_url=self._api.s3_url(),
                aws_access_key_id=access,
                aws_secret_access_key=secret,
                config=config,
            )


class R2Store:
    """Objects of one R2 bucket. It keeps no versions of them."""

    def __init__(self, api: Cloudflare, bucket: str) -> None:
        self.bucket = bucket
        self.clients = api.clients
        self._s3 = S3Store(self.clients, bucket, REGION, packing=Packing(sst=True), basic=True)

    def get(self, key: str) -> Blob | None:
        """The object, unpacked if it was packed."""
        return self._s3.get(key)

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object, if the condition holds."""
        return self._s3.put(key, data, if_match=if_match, if_none_match=if_none_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object, if it is the expected one. R2 minds no condition here: it is looked at just before."""
        self._s3.delete(key, if_match=if_match)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects one after the other."""
        self._s3.delete_all(keys)

    def list(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, sorted, page by page."""
        yield from self._s3.list(prefix)

    def items(self, prefix: str) -> Iterator[dict[str, Any]]:
        """What is known of each object without reading it: Key, Size, ETag, LastModified."""
        with self.clients.explained("cannot list the objects", missing=f"the bucket {self.bucket}"):
            pages = self.clients("s3", REGION).get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                yield from page.get("Contents") or ()

    def raw(self, key: str) -> bytes | None:
        """An object as it is kept; None when there is none."""
        with self.clients.explained(f"cannot read {key}", missing=f"the bucket {self.bucket}"):
            try:
                data: bytes = self.clients("s3", REGION).get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except Exception as error:
                if error_code(error) == "NoSuchKey":
                    return None
                raise
        return data

    def write_raw(self, key: str, data: bytes) -> None:
        """Write an object as `raw` gave it."""
        with self.clients.explained(f"cannot write {key}", missing=f"the bucket {self.bucket}"):
            self.clients("s3", REGION).put_object(Bucket=self.bucket, Key=key, Body=data)


@cache
def _session() -> Any:
    """One for all accounts: each would read the descriptions of services anew, and credentials are given by client."""
    import boto3

    return boto3.Session()


@contextmanager
def _explained(what: str, missing: str, needs: str) -> Iterator[None]:
    from botocore.exceptions import ClientError

    with explained(what, missing=missing, needs=needs):
        try:
            yield
        except ClientError as error:
            if error_code(error) in _REFUSED:
                raise StateError(
                    f"Cloudflare refuses: {what}",
                    why=f"{error_code(error)}: the token in CLOUDFLARE_API_TOKEN may not use R2's S3 API, which the "
                    "state and its lock are written with",
                    todo="give it the permission `Workers R2 Storage: Edit` of this account, or make a token with "
                    "`Admin Read & Write` under R2 > Manage API tokens",
                ) from error
            raise
