"""Keys of `stepFunctions:` and their types."""

from __future__ import annotations

from typing import Final

from stateroom.config.document.key_types import shapes

STEP_FUNCTIONS: Final = shapes("stateMachines:map activities:texts validate:flag noOutput:flag")
MACHINE: Final = shapes(
    """definition:text|map id:text name:text type:text role:scalar iamRoleStatements:maps dependsOn:texts tags:map
    inheritGlobalTags:flag retain:flag events:list tracingConfig:map loggingConfig:map encryptionConfig:map
    kmsKeyArns:scalars useExactVersion:flag configureTaskTimeouts:flag alarms:map notifications:map"""
)
LOGGING: Final = shapes("level:text includeExecutionData:flag destinations:scalars")
TRACING: Final = shapes("enabled:flag")
ENCRYPTION: Final = shapes("KmsKeyId:scalar KmsDataKeyReusePeriodSeconds:number Type:text")

LEVELS: Final = ("ALL", "ERROR", "FATAL", "OFF")
TYPES: Final = ("STANDARD", "EXPRESS")

ALARMS: Final = shapes("topics:map metrics:list treatMissingData:text period:number nameTemplate:text")
TOPICS: Final = shapes("ok:scalar alarm:scalar insufficientData:scalar")
METRIC: Final = shapes("metric:text logicalId:text alarmName:text treatMissingData:text period:number")

TARGET: Final = shapes(
    """sns:scalar sqs:scalar|map kinesis:scalar|map firehose:scalar lambda:scalar stepFunctions:scalar inputPath:text
    inputTransformer:map"""
)

SCHEDULE: Final = shapes(
    """rate:scalar enabled:flag input inputPath:text inputTransformer:map name:text description:text role:scalar
    retryPolicy:map method:text timezone:text"""
)
EVENT_BRIDGE: Final = shapes(
    """event:map enabled:flag input inputPath:text inputTransformer:map name:text description:text
    eventBusName:scalar iamRole:scalar deadLetterConfig:scalar retryPolicy:map"""
)
RETRY_POLICY: Final = shapes("maximumEventAgeInSeconds:number maximumRetryAttempts:number")
INPUT_TRANSFORMER: Final = shapes("inputPathsMap:map inputTemplate:text")
