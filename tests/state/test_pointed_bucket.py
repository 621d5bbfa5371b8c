"""A bucket that a parameter names, without a cloud."""

from __future__ import annotations

from datetime import UTC, datetime

from stateroom.state.homes.pointed import PointedBucket
from stateroom.state.homes.serverless import STATE_POINTER
from stateroom.state.stores.aws import AwsClients


def test_of_a_bucket_that_nothing_was_read_from_there_is_nothing_to_confirm() -> None:
    bucket = PointedBucket(AwsClients(offline=True), STATE_POINTER, lambda: datetime.now(UTC))
    bucket.recheck()  # a client that is offline would refuse to ask
    assert bucket.found is None
