"""Notice a web page that answers in the place of AWS: a sign-in page, a proxy's, another server's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

_HEAD: Final = 1024
_PAGE: Final = re.compile(rb"<(!doctype html|html)")


class _Operation(Protocol):
    name: str


class WebPageError(ValueError):
    """A call was answered with a web page, so that nothing is known of what it asked for."""


def refuse_web_pages(client: Any) -> None:
    """Make every call of a boto3 client raise WebPageError where a web page is what it gets."""
    client.meta.events.register("before-parse", _refuse)


def _refuse(*, operation_model: _Operation, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Raise WebPageError for a page that claims success. An object of S3 may be a page, and has an ETag.

    Emulators call their XML and JSON a page, too, so that what is in it counts; a HEAD has nothing in it.
    """
    headers, body = response_dict["headers"], response_dict["body"]
    if response_dict["status_code"] >= 300 or headers.get("etag"):
        return
    if "text/html" not in str(headers.get("content-type", "")).lower():
        return
    page = isinstance(body, bytes) and _PAGE.match(body[:_HEAD].lstrip().lower())
    if page or operation_model.name in ("HeadObject", "GetObject"):
        raise WebPageError("the answer is a web page")
