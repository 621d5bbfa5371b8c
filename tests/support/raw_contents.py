"""What an emulator holds, as its own API tells it: settings and tags of every object of the handled types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError

from tests.support.emulators import Emulator

Line: TypeAlias = tuple[str, Any]
Client: TypeAlias = Callable[[str], Any]

# Volatile: clocks, addresses signed for one read, states on their way, counters of requests.
_VOLATILE: Final = frozenset(
    {
        "ResponseMetadata",
        "AWSAccountId",  # of a user pool's domain: moto makes one up at each look
        "LastModified",
        "LastModifiedDate",
        "RevisionId",
        "Location",
        "LastUpdateStatus",
        "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode",
        "State",
        "StateReason",
        "StateReasonCode",
        "StateTransitionReason",
        "LastProcessingResult",
        "ApproximateNumberOfMessages",
        "storedBytes",
        "RoleLastUsed",
    }
)


def raw_contents(emulator: Emulator) -> dict[str, Any]:
    """Address of each object → its raw settings and tags as JSON."""
    lines = (line for listing in _LISTINGS for line in listing(emulator.client))
    return {address: json.dumps(_steady(value), sort_keys=True, default=str) for address, value in lines}


def _steady(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _steady(item) for key, item in value.items() if key not in _VOLATILE}
    return [_steady(item) for item in value] if isinstance(value, list | tuple) else value


def _ask(call: Callable[..., Any], **arguments: Any) -> Any:
    """The answer; an error's code where there is nothing."""
    try:
        return call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]


def _lambda(client: Client) -> Iterator[Line]:
    api = client("lambda")
    for function in api.list_functions()["Functions"]:
        name = function["FunctionName"]
        where = {"FunctionName": name}
        yield f"lambda/{name}", _ask(api.get_function, **where)
        policy = _ask(api.get_policy, **where)
        for statement in json.loads(policy["Policy"])["Statement"] if isinstance(policy, dict) else ():
            yield f"lambda/{name}/permission/{statement['Sid']}", statement
        yield f"lambda/{name}/url", _ask(api.get_function_url_config, **where)
        yield f"lambda/{name}/invoke", _ask(api.get_function_event_invoke_config, **where)
        for version in api.list_versions_by_function(**where)["Versions"]:
            yield f"lambda/{name}/version/{version['Version']}", version
        for alias in api.list_aliases(**where)["Aliases"]:
            yield f"lambda/{name}/alias/{alias['Name']}", alias
    for mapping in api.list_event_source_mappings()["EventSourceMappings"]:
        bearing = _ask(api.list_tags, Resource=mapping["EventSourceMappingArn"])
        yield f"lambda/mapping/{mapping['UUID']}", [mapping, bearing]
    for layer in api.list_layers()["Layers"]:
        for version in api.list_layer_versions(LayerName=layer["LayerName"])["LayerVersions"]:
            where = {"LayerName": layer["LayerName"], "VersionNumber": version["Version"]}
            policy = _ask(api.get_layer_version_policy, **where)
            yield f"lambda/layer/{version['LayerVersionArn']}", [version, policy]


def _named(client: Client) -> Iterator[Line]:
    logs, sqs, iam = client("logs"), client("sqs"), client("iam")
    for group in logs.describe_log_groups()["logGroups"]:
        bearing = _ask(logs.list_tags_for_resource, resourceArn=group["arn"].removesuffix(":*"))
        yield f"logs/{group['logGroupName']}", [group, bearing]
    for url in sqs.list_queues().get("QueueUrls", ()):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        yield f"sqs/{url}", [attributes, sqs.list_queue_tags(QueueUrl=url).get("Tags")]
    for role in iam.list_roles()["Roles"]:
        where = {"RoleName": role["RoleName"]}
        inline = iam.list_role_policies(**where)["PolicyNames"]
        policies = [iam.get_role_policy(**where, PolicyName=policy)["PolicyDocument"] for policy in inline]
        attached = iam.list_attached_role_policies(**where)["AttachedPolicies"]
        yield f"iam/{role['RoleName']}", [iam.get_role(**where)["Role"], inline, policies, attached]
    machines = client("stepfunctions")
    for machine in machines.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        bearing = machines.list_tags_for_resource(resourceArn=arn)["tags"]
        yield f"states/{arn}", [machines.describe_state_machine(stateMachineArn=arn), bearing]
    for schedule in client("scheduler").list_schedules()["Schedules"]:
        yield f"scheduler/{schedule['Name']}", client("scheduler").get_schedule(Name=schedule["Name"])
    tables = client("dynamodb")
    for name in tables.list_tables()["TableNames"]:
        table = tables.describe_table(TableName=name)["Table"]
        bearing = tables.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        yield f"dynamodb/{name}", [table, bearing, _ask(tables.describe_time_to_live, TableName=name)]


