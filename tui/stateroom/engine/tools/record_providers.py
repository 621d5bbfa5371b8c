"""Where a resource of a Pulumi or SST state is: its provider's region, account, profile and endpoints.

A resource names its provider as `<urn>::<id>`; the provider is a resource of the state with the configuration as
inputs, in which lists and objects are JSON texts: https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.references import provider_urn
from stateroom.state.checkpoint.tokens import PROVIDER_NAME, name_in

_ROLES: Final = ("assumeRole", "assumeRoles", "assumeRoleWithWebIdentity")
_OWN_ACCESS: Final = ("accessKey", "secretKey", "token", "sharedCredentialsFiles", "sharedConfigFiles")
_ACCOUNT: Final = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):")


@dataclass(frozen=True, slots=True)
class RecordProvider:
    """Place of a resource, by its provider. Empty fields: whatever the user's AWS configuration says.

    Args:
        region: where it is.
        profile: the named profile that its deployer used.
        accounts: the account must be one of these.
        endpoint: where its deployer sent calls, if not to AWS.
        own_access: inputs that give the deployer credentials that are not the user's.
    """

    region: str = ""
    profile: str = ""
    accounts: frozenset[str] = frozenset()
    endpoint: str = ""
    own_access: tuple[str, ...] = ()


def provider_of(raw: Raw, document: CheckpointDocument) -> RecordProvider:
    """Return the place of a resource of a document.

    Raises:
        StateError: it names a provider that the document does not have, so nobody knows where it is.
    """
    reference = str(raw.get("provider") or "")
    if not reference:
        return RecordProvider()
    urn = provider_urn(reference)
    if name_in(urn) == PROVIDER_NAME:
        return RecordProvider()  # ours: the state has one region, which is checked when the cloud is opened
    found = next((item for item in document.resources if item.get("urn") == urn), None)
    if found is None:
        raise StateError(f"its provider {name_in(urn)} is not in the state, so its region is not known")
    inputs = {**(found.get("outputs") or {}), **(found.get("inputs") or {})}
    beside = [item for item in document.resources if item.get("provider") == reference]
    allowed = frozenset(str(item) for item in _decoded(inputs.get("allowedAccountIds")) or ())
    roles = [_decoded(inputs.get(name)) for name in _ROLES if inputs.get(name)]
    # A role's account is where its resources are; where no role is named, the ARNs of its other resources tell.
    accounts = frozenset(_accounts(json.dumps(roles))) or allowed or frozenset(_accounts_of(beside))
    return RecordProvider(
        _text(inputs.get("region")),
        _text(inputs.get("profile")),
        accounts,
        next((url for url in _endpoints(_decoded(inputs.get("endpoints")))), ""),
        tuple(name for name in _OWN_ACCESS if inputs.get(name)),
    )


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _accounts(text: str) -> set[str]:
    return set(_ACCOUNT.findall(text))


def _accounts_of(resources: Iterable[Raw]) -> set[str]:
    """Return the accounts in the ARNs of resources: those that they were given, and no text that they hold."""
    arns = (str((item.get("outputs") or {}).get("arn") or "") for item in resources)
    return {found[1] for arn in arns if (found := _ACCOUNT.match(arn))}


def _endpoints(value: Any) -> Iterable[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield from (url for url in item.values() if isinstance(url, str) and url)
