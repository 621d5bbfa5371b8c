"""Buckets, parameters and stores in an emulator, for the tests of homes in AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.patience import Patience
from stateroom.state.stores.s3 import S3Store
from tests.support.emulators import Emulator

EAST = "us-east-1"


def clients_for(endpoint_url: str, sleep: Callable[[float], None] = lambda _: None) -> AwsClients:
    return AwsClients(region="eu-west-1", endpoint_url=endpoint_url, patience=Patience(sleep, lambda: 0.5))


def bucket_in(emulator: Emulator, name: str = "states", region: str = EAST, *, versioned: bool = True) -> str:
    s3 = emulator.client("s3", region=region)
    place = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def store_in(emulator: Emulator, name: str = "states", endpoint_url: str = "", **settings: Any) -> S3Store:
    return S3Store(clients_for(endpoint_url or emulator.endpoint_url), name, EAST, **settings)
