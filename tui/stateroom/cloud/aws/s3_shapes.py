"""Bucket settings: CloudFormation's and S3's spelling, and their get, put and delete calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.cloud.aws.s3_lifecycle import lifecycle_from_s3, rule_to_s3
from stateroom.cloud.aws.shapes import without_empty

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BucketSetting:
    """Setting of a bucket.

    Attributes:
        call: the end of the operations' names: `bucket_versioning`.
        argument: what the put wants the document as; "": its members are arguments.
        answer: where the get's answer has it; "": the answer itself.
        missing: S3's code for "there is none".
        unset: what to put when there is nothing to delete; None: there is a delete call.
        to_s3, from_s3: between the two spellings.
        beside: members of CloudFormation's property that are arguments of the put, beside the document.
    """

    call: str
    argument: str
    answer: str = ""
    missing: str = ""
    unset: Document | None = None
    to_s3: Callable[[Document], Any] = dict
    from_s3: Callable[[Document], Document] = dict
    beside: tuple[str, ...] = ()


def _renamed(names: Mapping[str, str]) -> tuple[Callable[[Document], Any], Callable[[Document], Any]]:
    back = {value: key for key, value in names.items()}
    return (
        lambda document: {names.get(key, key): value for key, value in document.items()},
        lambda document: {back.get(key, key): value for key, value in document.items()},
    )


_CORS_OUT, _CORS_IN = _renamed({"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"})


def _encryption_to(document: Document) -> dict[str, Any]:
    out, _ = _renamed({"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
    return {"Rules": [out(rule) for rule in document["ServerSideEncryptionConfiguration"]]}


def _encryption_from(document: Document) -> dict[str, Any]:
    _, back = _renamed({"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
    return {"ServerSideEncryptionConfiguration": [back(rule) for rule in document.get("Rules") or ()]}


def _website_to(document: Document) -> dict[str, Any]:
    made = {key: value for key, value in document.items() if key not in ("IndexDocument", "ErrorDocument")}
    if document.get("RoutingRules"):
        out, _ = _renamed({"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"})
        made["RoutingRules"] = [out(rule) for rule in document["RoutingRules"]]
    index, error = document.get("IndexDocument"), document.get("ErrorDocument")
    return {
        **made,
        **({"IndexDocument": {"Suffix": index}} if index else {}),
        **({"ErrorDocument": {"Key": error}} if error else {}),
    }


def _website_from(document: Document) -> dict[str, Any]:
    _, back = _renamed({"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"})
    return without_empty(
        {
            "IndexDocument": (document.get("IndexDocument") or {}).get("Suffix"),
            "ErrorDocument": (document.get("ErrorDocument") or {}).get("Key"),
            "RedirectAllRequestsTo": document.get("RedirectAllRequestsTo"),
            "RoutingRules": [back(rule) for rule in document.get("RoutingRules") or ()],
        }
    )


# Nested properties without a call of ours.
UNSETTABLE: Final = frozenset({"LoggingConfiguration.TargetObjectKeyFormat"})


# CloudFormation's property → how S3 keeps it, in the order in which they are written.
SETTINGS: Final[Mapping[str, BucketSetting]] = {
    "OwnershipControls": BucketSetting(
        "bucket_ownership_controls", "OwnershipControls", "OwnershipControls", "OwnershipControlsNotFoundError"
    ),
    "PublicAccessBlockConfiguration": BucketSetting(
        "public_access_block",
        "PublicAccessBlockConfiguration",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "VersioningConfiguration": BucketSetting(
        "bucket_versioning",
        "VersioningConfiguration",
        unset={"Status": "Suspended"},
        from_s3=lambda document: without_empty({"Status": document.get("Status")}),
    ),
    "BucketEncryption": BucketSetting(
        "bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        to_s3=_encryption_to,
        from_s3=_encryption_from,
    ),
    "CorsConfiguration": BucketSetting(
        "bucket_cors",
        "CORSConfiguration",
        missing="NoSuchCORSConfiguration",
        to_s3=lambda document: {"CORSRules": [_CORS_OUT(rule) for rule in document["CorsRules"]]},
        from_s3=lambda document: {"CorsRules": [_CORS_IN(rule) for rule in document["CORSRules"]]},
    ),
    "LifecycleConfiguration": BucketSetting(
        "bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        missing="NoSuchLifecycleConfiguration",
        to_s3=lambda document: {"Rules": [rule_to_s3(rule) for rule in document["Rules"]]},
        from_s3=lifecycle_from_s3,
        beside=("TransitionDefaultMinimumObjectSize",),
    ),
    "WebsiteConfiguration": BucketSetting(
        "bucket_website",
        "WebsiteConfiguration",
        missing="NoSuchWebsiteConfiguration",
        to_s3=_website_to,
        from_s3=_website_from,
    ),
    "LoggingConfiguration": BucketSetting(
        "bucket_logging",
        "BucketLoggingStatus",
        "LoggingEnabled",
        unset={},
        to_s3=lambda document: {
            "LoggingEnabled": {
                "TargetBucket": document.get("DestinationBucketName", ""),
                "TargetPrefix": document.get("LogFilePrefix", ""),
            }
        },
        from_s3=lambda document: without_empty(
            {"DestinationBucketName": document.get("TargetBucket"), "LogFilePrefix": document.get("TargetPrefix")}
        ),
    ),
    "AccelerateConfiguration": BucketSetting(
        "bucket_accelerate_configuration",
        "AccelerateConfiguration",
        unset={"Status": "Suspended"},
        to_s3=lambda document: {"Status": document["AccelerationStatus"]},
        from_s3=lambda document: without_empty({"AccelerationStatus": document.get("Status")}),
    ),
}
# The deletes that are not named as their puts are.
DELETES: Final = {"bucket_lifecycle_configuration": "delete_bucket_lifecycle"}
