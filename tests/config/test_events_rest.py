"""REST APIs: what an http event makes, and what it refuses."""

from __future__ import annotations

import re

import pytest

from stateroom.model.resource import Template
from tests.config.bench import HEAD, Bench, properties, types

GATEWAY = "AWS::ApiGateway::"


def compiled(bench: Bench, events: str, provider: str = "", more: str = "") -> Template:
    head = HEAD.replace("runtime:", f"{provider} runtime:")
    gate = "gate: {handler: app.create}"
    return bench.compile(f"{head}functions: {{create: {{handler: app.create, events: [{events}]}}, {gate}}}\n{more}")


def made(template: Template, name: str) -> list[str]:
    return sorted(key for key, type_ in types(template).items() if type_ == f"{GATEWAY}{name}")


def test_a_path_is_made_with_its_parents_once(bench: Bench) -> None:
    template = compiled(bench, "{http: 'GET users/{id}'}, {http: {path: /users/, method: post}}, {http: GET /}")
    assert made(template, "Resource") == ["ApiGatewayResourceUsers", "ApiGatewayResourceUsersIdVar"]
    assert properties(template, "ApiGatewayResourceUsersIdVar")["ParentId"] == {"Ref": "ApiGatewayResourceUsers"}
    assert made(template, "Method") == [
        "ApiGatewayMethodGet",
        "ApiGatewayMethodUsersIdVarGet",
        "ApiGatewayMethodUsersPost",
    ]
    root = {"Fn::GetAtt": ["ApiGatewayRestApi", "RootResourceId"]}
    assert properties(template, "ApiGatewayMethodGet")["ResourceId"] == root
    assert "ServiceEndpoint" in template.outputs


def test_cors_of_two_methods_makes_one_options_method_for_both(bench: Bench) -> None:
    template = compiled(
        bench,
        "{http: {path: a, method: get, cors: true}},"
        "{http: {path: a, method: put, cors: {origins: ['https://*.x.example', y], allowCredentials: true}}}",
    )
    integration = properties(template, "ApiGatewayMethodAOptions")["Integration"]
    (answer,) = integration["IntegrationResponses"]
    headers = answer["ResponseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Methods"] == "'OPTIONS,PUT,GET'"
    assert headers["method.response.header.Access-Control-Allow-Credentials"] == "'true'"
    assert '$origin.matches("https://.+[.]x[.]example")' in answer["ResponseTemplates"]["application/json"]


def test_a_service_that_answers_options_itself_keeps_its_own_method(bench: Bench) -> None:
    events = "{http: {path: a, method: get, cors: true}}, {http: {path: a, method: options}}"
    template = compiled(bench, events)
    assert properties(template, "ApiGatewayMethodAOptions")["Integration"]["Type"] == "AWS_PROXY"


def test_a_function_decides_once_for_many_methods(bench: Bench) -> None:
    events = "{http: {path: a, method: get, authorizer: gate}}, {http: {path: b, method: get, authorizer: gate}}"
    template = compiled(bench, events)
    assert made(template, "Authorizer") == ["GateApiGatewayAuthorizer"]
    assert "GateLambdaPermissionApiGateway" in template.resources
    method = properties(template, "ApiGatewayMethodBGet")
    assert (method["AuthorizationType"], method["AuthorizerId"]) == ("CUSTOM", {"Ref": "GateApiGatewayAuthorizer"})


def test_a_user_pool_decides_without_a_permission(bench: Bench) -> None:
    arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x"
    events = f"{{http: {{path: a, method: get, authorizer: {{name: people, arn: '{arn}', scopes: [s]}}}}}}"
    template = compiled(bench, events)
    assert properties(template, "PeopleApiGatewayAuthorizer")["ProviderARNs"] == [arn]
    assert properties(template, "ApiGatewayMethodAGet")["AuthorizationScopes"] == ["s"]
    assert "PeopleLambdaPermissionApiGateway" not in template.resources


