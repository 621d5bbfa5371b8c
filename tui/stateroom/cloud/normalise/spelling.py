"""Two spellings of one value: what AWS answers in another form than it takes, whatever the type.

Each rule is a documented habit of the services: identifiers may be given as names or ARNs, versions as families, KMS
keys as aliases; DNS names, times and address ranges come back in one form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from typing import Final

from stateroom.model.values import Value

_ARN: Final = re.compile(r"arn:[\w-]+:")
_ACCOUNT: Final = re.compile(r"(arn:[\w-]+:iam::)?(\d{12})(:root)?")
_ALIAS: Final = re.compile(r"(arn:[\w-]+:kms:[\w-]*:\d*:)?alias/")
_KEY: Final = re.compile(
    r"(arn:[\w-]+:kms:[\w-]+:\d{12}:key/)?(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
_THIS_API: Final = re.compile(r"execute-api:/")
_API: Final = re.compile(r"arn:[\w-]+:execute-api:[\w-]+:\d*:[^/]+/")
_REVISION: Final = re.compile(r":(\d+|\*)$")
_SIZE: Final = re.compile(r"([\d.]+) ?(vcpu|gb)", re.IGNORECASE)
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440}
_NOTHING: Final = "-@all "  # in an access string of Redis: what a new user may do anyway
_VERSION: Final = re.compile(r"\d+(\.\d+)*")
_STRUCK: Final = re.compile(r"\*{3,}")
_PROTOCOLS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_CONTAINERS: Final = (list, tuple, Mapping)


def alike(declared: Value, live: Value, *, caseless: bool = False) -> bool:
    """Tell whether a declared value and an answer, not both maps or both lists, mean the same."""
    if isinstance(live, _CONTAINERS) or isinstance(declared, _CONTAINERS):
        one, other = _only(declared), _only(live)
        either_is_list = isinstance(one, _CONTAINERS) or isinstance(other, _CONTAINERS)
        return not either_is_list and alike(one, other, caseless=caseless)
    one, other = text_of(declared), text_of(live)
    if caseless:
        one, other = one.lower(), other.lower()
    if one == other or _STRUCK.fullmatch(other):
        return True
    return any(rule(one, other) for rule in _RULES)


def _only(value: Value) -> Value:
    """Return the item of a list of one, and who is meant by a policy's principal of everybody."""
    if isinstance(value, Mapping) and set(value) == {"AWS"}:
        value = value["AWS"]
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def text_of(value: Value) -> str:
    """Return a scalar as text, without the blanks and line ends that services trim."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def is_name_of(short: str, arn: str) -> bool:
    """Tell whether a text that is no ARN names the resource of one: by its name, its id or the end of its path."""
    if not short or not _ARN.match(arn) or _ARN.match(short):
        return False
    arns = (arn, _REVISION.sub("", arn))
    return any(item.split(":", 5)[-1] == short or item.endswith((f"/{short}", f":{short}")) for item in arns)


def _by_name(declared: str, live: str) -> bool:
    return is_name_of(declared, live) or is_name_of(live, declared) or _REVISION.sub("", live) == declared


def _by_account(declared: str, live: str) -> bool:
    one, other = _ACCOUNT.fullmatch(declared), _ACCOUNT.fullmatch(live)
    return bool(one and other and one[2] == other[2])


def _by_alias(declared: str, live: str) -> bool:
    """Take a key's alias for any key: only KMS could tell whether it is that one's, and this asks nobody."""
    return bool(_ALIAS.match(declared) and _KEY.fullmatch(live))


def _by_api(declared: str, live: str) -> bool:
    return bool(_THIS_API.match(declared)) and _API.sub("execute-api:/", live, count=1) == declared


def _by_url(declared: str, live: str) -> bool:
    one, other = (text.removeprefix("https://").removesuffix("/").removesuffix(".") for text in (declared, live))
    return "." in one and one.replace(r"\052", "*") == other.replace(r"\052", "*")


def _by_version(declared: str, live: str) -> bool:
    return bool(_VERSION.fullmatch(declared)) and live.startswith(f"{declared}.") and live.count(".") > 1


def _by_protocol(declared: str, live: str) -> bool:
    one, other = (_PROTOCOLS.get(text, text).lower() for text in (declared, live))
    return one == other and one in _PROTOCOLS.values()


def _by_access(declared: str, live: str) -> bool:
    return "~" in declared and live.replace(_NOTHING, "") == declared.replace(_NOTHING, "")


def _by(reading: Callable[[str], object], declared: str, live: str) -> bool:
    try:
        return reading(declared) == reading(live)
    except (ValueError, OverflowError):
        return False


def _size(text: str) -> float:
    match = _SIZE.fullmatch(text)
    return float(match[1]) * 1024 if match else float(text)


def _minutes(text: str) -> int:
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _MINUTES[match[2]]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_RULES: Final[tuple[Callable[[str, str], bool], ...]] = (
    _by_name,
    _by_account,
    _by_alias,
    _by_api,
    _by_url,
    _by_version,
    _by_protocol,
    _by_access,
    partial(_by, _minutes),
    partial(_by, _size),  # "30" and 30, "0.5 vCPU" and 512
    partial(_by, _moment),
    partial(_by, partial(ip_network, strict=False)),
)
