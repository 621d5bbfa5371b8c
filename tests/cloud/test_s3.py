from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.s3 import BucketHandler, BucketPolicyHandler
from stateroom.cloud.aws.s3_lifecycle import lifecycle_from_s3, rule_to_s3
from stateroom.cloud.provider import ResourceData, run
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, STRANGER, Bench, agrees
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy

BUCKET: dict[str, Any] = {
    "BucketName": "shop-dev-images",
    "VersioningConfiguration": {"Status": "Enabled"},
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    },
    "CorsConfiguration": {
        "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposedHeaders": ["ETag"], "MaxAge": 60}]
    },
    "LifecycleConfiguration": {
        "Rules": [
            {"Id": "old", "Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 7},
            {
                "Id": "cold",
                "Status": "Enabled",
                "Prefix": "a/",
                "Transitions": [{"TransitionInDays": 30, "StorageClass": "GLACIER"}],
            },
        ]
    },
    "WebsiteConfiguration": {"IndexDocument": "index.html", "ErrorDocument": "404.html"},
    "Tags": [{"Key": "team", "Value": "checkout"}],
}


def bucket(emulator: Emulator, **properties: Any) -> Bench:
    return Bench(BucketHandler, emulator.endpoint_url, {**BUCKET, **properties})


def test_a_bucket_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    images = bucket(emulator)
    model = images.create()

    encrypted = model.pop("BucketEncryption")["ServerSideEncryptionConfiguration"][0]
    assert encrypted["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert agrees(model, {name: value for name, value in BUCKET.items() if name != "BucketEncryption"})
    assert model["Arn"] == "arn:aws:s3:::shop-dev-images"
    assert images.id == images.find() == "shop-dev-images"
    assert images.find(STRANGER) is None
    assert images.identified == ["shop-dev-images"]


def test_a_bucket_changes_and_unsets(emulator: Emulator) -> None:
    images = bucket(emulator)
    images.create()

    model = images.change(
        CorsConfiguration=None,
        LifecycleConfiguration=None,
        WebsiteConfiguration=None,
        VersioningConfiguration=None,
        Tags=[{"Key": "team", "Value": "till"}],
    )

    assert not {"CorsConfiguration", "LifecycleConfiguration", "WebsiteConfiguration"} & model.keys()
    assert model["VersioningConfiguration"] == {"Status": "Suspended"}  # it cannot be switched off
    assert model["Tags"] == [{"Key": "team", "Value": "till"}]
    assert images.find() == images.id


def test_a_bucket_tells_its_targets(emulator: Emulator) -> None:
    emulator.client("sqs").create_queue(QueueName="uploads")
    queue = f"arn:aws:sqs:{REGION}:{emulator.account}:uploads"
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".png"}]
    told = {
        "QueueConfigurations": [
            {"Event": "s3:ObjectCreated:*", "Queue": queue, "Filter": {"S3Key": {"Rules": rules}}},
            {"Event": "s3:ObjectRemoved:*", "Queue": queue},
        ]
    }
    images = bucket(emulator, NotificationConfiguration=told)

    assert images.create()["NotificationConfiguration"] == told
    assert "NotificationConfiguration" not in images.change(NotificationConfiguration=None)


def test_a_bucket_of_somebody_else_is_not_taken(emulator: Emulator) -> None:
    bucket(emulator).create(STRANGER)

    with pytest.raises(CloudError, match="a bucket named shop-dev-images exists already"):
        bucket(emulator).create(OWNER)


def test_what_an_interrupted_create_made_is_found_and_can_be_finished(emulator: Emulator) -> None:
    images = bucket(emulator)
    next(
        images.handler.create(ResourceData(inputs=images.inputs, owner=OWNER))
    )  # made, not yet tagged, and then the power went

    images.id = images.find() or ""
    assert images.id == "shop-dev-images"
    assert images.change(Tags=BUCKET["Tags"])["Tags"] == BUCKET["Tags"]
    assert images.find(STRANGER) is None


def test_an_empty_bucket_without_tags_is_not_taken_by_a_create(emulator: Emulator) -> None:
    emulator.client("s3").create_bucket(
        Bucket="shop-dev-images", CreateBucketConfiguration={"LocationConstraint": REGION}
    )

    with pytest.raises(CloudError, match="a bucket named shop-dev-images exists already"):
        bucket(emulator).create(OWNER)


