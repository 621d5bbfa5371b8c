"""Inventory of the embedded cloud by its own listings, which proves that nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Clients: TypeAlias = Callable[[str], Any]

# service, listing operation, key of the list, key of the name in an item (None: the item is the name)
_LISTINGS: tuple[tuple[str, str, str, str | None], ...] = (
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("events", "list_rules", "Rules", "Name"),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("cloudformation", "list_stacks", "StackSummaries", "StackName"),
    ("s3", "list_buckets", "Buckets", "Name"),
)
_API_CHILDREN = (("get_stages", "StageName"), ("get_routes", "RouteId"), ("get_integrations", "IntegrationId"))


def inventory(client: Clients) -> frozenset[str]:
    """Return every object of the sample's services, as `service list name`."""
    return frozenset(_objects(client))


def _objects(client: Clients) -> Iterator[str]:
    for service, operation, key, name in _LISTINGS:
        for item in listing(client(service), operation, key):
            yield f"{service} {key} {item[name] if name else item}"
    gateway = client("apigatewayv2")
    for api in listing(gateway, "get_apis", "Items"):
        for operation, name in _API_CHILDREN:
            for item in listing(gateway, operation, "Items", ApiId=api["ApiId"]):
                yield f"apigatewayv2 {operation} {api['ApiId']} {item[name]}"


def listing(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    """Yield the items of a listing, over all its pages."""
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key, ())
    else:
        yield from getattr(client, operation)(**arguments).get(key, ())
