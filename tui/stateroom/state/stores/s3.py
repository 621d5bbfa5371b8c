"""S3 bucket as a store: conditional writes with a known outcome, even after a lost answer."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from stateroom.errors import StateConflictError, StateError
from stateroom.model.problems.error_response import error_code
from stateroom.state.stores.aws import AwsClients, is_uncertain, stumble_of
from stateroom.state.stores.packing import Packing, compress
from stateroom.state.stores.store import Blob

_TOKEN: Final = "stateroom-write"  # noqa: S105 - metadata that tells our write from another's with the same bytes
_PAGE: Final = 1000  # S3's limit for deleting several objects at once
_CONFLICTS: Final = frozenset({"PreconditionFailed", "NoSuchKey", "412", "404", "NotImplemented"})
_BUSY: Final = frozenset({"ConditionalRequestConflict", "OperationAborted", "409"})


@dataclass(frozen=True, slots=True)
class S3ObjectVersion:
    """Version of an object in a versioned bucket, or a delete marker."""

    key: str
    version_id: str
    modified: datetime
    latest: bool
    deleted: bool = False  # a delete marker: no bytes
    size: int = 0
    etag: str = ""


class S3Store:
    """Objects in one bucket. Gzip is decompressed on read, as SST does.

    Args:
        clients: AWS.
        bucket: the bucket's name.
        region: the bucket's region.
        packing: record of compressed objects; what was read so is written so.
        encryption: S3's ServerSideEncryption for what is written; "": the bucket's default.
        absent: the error for a bucket that does not exist; default: one for a home's own bucket.
        basic: the service knows less than AWS: no conditional deletions (checked just before), no deletions of
            several objects at once, and SST sets no encoding there.
    """

    def __init__(
        self,
        clients: AwsClients,
        bucket: str,
        region: str,
        *,
        packing: Packing | None = None,
        encryption: str = "",
        absent: Callable[[], StateError] | None = None,
        basic: bool = False,
    ) -> None:
        self.bucket = bucket
        self.region = region
        self._clients = clients
        self._packing = packing or Packing()
        self._encryption = encryption
        self._absent = absent
        self._basic = basic
        self.versioned = False  # whether an object that was read had a version's name

    def get(self, key: str) -> Blob | None:
        """Return the object, None without one. A missing bucket is an error, not an empty store."""
        return self._get(key)

    def get_version(self, key: str, version_id: str) -> Blob | None:
        """Return a version's bytes, or None when it is gone."""
        return self._get(key, VersionId=version_id)

    def digest(self, key: str) -> str | None:
        """Return the SHA-256 that S3 has checked when it was written with one, else ""; None without an object."""
        found = self._head(key, ChecksumMode="ENABLED")
        told = str((found or {}).get("ChecksumSHA256") or "")
        return None if found is None else b64decode(told).hex() if told and "-" not in told else ""

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object. After a lost answer to a conditional write, reads the object to find out."""
        request = self._request(key, data)
        if if_match is None and not if_none_match:
            with self._explained(f"cannot write {key}", "s3:PutObject"):
                answer = self._client().put_object(**request)
            if self.versioned and not _is_version(answer):
                self.versioned = False
                self.delete(key)  # what was written first is a record of its own
                raise _suspended(self.label)
            return str(answer["ETag"])
        condition = {"IfNoneMatch": "*"} if if_none_match else {"IfMatch": if_match}
        return self._put_once(request | condition, if_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object; in a versioned bucket its versions stay."""
        if if_match is None:
            with self._explained(f"cannot delete {key}", "s3:DeleteObject"):
                self._client().delete_object(Bucket=self.bucket, Key=key)
            return
        waiting, look, perhaps_done = self._clients.patience.begin(f"deleting {key}"), self._basic, False
        while True:
            current = self._head(key) if look else {"ETag": if_match}
            if current is None and perhaps_done:
                return  # the answer of an earlier try was lost
            if current is None or current["ETag"] != if_match:
                raise _conflict(key, gone=current is None)
            why = self._delete_once(key, if_match)
            if not why:
                return
            look, perhaps_done = True, perhaps_done or why not in _CONFLICTS
            if not waiting.again(why):
                raise StateError(f"cannot delete {key} in {self.label}", why=_no_answer(why), todo="try again")

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects, up to a thousand with one call; one that S3 failed to delete is deleted by itself."""
        if self._basic:
            for key in keys:
                self.delete(key)
            return
        for start in range(0, len(keys), _PAGE):
            page = [{"Key": key} for key in keys[start : start + _PAGE]]
            with self._explained(f"cannot delete {keys[start]}", "s3:DeleteObject"):
                answer = self._client().delete_objects(Bucket=self.bucket, Delete={"Objects": page, "Quiet": True})
            for error in answer.get("Errors") or ():
                self.delete(str(error["Key"]))

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, sorted, page by page."""
        with self._explained("cannot list the objects", "s3:ListBucket"):
            pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                yield from (item["Key"] for item in page.get("Contents") or ())

    def versions(self, prefix: str = "") -> Iterator[S3ObjectVersion]:
        """Yield every version and delete marker of objects that start with `prefix`, page by page."""
        with self._explained("cannot list the versions", "s3:ListBucketVersions"):
            pages = self._client().get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                yield from (_version(item, deleted=False) for item in page.get("Versions") or ())
                yield from (_version(item, deleted=True) for item in page.get("DeleteMarkers") or ())

    def delete_version(self, key: str, version_id: str) -> None:
        """Delete one version or delete marker for good."""
        with self._explained(f"cannot delete a version of {key}", "s3:DeleteObjectVersion"):
            self._client().delete_object(Bucket=self.bucket, Key=key, VersionId=version_id)

    @property
    def label(self) -> str:
        """Name of the bucket in messages."""
        return f"bucket {self.bucket}"

    def _get(self, key: str, **more: str) -> Blob | None:
        with self._explained(f"cannot read {key}", "s3:GetObject"):
            for tries_left in (2, 1, 0):
                try:
                    answer = self._client().get_object(Bucket=self.bucket, Key=key, **more)
                    self.versioned = self.versioned or _is_version(answer)
                    data = self._packing.unpack(key, answer["Body"].read())
                    return Blob(data, answer["ETag"], answer["LastModified"])
                except Exception as error:
                    if error_code(error) in ("NoSuchKey", "NoSuchVersion"):
                        return None
                    # Once the body has begun to arrive boto3 repeats nothing by itself.
                    if error_code(error) or not is_uncertain(error) or not tries_left:
                        raise
        return None

    def _request(self, key: str, data: bytes) -> dict[str, Any]:
        request: dict[str, Any] = {"Bucket": self.bucket, "Key": key, "Body": data}
        request["ContentType"] = "application/zip" if key.endswith(".zip") else "application/json"
        if self._packing.packs(key, self):
            request |= {"Body": compress(data)} | ({} if self._basic else {"ContentEncoding": "gzip"})
        if key.endswith(".zip") and not self._basic:
            request["ChecksumAlgorithm"] = "SHA256"
        if self._encryption:
            request["ServerSideEncryption"] = self._encryption
        return request

    def _put_once(self, request: dict[str, Any], if_match: str | None) -> str:
        """Write conditionally. After an uncertain failure the object itself tells who wrote it."""
        key, token = request["Key"], uuid4().hex
        client, waiting = self._clients("s3", self.region, once=True), self._clients.patience.begin(f"writing {key}")
        while True:
            with self._explained(f"cannot write {key}", "s3:PutObject"):
                try:
                    return str(client.put_object(**request, Metadata={_TOKEN: token})["ETag"])
                except Exception as error:
                    why = _may_be_tried(error)
                    if not why:
                        raise
            current = self._head(key)
            if current and current.get("Metadata", {}).get(_TOKEN) == token:
                return str(current["ETag"])
            if (current["ETag"] if current else None) != if_match:
                raise _conflict(key, gone=current is None, created=if_match is None)
            if not waiting.again(why):
                todo = "nothing was written; try again"
                raise StateError(f"cannot write {key} in {self.label}", why=_no_answer(why), todo=todo)

    def _delete_once(self, key: str, if_match: str) -> str:
        """Send one conditional deletion; returns "" when it was done, else why it may be tried again."""
        client = self._clients("s3", self.region, once=True)
        with self._explained(f"cannot delete {key}", "s3:DeleteObject"):
            try:
                client.delete_object(Bucket=self.bucket, Key=key, **({} if self._basic else {"IfMatch": if_match}))
            except Exception as error:
                if error_code(error) == "NotImplemented":  # an S3 that knows no conditional delete
                    self._basic = True
                    return "NotImplemented"
                if not (why := _may_be_tried(error)):
                    raise
                return why
        return ""

    def _head(self, key: str, **more: str) -> dict[str, Any] | None:
        with self._explained(f"cannot read {key}", "s3:GetObject"):
            try:
                found: dict[str, Any] = self._client().head_object(Bucket=self.bucket, Key=key, **more)
            except Exception as error:
                if error_code(error) in ("404", "NoSuchKey", "NotFound"):
                    return None
                raise
        return found

    def _client(self) -> Any:
        return self._clients("s3", self.region)

    def _explained(self, what: str, needs: str) -> AbstractContextManager[None]:
        explained = self._clients.explained(f"{what} in {self.label}", missing=f"the {self.label}", needs=needs)
        return explained if self._absent is None else _told_by(self._absent, explained)


