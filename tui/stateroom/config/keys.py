"""Which keys a serverless.yml may have: those that are read, and those that are known but not supported yet.

A known key that has no meaning without a CloudFormation stack (deployment buckets, stack tags) counts as read.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOP: Final = _words(
    """service frameworkVersion provider functions resources stepFunctions custom package plugins params stages
    useDotenv configValidationMode variablesResolutionMode deprecationNotificationMode disabledDeprecations org app
    tenant console dashboard licenseKey outputs"""
)
TOP_LATER: Final = _words("layers constructs build state ai agents")

PROVIDER: Final = _words(
    """name runtime stage region profile memorySize timeout environment tags logRetentionInDays iam httpApi role
    iamRoleStatements iamManagedPolicies rolePermissionsBoundary layers kmsKeyArn architecture tracing vpc resolver
    credentials versionFunctions deploymentBucket deploymentMethod deploymentPrefix stackName stackTags stackParameters
    stackPolicy rollbackConfiguration notificationArns disableRollback lambdaHashingVersion cfnRole cfLogs eventBridge
    websocketsApiName usagePlan apiName endpointType apiKeys apiGateway logs logDataProtectionPolicy
    logRetention versionRetention reservedConcurrency"""
)
PROVIDER_LATER: Final = _words(
    """alb cloudFront ecr image s3 websocketsApiRouteSelectionExpression websocketsDescription
    snapStart runtimeManagement websocket observability"""
)

FUNCTION: Final = _words(
    """handler name description runtime memorySize timeout environment tags events role layers kmsKeyArn architecture
    ephemeralStorageSize reservedConcurrency tracing vpc disableLogs logRetentionInDays package dependsOn
    awsKmsKeyArn versionFunction logDataProtectionPolicy"""
)
FUNCTION_LATER: Final = _words(
    """condition destinations fileSystemConfig image maximumEventAge maximumRetryAttempts onError provisionedConcurrency
    snapStart url runtimeManagement logs build durableConfig tenancy"""
)

PACKAGE: Final = _words("patterns artifact individually include exclude excludeDevDependencies")
PACKAGE_LATER: Final = frozenset[str]()

RESOURCES: Final = _words("Resources Outputs Description AWSTemplateFormatVersion Metadata")
RESOURCES_LATER: Final = _words("Conditions Mappings Parameters Rules Transform extensions Hooks")
RESOURCE: Final = _words(
    "Type Properties DependsOn DeletionPolicy UpdateReplacePolicy Metadata UpdatePolicy CreationPolicy"
)
RESOURCE_LATER: Final = _words("Condition")
