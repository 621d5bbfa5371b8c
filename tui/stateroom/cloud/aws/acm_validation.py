"""Validation of a certificate's domains: records are made, or said to the user, and waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients, backoff
from stateroom.cloud.provider import Remark, Task
from stateroom.errors import CloudError
from stateroom.model.values import Properties, reveal

_PENDING: Final = "PENDING_VALIDATION"
_DEADLINE: Final = 1800.0  # seconds of pauses until a domain is validated; ACM itself waits for 72 hours


def validated(look: Callable[[], Any], inputs: Properties, clients: Clients) -> Task[Any]:
    """Wait until every domain is validated; make the records, or say which to make. Returns the last answer.

    Raises CloudError after half an hour, and for a certificate that is refused.
    """
    told: set[str] = set()
    reason = f"waiting until ACM has validated {inputs.get('DomainName')}"
    for pause in backoff(reason, _DEADLINE, first=1.0, longest=30.0):
        found = look()
        if found is not None and found.get("Status") != _PENDING:
            return _issued(found)
        for name, record in _records(found or {}):
            if record["Name"] not in told and not _made(clients, inputs, name, record):
                yield Remark(f"to have {name} validated, make this record: {_line(record)}")
            told.add(record["Name"])
        yield pause
    raise _late(inputs, look() or {})


def _made(clients: Clients, inputs: Properties, domain: str, record: Mapping[str, Any]) -> bool:
    """Make a record in the zone that the config names for a domain; tell whether it names one."""
    options = [reveal(item) for item in inputs.get("DomainValidationOptions") or ()]
    zone = next((it.get("HostedZoneId") for it in options if it.get("DomainName") == domain), None)
    if zone:
        records = {"Name": record["Name"], "Type": record["Type"], "TTL": 300}
        change = {**records, "ResourceRecords": [{"Value": record["Value"]}]}
        clients("route53").change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]}
        )
    return bool(zone)


def _records(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield domains that are not validated yet with their records, which ACM tells some seconds after the request."""
    for option in found.get("DomainValidationOptions") or ():
        if option.get("ResourceRecord") and option.get("ValidationStatus") != "SUCCESS":
            yield str(option["DomainName"]), option["ResourceRecord"]


def _line(record: Mapping[str, Any]) -> str:
    return f"{record['Name']} {record['Type']} {record['Value']}"


def _issued(found: Mapping[str, Any]) -> Mapping[str, Any]:
    if found.get("Status") in ("FAILED", "VALIDATION_TIMED_OUT"):
        raise CloudError(
            f"certificate {found.get('CertificateArn')} was not issued",
            why=str(found.get("FailureReason") or "its domains were not validated within 72 hours"),
            todo="correct the cause, delete this certificate, then deploy again",
            code=str(found.get("Status")),
        )
    return found


def _late(inputs: Properties, found: Mapping[str, Any]) -> CloudError:
    records = "; ".join(dict.fromkeys(_line(record) for _, record in _records(found)))
    return CloudError(
        f"certificate of {inputs.get('DomainName')} is not validated after {_DEADLINE / 60:.0f} minutes",
        why=f"ACM does not find these records: {records}" if records else "nobody has followed the link in ACM's mail",
        todo="see to it, then run the same command again: it goes on waiting, and makes no second certificate",
        code="Timeout",
    )