def test_keys_belong_to_plans(bench: Bench) -> None:
    gateway = "apiGateway: {apiKeys: [{free: [one, two]}], usagePlan: [{free: {quota: {limit: 5, period: DAY}}}]},"
    template = compiled(bench, "{http: {path: a, method: get, private: true}}", gateway)
    assert properties(template, "ApiGatewayMethodAGet")["ApiKeyRequired"] is True
    assert made(template, "ApiKey") == ["ApiGatewayApiKeyFree1", "ApiGatewayApiKeyFree2"]
    assert properties(template, "ApiGatewayUsagePlanFree")["Quota"] == {"Limit": 5, "Period": "DAY"}
    assert properties(template, "ApiGatewayUsagePlanKeyFree2")["UsagePlanId"] == {"Ref": "ApiGatewayUsagePlanFree"}


def test_a_deployment_is_a_new_one_when_what_it_deploys_is(bench: Bench) -> None:
    def deployment(events: str, more: str = "") -> str:
        (name,) = made(compiled(bench, events, "apiGateway: {apiKeys: [k]},", more), "Deployment")
        return name

    first = deployment("{http: GET a}")
    assert re.fullmatch(r"ApiGatewayDeployment[0-9a-f]{16}", first)
    assert deployment("{http: GET a}") == first
    assert deployment("{http: GET a}, {http: GET b}") != first
    denied = "{RestApiId: !Ref ApiGatewayRestApi, ResponseType: ACCESS_DENIED}"
    own = f"resources: {{Resources: {{Denied: {{Type: 'AWS::ApiGateway::GatewayResponse', Properties: {denied}}}}}}}"
    assert deployment("{http: GET a}", own) != first
    template = compiled(bench, "{http: GET a}", "apiGateway: {apiKeys: [k]},")
    assert template.resources["ApiGatewayApiKey1"].depends_on == (first,)


def test_a_deployment_of_the_users_own_keeps_its_name(bench: Bench) -> None:
    own = "{Type: 'AWS::ApiGateway::Deployment', Properties: {RestApiId: theirs}}"
    template = bench.compile(f"{HEAD}resources: {{Resources: {{ApiGatewayDeployment: {own}}}}}\n")
    assert made(template, "Deployment") == ["ApiGatewayDeployment"]


def test_the_stage_has_its_settings_from_the_deployment(bench: Bench) -> None:
    provider = "tags: {team: a, at: !Ref 'AWS::Region'}, tracing: {apiGateway: true}, logs: {restApi: {level: ERROR}},"
    template = compiled(bench, "{http: GET a}", provider)
    (name,) = made(template, "Deployment")
    stage = properties(template, name)["StageDescription"]
    assert stage["TracingEnabled"] is True
    assert stage["Tags"] == [{"Key": "team", "Value": "a"}, {"Key": "at", "Value": {"Ref": "AWS::Region"}}]
    assert (stage["LoggingLevel"], stage["DataTraceEnabled"]) == ("ERROR", True)
    assert stage["AccessLogSetting"]["DestinationArn"] == {"Fn::GetAtt": ["ApiGatewayLogGroup", "Arn"]}
    assert properties(template, "ApiGatewayLogGroup")["LogGroupName"] == "/aws/api-gateway/shop-dev"
    assert types(template)["CustomApiGatewayAccountCloudWatchRole"] == "Custom::ApiGatewayAccountRole"
    assert template.resources["CustomApiGatewayAccountCloudWatchRole"].retain


def test_a_mapped_function_gets_its_event_from_templates(bench: Bench) -> None:
    template = compiled(bench, "{http: {path: a, method: post, integration: lambda}}")
    method = properties(template, "ApiGatewayMethodAPost")
    assert {answer["StatusCode"] for answer in method["MethodResponses"]} >= {"200", "400", "500", "504"}
    text = method["Integration"]["RequestTemplates"]["application/json"]
    for part in ('"body": $body', '"principalId"', '"headers": $loop', '"requestPath"'):
        assert part in text


