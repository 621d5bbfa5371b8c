"""Compile `s3` events to bucket notifications; the bucket is created unless `existing: true`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import ACCOUNT, PARTITION, Event, fn_join, grouped, permit
from stateroom.config.events.existing import existing_bucket
from stateroom.config.naming import alphanumeric, permission_id, upper_first
from stateroom.model.values import Value

_KEYS: Final = key_types("bucket:scalar event:text existing:flag forceDeploy:flag rules:map|maps")
_RULE: Final = key_types("prefix:text suffix:text")
_BUCKET: Final = key_types(
    """name:text bucketName:text accelerateConfiguration accessControl analyticsConfigurations bucketEncryption
    corsConfiguration inventoryConfigurations lifecycleConfiguration loggingConfiguration metricsConfigurations
    notificationConfiguration:map objectLockConfiguration objectLockEnabled publicAccessBlockConfiguration
    replicationConfiguration tags versioningConfiguration websiteConfiguration"""
)
_NAME: Final = re.compile(r"(?!(\d{1,3}\.){3}\d{1,3}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_EVENT: Final = "s3:ObjectCreated:*"


def s3(build: Compilation, events: Sequence[Event]) -> None:
    """Add buckets with their notifications, and a permission for each function on each bucket."""
    made: dict[str, list[tuple[Event, dict[str, Value]]]] = {}
    there: list[tuple[Event, dict[str, Value]]] = []
    for event in events:
        options = _options(build, event)
        if options.get("existing"):
            there.append((event, options))
        else:
            made.setdefault(_reference(build, event, options), []).append((event, options))
    for reference, users in made.items():
        _bucket(build, reference, users)
    for own in grouped([event for event, _ in there]):
        existing_bucket(build, [(event, options) for event, options in there if event.key == own[0].key])


def _options(build: Compilation, event: Event) -> dict[str, Value]:
    """Return the event's keys with `event` and `rules` as (name, value) always set. Raises ConfigError."""
    service = build.service
    options = event.options(service, "bucket", _KEYS)
    event.required(service, options, "bucket")
    rules = []
    written = options.get("rules")
    for index, rule in enumerate(as_list(written)):
        path: KeyPath = (*event.path, "rules", index) if isinstance(written, list) else (*event.path, "rules")
        service.check(_RULE, (), *path)
        if len(rule) != 1:
            raise service.error("not one rule", *path, todo="write - prefix: … or - suffix: …")
        rules += rule.items()
    return {**options, "event": options.get("event") or _EVENT, "rules": rules}


def _reference(build: Compilation, event: Event, options: Mapping[str, Value]) -> str:
    """Return the event's bucket: a key of provider.s3 or a bucket name. Raises ConfigError."""
    bucket = options["bucket"]
    if arn_text(bucket) is not None and intrinsic(bucket):
        raise event.account_needed(build.service, "the bucket's name", "bucket")
    if intrinsic(bucket):
        todo = "add existing: true, or write the bucket's name"
        raise event.error(build.service, "a bucket that is made here needs a name", "bucket", todo=todo)
    name = _name(build, str(bucket))
    if not _NAME.fullmatch(name) or not 3 <= len(name) <= 63:
        what = f"{name} is not a bucket name"
        raise event.error(build.service, what, "bucket", todo="use 3 to 63 lower-case letters, digits, - and .")
    return str(bucket)


def _name(build: Compilation, reference: str) -> str:
    return build.service.text("provider", "s3", reference, "name") or reference


def _bucket(build: Compilation, reference: str, users: list[tuple[Event, dict[str, Value]]]) -> None:
    service = build.service
    name, suffix = _name(build, reference), f"{alphanumeric(reference)}S3"
    service.check(_BUCKET, (), "provider", "s3", reference)
    settings = dict(service.mapping("provider", "s3", reference))
    settings.pop("name", None)
    notifications = {"LambdaConfigurations": [_notification(event, options) for event, options in users]}
    properties = {
        "BucketName": name,
        "NotificationConfiguration": {**notifications, **(settings.pop("notificationConfiguration", None) or {})},
        **{upper_first(key): value for key, value in settings.items()},
    }
    depends_on: list[str] = []
    for event, _ in users:
        depends_on += [permission_id(event.key, suffix), *event.after]
    first = users[0][0]
    unique = tuple(dict.fromkeys(depends_on))
    build.add(f"S3Bucket{alphanumeric(reference)}", "AWS::S3::Bucket", properties, first.path, depends_on=unique)
    source = fn_join("arn:", PARTITION, f":s3:::{name}")
    for event, _ in users:
        permit(build, event, suffix, "s3.amazonaws.com", SourceArn=source, SourceAccount=ACCOUNT)


def _notification(event: Event, options: Mapping[str, Value]) -> dict[str, Value]:
    notification = {"Event": options["event"], "Function": event.target}
    if options["rules"]:
        rules = [{"Name": name, "Value": value} for name, value in options["rules"]]
        notification["Filter"] = {"S3Key": {"Rules": rules}}
    return notification
