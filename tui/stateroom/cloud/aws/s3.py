"""Handlers of AWS::S3::Bucket and BucketPolicy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import is_missing, none_if_missing, retry_while, was_repeated
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.s3_lifecycle import without_default
from stateroom.cloud.aws.s3_notifications import from_s3, to_s3
from stateroom.cloud.aws.s3_shapes import DELETES, SETTINGS, UNSETTABLE, BucketSetting
from stateroom.cloud.aws.s3_website import website_url
from stateroom.cloud.aws.shapes import from_json, name_taken, pick, to_json, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties, Value, reveal

_BUSY: Final[Mapping[str, Sequence[str]]] = {"OperationAborted": (), "ConflictException": (), "SlowDown": ()}
_UNVERIFIED: Final[Mapping[str, Sequence[str]]] = {**_BUSY, "InvalidArgument": ("validate the following destination",)}
_NEW_PRINCIPAL: Final[Mapping[str, Sequence[str]]] = {**_BUSY, "MalformedPolicy": ("invalid principal",)}
_OURS_ALREADY: Final = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_LIFECYCLE: Final = "LifecycleConfiguration"
_KNOWN: Final = frozenset({*SETTINGS, "BucketName", "NotificationConfiguration", "Tags", "AccessControl"})


class HiddenBucketError(CloudError):
    """A bucket that may be another account's: even whether it is there may not be asked."""