def test_what_a_proxy_ignores_is_said(bench: Bench) -> None:
    template = compiled(bench, "{http: {path: a, method: post, request: {template: {application/json: x}}}}")
    assert any("request.template is ignored" in warning for warning in template.warnings)


def test_paths_of_someone_elses_api_are_used(bench: Bench) -> None:
    gateway = "apiGateway: {restApiId: api, restApiRootResourceId: root, restApiResources: {/a: r1}},"
    template = compiled(bench, "{http: GET a}, {http: GET a/b}, {http: GET c}", gateway)
    assert made(template, "RestApi") == []
    assert properties(template, "ApiGatewayMethodAGet")["ResourceId"] == "r1"
    assert properties(template, "ApiGatewayResourceAB")["ParentId"] == "r1"
    assert properties(template, "ApiGatewayResourceC")["ParentId"] == "root"


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("http: users", "is not a method and a path"),
        ("http: FETCH users", "is not a method and a path"),
        ("http: {path: a}", "no method"),
        ("http: {path: a, method: get, pth: a}", "unknown key"),
        ("http: {path: a, method: get, cors: {orgin: x}}", "unknown key"),
        ("http: {path: a, method: get, cors: {origin: !Ref X}}", "not a literal text"),
        ("http: {path: a, method: get, authorizer: gaet}", "there is no function gaet"),
        ("http: {path: a, method: get, authorizer: {arn: !GetAtt X.Arn}}", "needs a name"),
        ("http: {path: a, method: get, authorizer: {type: tokn, name: gate}}", "is not known"),
        ("http: {path: a, method: get, integration: lamda}", "is not known"),
        ("http: {path: a, method: get, integration: http}", "without a uri"),
        ("http: {path: a, method: get, integration: lambda, response: {transferMode: stream}}", "not with AWS"),
        ("http: {path: a, method: get, request: {schema: {}}}", "unknown key"),
        ("http: {path: a, method: get, integration: lambda, response: {statusCodes: {ok: {}}}}", "not a status code"),
    ],
)
def test_an_http_event_that_cannot_be_right_is_refused_with_its_place(bench: Bench, event: str, what: str) -> None:
    error = bench.refused(f"{HEAD}functions:\n  create:\n    handler: app.create\n    events:\n      - {event}\n")
    assert what in error.what
    assert error.where is not None
    assert error.where.line == 8


@pytest.mark.parametrize(
    ("provider", "what"),
    [
        ("apiGateway: {restApiId: x},", "restApiId without its root"),
        ("apiGateway: {restApiId: x, restApiRootResourceId: y}, tracing: {apiGateway: true},", "someone else's"),
        ("apiGateway: {restApiID: x},", "unknown key"),
        ("apiGateway: {apiKeys: [{gold: [a]}], usagePlan: [{free: {}}]},", "there is no usage plan gold"),
        ("endpointType: edge, vpcEndpointIds: [a],", "only for private APIs"),
        ("apiGateway: {restApiId: x, restApiRootResourceId: y, restApiResources: {a/b: z}},", "resource id of a is"),
    ],
)
def test_a_rest_api_that_cannot_be_right_is_refused(bench: Bench, provider: str, what: str) -> None:
    head = HEAD.replace("runtime:", f"{provider} runtime:")
    error = bench.refused(f"{head}functions: {{create: {{handler: app.create, events: [{{http: GET a}}]}}}}")
    assert what in error.what


def test_two_paths_with_one_id_are_refused(bench: Bench) -> None:
    events = "[{http: GET users/a}, {http: GET Users/b}]"
    error = bench.refused(f"{HEAD}functions: {{create: {{handler: app.create, events: {events}}}}}")
    assert "ApiGatewayResourceUsers is made twice" in error.what


def test_a_path_of_more_parts_than_an_api_has_is_refused(bench: Bench) -> None:
    text = f"functions: {{h: {{handler: app.create, events: [{{http: 'GET {'/a' * 20_000}'}}]}}}}\n"
    assert "more than 300 parts" in bench.refused(HEAD + text).what
