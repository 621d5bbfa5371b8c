"""What a home in AWS asks of buckets and parameters, and what it makes of the answers, as text.

The account is a small one in memory: it holds objects and parameters, answers a call as S3 and SSM do, and fails one on
demand. Emulators stand for the rest.
"""

from __future__ import annotations

import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from botocore.exceptions import ClientError, EndpointConnectionError

from stateroom.errors import StateroomError
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.patience import Patience

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNREACHABLE: Final = "no answer"
CODES: Final = (
    "AccessDenied",
    "NoSuchBucket",
    "NoSuchKey",
    "404",
    "PreconditionFailed",
    "ConditionalRequestConflict",
    "SlowDown",
    "NotImplemented",
    "ExpiredToken",
    "ParameterNotFound",
    "ParameterAlreadyExists",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "BucketNotEmpty",
    "RepositoryAlreadyExistsException",
    "RepositoryNotFoundException",
    UNREACHABLE,
)

_REPOSITORY: Final = {"registryId": "123456789012", "repositoryUri": "123456789012.dkr.ecr.example.com/sst-asset"}


class Account(AwsClients):
    """Stands for AwsClients. `calls` lists what was asked, with the region; `refusing` is which call fails, and how."""

    def __init__(
        self,
        objects: Mapping[str, Mapping[str, bytes]] | None = None,
        parameters: Mapping[str, str] | None = None,
        *,
        versioning: str = "Enabled",
        refusing: tuple[int, str] | None = None,
    ) -> None:
        super().__init__(region="eu-west-1", patience=Patience(lambda _: None, lambda: 0.5))
        self.objects = {bucket: dict(held) for bucket, held in (objects or {}).items()}
        self.parameters = dict(parameters or {})
        self.versioning = versioning
        self.refusing = refusing
        self.calls: list[str] = []

    def __call__(self, service: str, region: str, *, once: bool = False) -> Any:
        return _Client(self, f"{service} {region}{' once' if once else ''}")

    @property
    def account(self) -> str:
        return "123456789012"

    def answer(self, where: str, name: str, asked: Mapping[str, Any]) -> Any:
        """Note the call, and answer it or raise ClientError."""
        told = {key: value.decode("latin-1") if isinstance(value, bytes) else value for key, value in asked.items()}
        told |= {"Metadata": sorted(told["Metadata"])} if "Metadata" in told else {}
        self.calls.append(f"{where} {name} {json.dumps(told, sort_keys=True, default=str)}")
        if self.refusing and self.refusing[0] == len(self.calls) - 1:
            raise _refusal(self.refusing[1], name)
        bucket = asked.get("Bucket")
        if bucket is not None and bucket not in self.objects and name != "create_bucket":
            raise _refusal("404" if name == "head_bucket" else "NoSuchBucket", name)
        return getattr(self, f"_{name}", lambda _: {})(asked)

    def _get_object(self, asked: Mapping[str, Any]) -> Any:
        found = self._found(asked, "NoSuchKey")
        return {**self._head_object(asked), "Body": io.BytesIO(found)}

    def _head_object(self, asked: Mapping[str, Any]) -> Any:
        found = self._found(asked, "404")
        checksum = b64encode(sha256(found).digest()).decode()
        return {"ETag": _etag(found), "LastModified": NOW, "VersionId": "v1", "ChecksumSHA256": checksum}

    def _found(self, asked: Mapping[str, Any], code: str) -> bytes:
        found = self.objects[asked["Bucket"]].get(asked["Key"])
        if found is None:
            raise _refusal(code, "GetObject")
        return found

    def _put_object(self, asked: Mapping[str, Any]) -> Any:
        held, key = self.objects[asked["Bucket"]], asked["Key"]
        if (asked.get("IfNoneMatch") and key in held) or asked.get("IfMatch", _etag(held.get(key))) != _etag(
            held.get(key)
        ):
            raise _refusal("PreconditionFailed", "PutObject")
        held[key] = asked["Body"]
        return {"ETag": _etag(held[key]), **({"VersionId": "v2"} if self.versioning == "Enabled" else {})}

    def _delete_object(self, asked: Mapping[str, Any]) -> Any:
        self.objects[asked["Bucket"]].pop(asked["Key"], None)
        return {}

    def _delete_objects(self, asked: Mapping[str, Any]) -> Any:
        return {"Errors": [{"Key": item["Key"], "Code": "InternalError"} for item in asked["Delete"]["Objects"][1:2]]}

    def _list_objects_v2(self, asked: Mapping[str, Any]) -> Any:
        keys = sorted(key for key in self.objects[asked["Bucket"]] if key.startswith(asked.get("Prefix", "")))
        return {"Contents": [{"Key": key, "LastModified": NOW, "Size": 7} for key in keys]}

    def _list_object_versions(self, asked: Mapping[str, Any]) -> Any:
        keys = sorted(key for key in self.objects[asked["Bucket"]] if key.startswith(asked.get("Prefix", "")))
        there = [{"Key": key, "VersionId": "v1", "LastModified": NOW, "IsLatest": True, "Size": 7} for key in keys]
        gone = [{"Key": "gone", "VersionId": "v9", "LastModified": NOW, "IsLatest": True}] if keys else []
        return {"Versions": there, "DeleteMarkers": gone}

    def _list_buckets(self, asked: Mapping[str, Any]) -> Any:
        return {"Buckets": [{"Name": name} for name in sorted(self.objects)]}

    def _create_bucket(self, asked: Mapping[str, Any]) -> Any:
        self.objects.setdefault(asked["Bucket"], {})
        return {}

    def _delete_bucket(self, asked: Mapping[str, Any]) -> Any:
        del self.objects[asked["Bucket"]]
        return {}

    def _get_bucket_versioning(self, asked: Mapping[str, Any]) -> Any:
        return {"Status": self.versioning} if self.versioning else {}

    def _get_bucket_location(self, asked: Mapping[str, Any]) -> Any:
        return {"LocationConstraint": "eu-west-1"}

    def _get_parameter(self, asked: Mapping[str, Any]) -> Any:
        if asked["Name"] not in self.parameters:
            raise _refusal("ParameterNotFound", "GetParameter")
        return {"Parameter": {"Value": self.parameters[asked["Name"]], "Version": 1, "LastModifiedDate": NOW}}

    def _put_parameter(self, asked: Mapping[str, Any]) -> Any:
        if asked["Name"] in self.parameters and not asked.get("Overwrite"):
            raise _refusal("ParameterAlreadyExists", "PutParameter")
        self.parameters[asked["Name"]] = asked["Value"]
        return {}

    def _delete_parameter(self, asked: Mapping[str, Any]) -> Any:
        if self.parameters.pop(asked["Name"], None) is None:
            raise _refusal("ParameterNotFound", "DeleteParameter")
        return {}

    def _describe_repositories(self, asked: Mapping[str, Any]) -> Any:
        return {"repositories": [_REPOSITORY]}

    def _create_repository(self, asked: Mapping[str, Any]) -> Any:
        return {"repository": _REPOSITORY}