def _events(client: Client) -> Iterator[Line]:
    sns, events = client("sns"), client("events")
    for topic in sns.list_topics()["Topics"]:
        arn = topic["TopicArn"]
        bearing = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        yield f"sns/{arn}", [sns.get_topic_attributes(TopicArn=arn)["Attributes"], bearing]
    for item in sns.list_subscriptions()["Subscriptions"]:
        arn = item["SubscriptionArn"]
        yield f"sns/{arn}", _ask(sns.get_subscription_attributes, SubscriptionArn=arn)
    for rule in events.list_rules()["Rules"]:
        bearing = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        yield f"events/{rule['Name']}", [rule, events.list_targets_by_rule(Rule=rule["Name"])["Targets"], bearing]


def _buckets(client: Client) -> Iterator[Line]:
    s3 = client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        where = {"Bucket": bucket["Name"]}
        yield f"s3/{bucket['Name']}", _ask(s3.get_bucket_tagging, **where)
        for name in ("policy", "notification_configuration", "versioning", "encryption", "public_access_block"):
            yield (
                f"s3/{bucket['Name']}/{name}",
                _ask(getattr(s3, f"get_{'' if 'public' in name else 'bucket_'}{name}"), **where),
            )


def _rest(client: Client) -> Iterator[Line]:
    gateway = client("apigateway")
    yield "rest/account", gateway.get_account().get("cloudwatchRoleArn")
    for api in gateway.get_rest_apis()["items"]:
        where, here = {"restApiId": api["id"]}, f"rest/{api['id']}"
        yield here, api
        for resource in gateway.get_resources(**where, embed=["methods"])["items"]:
            yield f"{here}/resource/{resource['id']}", {**resource, "resourceMethods": None}
            for verb in resource.get("resourceMethods") or ():
                method = gateway.get_method(**where, resourceId=resource["id"], httpMethod=verb)
                yield f"{here}/resource/{resource['id']}/{verb}", method
        for kind in ("authorizers", "request_validators", "models", "deployments"):
            for item in getattr(gateway, f"get_{kind}")(**where)["items"]:
                yield f"{here}/{kind}/{item['id']}", item
        for item in gateway.get_gateway_responses(**where)["items"]:
            yield f"{here}/response/{item['responseType']}", item
        for stage in gateway.get_stages(**where)["item"]:
            yield f"{here}/stage/{stage['stageName']}", stage
    for key in gateway.get_api_keys(includeValues=True)["items"]:
        yield f"rest/key/{key['id']}", key
    for plan in gateway.get_usage_plans()["items"]:
        yield f"rest/plan/{plan['id']}", plan
        for key in gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]:
            yield f"rest/plan/{plan['id']}/key/{key['id']}", key


def _domains(client: Client) -> Iterator[Line]:
    rest, http = client("apigateway"), client("apigatewayv2")
    for item in rest.get_domain_names()["items"]:
        mappings = _ask(rest.get_base_path_mappings, domainName=item["domainName"])
        yield f"rest/domain/{item['domainName']}", [item, mappings]
    for item in http.get_domain_names()["Items"]:
        mappings = _asked(http, "get_api_mappings", DomainName=item["DomainName"]).get("Items") or ()
        ways = [[way["ApiMappingKey"], way["ApiId"], way["Stage"]] for way in mappings]
        yield f"http/domain/{item['DomainName']}", {**item, "Mappings": ways}


def _http(client: Client) -> Iterator[Line]:
    gateway = client("apigatewayv2")
    for api in gateway.get_apis()["Items"]:
        yield f"http/{api['ApiId']}", api
        for kind, field in _OF_API.items():
            for item in (_asked(gateway, f"get_{kind}", ApiId=api["ApiId"])).get("Items") or ():
                yield f"http/{api['ApiId']}/{kind}/{item[field]}", item


def _plain(client: Client) -> Iterator[Line]:
    """Types of one listing each: what tells the settings, by name."""
    for service, operation, member, name in _PLAIN:
        for item in _asked(client(service), operation).get(member) or ():
            yield f"{service}/{member}/{item[name]}", item


def _asked(api: Any, operation: str, **arguments: str) -> Any:
    """The answer; nothing where the emulator does not have the operation."""
    where = arguments | ({"Scope": "Local"} if operation == "list_policies" else {})
    answer = _ask(getattr(api, operation), **where)
    return answer if isinstance(answer, Mapping) else {}


