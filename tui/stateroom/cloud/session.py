"""Open the AWS provider for the user's AWS configuration."""

from __future__ import annotations

import time
from collections.abc import Callable

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.handler_base import Artifacts
from stateroom.cloud.aws.provider import AwsProvider


def open_aws(
    *,
    region: str | None,
    profile: str | None,
    endpoint_url: str | None,
    artifacts: Artifacts,
    offline: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> AwsProvider:
    """Open AWS in one region. Opening calls nothing and reads no configuration.

    Args:
        region: None: the profile's.
        profile: a named profile; None: AWS_PROFILE or the default one.
        endpoint_url: where all services are, for emulators; None: AWS, or what AWS_ENDPOINT_URL says.
        offline: refuse every call.
        artifacts: a deployment package's bytes by its SHA-256 (hex).
        clock: a steady clock in seconds.
    """
    clients = Clients(region=region, profile=profile, endpoint_url=endpoint_url, offline=offline)
    return AwsProvider(clients, artifacts, clock)
