"""Corrections to the vendored schemas, as data.

Sources: AWS's API references for immutability, name lengths and JSON-in-a-string properties. CloudFormation calls a
property write-only when *its* read handler does not return it; `readable` names those that ours does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stateroom.cloud.schema.facts import ANYTHING, CASELESS, COMPUTED, FUNCTION, STRING, Node


@dataclass(frozen=True, slots=True)
class Override:
    """Corrections for one type. Paths are dotted, lists as `*`."""

    name: str = ""
    name_limit: int = 64
    name_style: str = ""  # "lower" or "underscores"; see TypeSchema
    worldwide_name: bool = False
    deletion_days: tuple[str, int] | None = None
    outlives: bool = False  # one an account and region, which no deletion takes away
    secret_with: Mapping[str, str] = field(default_factory=dict)
    untagged: bool = False  # its tags cannot be read or changed
    create_only: tuple[str, ...] = ()  # immutable although the schema does not say so
    updatable: tuple[str, ...] = ()  # our handler changes it in place, which CloudFormation does not
    readable: tuple[str, ...] = ()
    children_of: str = ""
    shapes: Mapping[str, Node] = field(default_factory=dict)
    computed_when: Mapping[str, tuple[str, Any]] = field(default_factory=dict)


_SET: Final = {"u": STRING}
_INDEXES: Final = "GlobalSecondaryIndexes", "LocalSecondaryIndexes"
_KEYS: Final = {"l": {"o": {"AttributeName": STRING, "KeyType": STRING}}}
_INDEX: Final = {
    "o": {
        "IndexName": STRING,
        "KeySchema": _KEYS,
        "Projection": {"o": {"ProjectionType": STRING, "NonKeyAttributes": _SET}},
        "ProvisionedThroughput": {"o": {"ReadCapacityUnits": "i", "WriteCapacityUnits": "i"}},
        "OnDemandThroughput": {"o": {"MaxReadRequestUnits": "i", "MaxWriteRequestUnits": "i"}},
        "ContributorInsightsSpecification": {"o": {"Enabled": "b", "Mode": STRING}},
        "WarmThroughput": COMPUTED,
    }
}

_ANSWER: Final = {"u": {"r": "MethodResponse"}}
_INTEGRATION_ANSWER: Final = {"u": {"r": "IntegrationResponse"}}

OVERRIDES: Final[Mapping[str, Override]] = {
    "AWS::ApiGateway::Account": Override(outlives=True),
    "AWS::ApiGateway::Authorizer": Override(children_of="RestApiId"),
    "AWS::ApiGateway::Deployment": Override(
        children_of="RestApiId", create_only=("StageName",), readable=("StageName", "StageDescription")
    ),
    "AWS::ApiGateway::DocumentationPart": Override(children_of="RestApiId", shapes={"Properties": ANYTHING}),
    "AWS::ApiGateway::DocumentationVersion": Override(children_of="RestApiId"),
    "AWS::ApiGateway::GatewayResponse": Override(children_of="RestApiId"),
    "AWS::ApiGateway::Method": Override(
        children_of="RestApiId",
        shapes={
            "AuthorizationScopes": _SET,
            "Integration.CacheKeyParameters": _SET,
            "Integration.IntegrationResponses": _INTEGRATION_ANSWER,
            "MethodResponses": _ANSWER,
        },
    ),
    "AWS::ApiGateway::Model": Override(children_of="RestApiId"),
    "AWS::ApiGateway::RequestValidator": Override(children_of="RestApiId"),
    "AWS::ApiGateway::Resource": Override(children_of="RestApiId"),
    "AWS::ApiGateway::RestApi": Override(
        shapes={"BinaryMediaTypes": _SET, "EndpointConfiguration.VpcEndpointIds": _SET}
    ),
    "AWS::ApiGateway::Stage": Override(children_of="RestApiId"),
    "AWS::ApiGateway::UsagePlan": Override(shapes={"ApiStages": {"u": {"r": "ApiStage"}}}),
    "AWS::ApiGatewayV2::Api": Override(
        shapes={
            "CorsConfiguration.AllowHeaders": {"u": CASELESS},
            "CorsConfiguration.ExposeHeaders": {"u": CASELESS},
            "CorsConfiguration.AllowMethods": _SET,
            "CorsConfiguration.AllowOrigins": _SET,
        }
    ),
    "AWS::ApiGatewayV2::Authorizer": Override(
        children_of="ApiId",
        readable=(
            "AuthorizerCredentialsArn",
            "AuthorizerPayloadFormatVersion",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "EnableSimpleResponses",
        ),
        shapes={"IdentitySource": _SET, "JwtConfiguration.Audience": _SET},
    ),
    "AWS::ApiGatewayV2::Deployment": Override(children_of="ApiId", readable=("StageName",)),
    "AWS::ApiGatewayV2::Integration": Override(children_of="ApiId"),
    "AWS::ApiGatewayV2::IntegrationResponse": Override(children_of="ApiId"),
    "AWS::ApiGatewayV2::Model": Override(children_of="ApiId", shapes={"Schema": ANYTHING}),
    "AWS::ApiGatewayV2::RouteResponse": Override(children_of="ApiId"),
    "AWS::ApiGatewayV2::Route": Override(
        children_of="ApiId", readable=("AuthorizerId", "RequestParameters"), shapes={"AuthorizationScopes": _SET}
    ),
    "AWS::ApiGatewayV2::Stage": Override(
        children_of="ApiId",
        shapes={"StageVariables": {"m": STRING}},
        computed_when={"DeploymentId": ("AutoDeploy", True)},
    ),
    "AWS::ApiGatewayV2::VpcLink": Override(shapes={"SecurityGroupIds": _SET, "SubnetIds": _SET}),
    "AWS::CertificateManager::Certificate": Override(
        updatable=("DomainValidationOptions",),
        readable=("ValidationMethod",),
        shapes={"SubjectAlternativeNames": _SET},
    ),
    "AWS::CloudFront::Distribution": Override(
        shapes={
            f"DistributionConfig.{behaviour}.{name}": _SET
            for behaviour in ("CacheBehaviors.*", "DefaultCacheBehavior")
            for name in ("AllowedMethods", "CachedMethods")
        }
        | {"DistributionConfig.Aliases": _SET},
    ),
    "AWS::CloudFront::Function": Override(name="Name"),
    "AWS::CloudWatch::Alarm": Override(name="AlarmName", name_limit=255),
    "AWS::CloudWatch::Dashboard": Override(name="DashboardName", name_limit=255, shapes={"DashboardBody": ANYTHING}),
    "AWS::Cognito::IdentityPool": Override(name="IdentityPoolName", name_limit=128),
    "AWS::Cognito::IdentityPoolRoleAttachment": Override(children_of="IdentityPoolId"),
    "AWS::Cognito::UserPool": Override(
        name="UserPoolName",
        name_limit=128,
        create_only=("UsernameAttributes", "AliasAttributes", "UsernameConfiguration"),
        readable=("EnabledMfas",),
        shapes=dict.fromkeys(("UsernameAttributes", "AliasAttributes", "AutoVerifiedAttributes", "EnabledMfas"), _SET),
    ),
    "AWS::Cognito::UserPoolClient": Override(
        name="ClientName",
        name_limit=128,
        children_of="UserPoolId",
        secret_with={"GenerateSecret": "true"},
        shapes=dict.fromkeys(
            (
                *("AllowedOAuthFlows", "AllowedOAuthScopes", "CallbackURLs", "ExplicitAuthFlows", "LogoutURLs"),
                *("ReadAttributes", "SupportedIdentityProviders", "WriteAttributes"),
            ),
            _SET,
        ),
    ),
    "AWS::Cognito::UserPoolDomain": Override(readable=("ManagedLoginVersion",)),
    "AWS::Cognito::UserPoolGroup": Override(name="GroupName", name_limit=128, children_of="UserPoolId"),
    "AWS::Cognito::UserPoolIdentityProvider": Override(
        children_of="UserPoolId",
        secret_with={"ProviderDetails.client_secret": "", "ProviderDetails.private_key": ""},
    ),
    "AWS::Cognito::UserPoolResourceServer": Override(
        children_of="UserPoolId",
        shapes={"Scopes": {"u": {"o": {"ScopeName": STRING, "ScopeDescription": STRING}}}},
    ),
    "AWS::DynamoDB::Table": Override(
        name="TableName",
        name_limit=255,
        create_only=("KeySchema", "LocalSecondaryIndexes"),
        shapes={
            "AttributeDefinitions": {"u": {"o": {"AttributeName": STRING, "AttributeType": STRING}}},
            "KeySchema": _KEYS,
            **{name: {"u": _INDEX} for name in _INDEXES},
            "WarmThroughput": COMPUTED,
        },
    ),
    "AWS::ECR::Repository": Override(
        name="RepositoryName",
        name_limit=256,
        name_style="lower",
        shapes={"LifecyclePolicy.LifecyclePolicyText": ANYTHING},
    ),
    "AWS::Events::ApiDestination": Override(name="Name"),
    "AWS::Events::Archive": Override(name="ArchiveName", name_limit=48),
    "AWS::Events::Connection": Override(name="Name"),
    "AWS::Events::EventBus": Override(name="Name", name_limit=256, create_only=("EventSourceName",)),
    "AWS::Events::Rule": Override(name="Name", create_only=("EventBusName",), shapes={"Targets.*.Input": ANYTHING}),
    "AWS::IAM::InstanceProfile": Override(name="InstanceProfileName", name_limit=128),
    "AWS::IAM::ManagedPolicy": Override(name="ManagedPolicyName", name_limit=128),
    "AWS::IAM::Role": Override(name="RoleName"),
    "AWS::IoT::TopicRule": Override(name="RuleName", name_limit=128, name_style="underscores"),
    "AWS::KMS::Key": Override(
        create_only=("KeySpec", "KeyUsage", "Origin", "MultiRegion"),
        readable=("RotationPeriodInDays",),
        deletion_days=("PendingWindowInDays", 30),
    ),
    "AWS::Kinesis::Stream": Override(name="Name", name_limit=128),
    "AWS::Kinesis::StreamConsumer": Override(name="ConsumerName", name_limit=128, untagged=True),
    "AWS::Lambda::Alias": Override(shapes={"FunctionName": FUNCTION}),
    "AWS::Lambda::Version": Override(shapes={"FunctionName": FUNCTION}),
    "AWS::Lambda::EventSourceMapping": Override(
        create_only=("Queues", "Topics"),
        shapes={
            "FunctionName": FUNCTION,
            "SelfManagedEventSource.Endpoints.KafkaBootstrapServers": _SET,
            "FunctionResponseTypes": _SET,
            "FilterCriteria.Filters": {"u": {"o": {"Pattern": ANYTHING}}},
            "Queues": _SET,
            "Topics": _SET,
        },
    ),
    "AWS::Lambda::Function": Override(
        name="FunctionName",
        readable=("SnapStart", "SnapStart.ApplyOn", "Code.ImageUri"),
        shapes={
            "Environment.Variables": {"m": STRING},
            "VpcConfig.SubnetIds": _SET,
            "VpcConfig.SecurityGroupIds": _SET,
            "SnapStart.OptimizationStatus": COMPUTED,
        },
    ),
    "AWS::Lambda::Permission": Override(
        children_of="FunctionName",
        shapes={"FunctionName": FUNCTION},
        updatable=(
            "Action",
            "EventSourceToken",
            "FunctionUrlAuthType",
            "InvokedViaFunctionUrl",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        ),
    ),
    "AWS::Lambda::Url": Override(
        children_of="TargetFunctionArn",
        shapes={
            "TargetFunctionArn": FUNCTION,
            **{f"Cors.{name}": _SET for name in ("AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders")},
        },
    ),
    "AWS::Logs::LogGroup": Override(name="LogGroupName", name_limit=512, create_only=("LogGroupClass",)),
    "AWS::Logs::MetricFilter": Override(name="FilterName", name_limit=512, children_of="LogGroupName"),
    "AWS::Logs::ResourcePolicy": Override(shapes={"PolicyDocument": ANYTHING}),
    "AWS::Logs::SubscriptionFilter": Override(name="FilterName", name_limit=512, children_of="LogGroupName"),
    "AWS::Pipes::Pipe": Override(name="Name", readable=("SourceParameters", "TargetParameters")),
    "AWS::Route53::RecordSet": Override(shapes={"ResourceRecords": _SET}),
    "AWS::S3::Bucket": Override(
        name="BucketName",
        name_limit=63,
        worldwide_name=True,
        shapes={
            f"NotificationConfiguration.{kind}Configurations": {"u": {"r": f"{kind}Configuration"}}
            for kind in ("Lambda", "Queue", "Topic")
        },
    ),
    "AWS::SNS::Topic": Override(name="TopicName", name_limit=256),
    "AWS::SQS::Queue": Override(
        name="QueueName",
        name_limit=80,
        shapes={"RedriveAllowPolicy": {"o": {"redrivePermission": STRING, "sourceQueueArns": _SET}}},
    ),
    "AWS::SSM::Parameter": Override(
        name="Name",
        name_limit=1011,
        secret_with={"Type": "SecureString"},
        readable=("Description", "Tier", "AllowedPattern", "Policies"),
        shapes={"Type": ANYTHING, "Policies": ANYTHING},  # SecureString as well, which CloudFormation cannot make
    ),
    "AWS::Scheduler::Schedule": Override(name="Name", create_only=("GroupName",), shapes={"Target.Input": ANYTHING}),
    "AWS::Scheduler::ScheduleGroup": Override(name="Name"),
    "AWS::SecretsManager::Secret": Override(name="Name", name_limit=512, deletion_days=("", 30)),
    "Custom::CognitoUserPool": Override(create_only=("UserPoolName",)),
    "Custom::S3": Override(create_only=("BucketName", "FunctionName")),
    "Custom::ApiGatewayAccountRole": Override(outlives=True),
    "AWS::StepFunctions::Activity": Override(name="Name", name_limit=80),
    "AWS::StepFunctions::StateMachine": Override(
        name="StateMachineName",
        name_limit=80,
        readable=("Definition",),
        shapes={"DefinitionString": ANYTHING, "Definition": ANYTHING},
    ),
    "AWS::StepFunctions::StateMachineAlias": Override(name="Name", name_limit=80, readable=("DeploymentPreference",)),
}