def test_a_lost_answer_leaves_one_bucket_with_tags(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateBucket", Drop(after=True), calls=(1,)))
    images = Bench(BucketHandler, faulty.endpoint_url, {"BucketName": "shop-dev-images"})
    images.create()

    assert faulty.count("CreateBucket") == 2
    assert images.find() == images.id == "shop-dev-images"
    assert emulator.client("s3").get_bucket_tagging(Bucket=images.id)["TagSet"]


def test_a_policy_that_somebody_else_put_is_not_written_over_but_a_lost_answer_is_repeated(
    faulty: Proxy, emulator: Emulator
) -> None:
    bucket(emulator).create()
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop-dev-images/*"}
    inputs = {"Bucket": "shop-dev-images", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    faulty.rules.append(Fault("PutBucketPolicy", Drop(after=True), calls=(1,)))
    provider = opened(faulty.endpoint_url)
    run(provider.create(BucketPolicyHandler.type, inputs, OWNER), sleep=no_sleep)
    assert faulty.count("PutBucketPolicy") == 2

    with pytest.raises(CloudError, match="exists already"):
        run(provider.create(BucketPolicyHandler.type, inputs, STRANGER), sleep=no_sleep)
    assert faulty.count("PutBucketPolicy") == 2


def test_a_bucket_with_something_in_it_stays(emulator: Emulator) -> None:
    images = bucket(emulator, VersioningConfiguration=None)
    del images.inputs["VersioningConfiguration"]
    images.create()
    s3 = emulator.client("s3")
    s3.put_object(Bucket=images.id, Key="precious", Body=b"1")

    with pytest.raises(CloudError, match="the bucket shop-dev-images is not empty") as caught:
        images.delete()
    assert "aws s3 rm" in caught.value.todo

    s3.delete_object(Bucket=images.id, Key="precious")
    images.delete()
    images.delete()
    assert not images.exists()
    assert images.find() is None


def test_what_cannot_be_written_is_refused(emulator: Emulator) -> None:
    with pytest.raises(CloudError, match="InventoryConfigurations is not supported"):
        bucket(emulator, InventoryConfigurations=[{"Id": "all"}]).create()
    with pytest.raises(CloudError, match="AccessControl is not supported"):
        bucket(emulator, AccessControl="PublicRead").create()


@pytest.mark.parametrize(
    "rule",
    [
        {"ObjectSizeGreaterThan": "1024", "ExpirationInDays": 9},
        {"ObjectSizeGreaterThan": "1024", "ObjectSizeLessThan": "4096", "Prefix": "in/", "ExpirationInDays": 9},
        {"ObjectSizeLessThan": "4096", "TagFilters": [{"Key": "kind", "Value": "raw"}], "ExpirationInDays": 9},
    ],
    ids=["one size", "two sizes and a prefix", "a size and a tag"],
)
def test_a_rule_about_objects_of_some_size_reads_as_it_was_asked_for(rule: dict[str, Any]) -> None:
    """In memory: the emulators forget sizes."""
    wanted = {"Rules": [{"Id": "old", "Status": "Enabled", **rule}]}
    sent = {"Rules": [rule_to_s3(item) for item in wanted["Rules"]]}

    assert lifecycle_from_s3(sent) == wanted
    sizes = [size for size in rule if size.startswith("ObjectSize")]
    alone = len(rule) == 2
    where = sent["Rules"][0]["Filter"] if alone else sent["Rules"][0]["Filter"]["And"]
    assert {size: where[size] for size in sizes} == {size: int(rule[size]) for size in sizes}


def test_old_versions_move_before_they_go(moto: Emulator) -> None:
    """Not on ministack, which forgets them."""
    moves = [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30, "NewerNoncurrentVersions": 2}]
    rule = {"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 90}}
    images = bucket(moto, LifecycleConfiguration={"Rules": [{**rule, "NoncurrentVersionTransitions": moves}]})

    (made,) = images.create()["LifecycleConfiguration"]["Rules"]
    assert made["NoncurrentVersionTransitions"] == moves


def test_a_policy_is_put_read_and_taken_away(emulator: Emulator) -> None:
    bucket(emulator).create()
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::shop-dev-images/*",
    }
    inputs = {"Bucket": "shop-dev-images", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    policy = Bench(BucketPolicyHandler, emulator.endpoint_url, inputs)
    assert policy.find() is None

    assert agrees(policy.create(), inputs)
    assert policy.find() == policy.id == "shop-dev-images"

    changed = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "s3:*"}]}
    assert policy.change(PolicyDocument=changed)["PolicyDocument"] == changed

    policy.delete()
    policy.delete()
    assert not policy.exists()


def hidden(faulty: Proxy, *, head: int = 403) -> None:
    """Whoever asks for tags is denied; `head` is how the name answers."""
    faulty.rules.append(Fault("GetBucketTagging", Answer("AccessDenied", "Access Denied", status=403)))
    if head != 200:
        faulty.rules.append(Fault("HeadBucket", Answer("", status=head)))


def test_a_name_of_another_account_is_told_as_that(faulty: Proxy) -> None:
    """The name is looked at, not the tags (case `brick-bucket-name-taken`)."""
    hidden(faulty)
    faulty.rules.append(Fault("CreateBucket", Answer("BucketAlreadyExists", status=409)))
    with pytest.raises(CloudError, match="the name shop-dev-images is taken by another account") as caught:
        Bench(BucketHandler, faulty.endpoint_url, BUCKET).create()
    assert (caught.value.refused, caught.value.code) == (True, "BucketAlreadyExists")
    assert "GetBucketTagging" not in str(caught.value)


def test_a_hidden_bucket_is_not_said_to_be_missing(faulty: Proxy) -> None:
    hidden(faulty)
    images = Bench(BucketHandler, faulty.endpoint_url, BUCKET)
    with pytest.raises(CloudError, match="is another account's, or this user may not look at it"):
        images.find()


@pytest.mark.parametrize(("head", "message"), [(200, "AccessDenied"), (404, "")])
def test_denied_tags_are_the_missing_permission_of_a_visible_bucket_and_nothing_of_none(
    faulty: Proxy, emulator: Emulator, head: int, message: str
) -> None:
    bucket(emulator).create()
    hidden(faulty, head=head)
    images = Bench(BucketHandler, faulty.endpoint_url, BUCKET)
    if not message:
        assert images.find() is None
        return
    with pytest.raises(ClientError, match=message):
        images.find()


def test_in_us_east_1_a_hidden_bucket_is_never_taken_for_a_new_one(faulty: Proxy) -> None:
    """There CreateBucket answers 200 for a bucket that the account has already."""
    hidden(faulty)
    handler = BucketHandler(Clients(region="us-east-1", endpoint_url=faulty.endpoint_url))
    with pytest.raises(CloudError, match="is another account's") as caught:
        run(handler.create(ResourceData(inputs=BUCKET, owner=OWNER)), sleep=no_sleep)
    assert caught.value.refused
    assert faulty.count("CreateBucket") == 0
