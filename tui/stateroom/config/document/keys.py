"""Supported keys of serverless.yml and their types, and keys that are known but not supported yet.

A known key that has no meaning without a CloudFormation stack (deployment buckets, stack tags) is accepted and unused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.document.key_types import key_types

TOP: Final = key_types(
    """service frameworkVersion provider functions:map|maps resources:map|maps stepFunctions:map custom package:map
    plugins params:map stages:map useDotenv configValidationMode variablesResolutionMode variableSyntax
    deprecationNotificationMode disabledDeprecations org app tenant console dashboard licenseKey outputs layers:map
    constructs:ignored build:text|map state:text|map ai:ignored agents:ignored"""
)

PROVIDER: Final = key_types(
    """name:text runtime:text stage:text region:text profile memorySize:number timeout:number environment:map|maps
    tags:map logRetentionInDays:number iam:map httpApi:map role:scalar iamRoleStatements:maps
    iamManagedPolicies:scalars rolePermissionsBoundary:text layers:scalars kmsKeyArn:text architecture:text
    tracing:flag|map vpc:map resolver credentials versionFunctions deploymentBucket deploymentMethod deploymentPrefix
    stackName stackTags stackParameters stackPolicy rollbackConfiguration notificationArns disableRollback
    lambdaHashingVersion cfnRole cfLogs eventBridge websocketsApiName usagePlan apiName endpointType apiKeys apiGateway
    logs logDataProtectionPolicy:map versionRetention runtimeManagement:text|map ecr:map kinesis:map
    alb:map s3:map websocketsApiRouteSelectionExpression:text websocketsDescription:text websocket:map
    vpcEndpointIds:scalars cloudFront:ignored image:ignored snapStart:ignored observability:ignored
    variableSyntax"""
)
IAM: Final = key_types("role:scalar|map deploymentRole")
ROLE: Final = key_types(
    """name:scalar path:text statements:maps managedPolicies:scalars permissionsBoundary:text permissionBoundary:text
    tags:map mode"""
)

FUNCTION: Final = key_types(
    """handler:text name:text description:text runtime:text memorySize:number timeout:number environment:map|maps
    tags:map events:list role:scalar layers:scalars kmsKeyArn:text architecture:text ephemeralStorageSize:number
    reservedConcurrency:number tracing:scalar vpc:map disableLogs:flag logRetentionInDays:number package:map
    dependsOn:texts versionFunction:flag condition:text destinations:map fileSystemConfig:map image:text|map
    maximumEventAge:number maximumRetryAttempts:number onError:scalar provisionedConcurrency:number snapStart:flag
    url:flag|map runtimeManagement:text|map logs:map logDataProtectionPolicy:map recursiveLoop:text httpApi:map
    awsKmsKeyArn:ignored build:text"""
)
FUNCTION_LATER: Final = frozenset(key_types("durableConfig tenancy"))
PYTHON_FUNCTION: Final = key_types("module:text vendor:text")  # of the plugin serverless-python-requirements
ALERTS_FUNCTION: Final = key_types("alarms:list")  # of the plugin serverless-plugin-aws-alerts
ESBUILD_FUNCTION: Final = key_types("skipEsbuild:flag esbuildEntrypoint:text disposeContext:flag")
OWN_ROLE_FUNCTION: Final = key_types(  # of the plugin serverless-iam-roles-per-function
    "iamRoleStatements:maps iamRoleStatementsInherit:flag iamRoleStatementsName:text iamPermissionsBoundary:scalar"
)
ROLES_PER_FUNCTION: Final = key_types("defaultInherit:flag iamGlobalPermissionsBoundary:scalar")
PYTHON_REQUIREMENTS: Final = key_types(
    """fileName:text noDeploy:texts layer:flag|map slim strip slimPatterns:texts slimPatternsAppendDefaults vendor:text
    pipCmdExtraArgs:texts dockerizePip usePipenv usePoetry usePyProject useUv zip installFolderAsPackage
    dockerImage dockerFile dockerSsh dockerPrivateKey dockerEnv dockerExtraFiles dockerBuildCmdExtraArgs
    dockerRunCmdExtraArgs dockerRootless pythonBin useStaticCache useDownloadCache cacheLocation staticCacheMaxVersions
    cleanupZipHelper invalidateCaches requirePoetryLockFile poetryWithGroups:texts
    poetryWithoutGroups:texts poetryOnlyGroups:texts pyprojectWithGroups:texts"""
)
DOTENV: Final = key_types(  # of the plugin serverless-dotenv-plugin
    "path:texts basePath:text include:texts exclude:texts required:map logging:flag variableExpansion:flag "
    "dotenvParser:text v4BreakingChanges:flag"
)
CAPACITY: Final = key_types("table:texts index:texts indexOnly:flag read:map write:map")
CUSTOM_DOMAIN: Final = key_types(  # of the plugin serverless-domain-manager
    """domainName:text certificateArn:scalar certificateName:text createRoute53Record createRoute53IPv6Record
    route53Profile:text route53Region:text hostedZoneId:scalar hostedZonePrivate allowPathMatching autoDomain
    autoDomainWaitFor preserveExternalPathMappings basePath:text apiType:text stage:text endpointType:text
    tlsTruststoreUri:text tlsTruststoreVersion:text securityPolicy:text route53Params:map splitHorizonDns enabled"""
)
VPC: Final = key_types("securityGroupIds subnetIds ipv6AllowedForDualStack:flag")
DESTINATIONS: Final = key_types("onSuccess:scalar|map onFailure:scalar|map")
DESTINATION: Final = key_types("arn:scalar type:text")
FILE_SYSTEM: Final = key_types("arn:scalar localMountPath:text")
FUNCTION_URL: Final = key_types("authorizer:text cors:flag|map invokeMode:text")
URL_CORS: Final = key_types(
    """allowCredentials:flag allowedHeaders:texts allowedMethods:texts allowedOrigins:texts
    exposedResponseHeaders:texts maxAge:number"""
)
FUNCTION_LOGS: Final = key_types("applicationLogLevel:text logFormat:text logGroup:text systemLogLevel:text")
RUNTIME_MANAGEMENT: Final = key_types("mode:text arn:text")
IMAGE: Final = key_types("name:text uri:text workingDirectory:text command:list entryPoint:list")
ECR: Final = key_types("scanOnPush:flag maxImageCount:number images:map")
LAYER: Final = key_types(
    """path:text name:text description:text package:map compatibleRuntimes:texts compatibleArchitectures:texts
    licenseInfo:text allowedAccounts:list retain:flag"""
)

PACKAGE: Final = key_types(
    """patterns:texts artifact:text individually:flag include:texts exclude:texts excludeDevDependencies:flag path
    disable:flag"""
)

RESOURCES: Final = key_types(
    """Resources:map Outputs:map Description AWSTemplateFormatVersion Metadata:map Conditions:map Mappings:map
    Parameters:map Rules:map Transform:texts extensions:map Hooks:map"""
)
RESOURCE: Final = key_types(
    """Type:text Properties:map DependsOn:texts DeletionPolicy:text UpdateReplacePolicy:text Metadata:map
    UpdatePolicy:map CreationPolicy:map Condition:text"""
)
EXTENSION: Final = {key: kind for key, kind in RESOURCE.items() if key != "Type"}
OUTPUT: Final = key_types("Value Description:text Export:map Condition:text")

# By block: accepted, because projects have it, and read by nothing here. docs/configuration.md lists them.
UNUSED: Final[Mapping[str, frozenset[str]]] = {
    block: frozenset(names.split())
    for block, names in {
        "": """frameworkVersion variablesResolutionMode deprecationNotificationMode disabledDeprecations org tenant
            console dashboard licenseKey outputs""",
        "provider": """resolver credentials deploymentBucket deploymentMethod deploymentPrefix stackPolicy
            rollbackConfiguration notificationArns disableRollback lambdaHashingVersion cfnRole cfLogs
            versionRetention""",
        "provider.iam": "deploymentRole",
        "provider.iam.role": "mode",
        "provider.ecr": "scanOnPush maxImageCount",
        "package": "path disable",
        "stepFunctions": "validate",  # definitions are always checked
        "custom.pythonRequirements": """dockerBuildCmdExtraArgs dockerRunCmdExtraArgs
            dockerRootless pythonBin useStaticCache useDownloadCache cacheLocation staticCacheMaxVersions
            cleanupZipHelper invalidateCaches requirePoetryLockFile""",
    }.items()
}
