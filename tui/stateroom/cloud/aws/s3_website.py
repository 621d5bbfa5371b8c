"""Website endpoints of buckets, which are spelled in two ways by region."""

from __future__ import annotations

from typing import Final

# Regions with a dash before their name; every other has a dot.
# https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
_DASH: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)


def website_url(bucket: str, region: str, suffix: str) -> str:
    """Return the URL at which a bucket's website is served, in a partition with that domain suffix."""
    return f"http://{bucket}.s3-website{'-' if region in _DASH else '.'}{region}.{suffix}"
