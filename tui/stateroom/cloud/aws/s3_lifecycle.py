"""Rules of a bucket's lifecycle: CloudFormation's flat keys are nested in S3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.model.values import Value

_SIZES: Final = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_SMALLEST: Final = "TransitionDefaultMinimumObjectSize"
_OF_NEW_BUCKETS: Final = "all_storage_classes_128K"


def rule_to_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a rule to S3's spelling."""
    moves = [*([rule["Transition"]] if rule.get("Transition") else ()), *(rule.get("Transitions") or ())]
    single = rule.get("NoncurrentVersionTransition")
    old_moves = [*([single] if single else ()), *(rule.get("NoncurrentVersionTransitions") or ())]
    expiration = without_empty({"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate")})
    if rule.get("ExpiredObjectDeleteMarker"):
        expiration["ExpiredObjectDeleteMarker"] = True
    optional = {
        "ID": rule.get("Id"),
        "Expiration": expiration,
        "Transitions": [_move_to_s3(item) for item in moves],
        "NoncurrentVersionExpiration": _old_to_s3(rule),
        "NoncurrentVersionTransitions": [_old_move_to_s3(item) for item in old_moves],
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }
    return {"Status": rule["Status"], "Filter": _filter(rule), **without_empty(optional)}


def lifecycle_from_s3(document: Mapping[str, Any]) -> dict[str, Any]:
    """Convert S3's answer."""
    return {"Rules": [_rule_from_s3(rule) for rule in document["Rules"]], **pick(document, (_SMALLEST,))}


def without_default(there: Value, declared: Value) -> Value:
    """Return a lifecycle without the smallest size that S3 moves, if it is a new bucket's and nobody declared it."""
    if not isinstance(there, Mapping) or (isinstance(declared, Mapping) and _SMALLEST in declared):
        return there
    return {name: value for name, value in there.items() if (name, value) != (_SMALLEST, _OF_NEW_BUCKETS)}


def _filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return which objects a rule is about; S3 wants several conditions below `And`."""
    prefix, tags = rule.get("Prefix", ""), list(rule.get("TagFilters") or ())
    sizes = {name: int(rule[name]) for name in _SIZES if name in rule}
    if len(tags) + len(sizes) + bool(prefix) > 1:
        return {"And": without_empty({"Prefix": prefix, "Tags": tags}) | sizes}
    return {"Tag": tags[0]} if tags else sizes or {"Prefix": prefix}


def _move_to_s3(item: Mapping[str, Any]) -> dict[str, Any]:
    when = {"Days": item.get("TransitionInDays"), "Date": item.get("TransitionDate")}
    return without_empty({**when, "StorageClass": item["StorageClass"]})


def _old_move_to_s3(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = pick(item, ("StorageClass", "NewerNoncurrentVersions"))
    return {"NoncurrentDays": item.get("TransitionInDays"), **kept}


def _old_to_s3(rule: Mapping[str, Any]) -> Mapping[str, Any] | None:
    days = rule.get("NoncurrentVersionExpirationInDays")
    return {"NoncurrentDays": days} if days is not None else rule.get("NoncurrentVersionExpiration")


def _rule_from_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    where = rule.get("Filter") or {}
    both, expiration = where.get("And") or {}, rule.get("Expiration") or {}
    sizes = {name: both.get(name, where.get(name)) for name in _SIZES}
    return without_empty(
        {
            "Id": rule.get("ID"),
            "Status": rule.get("Status"),
            "Prefix": both.get("Prefix") or where.get("Prefix") or rule.get("Prefix"),
            "TagFilters": both.get("Tags") or ([where["Tag"]] if where.get("Tag") else []),
            **{name: str(size) for name, size in sizes.items() if size is not None},
            "ExpirationInDays": expiration.get("Days"),
            "ExpirationDate": _day(expiration.get("Date")),
            "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker") or None,
            "Transitions": [_move_from_s3(item) for item in rule.get("Transitions") or ()],
            "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration"),
            "NoncurrentVersionTransitions": [
                _old_move_from_s3(item) for item in rule.get("NoncurrentVersionTransitions") or ()
            ],
            "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        }
    )


def _move_from_s3(item: Mapping[str, Any]) -> dict[str, Any]:
    when = {"TransitionInDays": item.get("Days"), "TransitionDate": _day(item.get("Date"))}
    return without_empty({**when, "StorageClass": item["StorageClass"]})


def _old_move_from_s3(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = pick(item, ("StorageClass", "NewerNoncurrentVersions"))
    return without_empty({"TransitionInDays": item.get("NoncurrentDays"), **kept})


def _day(moment: Any) -> Any:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(moment, datetime) else moment
