"""Handler of AWS::CertificateManager::Certificate, which waits until the certificate's domains are validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.acm_validation import validated
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import Properties

_OPTIONS: Final = {
    "CertificateExport": "Export",
    "CertificateTransparencyLoggingPreference": "CertificateTransparencyLoggingPreference",
    "ValidationMethod": "ValidationMethod",
}
_KEYS: Final = [*(f"RSA_{bits}" for bits in (1024, 2048, 3072, 4096)), "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
# Only certificates with RSA keys of up to 2048 bits are listed unless others are asked for (API reference).
_LIST: Final = ApiCall("list_certificates", {"Includes": {"keyTypes": _KEYS}}, answer="CertificateSummaryList")
_TAGGING: Final = Tagging(
    "add_tags_to_certificate",
    "remove_tags_from_certificate",
    ApiCall("list_tags_for_certificate"),
    style="pairs",
    keys="Tags",
)


class CertificateHandler(DeclaredHandler):
    """Certificate. Ref is its ARN. It has no name: it is identified by its tags and domains.

    Records that validate a domain are told, or made in the zone that DomainValidationOptions name. They stay when the
    certificate goes, as CloudFormation's do: other certificates of the domain need the same.
    """

    type = "AWS::CertificateManager::Certificate"
    service = "acm"
    ref = "{CertificateArn}"
    address = {"CertificateArn": "{id}"}
    looks_first = True
    creating = ApiCall("request_certificate")
    reading = ApiCall("describe_certificate", answer="Certificate")
    updating = {"": ApiCall("update_certificate_options")}
    deleting = ApiCall(
        "delete_certificate",
        retry={"ResourceInUseException": ()},
        reason="waiting until nothing uses the certificate any more",
        deadline=600,
    )
    listing = Listing(_LIST, "{CertificateArn}", whole=False)
    tagging = _TAGGING
    settings = {
        **settings_of("CertificateAuthorityArn", "DomainName", "KeyAlgorithm", "SubjectAlternativeNames"),
        "CertificateExport": Setting(answered="Options.Export"),
        "CertificateTransparencyLoggingPreference": Setting(
            unset="ENABLED", answered="Options.CertificateTransparencyLoggingPreference"
        ),
        "DomainValidationOptions": Setting(group="records"),
        "ValidationMethod": Setting(),
    }
    attributes = {"CertificateArn": "{id}", "Id": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Put options together; of the domains' options only where mail is sent to is ACM's."""
        options = {name: settings.pop(name) for name in _OPTIONS if name in settings}
        if call is not self.creating:
            made = self.model(resource, self.answer(resource) or {})
            changed = {_OPTIONS[name]: it for name, it in options.items() if it != made.get(name)}
            return {"Options": changed} if changed else {}
        method = {name: options.pop(name) for name in ("ValidationMethod",) if name in options}  # beside them here
        mails = [_mail(item) for item in settings.pop("DomainValidationOptions", ()) if "ValidationDomain" in item]
        more = {"Options": {_OPTIONS[name]: it for name, it in options.items()}, "DomainValidationOptions": mails}
        return {**settings, **method, **{name: it for name, it in more.items() if it}}

    def settle(self, resource: ResourceData, answer: Any) -> Task[Any]:
        """Wait until every domain is validated; make the records, or say which to make. Raises CloudError."""
        return (yield from validated(lambda: self.answer(resource), resource.inputs, self._clients))

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says, and see to it that a certificate of an earlier run is validated."""
        read = yield from super().update(resource)
        yield from self.settle(resource, None)
        return read

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings; zones are in no answer, so that the domains' options are those of the config."""
        found = super().model(resource, answer)
        there = [item for item in answer.get("DomainValidationOptions") or () if item.get("ValidationMethod")]
        found["DomainValidationOptions"] = resource.inputs.get("DomainValidationOptions")
        found["SubjectAlternativeNames"] = _names(answer, resource.inputs)
        return {**found, "ValidationMethod": there[0]["ValidationMethod"]} if there else found

    def is_same(self, item: Mapping[str, Any], resource: ResourceData) -> bool:
        """Tell by what replaces a certificate: one that is being replaced has our tags, too."""
        if item.get("DomainName") != resource.inputs.get("DomainName"):
            return False
        found = self.answer(resource.at(item["CertificateArn"]))
        return found is not None and _alike(found, resource.inputs)


def _mail(option: Mapping[str, Any]) -> dict[str, Any]:
    return {name: option[name] for name in ("DomainName", "ValidationDomain") if name in option}


def _names(answer: Mapping[str, Any], inputs: Properties) -> list[str]:
    """Return the other names; the domain itself is always one of them, whether it was asked for or not."""
    asked, there = inputs.get("SubjectAlternativeNames") or (), answer.get("SubjectAlternativeNames") or ()
    return [name for name in there if name != answer.get("DomainName") or name in asked]


def _alike(found: Mapping[str, Any], inputs: Properties) -> bool:
    """Tell whether a certificate is what a create with these inputs would make again."""
    names = {inputs.get("DomainName"), *inputs.get("SubjectAlternativeNames", ())}
    return (
        {inputs.get("DomainName"), *found.get("SubjectAlternativeNames", ())} == names
        and str(found.get("KeyAlgorithm")).replace("-", "_") == inputs.get("KeyAlgorithm", "RSA_2048")
        and found.get("CertificateAuthorityArn") == inputs.get("CertificateAuthorityArn")
        and (found.get("Options") or {}).get("Export", "DISABLED") == inputs.get("CertificateExport", "DISABLED")
    )


HANDLERS: tuple[HandlerFactory, ...] = (CertificateHandler,)
