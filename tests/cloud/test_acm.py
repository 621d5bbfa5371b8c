"""Certificates: validation is waited for, its records are told or made, and an interrupted wait goes on."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.acm import CertificateHandler
from stateroom.cloud.provider import Remark, ResourceData, run
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, Bench
from tests.cloud.sent import Recorder
from tests.support.emulators import Emulator

RECORD = {"Name": "_x.shop.example.com.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}
PENDING = {
    "Status": "PENDING_VALIDATION",
    "DomainValidationOptions": [
        {"DomainName": "shop.example.com", "ValidationStatus": "PENDING_VALIDATION", "ResourceRecord": RECORD}
    ],
}
INPUTS: dict[str, Any] = {"DomainName": "shop.example.com", "ValidationMethod": "DNS"}


class Awaited(CertificateHandler):
    """A certificate of which ACM answers one thing after the other; the last for ever."""

    answers: list[dict[str, Any]]

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def settled(inputs: dict[str, Any], *answers: dict[str, Any]) -> tuple[Recorder, list[str]]:
    """Wait for a certificate; the calls that were made, and what the user was told."""
    recorder = Recorder(there=True)
    handler = Awaited(recorder)  # type: ignore[arg-type]
    handler.answers = list(answers)
    told = [
        item.text
        for item in handler.settle(ResourceData("arn:certificate", inputs, owner=OWNER), None)
        if isinstance(item, Remark)
    ]
    assert recorder.invalid == []
    return recorder, told


def test_the_records_to_make_are_said_once() -> None:
    recorder, told = settled(INPUTS, {"Status": "PENDING_VALIDATION"}, PENDING, PENDING, PENDING, {"Status": "ISSUED"})

    assert told == [
        "to have shop.example.com validated, make this record: _x.shop.example.com. CNAME _y.acm-validations.aws."
    ]
    assert recorder.calls == []


def test_the_records_are_made_in_the_zone_that_the_config_names() -> None:
    options = [{"DomainName": "shop.example.com", "HostedZoneId": "Z1"}]
    recorder, told = settled({**INPUTS, "DomainValidationOptions": options}, PENDING, PENDING, {"Status": "ISSUED"})
    ((operation, sent),) = recorder.calls

    assert told == []
    assert (operation, sent["HostedZoneId"]) == ("ChangeResourceRecordSets", "Z1")
    (change,) = sent["ChangeBatch"]["Changes"]
    assert change["Action"] == "UPSERT"
    assert change["ResourceRecordSet"]["ResourceRecords"] == [{"Value": RECORD["Value"]}]


def test_a_domain_that_is_not_validated_in_time_is_said_with_its_records() -> None:
    with pytest.raises(CloudError, match="is not validated after 30 minutes") as caught:
        settled(INPUTS, PENDING)
    assert "_x.shop.example.com. CNAME _y.acm-validations.aws." in caught.value.why
    assert "run the same command again" in caught.value.todo


def test_a_certificate_that_is_refused_says_why() -> None:
    with pytest.raises(CloudError, match="was not issued") as caught:
        settled(INPUTS, {"Status": "FAILED", "FailureReason": "CAA_ERROR"})
    assert caught.value.why == "CAA_ERROR"


def test_a_certificate_of_a_run_that_was_cut_off_is_waited_for_and_not_made_again(emulator: Emulator) -> None:
    seal = Bench(CertificateHandler, emulator.endpoint_url, INPUTS)
    task = seal.handler.create(ResourceData(inputs=INPUTS, owner=OWNER))
    first = next(task).physical_id
    task.close()
    seal.create()

    assert seal.id == first
    assert len(emulator.client("acm").list_certificates()["CertificateSummaryList"]) == 1


def test_a_certificate_for_other_domains_is_another_one(emulator: Emulator) -> None:
    """One that is being replaced bears the same tags: it must not pass for its successor."""
    seal = Bench(CertificateHandler, emulator.endpoint_url, INPUTS)
    seal.create()
    wider = Bench(CertificateHandler, emulator.endpoint_url, {**INPUTS, "SubjectAlternativeNames": ["*.example.com"]})
    assert wider.find() is None
    assert wider.create()["SubjectAlternativeNames"] == ["*.example.com"]
    assert wider.id != seal.id
    for _ in range(2):
        seal.delete()
    assert wider.exists()


def test_only_mail_addresses_of_domains_are_acms() -> None:
    recorder = Recorder(there=True)
    options = [
        {"DomainName": "a.example.com", "ValidationDomain": "example.com"},
        {"DomainName": "b", "HostedZoneId": "Z"},
    ]
    handler = Awaited(recorder)  # type: ignore[arg-type]
    handler.answers = [{"Status": "ISSUED", "DomainName": "other"}]
    run(handler.create(ResourceData(inputs={**INPUTS, "DomainValidationOptions": options}, owner=OWNER)))
    sent = dict(recorder.calls)["RequestCertificate"]

    assert recorder.invalid == []
    assert sent["DomainValidationOptions"] == options[:1]