class BucketHandler(AwsHandler):
    """Bucket. Ref is its name."""

    type = "AWS::S3::Bucket"
    reader_version = 2
    settable = _KNOWN
    unsettable = UNSETTABLE

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse access lists: new buckets have them switched off."""
        if inputs.get("AccessControl") not in (None, "Private"):
            what = "AccessControl: access lists are switched off for new buckets"
            yield Problem(what, "write an AWS::S3::BucketPolicy instead", ("AccessControl",))

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the bucket, tag it, then write its settings. Another owner's bucket is never adopted."""
        inputs, s3 = reveal(resource.inputs), self._clients("s3")
        _check(inputs)
        name, region = str(inputs["BucketName"]), s3.meta.region_name
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        there = self._visible_tags(name, region)
        if there is None:
            try:
                yield from retry_while(lambda: s3.create_bucket(Bucket=name, **place), _BUSY, "waiting for S3")
            except Exception as error:
                if error_code(error) not in _OURS_ALREADY:
                    raise
                if not (was_repeated(error) and self._is_blank(name)):
                    raise _taken(name, error_code(error)) from error
        elif not tags.owned_by(there, resource.owner):
            raise name_taken("bucket", name, "BucketAlreadyOwnedByYou", "CreateBucket")
        yield Identified(name)
        yield from self.update(resource.at(name, frozenset(inputs) | {"Tags"}))
        return name

    def read(self, resource: ResourceData) -> Properties | None:
        """Return every setting, read in parallel by one call each; None without a bucket."""
        current_tags = self._tags(resource.id)
        if current_tags is None:
            return None
        with ThreadPoolExecutor(len(SETTINGS) + 1) as pool:
            found = dict(zip(SETTINGS, pool.map(lambda it: self._get(resource.id, it), SETTINGS.values()), strict=True))
        declared = reveal(resource.inputs.get(_LIFECYCLE))
        found[_LIFECYCLE] = without_default(found[_LIFECYCLE], declared)
        s3, partition = self._clients("s3"), self._clients.identity().partition
        notifications = s3.get_bucket_notification_configuration(Bucket=resource.id)
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        region = s3.meta.region_name
        return without_empty(
            {
                **found,
                "NotificationConfiguration": from_s3(notifications),
                "Tags": tags.as_list(tags.user_tags(current_tags)),
                "BucketName": resource.id,
                "Arn": f"arn:{partition}:s3:::{resource.id}",
                "DomainName": f"{resource.id}.s3.{suffix}",
                "DualStackDomainName": f"{resource.id}.s3.dualstack.{region}.{suffix}",
                "RegionalDomainName": f"{resource.id}.s3.{region}.{suffix}",
                "WebsiteURL": website_url(resource.id, region, suffix),
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Write each changed setting; notifications last, since their targets must permit them."""
        inputs, s3 = reveal(resource.inputs), self._clients("s3")
        _check(inputs)
        if "Tags" in resource.changed:
            there, known = self._tags(resource.id) or {}, tags.known_keys(resource.previous)
            wanted_tags = tags.as_list(tags.replacing(there, tags.wanted(inputs, resource.owner), known))
            tag = lambda: s3.put_bucket_tagging(Bucket=resource.id, Tagging={"TagSet": wanted_tags})  # noqa: E731
            yield from retry_while(tag, _BUSY, "waiting for S3")
        for name in (name for name in SETTINGS if name in resource.changed):
            yield from self._put(resource.id, SETTINGS[name], inputs.get(name))
        if "NotificationConfiguration" in resource.changed:
            document = to_s3(inputs.get("NotificationConfiguration") or {})
            put = lambda: s3.put_bucket_notification_configuration(  # noqa: E731
                Bucket=resource.id, NotificationConfiguration=document
            )
            yield from retry_while(put, _UNVERIFIED, "waiting until the bucket may tell its targets")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the bucket, which must be empty: its objects belong to the user."""
        s3 = self._clients("s3")
        delete = lambda: none_if_missing(lambda: s3.delete_bucket(Bucket=resource.id))  # noqa: E731
        try:
            yield from retry_while(delete, _BUSY, "waiting for S3")
        except Exception as error:
            if error_code(error) != "BucketNotEmpty":
                raise
            raise CloudError(
                f"the bucket {resource.id} is not empty",
                why="stateroom does not delete what others have stored",
                todo=f"empty it (aws s3 rm s3://{resource.id} --recursive, and its old versions), or set"
                " DeletionPolicy: Retain; then run the same command again",
                code="BucketNotEmpty",
                operation="DeleteBucket",
            ) from None

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the bucket of this name.

        Making and tagging are two calls: an empty bucket without tags cannot tell whose it is.
        """
        name = str(reveal(resource.inputs["BucketName"]))
        current_tags = self._tags(name)
        if current_tags is None:
            return None
        return Existing(name, None if self._is_blank(name) else current_tags)

    def _is_blank(self, name: str) -> bool:
        """Whether a bucket has neither tags nor objects, as one whose create was cut short."""
        if self._tags(name):
            return False
        listed = self._clients("s3").list_object_versions(Bucket=name, MaxKeys=1)
        return not listed.get("Versions") and not listed.get("DeleteMarkers")

    def _tags(self, name: str) -> dict[str, str] | None:
        """Return the bucket's tags; None when there is no such bucket."""
        s3 = self._clients("s3")
        try:
            return tags.from_list(s3.get_bucket_tagging(Bucket=name)["TagSet"])
        except Exception as error:
            if error_code(error) == "NoSuchTagSet":
                return {}
            if is_missing(error) or (error_code(error) == "AccessDenied" and not self._is_visible(name)):
                return None
            raise

    def _is_visible(self, name: str) -> bool:
        """Whether there is a bucket of this name in our account. Raises HiddenBucketError when that is not to be told.

        Asked once tags are denied: of another account's bucket they always are.
        """
        account = self._clients.identity().account
        try:
            self._clients("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account)
        except Exception as error:
            if is_missing(error):
                return False
            raise HiddenBucketError(
                f"the bucket {name} is another account's, or this user may not look at it",
                why=f"S3 answers HeadBucket with {error_code(error) or type(error).__name__}",
                todo="give the bucket another name; or allow s3:ListBucket and s3:GetBucketTagging on it",
                code="AccessDenied",
                operation="HeadBucket",
                refused=True,
            ) from None
        return True

    def _visible_tags(self, name: str, region: str) -> dict[str, str] | None:
        """Return the tags that a create meets; None when only CreateBucket can tell what is there.

        In us-east-1 it cannot: there it answers 200 for a bucket of the account that exists already.
        """
        try:
            return self._tags(name)
        except HiddenBucketError:
            if region == "us-east-1":
                raise
            return None

    def _get(self, bucket: str, setting: BucketSetting) -> Value:
        get = getattr(self._clients("s3"), f"get_{setting.call}")
        answer = none_if_missing(lambda: get(Bucket=bucket), *filter(None, [setting.missing]))
        document = (answer or {}).get(setting.answer) if setting.answer else answer
        return setting.from_s3(document) if document else None

    def _put(self, bucket: str, setting: BucketSetting, wanted: Value) -> Task[None]:
        s3 = self._clients("s3")
        if wanted is None and setting.unset is None:
            operation = getattr(s3, DELETES.get(setting.call, f"delete_{setting.call}"))
            call = lambda: none_if_missing(lambda: operation(Bucket=bucket))  # noqa: E731
        else:
            document = setting.unset if wanted is None else setting.to_s3(wanted)
            arguments = {"Bucket": bucket, setting.argument: document, **pick(wanted or {}, setting.beside)}
            call = lambda: getattr(s3, f"put_{setting.call}")(**arguments)  # noqa: E731
        yield from retry_while(call, _BUSY, "waiting for S3")


class BucketPolicyHandler(AwsHandler):
    """Bucket policy, one for each bucket. Ref is the bucket's name."""

    type = "AWS::S3::BucketPolicy"
    settable = frozenset({"Bucket", "PolicyDocument"})
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Put the policy, once every principal in it exists."""
        inputs, s3 = reveal(resource.inputs), self._clients("s3")
        bucket, policy = str(inputs["Bucket"]), to_json(inputs["PolicyDocument"])
        put = lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy)  # noqa: E731
        yield from retry_while(put, _NEW_PRINCIPAL, "waiting until everybody in the policy exists")
        yield Identified(bucket)
        return bucket

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the policy, or None."""
        s3 = self._clients("s3")
        answer = none_if_missing(lambda: s3.get_bucket_policy(Bucket=resource.id), "NoSuchBucketPolicy")
        return None if answer is None else {"Bucket": resource.id, "PolicyDocument": from_json(answer["Policy"])}

    def update(self, resource: ResourceData) -> Task[None]:
        """Put the policy again."""
        yield from self.create(resource)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the policy."""
        s3 = self._clients("s3")
        delete = lambda: none_if_missing(lambda: s3.delete_bucket_policy(Bucket=resource.id))  # noqa: E731
        yield from retry_while(delete, _BUSY, "waiting for S3")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the bucket's policy."""
        bucket = str(reveal(resource.inputs["Bucket"]))
        return None if self.read(resource.at(bucket)) is None else Existing(bucket)


def _taken(name: str, code: str) -> CloudError:
    if code != "BucketAlreadyExists":
        return name_taken("bucket", name, code, "CreateBucket")
    return CloudError(
        f"the name {name} is taken by another account",
        why=f"{code}: a bucket's name is one of a kind in the world",
        todo="give the bucket another name",
        code=code,
        operation="CreateBucket",
        refused=True,
    )


def _check(inputs: Properties) -> None:
    unknown = sorted(set(inputs) - _KNOWN)
    if unknown or inputs.get("AccessControl") not in (None, "Private"):
        raise CloudError(
            f"AWS::S3::Bucket: {', '.join(unknown) or 'AccessControl'} is not supported",
            why="stateroom has no calls for it" if unknown else "access lists are switched off for new buckets",
            todo="leave it out, or set it in the console" if unknown else "write an AWS::S3::BucketPolicy instead",
        )


HANDLERS: tuple[HandlerFactory, ...] = (BucketHandler, BucketPolicyHandler)
