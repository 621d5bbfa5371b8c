"""Open the cloud where a resource of a state is, by the resource's own provider."""

from __future__ import annotations

from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.opening.factory import open_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.tools.record_providers import RecordProvider
from stateroom.errors import StateError


def open_record_provider(place: RecordProvider, options: WorkspaceOptions) -> Provider:
    """Open AWS where a resource's own provider is: its region, and its profile unless the user chose credentials.

    Raises:
        StateError: its deployer sent calls elsewhere than calls from here go.
    """
    here = options.endpoint_url or options.environment.get("AWS_ENDPOINT_URL", "")
    if place.endpoint and place.endpoint.rstrip("/") != here.rstrip("/"):
        raise StateError(f"its provider sends calls to {place.endpoint}: --endpoint-url sends them there from here")
    chosen = options.profile or any(options.environment.get(name) for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID"))
    profile = options.profile if chosen else place.profile or None
    return open_provider(place.region, replace(options, profile=profile), lambda _: b"")
