"""Everything that an emulator holds, by name: the proof that nothing was orphaned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.emulators import Emulator


def inventory(emulator: Emulator) -> frozenset[str]:
    """Every object of the types that stateroom's sample uses, as `service:kind/name`.

    What an emulator has of its own from the start (managed policies, the default event bus) is not listed.
    """
    return frozenset(line for listing in _LISTINGS for line in listing(emulator.client))


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key, [])
    else:
        yield from getattr(client, operation)(**arguments).get(key, [])


def _lambda(client: Callable[[str], Any]) -> Iterator[str]:
    api = client("lambda")
    for function in _pages(api, "list_functions", "Functions"):
        yield f"lambda:function/{function['FunctionName']}"
    for mapping in _pages(api, "list_event_source_mappings", "EventSourceMappings"):
        yield f"lambda:mapping/{mapping['UUID']}"


def _logs(client: Callable[[str], Any]) -> Iterator[str]:
    for group in _pages(client("logs"), "describe_log_groups", "logGroups"):
        yield f"logs:group/{group['logGroupName']}"


def _iam(client: Callable[[str], Any]) -> Iterator[str]:
    api = client("iam")
    for role in _pages(api, "list_roles", "Roles"):
        yield f"iam:role/{role['RoleName']}"
    for policy in _pages(api, "list_policies", "Policies", Scope="Local"):
        yield f"iam:policy/{policy['PolicyName']}"


def _sqs(client: Callable[[str], Any]) -> Iterator[str]:
    for url in _pages(client("sqs"), "list_queues", "QueueUrls"):
        yield f"sqs:queue/{url.rsplit('/', 1)[-1]}"


def _sns(client: Callable[[str], Any]) -> Iterator[str]:
    for topic in _pages(client("sns"), "list_topics", "Topics"):
        yield f"sns:topic/{topic['TopicArn'].rsplit(':', 1)[-1]}"
    for subscription in _pages(client("sns"), "list_subscriptions", "Subscriptions"):
        yield f"sns:subscription/{subscription['SubscriptionArn']}"


def _dynamodb(client: Callable[[str], Any]) -> Iterator[str]:
    for table in _pages(client("dynamodb"), "list_tables", "TableNames"):
        yield f"dynamodb:table/{table}"


def _events(client: Callable[[str], Any]) -> Iterator[str]:
    for bus in client("events").list_event_buses()["EventBuses"]:
        for rule in _pages(client("events"), "list_rules", "Rules", EventBusName=bus["Name"]):
            yield f"events:rule/{bus['Name']}/{rule['Name']}"


def _apigatewayv2(client: Callable[[str], Any]) -> Iterator[str]:
    gateway = client("apigatewayv2")
    for api in _pages(gateway, "get_apis", "Items"):
        yield f"apigatewayv2:api/{api['Name']}/{api['ApiId']}"
        for stage in _pages(gateway, "get_stages", "Items", ApiId=api["ApiId"]):
            yield f"apigatewayv2:stage/{api['Name']}/{stage['StageName']}"
        for route in _pages(gateway, "get_routes", "Items", ApiId=api["ApiId"]):
            yield f"apigatewayv2:route/{api['Name']}/{route['RouteKey']}/{route['RouteId']}"
        for integration in _pages(gateway, "get_integrations", "Items", ApiId=api["ApiId"]):
            yield f"apigatewayv2:integration/{api['Name']}/{integration['IntegrationId']}"


def _apigateway(client: Callable[[str], Any]) -> Iterator[str]:
    gateway = client("apigateway")
    for api in _pages(gateway, "get_rest_apis", "items"):
        yield f"apigateway:api/{api['name']}/{api['id']}"
    for key in _pages(gateway, "get_api_keys", "items"):
        yield f"apigateway:key/{key['name']}/{key['id']}"
    for plan in _pages(gateway, "get_usage_plans", "items"):
        yield f"apigateway:plan/{plan['name']}/{plan['id']}"


def _stepfunctions(client: Callable[[str], Any]) -> Iterator[str]:
    for machine in _pages(client("stepfunctions"), "list_state_machines", "stateMachines"):
        yield f"stepfunctions:machine/{machine['name']}"


_LISTINGS = (_lambda, _logs, _iam, _sqs, _sns, _dynamodb, _events, _apigateway, _apigatewayv2, _stepfunctions)
