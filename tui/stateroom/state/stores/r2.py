"""Cloudflare R2 bucket as a store, over R2's S3 API: it has conditional writes, Cloudflare's own API has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stateroom.model.problems.error_response import error_code
from stateroom.state.stores.cloudflare_api import REGION, Cloudflare
from stateroom.state.stores.packing import Packing
from stateroom.state.stores.s3 import S3Store
from stateroom.state.stores.store import Blob


class R2Store:
    """Objects of one R2 bucket. It keeps no versions of them."""

    def __init__(self, api: Cloudflare, bucket: str) -> None:
        self.bucket = bucket
        self.clients = api.clients
        self._s3 = S3Store(self.clients, bucket, REGION, packing=Packing(sst=True), basic=True)

    def get(self, key: str) -> Blob | None:
        """Return the object, decompressed."""
        return self._s3.get(key)

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object, if the condition holds."""
        return self._s3.put(key, data, if_match=if_match, if_none_match=if_none_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object, if it has the expected etag. R2 ignores that condition: it is checked just before."""
        self._s3.delete(key, if_match=if_match)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects one after the other."""
        self._s3.delete_all(keys)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, sorted, page by page."""
        yield from self._s3.list(prefix)

    def items(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Yield S3's listing of each object: Key, Size, ETag, LastModified."""
        with self.clients.explained("cannot list the objects", missing=f"the bucket {self.bucket}"):
            pages = self.clients("s3", REGION).get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                yield from page.get("Contents") or ()

    def raw(self, key: str) -> bytes | None:
        """Return an object as stored; None when there is none."""
        with self.clients.explained(f"cannot read {key}", missing=f"the bucket {self.bucket}"):
            try:
                data: bytes = self.clients("s3", REGION).get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except Exception as error:
                if error_code(error) == "NoSuchKey":
                    return None
                raise
        return data

    def write_raw(self, key: str, data: bytes) -> None:
        """Write an object as `raw` returned it."""
        with self.clients.explained(f"cannot write {key}", missing=f"the bucket {self.bucket}"):
            self.clients("s3", REGION).put_object(Bucket=self.bucket, Key=key, Body=data)
