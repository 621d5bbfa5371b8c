"""Keys of `stepFunctions:` and their types."""

from __future__ import annotations

from typing import Final

from stateroom.config.document.key_types import key_types

STEP_FUNCTIONS: Final = key_types("stateMachines:map activities:texts validate:flag noOutput:flag")
MACHINE: Final = key_types(
    """definition:text|map id:text name:text type:text role:scalar iamRoleStatements:maps dependsOn:texts tags:map
    inheritGlobalTags:flag retain:flag events:list tracingConfig:map loggingConfig:map encryptionConfig:map
    kmsKeyArns:scalars useExactVersion:flag configureTaskTimeouts:flag alarms:map notifications:map"""
)
LOGGING: Final = key_types("level:text includeExecutionData:flag destinations:scalars")
TRACING: Final = key_types("enabled:flag")
ENCRYPTION: Final = key_types("KmsKeyId:scalar KmsDataKeyReusePeriodSeconds:number Type:text")

LEVELS: Final = ("ALL", "ERROR", "FATAL", "OFF")
TYPES: Final = ("STANDARD", "EXPRESS")

ALARMS: Final = key_types("topics:map metrics:list treatMissingData:text period:number nameTemplate:text")
TOPICS: Final = key_types("ok:scalar alarm:scalar insufficientData:scalar")
METRIC: Final = key_types("metric:text logicalId:text alarmName:text treatMissingData:text period:number")

TARGET: Final = key_types(
    """sns:scalar sqs:scalar|map kinesis:scalar|map firehose:scalar lambda:scalar stepFunctions:scalar inputPath:text
    inputTransformer:map"""
)

SCHEDULE: Final = key_types(
    """rate:scalar enabled:flag input inputPath:text inputTransformer:map name:text description:text role:scalar
    retryPolicy:map method:text timezone:text"""
)
EVENT_BRIDGE: Final = key_types(
    """event:map enabled:flag input inputPath:text inputTransformer:map name:text description:text
    eventBusName:scalar iamRole:scalar deadLetterConfig:scalar retryPolicy:map"""
)
RETRY_POLICY: Final = key_types("maximumEventAgeInSeconds:number maximumRetryAttempts:number")
INPUT_TRANSFORMER: Final = key_types("inputPathsMap:map inputTemplate:text")
