"""CloudFront's odd ways: counted lists, updates that replace the whole config, distributions that leave slowly."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from stateroom.cloud.aws.cloudfront import DistributionHandler, EdgeFunctionHandler, OriginAccessControlHandler
from stateroom.cloud.aws.cloudfront_shapes import from_api, merged, to_api, with_defaults
from stateroom.cloud.provider import Owner, ResourceData
from stateroom.cloud.session import open_aws
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, STRANGER, Bench
from tests.cloud.sent import Recorder
from tests.support.emulators import Emulator

DISTRIBUTION = "AWS::CloudFront::Distribution"
POLICY = "658327ea-f89d-4fab-a63d-7e88639e58f6"
BEHAVIOUR = {"TargetOriginId": "files", "ViewerProtocolPolicy": "https-only", "CachePolicyId": POLICY}
CONFIG: dict[str, Any] = {
    "Enabled": True,
    "Aliases": ["shop.example.com"],
    "Origins": [
        {
            "Id": "files",
            "DomainName": "shop.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginCustomHeaders": [{"HeaderName": "x-from", "HeaderValue": "edge"}],
        },
        {
            "Id": "api",
            "DomainName": "api.example.com",
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
        },
    ],
    "DefaultCacheBehavior": {
        **BEHAVIOUR,
        "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
        "CachedMethods": ["GET", "HEAD"],
        "TrustedKeyGroups": ["group"],
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::1:function/a"}],
    },
    "CacheBehaviors": [{**BEHAVIOUR, "PathPattern": "/api/*", "TargetOriginId": "api", "Compress": "true"}],
    "CustomErrorResponses": [{"ErrorCode": "404", "ResponseCode": 200, "ResponsePagePath": "/index.html"}],
    "OriginGroups": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "both",
                "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [500]}},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "files"}, {"OriginId": "api"}]},
            }
        ],
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE"]}},
    "ViewerCertificate": {"AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/a", "SslSupportMethod": "sni-only"},
    "Logging": {"Bucket": "logs.s3.amazonaws.com"},
    "IPV6Enabled": True,
}


def provider() -> Any:
    return open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")


def test_lists_are_counted_and_names_are_cloudfronts() -> None:
    sent = to_api(CONFIG)

    assert sent["Aliases"] == {"Quantity": 1, "Items": ["shop.example.com"]}
    api, files = sent["Origins"]["Items"]  # a set
    assert files["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert files["CustomHeaders"]["Quantity"] == 1
    assert api["CustomOriginConfig"]["OriginSslProtocols"] == {"Quantity": 1, "Items": ["TLSv1.2"]}
    behaviour = sent["DefaultCacheBehavior"]
    assert behaviour["AllowedMethods"]["CachedMethods"] == {"Quantity": 2, "Items": ["GET", "HEAD"]}
    assert behaviour["TrustedKeyGroups"] == {"Enabled": True, "Quantity": 1, "Items": ["group"]}
    assert sent["CustomErrorResponses"]["Items"][0] == {
        "ErrorCode": 404,
        "ResponseCode": "200",
        "ResponsePagePath": "/index.html",
    }
    assert sent["Restrictions"]["GeoRestriction"] == {"RestrictionType": "whitelist", "Quantity": 1, "Items": ["DE"]}
    assert sent["ViewerCertificate"]["ACMCertificateArn"].endswith("certificate/a")
    assert sent["Logging"] == {
        "Enabled": True,
        "IncludeCookies": False,
        "Bucket": "logs.s3.amazonaws.com",
        "Prefix": "",
    }
    assert sent["OriginGroups"] == CONFIG["OriginGroups"]


def test_what_was_sent_reads_as_it_was_written_and_what_cloudfront_adds_is_no_difference() -> None:
    answer = with_defaults(to_api(CONFIG))
    answer["HttpVersion"] = "http2"
    for behaviour in (answer["DefaultCacheBehavior"], *answer["CacheBehaviors"]["Items"]):
        behaviour |= {"SmoothStreaming": False, "TrustedSigners": {"Enabled": False, "Quantity": 0}}
        behaviour.setdefault(
            "AllowedMethods", {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 0}}
        )
    answer["Origins"]["Items"][0] |= {"ConnectionAttempts": 3, "OriginShield": {"Enabled": False}, "OriginPath": ""}
    declared, live = {"DistributionConfig": CONFIG}, {"DistributionConfig": from_api(answer)}
    as_declared, canonical = provider().as_declared, provider().canonical

    assert as_declared(DISTRIBUTION, declared, live) == canonical(DISTRIBUTION, declared)
    live["DistributionConfig"]["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "allow-all"
    assert as_declared(DISTRIBUTION, declared, live) != canonical(DISTRIBUTION, declared)


def test_an_update_keeps_what_nobody_declared_and_takes_away_what_is_declared_no_more() -> None:
    before = to_api(CONFIG)
    there = with_defaults({**deepcopy(before), "WebACLId": "arn:aws:wafv2:by-hand", "CallerReference": "first"})
    there["DefaultCacheBehavior"] = {**before["DefaultCacheBehavior"], "SmoothStreaming": False}
    there["Origins"]["Items"][0] |= {"ConnectionAttempts": 2}
    wanted = {name: it for name, it in CONFIG.items() if name not in ("Aliases", "Logging", "ViewerCertificate")}
    wanted["DefaultCacheBehavior"] = {**BEHAVIOUR, "ViewerProtocolPolicy": "redirect-to-https"}
    sent = with_defaults(merged(there, to_api(wanted), before))

    assert (sent["CallerReference"], sent["WebACLId"]) == ("first", "arn:aws:wafv2:by-hand")
    assert sent["Aliases"] == {"Quantity": 0}
    assert sent["Logging"]["Enabled"] is False
    assert sent["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert sent["Origins"]["Items"][0]["ConnectionAttempts"] == 2
    assert sent["DefaultCacheBehavior"] == {
        **BEHAVIOUR,
        "ViewerProtocolPolicy": "redirect-to-https",
        "SmoothStreaming": False,
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
    }


def test_a_distribution_is_disabled_before_it_is_deleted(emulator: Emulator) -> None:
    config = {
        "Enabled": True,
        "Origins": [CONFIG["Origins"][1]],
        "DefaultCacheBehavior": {**BEHAVIOUR, "TargetOriginId": "api"},
    }
    site = Bench(DistributionHandler, emulator.endpoint_url, {"DistributionConfig": config})
    made = site.create()
    assert made["DomainName"].endswith(".cloudfront.net")
    assert site.find() == site.id
    cloudfront = emulator.client("cloudfront")
    tags = cloudfront.list_tags_for_resource(Resource=cloudfront.get_distribution(Id=site.id)["Distribution"]["ARN"])
    assert {"Key": "stateroom:resource", "Value": "Thing"} in tags["Tags"]["Items"]

    calls: list[str] = []
    events = site.handler.client.meta.events
    events.register("before-call.cloudfront", lambda model, **_: calls.append(model.name), unique_id="seen")
    for _ in range(2):
        site.delete()
    events.unregister("before-call.cloudfront", unique_id="seen")
    assert [name for name in calls if not name.startswith("Get")] == ["UpdateDistribution", "DeleteDistribution"]
    assert not site.exists()


def test_the_same_create_again_names_itself_the_same_and_another_one_differently() -> None:
    """CloudFront answers a create that it has seen with what it made then."""

    def reference(config: dict[str, Any], owner: Owner = OWNER) -> str:
        recorder = Recorder(there=False)
        handler = DistributionHandler(recorder)  # type: ignore[arg-type]
        next(handler.create(ResourceData(inputs={"DistributionConfig": config}, owner=owner)))
        assert recorder.invalid == []
        sent = dict(recorder.calls)["CreateDistributionWithTags"]["DistributionConfigWithTags"]
        return str(sent["DistributionConfig"]["CallerReference"])

    assert reference(CONFIG) == reference(dict(CONFIG))
    assert len({reference(CONFIG), reference({**CONFIG, "Enabled": False}), reference(CONFIG, STRANGER)}) == 3


def test_a_function_is_published_where_the_config_says_so(ministack: Emulator) -> None:
    inputs = {
        "Name": "edge",
        "FunctionCode": "function handler(event) { return event.request; }",
        "FunctionConfig": {"Comment": "orders", "Runtime": "cloudfront-js-2.0"},
        "AutoPublish": True,
    }
    edge = Bench(EdgeFunctionHandler, ministack.endpoint_url, inputs)
    edge.create()
    changed = edge.change(FunctionCode="function handler(event) { return event.response; }")
    live = ministack.client("cloudfront").get_function(Name="edge", Stage="LIVE")["FunctionCode"].read().decode()

    assert live == changed["FunctionCode"] == "function handler(event) { return event.response; }"
    assert edge.id.endswith(":function/edge")


def test_an_origin_access_control_of_the_name_is_not_taken(emulator: Emulator) -> None:
    config = {
        "Name": "files",
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    emulator.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=config)
    access = Bench(OriginAccessControlHandler, emulator.endpoint_url, {"OriginAccessControlConfig": config})
    assert access.find() is not None
    aws = open_aws(region="eu-west-1", profile=None, endpoint_url=emulator.endpoint_url, artifacts=lambda _: b"")
    with pytest.raises(CloudError, match="exists already"):
        list(aws.create("AWS::CloudFront::OriginAccessControl", access.inputs, OWNER))
