"""APIs of a state: where each answers. Used by the modules for the kinds of APIs."""

from __future__ import annotations

from collections.abc import Iterator

from stateroom.config.naming import partition_of
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Value


class ApiRecords:
    """Records of a state by type, and the addresses of APIs."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.records = tuple(snapshot.by_id().values())
        suffix = "amazonaws.com.cn" if partition_of(snapshot.region) == "aws-cn" else "amazonaws.com"
        self._host = f"execute-api.{snapshot.region}.{suffix}"

    def of(self, *types: str) -> Iterator[Record]:
        """Return the records of the types."""
        return (record for record in self.records if record.type in types)

    def one(self, record_type: str, physical_id: str) -> Record | None:
        """Return the record of a type with a physical id; None when the state has none."""
        return next((record for record in self.of(record_type) if record.physical_id == physical_id), None)

    def own_host(self, api: str, record: Record | None) -> str:
        """Return the API's host at AWS; "" when the API answers at its own domains only.

        Args:
            api: its id.
            record: of the API; None where it is another's.
        """
        disabled = record is not None and setting(record, "DisableExecuteApiEndpoint") in (True, "true")
        return "" if disabled else f"{api}.{self._host}"

    def custom_bases(self, mapping: str, key: tuple[str, str], api: str, stage: str) -> list[str]:
        """Return the bases at custom domains that a stage of an API is mapped to, without a scheme.

        Args:
            mapping: type of the mappings.
            key: their properties for the API and for the path below the domain.
            api, stage: what is mapped.
        """
        found = []
        for record in self.of(mapping):
            domain, path = text(record, "DomainName"), text(record, key[1])
            if domain and (text(record, key[0]), text(record, "Stage")) == (api, stage):
                found.append(f"{domain}/{path}" if path and path != "(none)" else domain)
        return found


def setting(record: Record, name: str) -> Value:
    """Return a property as it was asked for, else as it was read."""
    value = record.inputs.get(name)
    return record.observed.get(name) if value is None else value


def text(record: Record, name: str) -> str:
    """Return a property that is a text; "" when it is none."""
    value = setting(record, name)
    return value if isinstance(value, str) else ""