class _Client:
    def __init__(self, account: Account, where: str) -> None:
        self._account, self._where = account, where

    def get_paginator(self, name: str) -> Any:
        class Pages:
            @staticmethod
            def paginate(**asked: Any) -> Iterator[Any]:
                yield self._account.answer(self._where, name, asked)

        return Pages

    def __getattr__(self, name: str) -> Any:
        return lambda **asked: self._account.answer(self._where, name, asked)


def _etag(data: bytes | None) -> str:
    return "none" if data is None else f'"{sha256(data).hexdigest()[:8]}"'


def _refusal(code: str, name: str) -> Exception:
    if code == UNREACHABLE:
        unreachable: Exception = EndpointConnectionError(endpoint_url="https://example.com")
        return unreachable
    status = {"SlowDown": 503, "404": 404}.get(code, 400)
    answer: Any = {"Error": {"Code": code, "Message": "told"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    refusal: Exception = ClientError(answer, name)
    return refusal


def outcome(work: Callable[[], Any]) -> str:
    """Work, and write what came of it on one line."""
    try:
        result = work()
        if isinstance(result, Iterator):
            result = list(result)
    except StateroomError as error:
        return f"! {type(error).__name__}: {' | '.join(error.lines())}"
    except (ClientError, EndpointConnectionError) as error:
        return f"! {type(error).__name__}: {error}"
    return f"= {result!r}"
