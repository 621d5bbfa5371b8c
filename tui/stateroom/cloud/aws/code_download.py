"""Download a function's deployment package, which GetFunction gives as a URL that is valid for ten minutes."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.throttling import is_aws
from stateroom.errors import CloudError

_TIMEOUT: Final = 60.0  # seconds without a byte


def function_package(clients: Clients, name: str) -> bytes:
    """Return the zip of a function as it runs now.

    Raises:
        CloudError: it is an image, or its package cannot be downloaded.
    """
    from urllib.request import Request, urlopen  # loaded where it is needed: few commands download anything

    client = clients("lambda")
    location = str((client.get_function(FunctionName=name).get("Code") or {}).get("Location") or "")
    url = _reachable(location, str(client.meta.endpoint_url))
    if urlsplit(url).scheme not in ("http", "https"):
        raise _failed(name, f"Lambda gives no place to download it from: {location or 'none'}")
    try:
        with urlopen(Request(url), timeout=_TIMEOUT) as answer:  # noqa: S310 (the scheme is checked)
            data: bytes = answer.read()
    except OSError as error:
        raise _failed(name, str(error)) from None
    return data


def _reachable(location: str, endpoint_url: str) -> str:
    """Return the URL at which a package is to be had: an emulator's is at the emulator, by whatever name it goes."""
    parts = urlsplit(location)
    if is_aws(endpoint_url) or parts.scheme not in ("http", "https"):
        return location
    endpoint = urlsplit(endpoint_url)
    return urlunsplit(parts._replace(scheme=endpoint.scheme, netloc=endpoint.netloc))


def _failed(name: str, why: str) -> CloudError:
    return CloudError(
        f"the code of {name} could not be downloaded",
        why=why,
        todo="allow lambda:GetFunction, and run the command again",
        code="CodeNotFetched",
        operation="GetFunction",
    )