def _kept(client: Client) -> Iterator[Line]:
    """Values of parameters and secrets, and settings and tags of keys."""
    ssm, vault, kms = client("ssm"), client("secretsmanager"), client("kms")
    for item in ssm.describe_parameters()["Parameters"]:
        bearing = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=item["Name"])["TagList"]
        yield f"ssm/{item['Name']}", [item, ssm.get_parameter(Name=item["Name"])["Parameter"]["Value"], bearing]
    for item in vault.list_secrets()["SecretList"]:
        value = vault.get_secret_value(SecretId=item["ARN"])["SecretString"]
        yield f"secrets/{item['ARN']}", [{**item, "LastAccessedDate": ""}, value]
    for item in kms.list_keys()["Keys"]:
        where = {"KeyId": item["KeyId"]}
        asked = (kms.describe_key, kms.get_key_rotation_status, kms.list_resource_tags)
        yield f"kms/{item['KeyId']}", [_ask(call, **where) for call in asked]


_OF_API: Final = {
    "authorizers": "AuthorizerId",
    "deployments": "DeploymentId",
    "integrations": "IntegrationId",
    "routes": "RouteId",
    "stages": "StageName",
}
_PLAIN: Final = (
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("events", "list_api_destinations", "ApiDestinations", "Name"),
    ("events", "list_archives", "Archives", "ArchiveName"),
    ("events", "list_connections", "Connections", "Name"),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("iam", "list_policies", "Policies", "Arn"),
    ("kinesis", "list_streams", "StreamSummaries", "StreamName"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("logs", "describe_metric_filters", "metricFilters", "filterName"),
    ("logs", "describe_resource_policies", "resourcePolicies", "policyName"),
    ("pipes", "list_pipes", "Pipes", "Name"),
    ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    ("stepfunctions", "list_activities", "activities", "activityArn"),
)


def _people(client: Client) -> Iterator[Line]:
    api, guests = client("cognito-idp"), client("cognito-identity")
    for pool in api.list_user_pools(MaxResults=60)["UserPools"]:
        where = {"UserPoolId": pool["Id"]}
        found = api.describe_user_pool(**where)["UserPool"]
        yield f"cognito/{pool['Id']}", found
        yield f"cognito/{pool['Id']}/factors", api.get_user_pool_mfa_config(**where)
        for app in api.list_user_pool_clients(**where, MaxResults=60)["UserPoolClients"]:
            yield (
                f"cognito/{pool['Id']}/{app['ClientId']}",
                _ask(api.describe_user_pool_client, **where, ClientId=app["ClientId"]),
            )
        for operation, key in (("groups", "Groups"), ("resource_servers", "ResourceServers")):
            yield f"cognito/{pool['Id']}/{operation}", getattr(api, f"list_{operation}")(**where).get(key)
        for provider in api.list_identity_providers(**where)["Providers"]:
            name = provider["ProviderName"]
            yield f"cognito/{pool['Id']}/{name}", _ask(api.describe_identity_provider, **where, ProviderName=name)
        if found.get("Domain"):
            yield f"cognito/domain/{found['Domain']}", _ask(api.describe_user_pool_domain, Domain=found["Domain"])
    for item in guests.list_identity_pools(MaxResults=60)["IdentityPools"]:
        where = {"IdentityPoolId": item["IdentityPoolId"]}
        yield f"cognito/{item['IdentityPoolId']}", guests.describe_identity_pool(**where)
        yield f"cognito/{item['IdentityPoolId']}/roles", _ask(guests.get_identity_pool_roles, **where)


def _edges(client: Client) -> Iterator[Line]:
    api = client("cloudfront")
    for item in api.list_distributions()["DistributionList"].get("Items", ()):
        yield f"cloudfront/{item['Id']}", api.get_distribution_config(Id=item["Id"])
        yield f"cloudfront/{item['Id']}/tags", api.list_tags_for_resource(Resource=item["ARN"])["Tags"]
    for item in api.list_origin_access_controls()["OriginAccessControlList"].get("Items", ()):
        yield f"cloudfront/{item['Id']}", api.get_origin_access_control(Id=item["Id"])
    for item in api.list_functions()["FunctionList"].get("Items", ()):
        yield f"cloudfront/{item['Name']}", api.describe_function(Name=item["Name"], Stage="DEVELOPMENT")
        arn = item["FunctionMetadata"]["FunctionARN"]
        yield f"cloudfront/{item['Name']}/tags", api.list_tags_for_resource(Resource=arn)["Tags"]


def _seals(client: Client) -> Iterator[Line]:
    api = client("acm")
    for item in api.list_certificates()["CertificateSummaryList"]:
        where = {"CertificateArn": item["CertificateArn"]}
        found = api.describe_certificate(**where)["Certificate"]
        yield item["CertificateArn"], {name: it for name, it in found.items() if name != "DomainValidationOptions"}
        yield f"{item['CertificateArn']}/tags", api.list_tags_for_certificate(**where)["Tags"]


_LISTINGS = (_seals, _people, _edges, _lambda, _named, _events, _buckets, _rest, _domains, _http, _plain, _kept)
