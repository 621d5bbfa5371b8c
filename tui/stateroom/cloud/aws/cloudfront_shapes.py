"""Conversion of a distribution's config between CloudFormation's spelling and CloudFront's.

CloudFront counts its lists (`{"Quantity": 2, "Items": […]}`), writes some names in another case, and wants most members
in every update; CloudFormation has plain lists, and leaves out what is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.form import typed

_CONFIG: Final = typed("AWS::CloudFront::Distribution", "DistributionConfig")
# CloudFormation's name → CloudFront's.
_NAMES: Final[Mapping[str, str]] = {
    "AcmCertificateArn": "ACMCertificateArn",
    "IPV6Enabled": "IsIPV6Enabled",
    "IamCertificateId": "IAMCertificateId",
    "OriginCustomHeaders": "CustomHeaders",
    "OriginSSLProtocols": "OriginSslProtocols",
    "SslSupportMethod": "SSLSupportMethod",
}
_BACK: Final[Mapping[str, str]] = {there: name for name, there in _NAMES.items()}
_COUNTED: Final = frozenset({"OriginGroups", "Members", "StatusCodes"})  # written with Quantity and Items by both
_PLAIN: Final = frozenset({"ParameterDefinitions"})  # lists that CloudFront does not count
_TRUSTED: Final = frozenset({"TrustedKeyGroups", "TrustedSigners"})  # lists that are enabled as well
_NONE: Final = {"Quantity": 0}
# What members of a config have besides, where CloudFront wants to be told (API references of these types).
_INSIDE: Final[Mapping[str, Mapping[str, Any]]] = {
    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443},
    "ForwardedValues": {"Cookies": {"Forward": "none"}},
    "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
}
# What a config that does not say has (API reference of DistributionConfig); an update has to say it.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "Aliases": _NONE,
    "CacheBehaviors": _NONE,
    "Comment": "",
    "CustomErrorResponses": _NONE,
    "DefaultRootObject": "",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "OriginGroups": _NONE,
    "PriceClass": "PriceClass_All",
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
    "WebACLId": "",
}


def to_api(config: Any) -> dict[str, Any]:
    """Return a config as CloudFront takes it, without its defaults."""
    sent: dict[str, Any] = _to_api(_CONFIG.to_api(config))
    for origin in (sent.get("Origins") or {}).get("Items", ()):
        if not origin.keys() & {"CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig"}:
            origin["S3OriginConfig"] = {"OriginAccessIdentity": ""}
    return sent


def with_defaults(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with what CloudFront has where it says nothing."""
    return {**_DEFAULTS, **sent}


def from_api(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return CloudFront's config as CloudFormation has it."""
    found: dict[str, Any] = _from_api({name: it for name, it in config.items() if name != "CallerReference"}, "")
    return found


def merged(there: Any, wanted: Any, before: Any) -> Any:
    """Return what an update sends: what is wanted, and of what is there the parts that were never declared.

    Args:
        there, wanted, before: what CloudFront has, what it shall have and what was asked for before, as it spells them.
    """
    if not isinstance(there, Mapping) or not isinstance(wanted, Mapping):
        return wanted
    if "Quantity" in wanted:
        olds, befores = _by_identity(there), _by_identity(before)
        items = [merged(olds.get(_identity(it)), it, befores.get(_identity(it))) for it in wanted.get("Items") or ()]
        return {**wanted, "Items": items} if items else dict(wanted)
    before = before if isinstance(before, Mapping) else {}
    kept = {name: it for name, it in there.items() if name not in wanted and name not in before}
    emptied = {name: _emptied(it) for name, it in there.items() if name in before and name not in wanted}
    changed = {name: merged(there.get(name), it, before.get(name)) for name, it in wanted.items()}
    return {**kept, **{name: it for name, it in emptied.items() if it is not None}, **changed}


def _emptied(value: Any) -> Any:
    """Return what takes a list away; None for what goes by being left out."""
    if not isinstance(value, Mapping) or "Quantity" not in value or "CachedMethods" in value:
        return None  # without methods there are GET and HEAD
    return {"Enabled": False, **_NONE} if "Enabled" in value else _NONE


def _identity(item: Any) -> Any:
    return item.get("Id") or item.get("PathPattern") if isinstance(item, Mapping) else None


def _by_identity(counted: Any) -> dict[Any, Any]:
    items = (counted.get("Items") if isinstance(counted, Mapping) else None) or ()
    return {_identity(item): item for item in items if _identity(item)}


def _to_api(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return [_to_api(item) for item in value] if isinstance(value, list) else value
    sent: dict[str, Any] = {}
    for name, item in value.items():
        there = _to_api(item)
        counted = isinstance(there, list) and name not in _PLAIN and "Quantity" not in value
        if counted:
            there = {"Quantity": len(there), "Items": there}
        if name in _TRUSTED and counted:
            there["Enabled"] = True
        sent[str(_NAMES.get(name, name))] = there
    if "Locations" in sent:
        sent |= sent.pop("Locations")
    if "RestrictionType" in sent:
        sent.setdefault("Quantity", 0)
    if methods := sent.pop("CachedMethods", None):
        sent["AllowedMethods"] = {**sent.get("AllowedMethods", methods), "CachedMethods": methods}
    if "ResponseCode" in sent:
        sent["ResponseCode"] = str(sent["ResponseCode"])
    return {name: {**_INSIDE[name], **it} if name in _INSIDE else it for name, it in sent.items()}


def _from_api(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_from_api(item, "") for item in value]
    if not isinstance(value, Mapping):
        return value
    if name == "Logging":
        return {key: it for key, it in value.items() if key != "Enabled"} if value.get("Enabled") else {}
    if name == "GeoRestriction":
        return {"RestrictionType": value["RestrictionType"], "Locations": list(value.get("Items") or ())}
    if "Quantity" in value and name not in _COUNTED:
        return _from_api(list(value.get("Items") or ()), "")
    found: dict[str, Any] = {_BACK.get(key, key): _from_api(item, key) for key, item in value.items()}
    methods = value.get("AllowedMethods")
    if isinstance(methods, Mapping) and methods.get("CachedMethods"):
        found["CachedMethods"] = list(methods["CachedMethods"].get("Items") or ())
    return found
