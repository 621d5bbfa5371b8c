"""Parts of a user pool: its users' attributes, which are only added, and second factors, which have their own call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.declared.form import typed
from stateroom.cloud.aws.declared.setting import lookup
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.aws.written import holds
from stateroom.cloud.provider import ResourceData
from stateroom.errors import CloudError
from stateroom.model.values import Properties, reveal

# Ways to sign in a second time, by the member of the answer that says so.
_FACTORS: Final = {
    "SMS_MFA": "SmsMfaConfiguration",
    "SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaConfiguration.Enabled",
    "EMAIL_OTP": "EmailMfaConfiguration",
}
# Property → where the answer of GetUserPoolMfaConfig has it.
FACTORS_TOLD: Final = {
    "EmailAuthenticationMessage": "EmailMfaConfiguration.Message",
    "EmailAuthenticationSubject": "EmailMfaConfiguration.Subject",
    "WebAuthnFactorConfiguration": "WebAuthnConfiguration.FactorConfiguration",
    "WebAuthnRelyingPartyID": "WebAuthnConfiguration.RelyingPartyId",
    "WebAuthnUserVerification": "WebAuthnConfiguration.UserVerification",
}


def attributes_read(inputs: Properties, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the declared attributes as they are, in that order, then further ones that somebody added."""
    there = dict(_named(found))
    names = [str(item["Name"]) for item in reveal(inputs.get("Schema")) or ()]
    own = [name for name in there if name not in names and there[name]["Name"] != name]
    return [{**there[name], "Name": name} for name in (*names, *own) if name in there]


def _named(found: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield attributes by the names that a config gives them: `custom:plan` is `plan`."""
    for item in found:
        yield str(item["Name"]).removeprefix("dev:").removeprefix("custom:"), dict(item)


def attributes_added(resource: ResourceData, live: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return attributes that are not there yet. Raises CloudError for what cannot be done to those that are."""
    wanted = {
        item["Name"]: item
        for item in typed("AWS::Cognito::UserPool", "Schema").to_api(resource.inputs.get("Schema") or [])
    }
    there = {item["Name"]: item for item in live}
    before = {item["Name"] for item in reveal(resource.previous.get("Schema") or ())}
    lost = sorted((before & there.keys()) - wanted.keys())
    other = sorted(name for name in wanted.keys() & there.keys() if not holds(wanted[name], there[name]))
    for names, verb in ((lost, "removed"), (other, "changed")):
        if names:
            raise CloudError(
                f"attributes of user pool {resource.id} cannot be {verb}: {', '.join(names)}",
                why="Cognito only adds attributes to a pool",
                todo="write them as they were, or give the pool another logical id: its users do not move with it",
                refused=True,
            )
    return [item for name, item in wanted.items() if name not in there]


def factors_read(inputs: Properties, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the second factors, as GetUserPoolMfaConfig answers them."""
    asked = inputs.get("EnabledMfas") or ()
    # A pool can send messages without them being a factor: whether it does is not told apart.
    factors = [name for name, path in _FACTORS.items() if lookup(answer, path) and (name in asked or name != "SMS_MFA")]
    return {**{name: lookup(answer, path) for name, path in FACTORS_TOLD.items()}, "EnabledMfas": factors}


def factors_sent(inputs: Properties) -> dict[str, Any]:
    """Return the arguments of SetUserPoolMfaConfig."""
    sms = without_empty(pick(inputs, ("SmsAuthenticationMessage", "SmsConfiguration")))
    asked = inputs.get("EnabledMfas") or (["SMS_MFA"] if "SmsConfiguration" in sms else [])
    told: dict[str, dict[str, Any]] = {"EmailMfaConfiguration": {}, "WebAuthnConfiguration": {}}
    for name, path in FACTORS_TOLD.items():
        member, _, key = path.partition(".")
        told[member] |= pick({key: inputs.get(name)}, [key] if name in inputs else ())
    sent: dict[str, Any] = {
        "MfaConfiguration": inputs.get("MfaConfiguration", "OFF"),
        "SoftwareTokenMfaConfiguration": {"Enabled": "SOFTWARE_TOKEN_MFA" in asked},
        **({"SmsMfaConfiguration": sms} if "SMS_MFA" in asked else {}),
        **without_empty(told),
    }
    return {"EmailMfaConfiguration": {}, **sent} if "EMAIL_OTP" in asked else sent


def refuse_protected(pool: str, found: Mapping[str, Any]) -> None:
    """Raise CloudError for the deletion of a pool that is protected: Cognito's own error does not say what to do."""
    if found.get("DeletionProtection") == "ACTIVE":
        raise CloudError(
            f"user pool {pool} is protected against deletion",
            why="its DeletionProtection is ACTIVE, so that its users are not lost by mistake",
            todo="deploy it with DeletionProtection: INACTIVE, then run the same command again",
            refused=True,
        )
