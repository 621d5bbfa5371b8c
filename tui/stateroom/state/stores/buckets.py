"""Administration of S3 buckets: existence, creation, versioning, emptying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.model.problems.error_response import error_code
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.s3 import S3ObjectVersion

_EAST: Final = "us-east-1"  # the one region that CreateBucket must not name
_PAGE: Final = 1000  # S3's limit for deleting several objects at once


class Buckets:
    """Buckets of an account, addressed from one region."""

    def __init__(self, clients: AwsClients, region: str) -> None:
        self.region = region
        self._clients = clients

    def exists(self, name: str) -> bool:
        """Tell whether a bucket exists that these credentials may access. Raises StateError."""
        with self._explained(name, f"cannot look for the bucket {name}", "s3:ListBucket"):
            try:
                self._client().head_bucket(Bucket=name)
            except Exception as error:
                if error_code(error) in ("404", "NoSuchBucket"):
                    return False
                raise
        return True

    def create(self, name: str) -> None:
        """Create a bucket; an own existing one is a success. Raises StateError."""
        place = {} if self.region == _EAST else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        with self._explained(name, f"cannot create the bucket {name}", "s3:CreateBucket"):
            try:
                self._client().create_bucket(Bucket=name, **place)
            except Exception as error:
                if error_code(error) == "BucketAlreadyExists":
                    raise StateError(
                        f"the bucket {name} belongs to another account",
                        why="names of buckets are taken for everyone, and its owner is not these credentials' account",
                        todo="choose another --profile; `stateroom bootstrap status` shows what names the bucket",
                    ) from error
                if error_code(error) not in ("BucketAlreadyOwnedByYou", "OperationAborted"):
                    raise

    def region_of(self, name: str) -> str:
        """Return a bucket's region. Raises StateError."""
        with self._explained(name, f"cannot see where {name} lies", "s3:GetBucketLocation"):
            found = self._client().get_bucket_location(Bucket=name).get("LocationConstraint")
        return str(found or _EAST)

    def versioning(self, name: str) -> str:
        """Return `Enabled`, `Suspended`, or "" for a bucket that never had versioning. Raises StateError."""
        with self._explained(name, f"cannot read whether {name} keeps versions", "s3:GetBucketVersioning"):
            return str(self._client().get_bucket_versioning(Bucket=name).get("Status", ""))

    def keep_versions(self, name: str) -> None:
        """Turn on versioning. Raises StateError."""
        with self._explained(name, f"cannot turn on versions for {name}", "s3:PutBucketVersioning"):
            self._client().put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def named(self, prefix: str) -> Iterator[str]:
        """Yield the account's bucket names with a prefix; none when listing is denied."""
        with self._clients.explained("cannot list the buckets", needs="s3:ListAllMyBuckets"):
            try:
                for page in self._client().get_paginator("list_buckets").paginate(Prefix=prefix):
                    names = (bucket["Name"] for bucket in page.get("Buckets") or ())
                    yield from (name for name in names if name.startswith(prefix))
            except Exception as error:
                if error_code(error) not in ("AccessDenied", "403"):
                    raise

    def may_hold_anything(self, name: str) -> bool:
        """Tell whether a bucket has an object or version, or may not be listed. Raises StateError."""
        with self._explained(name, f"cannot look into the bucket {name}", "s3:ListBucketVersions"):
            try:
                page = self._client().list_object_versions(Bucket=name, MaxKeys=1)
            except Exception as error:
                if error_code(error) in ("AccessDenied", "403"):
                    return True
                raise
        return bool(page.get("Versions") or page.get("DeleteMarkers"))

    def delete_versions(self, name: str, versions: Sequence[S3ObjectVersion]) -> None:
        """Delete exactly these versions; missing ones are no error. Raises StateError."""
        for start in range(0, len(versions), _PAGE):
            objects = [{"Key": item.key, "VersionId": item.version_id} for item in versions[start : start + _PAGE]]
            with self._explained(name, f"cannot empty the bucket {name}", "s3:DeleteObjectVersion"):
                answer = self._client().delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
            if errors := answer.get("Errors"):
                raise StateError(
                    f"cannot delete {errors[0].get('Key')} from the bucket {name}",
                    why=f"{errors[0].get('Code')}: {errors[0].get('Message')}",
                    todo="allow s3:DeleteObjectVersion and run it again: it continues from here",
                )

    def delete(self, name: str) -> bool:
        """Delete an empty bucket; a missing one is a success. False: it is not empty. Raises StateError."""
        with self._explained(name, f"cannot delete the bucket {name}", "s3:DeleteBucket"):
            try:
                self._client().delete_bucket(Bucket=name)
            except Exception as error:
                if error_code(error) == "BucketNotEmpty":
                    return False
                if error_code(error) != "NoSuchBucket":
                    raise
        return True

    def _client(self) -> Any:
        return self._clients("s3", self.region)

    def _explained(self, name: str, what: str, needs: str) -> Any:
        return self._clients.explained(what, missing=f"the bucket {name}", needs=needs)
