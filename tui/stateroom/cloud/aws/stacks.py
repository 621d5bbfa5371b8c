"""CloudFormation's answers: which stack a resource is part of, and whether there is a stack of a name."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.provider import DeployedStack
from stateroom.model.problems.error_response import error_code, error_response

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


def stack_named(clients: Clients, name: str) -> DeployedStack | None:
    """Return the stack of a name, by one call; None without one, or when it is deleted. Raises botocore's errors.

    Serverless and osls write their description into every template, and AWS's CDK and SAM tag or describe theirs.
    """
    try:
        found = clients("cloudformation").describe_stacks(StackName=name).get("Stacks") or ()
    except Exception as error:
        response = error_response(error)
        if response is not None and response.code in _NO_STACK and "does not exist" in response.message:
            return None
        raise
    for stack in found:
        if stack.get("StackStatus") not in _GONE:
            return DeployedStack(name, str(stack.get("StackId", "")), str(stack.get("StackStatus", "")), _tool(stack))
    return None


def _tool(stack: Mapping[str, Any]) -> str:
    text = str(stack.get("Description") or "")
    outputs = {str(item.get("OutputKey")) for item in stack.get("Outputs") or ()}
    if "for this Serverless application" in text or "ServerlessDeploymentBucketName" in outputs:
        return "the Serverless Framework"
    if any(str(item.get("Key", "")).startswith("aws-cdk:") for item in stack.get("Tags") or ()):
        return "AWS CDK"
    return "AWS SAM" if "AWS SAM" in text or "SAM Template" in text else ""
