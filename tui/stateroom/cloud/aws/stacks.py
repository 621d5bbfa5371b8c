"""CloudFormation's answer to the question which stack a resource is part of."""

from __future__ import annotations

import threading
from typing import Final

from stateroom.cloud.aws.calls import Clients
from stateroom.model.error_response import error_code

# DescribeStackResources answers ValidationError for a physical id that no stack has (its API reference, "Errors").
_NO_STACK: Final = frozenset({"ValidationError"})
_GONE: Final = frozenset({"DELETE_COMPLETE"})


class StackLookUp:
    """Finds stacks by the physical ids of their resources; asked from many threads, each id once."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def of(self, physical_id: str) -> str | None:
        """Name of the stack; "" when no stack has the id, None when that may not be asked.

        Every error but "no stack has it" counts as a refusal: whoever cannot ask does not know.
        """
        with self._lock:
            if physical_id in self._known:
                return self._known[physical_id]
        found = self._ask(physical_id)
        with self._lock:
            return self._known.setdefault(physical_id, found)

    def _ask(self, physical_id: str) -> str | None:
        try:
            answer = self._clients("cloudformation").describe_stack_resources(PhysicalResourceId=physical_id)
        except Exception as error:
            return "" if error_code(error) in _NO_STACK else None
        for item in answer.get("StackResources") or ():
            if item.get("PhysicalResourceId") == physical_id and item.get("ResourceStatus") not in _GONE:
                return str(item["StackName"])
        return ""