@contextmanager
def _told_by(absent: Callable[[], StateError], explained: AbstractContextManager[None]) -> Iterator[None]:
    """Put the owner's own error in the place of the one for a missing bucket."""
    try:
        with explained:
            yield
    except StateError as error:
        if error.__cause__ is None or error_code(error.__cause__) != "NoSuchBucket":
            raise
        raise absent() from error.__cause__


def _may_be_tried(error: BaseException) -> str:
    """Say why a conditional write is checked and perhaps sent again; "" for a final error."""
    code = error_code(error)
    return code if code in _CONFLICTS | _BUSY else stumble_of(error)


def _is_version(answer: Mapping[str, Any]) -> bool:
    """Tell whether what was read or written has a version id: not before versioning, nor while it is suspended."""
    return bool(answer.get("VersionId", "null") != "null")


def _suspended(label: str) -> StateError:
    return StateError(
        f"the {label} keeps no versions any more",
        why="they were suspended: nothing that is overwritten there could be brought back",
        todo="turn on versioning for it again",
    )


def _no_answer(why: str) -> str:
    return f"S3 gives no answer but {why}"


def _conflict(key: str, *, gone: bool, created: bool = False) -> StateConflictError:
    if created:
        return StateConflictError(f"{key} exists already", why="someone else wrote it first")
    return StateConflictError(
        f"{key} is gone" if gone else f"{key} has changed",
        why="someone else wrote it since it was read",
        todo="nothing was overwritten; look again and repeat the command",
    )


def _version(item: dict[str, Any], *, deleted: bool) -> S3ObjectVersion:
    return S3ObjectVersion(
        key=item["Key"],
        version_id=item["VersionId"],
        modified=item["LastModified"],
        latest=bool(item["IsLatest"]),
        deleted=deleted,
        size=int(item.get("Size", 0)),
        etag=str(item.get("ETag", "")),
    )
