"""Access to the sample: files to edit, cloud objects to change by hand."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

from stateroom.demo.inventory import listing
from stateroom.demo.sandbox import STAGE, Sandbox

T = TypeVar("T")


class Shop:
    """Deployed sample, used without stateroom: plain files, plain boto3, plain HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a boto3 client for the emulator."""
        if service not in self._clients:
            self._clients[service] = self.sandbox.client(service)
        return self._clients[service]

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace the one occurrence of `before` in a project file.

        Raises:
            ValueError: there is no such place, or more than one.
        """
        path = self.sandbox.project / file
        text = path.read_text()
        if text.count(before) != 1:
            raise ValueError(f"{file} has {text.count(before)} places that read {before!r}")
        path.write_text(text.replace(before, after))

    def function(self, service: str, name: str) -> dict[str, Any]:
        """Return a function's configuration in the cloud."""
        answer: dict[str, Any] = self.client("lambda").get_function_configuration(
            FunctionName=function_name(service, name)
        )
        return answer

    def change_function(self, service: str, name: str, **settings: Any) -> None:
        """Set a function's configuration, as by hand at the console."""
        self.client("lambda").update_function_configuration(FunctionName=function_name(service, name), **settings)
        until(lambda: self.function(service, name).get("LastUpdateStatus") != "InProgress")

    def queue_url(self, name: str) -> str:
        """Return the URL of a queue by its name."""
        return str(self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def queue(self, name: str) -> dict[str, str]:
        """Return a queue's attributes in the cloud."""
        attributes: dict[str, str] = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(name), AttributeNames=["All"]
        )["Attributes"]
        return attributes

    def log_retention(self, service: str, name: str) -> int | None:
        """Return the retention of a function's log in days; None: forever."""
        group = f"/aws/lambda/{function_name(service, name)}"
        groups = self.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return next((item.get("retentionInDays") for item in groups if item["logGroupName"] == group), None)

    def schedule_rule(self, service: str, name: str) -> str:
        """Return the name of the rule that triggers a function; empty when there is none."""
        events, wanted = self.client("events"), f":function:{function_name(service, name)}"
        for rule in listing(events, "list_rules", "Rules"):
            targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            if any(target["Arn"].endswith(wanted) for target in targets):
                return str(rule["Name"])
        return ""

    def mapping(self, service: str, name: str) -> dict[str, Any]:
        """Return the event source mapping of a function."""
        mappings = self.client("lambda").list_event_source_mappings(FunctionName=function_name(service, name))
        (only,) = mappings["EventSourceMappings"]
        return dict(only)

    def machine(self) -> str:
        """Return the ARN of the state machine."""
        machines = list(listing(self.client("stepfunctions"), "list_state_machines", "stateMachines"))
        return str(next(item["stateMachineArn"] for item in machines if item["name"] == f"shop-fulfilment-{STAGE}"))

    def request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Send one HTTP request to the orders API; returns status and JSON answer."""
        apis = listing(self.client("apigatewayv2"), "get_apis", "Items")
        api = next(item["ApiId"] for item in apis if item["Name"] == f"{STAGE}-shop-orders")
        request = urllib.request.Request(  # noqa: S310 - the scheme is the emulator's own
            f"{self.sandbox.endpoint_url}/_aws/execute-api/{api}/$default{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())

    def order(self, order_id: str) -> dict[str, Any]:
        """Return an order through the API."""
        return self.request("GET", f"/orders/{order_id}")[1]


def function_name(service: str, name: str) -> str:
    """Return the physical name of one of the sample's functions."""
    return f"shop-{service}-{STAGE}-{name}"


def until(
    look: Callable[[], T],
    *,
    seconds: float = 15.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Poll `look` until its answer is truthy, for at most `seconds`; returns the last answer."""
    deadline = clock() + seconds
    while not (answer := look()) and clock() < deadline:
        sleep(0.1)
    return answer
