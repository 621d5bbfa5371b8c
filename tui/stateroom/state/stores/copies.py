"""Copy objects byte for byte, with their S3 headers, between a bucket and the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.s3 import S3ObjectVersion

_KEPT: Final = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl", "Metadata")
_CHUNK: Final = 1 << 20


class ObjectCopier(Protocol):
    """Copier of one bucket's objects, without interpreting them."""

    def download(self, version: S3ObjectVersion, directory: Path) -> tuple[str, dict[str, Any]]:
        """Save a version as `directory/<sha256>`, synced; returns the hash and its headers."""

    def upload(self, key: str, path: Path, headers: Mapping[str, Any]) -> None:
        """Write an object as `download` saved it."""

    def mark_deleted(self, key: str) -> None:
        """Put a delete marker over an object's versions."""


class Copies:
    """Copier of one bucket's objects, without interpreting them."""

    def __init__(self, clients: AwsClients, bucket: str, region: str) -> None:
        self._bucket = bucket
        self._clients = clients
        self._client: Any = clients("s3", region)

    def download(self, version: S3ObjectVersion, directory: Path) -> tuple[str, dict[str, Any]]:
        """Save a version as `directory/<sha256>`, synced; returns the hash and its S3 headers."""
        with self._explained(f"cannot read {version.key}", "s3:GetObjectVersion"):
            answer = self._client.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
            fresh = directory / f".{hashlib.sha256(f'{version.key} {version.version_id}'.encode()).hexdigest()}"
            digest = hashlib.sha256()
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                while chunk := answer["Body"].read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(directory / digest.hexdigest())
        return digest.hexdigest(), {name: answer[name] for name in _KEPT if answer.get(name)}

    def upload(self, key: str, path: Path, headers: Mapping[str, Any]) -> None:
        """Write an object as `download` saved it."""
        with self._explained(f"cannot write {key}", "s3:PutObject"), path.open("rb") as file:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=file, **headers)

    def mark_deleted(self, key: str) -> None:
        """Put a delete marker over an object's versions."""
        with self._explained(f"cannot delete {key}", "s3:DeleteObject"):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _explained(self, what: str, needs: str) -> Any:
        return self._clients.explained(
            f"{what} in bucket {self._bucket}", missing=f"the bucket {self._bucket}", needs=needs
        )
