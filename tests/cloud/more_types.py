"""One resource of each type that is a table and nothing but, with what is changed of it. See `all_types`."""

from __future__ import annotations

from typing import Any, Final

from stateroom.model.values import Secret
from tests.cloud.api_types import (
    API_CHANGES,
    API_LACKING,
    API_LOST,
    API_TYPES,
    API_UNCHANGING,
)

QUERY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
WRITERS: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "es.amazonaws.com"},
            "Action": "logs:PutLogEvents",
            "Resource": "*",
        }
    ],
}
OTHERS: Final = {**QUERY, "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}

# Logical id → type and properties, spelled as in SHOP.
MORE_TYPES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "RolePolicy": (
        "AWS::IAM::RolePolicy",
        {"PolicyName": "shop-lists", "RoleName": ("Role", ""), "PolicyDocument": QUERY},
    ),
    "Policy": (
        "AWS::IAM::ManagedPolicy",
        {"ManagedPolicyName": "shop-policy", "Roles": [("Role", "")], "PolicyDocument": QUERY},
    ),
    "Profile": ("AWS::IAM::InstanceProfile", {"InstanceProfileName": "shop-profile", "Roles": [("Role", "")]}),
    "Limit": (
        "AWS::SSM::Parameter",
        {
            "Name": "/shop/limit",
            "Type": "String",
            "Value": "7",
            "Description": "orders a day",
            "Tags": {"team": "blue"},
        },
    ),
    "Token": (
        "AWS::SecretsManager::Secret",
        {"Name": "shop-token", "SecretString": "hush", "Description": "of the till"},
    ),
    "MasterKey": ("AWS::KMS::Key", {"Description": "orders", "EnableKeyRotation": True}),
    "KeyAlias": ("AWS::KMS::Alias", {"AliasName": "alias/shop", "TargetKeyId": ("MasterKey", "")}),
    "Alarm": (
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "shop-errors",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": "60",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "FunctionName", "Value": ("Function", "")}],
            "AlarmActions": [("Topic", "")],
        },
    ),
    "Dashboard": ("AWS::CloudWatch::Dashboard", {"DashboardName": "shop", "DashboardBody": '{"widgets": []}'}),
    "Bus": ("AWS::Events::EventBus", {"Name": "shop-bus", "Description": "orders"}),
    "Archive": (
        "AWS::Events::Archive",
        {
            "ArchiveName": "shop-archive",
            "SourceArn": ("Bus", "Arn"),
            "EventPattern": {"source": ["shop"]},
            "RetentionDays": 3,
        },
    ),
    "Connection": (
        "AWS::Events::Connection",
        {
            "Name": "shop-partner",
            "AuthorizationType": "API_KEY",
            "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}},
        },
    ),
    "Destination": (
        "AWS::Events::ApiDestination",
        {
            "Name": "shop-destination",
            "ConnectionArn": ("Connection", "Arn"),
            "InvocationEndpoint": "https://example.com/orders",
            "HttpMethod": "POST",
        },
    ),
    "Forward": (
        "AWS::Logs::SubscriptionFilter",
        {
            "LogGroupName": ("Logs", ""),
            "FilterName": "shop-forward",
            "FilterPattern": "ERROR",
            "DestinationArn": ("Function", "Arn"),
        },
    ),
    "Errors": (
        "AWS::Logs::MetricFilter",
        {
            "LogGroupName": ("Logs", ""),
            "FilterName": "shop-errors",
            "FilterPattern": '{ $.level = "error" }',
            "MetricTransformations": [
                {
                    "MetricName": "Errors",
                    "MetricNamespace": "shop",
                    "MetricValue": "1",
                    "Dimensions": [{"Key": "where", "Value": "$.where"}],
                }
            ],
        },
    ),
    "LogWriters": ("AWS::Logs::ResourcePolicy", {"PolicyName": "shop-writers", "PolicyDocument": WRITERS}),
    "Activity": ("AWS::StepFunctions::Activity", {"Name": "shop-work"}),
    "MachineVersion": ("AWS::StepFunctions::StateMachineVersion", {"StateMachineArn": ("Machine", "")}),
    "MachineAlias": (
        "AWS::StepFunctions::StateMachineAlias",
        {
            "Name": "live",
            "RoutingConfiguration": [{"StateMachineVersionArn": ("MachineVersion", ""), "Weight": 100}],
        },
    ),
    "Stream": (
        "AWS::Kinesis::Stream",
        {
            "Name": "shop-stream",
            "ShardCount": 1,
            "RetentionPeriodHours": 48,
            "DesiredShardLevelMetrics": ["IncomingBytes"],
        },
    ),
    "Consumer": (
        "AWS::Kinesis::StreamConsumer",
        {"ConsumerName": "shop-consumer", "StreamARN": ("Stream", "Arn")},
    ),
    "Images": (
        "AWS::ECR::Repository",
        {
            "RepositoryName": "shop-images",
            "ImageTagMutability": "IMMUTABLE",
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "LifecyclePolicy": {
                "LifecyclePolicyText": {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
                            "action": {"type": "expire"},
                        }
                    ]
                }
            },
        },
    ),
    "Group": ("AWS::Scheduler::ScheduleGroup", {"Name": "shop-schedules", "Tags": [{"Key": "team", "Value": "blue"}]}),
    "Pipe": (
        "AWS::Pipes::Pipe",
        {
            "Name": "shop-pipe",
            "RoleArn": ("Role", "Arn"),
            "Source": ("Queue", "Arn"),
            "Target": ("Dead", "Arn"),
            "Description": "orders",
        },
    ),
    "Readings": (
        "AWS::IoT::TopicRule",
        {
            "RuleName": "shop_readings",
            "TopicRulePayload": {
                "Sql": "SELECT * FROM 'shop/#'",
                "Actions": [{"Sqs": {"QueueUrl": ("Queue", ""), "RoleArn": ("Role", "Arn"), "UseBase64": False}}],
                "RuleDisabled": False,
            },
        },
    ),
    **API_TYPES,
    "People": (
        "AWS::Cognito::UserPool",
        {
            "UserPoolName": "shop-people",
            "UserPoolTags": {"team": "blue"},
            "AutoVerifiedAttributes": ["email"],
            "UsernameAttributes": ["email"],
            "Policies": {"PasswordPolicy": {"MinimumLength": "12", "RequireSymbols": "false"}},
            "Schema": [{"Name": "plan", "AttributeDataType": "String", "Mutable": True}],
            "LambdaConfig": {"PreSignUp": ("Function", "Arn")},
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        },
    ),
    "App": (
        "AWS::Cognito::UserPoolClient",
        {
            "UserPoolId": ("People", ""),
            "ClientName": "shop-app",
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "CallbackURLs": ["https://example.com/in"],
            "RefreshTokenValidity": "7",
        },
    ),
    "SignIn": ("AWS::Cognito::UserPoolDomain", {"UserPoolId": ("People", ""), "Domain": "shop-sign-in"}),
    "Staff": (
        "AWS::Cognito::UserPoolGroup",
        {"UserPoolId": ("People", ""), "GroupName": "staff", "Precedence": "3", "Description": "who sells"},
    ),
    "Scopes": (
        "AWS::Cognito::UserPoolResourceServer",
        {
            "UserPoolId": ("People", ""),
            "Identifier": "orders",
            "Name": "orders",
            "Scopes": [{"ScopeName": "read", "ScopeDescription": "see orders"}],
        },
    ),
    "Partner": (
        "AWS::Cognito::UserPoolIdentityProvider",
        {
            "UserPoolId": ("People", ""),
            "ProviderName": "partner",
            "ProviderType": "OIDC",
            "ProviderDetails": {
                "client_id": "shop",
                "client_secret": Secret("hush"),
                "oidc_issuer": "https://example.com",
                "attributes_request_method": "GET",
                "authorize_scopes": "openid",
            },
            "AttributeMapping": {"email": "email"},
        },
    ),
    "Guests": (
        "AWS::Cognito::IdentityPool",
        {
            "IdentityPoolName": "shop-guests",
            "AllowUnauthenticatedIdentities": "true",
            "CognitoIdentityProviders": [{"ClientId": ("App", ""), "ProviderName": ("People", "ProviderName")}],
        },
    ),
    "GuestRoles": (
        "AWS::Cognito::IdentityPoolRoleAttachment",
        {
            "IdentityPoolId": ("Guests", ""),
            "Roles": {"unauthenticated": ("Role", "Arn")},
            "RoleMappings": {
                "people": {
                    "IdentityProvider": ("People", "ProviderName", "{}:app"),
                    "Type": "Token",
                    "AmbiguousRoleResolution": "Deny",
                }
            },
        },
    ),
    "Seal": (
        "AWS::CertificateManager::Certificate",
        {
            "DomainName": "shop.example.com",
            "SubjectAlternativeNames": ["*.shop.example.com"],
            "ValidationMethod": "DNS",
            "Tags": [{"Key": "team", "Value": "blue"}],
        },
    ),
    "Access": (
        "AWS::CloudFront::OriginAccessControl",
        {
            "OriginAccessControlConfig": {
                "Name": "shop-access",
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
    ),
    "Edge": (
        "AWS::CloudFront::Function",
        {
            "Name": "shop-edge",
            "FunctionCode": "function handler(event) { return event.request; }",
            "FunctionConfig": {"Comment": "orders", "Runtime": "cloudfront-js-2.0"},
        },
    ),
    "Site": (
        "AWS::CloudFront::Distribution",
        {
            "DistributionConfig": {
                "Enabled": "true",
                "Comment": "orders",
                "DefaultRootObject": "index.html",
                "Origins": [
                    {
                        "Id": "files",
                        "DomainName": "shop-bucket.s3.eu-west-1.amazonaws.com",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                        "OriginAccessControlId": ("Access", ""),
                    }
                ],
                "DefaultCacheBehavior": {
                    "TargetOriginId": "files",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "AllowedMethods": ["GET", "HEAD"],
                    "CachedMethods": ["GET", "HEAD"],
                    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                },
                "CustomErrorResponses": [{"ErrorCode": "404", "ResponseCode": 200, "ResponsePagePath": "/index.html"}],
                "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE", "FR"]}},
            },
            "Tags": [{"Key": "team", "Value": "blue"}],
        },
    ),
}
# Logical id → properties as an update wants them; None: the property goes away.
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "RolePolicy": {"PolicyDocument": OTHERS},
    "Policy": {"PolicyDocument": OTHERS, "Roles": None},
    "Profile": {"Roles": [("OtherRole", "")]},
    "Limit": {"Value": "8", "Description": None, "Tags": {"team": "green"}},
    "Token": {"Description": None, "SecretString": "hush-hush"},
    "MasterKey": {"Description": "parcels", "EnableKeyRotation": None},
    "KeyAlias": {"TargetKeyId": ("OtherKey", "")},
    "Alarm": {"Threshold": 2.5, "AlarmActions": None, "Tags": [{"Key": "team", "Value": "blue"}]},
    "Dashboard": {"DashboardBody": {"widgets": [], "start": "-PT1H"}},
    "Bus": {"Description": None},
    "Archive": {"RetentionDays": None, "Description": "orders"},
    "Connection": {"Description": "the carrier"},
    "Destination": {"HttpMethod": "PUT", "InvocationRateLimitPerSecond": "10"},
    "Forward": {"FilterPattern": ""},
    "Errors": {"FilterPattern": "ERROR"},
    "LogWriters": {"PolicyDocument": {**WRITERS, "Statement": [{**WRITERS["Statement"][0], "Action": "logs:*"}]}},
    "Activity": {"Tags": [{"Key": "team", "Value": "blue"}]},
    "MachineAlias": {"Description": "for all"},
    "Stream": {"RetentionPeriodHours": None, "DesiredShardLevelMetrics": None, "ShardCount": 2},
    "Images": {"ImageTagMutability": None, "LifecyclePolicy": None, "ImageScanningConfiguration": None},
    "Group": {"Tags": None},
    "Pipe": {"Description": None, "DesiredState": "STOPPED"},
    "Readings": {"TopicRulePayload": {"Sql": "SELECT a FROM 'shop/#'", "Actions": []}},
    **API_CHANGES,
    "People": {
        "LambdaConfig": None,
        "DeletionProtection": "INACTIVE",
        "Policies": {"PasswordPolicy": {"MinimumLength": 16}},
        "Schema": [
            {"Name": "plan", "AttributeDataType": "String", "Mutable": True},
            {"Name": "since", "AttributeDataType": "Number"},
        ],
        "UserPoolTags": {"team": "green"},
    },
    "App": {"CallbackURLs": None, "RefreshTokenValidity": 9},
    "SignIn": {"ManagedLoginVersion": 2},
    "Staff": {"Description": None, "Precedence": 4},
    "Scopes": {"Name": "all orders", "Scopes": None},
    "Partner": {"AttributeMapping": {"email": "mail"}},
    "Guests": {"CognitoIdentityProviders": None, "AllowUnauthenticatedIdentities": False},
    "Seal": {"Tags": [{"Key": "team", "Value": "green"}]},
    "Access": {
        "OriginAccessControlConfig": {
            "Name": "shop-access",
            "Description": "files",
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "never",
            "SigningProtocol": "sigv4",
        }
    },
    "Edge": {"FunctionCode": "function handler(event) { return event.response; }", "AutoPublish": True},
    "Site": {
        "DistributionConfig": {
            "Enabled": True,
            "Comment": "parcels",
            "Origins": [
                {
                    "Id": "files",
                    "DomainName": "shop-bucket.s3.eu-west-1.amazonaws.com",
                    "S3OriginConfig": {},
                    "OriginAccessControlId": ("Access", ""),
                }
            ],
            "DefaultCacheBehavior": {
                "TargetOriginId": "files",
                "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        },
        "Tags": [{"Key": "team", "Value": "green"}],
    },
    "GuestRoles": {"RoleMappings": None, "Roles": {"authenticated": ("Role", "Arn")}},
}
# Emulator → types that it does not have, with what it answers.
LACKING: Final[dict[str, dict[str, str]]] = {
    "moto": {
        "AWS::StepFunctions::StateMachineVersion": "PublishStateMachineVersion: 500",
        "AWS::StepFunctions::StateMachineAlias": "there are no versions",
        "AWS::IoT::TopicRule": "ListTagsForResource: 500",
        **API_LACKING["moto"],
        "AWS::Cognito::IdentityPoolRoleAttachment": "SetIdentityPoolRoles: 500",
        "AWS::Cognito::UserPoolResourceServer": "UpdateResourceServer, DeleteResourceServer: 500",
    },
    "ministack": {"AWS::CloudWatch::Dashboard": "ListTagsForResource: not found", **API_LACKING["ministack"]},
}
# Emulator → logical ids that it cannot change.
UNCHANGING: Final[dict[str, dict[str, str]]] = {
    "moto": {
        "Bus": "UpdateEventBus: 500",
        "Errors": "PutMetricFilter adds another one of the name",
        **API_UNCHANGING["moto"],
        "People": "TagResource: 500",
        "Edge": "UpdateFunction: 500",
    },
    "ministack": {"Staff": "UpdateGroup: unknown", **API_UNCHANGING["ministack"]},
}
# Emulator → logical ids of which it breaks at a second deletion.
UNREPEATED: Final[dict[str, set[str]]] = {"moto": {"Group", "RestApi"}, "ministack": set()}
# Emulator → types of which it cannot list what there is, so that none can be looked for.
UNLISTED: Final[dict[str, set[str]]] = {
    "moto": {f"AWS::ApiGatewayV2::{name}" for name in ("Authorizer", "Model", "RouteResponse")},
    "ministack": set(),
}
# Emulator → properties of which it forgets what it is told, or does not hear that they are empty now.
LOST: Final[dict[str, set[tuple[str, str]]]] = {
    "moto": {
        ("Archive", "RetentionDays"),
        ("SignIn", "ManagedLoginVersion"),
        ("Site", "DistributionConfig"),
        ("Token", "Description"),
        *API_LOST["moto"],
    },
    "ministack": {("Stream", "DesiredShardLevelMetrics"), *API_LOST["ministack"]},
}
# What stays when a property goes away: the value of one that never had it.
DEFAULTS: Final[dict[str, Any]] = {
    "EnableKeyRotation": False,
    "ImageScanningConfiguration": {"ScanOnPush": False},
    "ImageTagMutability": "MUTABLE",
    "RetentionDays": 0,
    "RetentionPeriodHours": 24,
}
# Types that stay when they are deleted: they are the account's.
OUTLIVING: Final = {"AWS::ApiGateway::Account"}
# Types of which both emulators pass over the tags of the create, so that it cannot be found by them.
TAGGED_LATER: Final = {"AWS::Kinesis::Stream"}
# Emulator → types of which it forgets the tags that a create gives them.
FORGETFUL: Final[dict[str, set[str]]] = {"moto": {"AWS::CloudWatch::Dashboard"}, "ministack": set()}
