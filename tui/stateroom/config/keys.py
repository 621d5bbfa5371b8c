"""Which keys a serverless.yml may have and what they hold, and which are known but not supported yet.

A known key that has no meaning without a CloudFormation stack (deployment buckets, stack tags) is accepted and unused.
"""

from __future__ import annotations

from typing import Final

from stateroom.config.shapes import shapes

TOP: Final = shapes(
    """service frameworkVersion provider functions:map|maps resources:map|maps stepFunctions:map custom package:map
    plugins params:map stages:map useDotenv configValidationMode variablesResolutionMode
    deprecationNotificationMode disabledDeprecations org app tenant console dashboard licenseKey outputs"""
)
TOP_LATER: Final = frozenset(shapes("layers constructs build state ai agents"))

PROVIDER: Final = shapes(
    """name:text runtime:text stage:text region:text profile memorySize:number timeout:number environment:map|maps
    tags:map logRetentionInDays:number iam:map httpApi:map role:scalar iamRoleStatements:maps
    iamManagedPolicies:scalars rolePermissionsBoundary:text layers:scalars kmsKeyArn:text architecture:text
    tracing:map vpc:map resolver credentials versionFunctions deploymentBucket deploymentMethod deploymentPrefix
    stackName stackTags stackParameters stackPolicy rollbackConfiguration notificationArns disableRollback
    lambdaHashingVersion cfnRole cfLogs eventBridge websocketsApiName usagePlan apiName endpointType apiKeys apiGateway
    logs logDataProtectionPolicy versionRetention"""
)
PROVIDER_LATER: Final = frozenset(
    shapes("""alb cloudFront ecr image s3 websocketsApiRouteSelectionExpression websocketsDescription snapStart
    runtimeManagement websocket observability""")
)
IAM: Final = shapes("role:scalar|map deploymentRole")
ROLE: Final = shapes(
    """name:scalar path:text statements:maps managedPolicies:scalars permissionsBoundary:text permissionBoundary:text
    tags:map mode"""
)

FUNCTION: Final = shapes(
    """handler:text name:text description:text runtime:text memorySize:number timeout:number environment:map|maps
    tags:map events:list role:scalar layers:scalars kmsKeyArn:text architecture:text ephemeralStorageSize:number
    reservedConcurrency:number tracing:scalar vpc:map disableLogs:flag logRetentionInDays:number package:map
    dependsOn:texts versionFunction"""
)
FUNCTION_LATER: Final = frozenset(
    shapes("""condition destinations fileSystemConfig image maximumEventAge maximumRetryAttempts onError
    provisionedConcurrency snapStart url runtimeManagement logs build durableConfig tenancy awsKmsKeyArn
    logDataProtectionPolicy""")
)
VPC: Final = shapes("securityGroupIds subnetIds ipv6AllowedForDualStack")

PACKAGE: Final = shapes(
    "patterns:texts artifact:text individually:flag include:texts exclude:texts excludeDevDependencies"
)

RESOURCES: Final = shapes("Resources:map Outputs:map Description AWSTemplateFormatVersion Metadata")
RESOURCES_LATER: Final = frozenset(shapes("Conditions Mappings Parameters Rules Transform extensions Hooks"))
RESOURCE: Final = shapes(
    """Type:text Properties:map DependsOn:texts DeletionPolicy:text UpdateReplacePolicy Metadata UpdatePolicy
    CreationPolicy"""
)
RESOURCE_LATER: Final = frozenset({"Condition"})
OUTPUT: Final = shapes("Value Description:text Export")

STEP_FUNCTIONS: Final = shapes("stateMachines:map validate:flag noOutput:flag")
STEP_FUNCTIONS_LATER: Final = frozenset({"activities"})
MACHINE: Final = shapes(
    """definition:map id:text name:text type:text role:scalar iamRoleStatements:maps dependsOn:texts tags:map
    inheritGlobalTags:flag retain:flag events:list tracingConfig:map loggingConfig:map"""
)
MACHINE_LATER: Final = frozenset(
    shapes("kmsKeyArns encryptionConfig useExactVersion configureTaskTimeouts alarms notifications")
)
LOGGING: Final = shapes("level:text includeExecutionData:flag destinations:scalars")
TRACING: Final = shapes("enabled:flag")
