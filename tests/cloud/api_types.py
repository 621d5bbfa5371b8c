"""One resource of each type of API Gateway that is a table, but for those of `all_types`. See `more_types`."""

from __future__ import annotations

from typing import Any, Final

CERTIFICATE: Final = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
BALANCER: Final = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/shop/0123456789abcdef"

# Logical id → type and properties, spelled as in SHOP.
API_TYPES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "Tokens": (
        "AWS::ApiGatewayV2::Authorizer",
        {
            "ApiId": ("HttpApi", ""),
            "Name": "tokens",
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Audience": ["shop"], "Issuer": "https://example.com/"},
        },
    ),
    "Picture": ("AWS::ApiGatewayV2::Deployment", {"ApiId": ("HttpApi", ""), "Description": "the first"}),
    "Message": (
        "AWS::ApiGatewayV2::Model",
        {
            "ApiId": ("Chat", ""),
            "Name": "message",
            "ContentType": "application/json",
            "Schema": {"type": "object"},
        },
    ),
    "Reply": (
        "AWS::ApiGatewayV2::RouteResponse",
        {"ApiId": ("Chat", ""), "RouteId": ("ChatRoute", ""), "RouteResponseKey": "$default"},
    ),
    "Answer": (
        "AWS::ApiGatewayV2::IntegrationResponse",
        {
            "ApiId": ("Chat", ""),
            "IntegrationId": ("ChatIntegration", ""),
            "IntegrationResponseKey": "/200/",
            "TemplateSelectionExpression": "ok",
        },
    ),
    "HttpDomain": (
        "AWS::ApiGatewayV2::DomainName",
        {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [
                {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
            ],
            "Tags": {"team": "blue"},
        },
    ),
    "Mapping2": (
        "AWS::ApiGatewayV2::ApiMapping",
        {
            "DomainName": ("HttpDomain", ""),
            "ApiId": ("HttpApi", ""),
            "Stage": ("HttpStage", ""),
            "ApiMappingKey": "orders",
        },
    ),
    "HttpLink": (
        "AWS::ApiGatewayV2::VpcLink",
        {"Name": "shop-link", "SubnetIds": ["subnet-1", "subnet-2"], "Tags": {"team": "blue"}},
    ),
    "RestDomain": (
        "AWS::ApiGateway::DomainName",
        {
            "DomainName": "rest.example.com",
            "RegionalCertificateArn": CERTIFICATE,
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "SecurityPolicy": "TLS_1_2",
            "Tags": [{"Key": "team", "Value": "blue"}],
        },
    ),
    "BasePath": (
        "AWS::ApiGateway::BasePathMapping",
        {
            "DomainName": ("RestDomain", ""),
            "BasePath": "orders",
            "RestApiId": ("RestApi", ""),
            "Stage": ("RestApiStage", ""),
        },
    ),
    "LogRole": ("AWS::ApiGateway::Account", {"CloudWatchRoleArn": ("Role", "Arn")}),
    "RestLink": (
        "AWS::ApiGateway::VpcLink",
        {"Name": "shop-rest-link", "Description": "orders", "TargetArns": [BALANCER]},
    ),
    "Certificate": ("AWS::ApiGateway::ClientCertificate", {"Description": "of the shop"}),
    "Documentation": (
        "AWS::ApiGateway::DocumentationPart",
        {"RestApiId": ("RestApi", ""), "Location": {"Type": "API"}, "Properties": {"description": "orders"}},
    ),
    "DocumentationVersion": (
        "AWS::ApiGateway::DocumentationVersion",
        {"RestApiId": ("RestApi", ""), "DocumentationVersion": "1", "Description": "the first"},
    ),
}
# What these need, beside what more_types needs.
API_NEEDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "HttpApi": ("AWS::ApiGatewayV2::Api", {"Name": "shop-http", "ProtocolType": "HTTP"}),
    "HttpStage": ("AWS::ApiGatewayV2::Stage", {"ApiId": ("HttpApi", ""), "StageName": "live", "AutoDeploy": True}),
    "Chat": (
        "AWS::ApiGatewayV2::Api",
        {"Name": "shop-chat", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
    ),
    "ChatIntegration": ("AWS::ApiGatewayV2::Integration", {"ApiId": ("Chat", ""), "IntegrationType": "MOCK"}),
    "ChatRoute": ("AWS::ApiGatewayV2::Route", {"ApiId": ("Chat", ""), "RouteKey": "$default"}),
    "RestApi": ("AWS::ApiGateway::RestApi", {"Name": "shop-docs"}),
    "RestApiPath": (
        "AWS::ApiGateway::Method",
        {
            "RestApiId": ("RestApi", ""),
            "ResourceId": ("RestApi", "RootResourceId"),
            "HttpMethod": "GET",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "MOCK"},
        },
    ),
    "RestApiPicture": ("AWS::ApiGateway::Deployment", {"RestApiId": ("RestApi", "")}),
    "RestApiStage": (
        "AWS::ApiGateway::Stage",
        {"RestApiId": ("RestApi", ""), "DeploymentId": ("RestApiPicture", ""), "StageName": "live"},
    ),
}
# Logical id → properties as an update wants them; None: the property goes away.
API_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "Tokens": {"JwtConfiguration": {"Audience": ["shop", "desk"], "Issuer": "https://example.com/"}},
    "Picture": {"Description": None},
    "Message": {"Schema": {"type": "array"}},
    "Reply": {"ModelSelectionExpression": "ok"},
    "Answer": {"TemplateSelectionExpression": "fine"},
    "HttpDomain": {"Tags": {"team": "green"}},
    "Mapping2": {"ApiMappingKey": "parcels"},
    "HttpLink": {"Name": "shop-link-two", "Tags": None},
    "RestDomain": {"Tags": None},
    "BasePath": {"Stage": None},
    "LogRole": {"CloudWatchRoleArn": ("OtherRole", "Arn")},
    "RestLink": {"Description": None},
    "Certificate": {"Description": None},
    "Documentation": {"Properties": {"description": "parcels"}},
    "DocumentationVersion": {"Description": None},
}
API_LACKING: Final[dict[str, dict[str, str]]] = {
    "moto": {
        "AWS::ApiGateway::ClientCertificate": "no such path",
        "AWS::ApiGateway::DocumentationPart": "no such path",
        "AWS::ApiGateway::DocumentationVersion": "no such path",
        "AWS::ApiGatewayV2::Deployment": "no such path",
    },
    "ministack": {
        "AWS::ApiGateway::ClientCertificate": "no such path",
        "AWS::ApiGateway::DocumentationVersion": "no such path",
        "AWS::ApiGateway::VpcLink": "no such path",
        "AWS::ApiGatewayV2::Model": "no such path",
        "AWS::ApiGatewayV2::VpcLink": "no such path",
    },
}
API_UNCHANGING: Final[dict[str, dict[str, str]]] = {
    "moto": {
        "HttpDomain": "TagResource of a domain name: no such path",
        "RestDomain": "TagResource of a domain name: no such path",
        "Mapping2": "UpdateApiMapping: 500",
        "Reply": "UpdateRouteResponse: 500",
        "RestLink": "UpdateVpcLink: 500",
    },
    "ministack": {"BasePath": "no such path", "Documentation": "no such path", "Picture": "no such path"},
}
API_LOST: Final[dict[str, set[tuple[str, str]]]] = {"moto": set(), "ministack": {("RestDomain", "Tags")}}
