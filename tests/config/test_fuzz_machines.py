"""Whatever is written about a state machine, the answer is a Template or a ConfigError."""

from __future__ import annotations

import json
import tempfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stateroom.config.stepfunctions.permissions.grants import INTEGRATIONS
from tests.config.test_fuzz import QUICK, VALUES, compile_in

_ARGUMENTS = """QueueUrl TopicArn TableName IndexName RequestItems StateMachineArn ProjectName TransformJobName ModelId
    Entries Rule EventBusName GroupName Target Authentication Bucket Key Prefix FunctionName AllowedFunctions WorkGroup
    WorkgroupName ClusterIdentifier Database SecretArn DbUser"""
ARGUMENTS = st.dictionaries(st.sampled_from(_ARGUMENTS.split()), VALUES, max_size=4)
_FIELDS = """Next End Resource Parameters Arguments Choices Default Catch Retry Branches Iterator ItemProcessor
    ItemReader ResultWriter TimeoutSeconds HeartbeatSeconds Seconds QueryLanguage InputPath ResultPath ItemsPath Assign
    Output MaxConcurrency ToleratedFailurePercentage Comment Credentials"""
RESOURCES = st.sampled_from(
    [f"arn:aws:states:::{name}" for name in INTEGRATIONS]
    + ["arn:aws:states:::lambda:invoke", "arn:aws:lambda:eu-west-1:1:function:f:live"]
)
TASK = st.builds(
    lambda resource, language, arguments: {
        "Type": "Task",
        "Resource": resource,
        "End": True,
        **({"QueryLanguage": "JSONata", "Arguments": arguments} if language else {"Parameters": arguments}),
    },
    st.one_of(RESOURCES, VALUES),
    st.booleans(),
    ARGUMENTS,
)
TYPES = st.sampled_from(["Task", "Pass", "Choice", "Parallel", "Map", "Wait", "Succeed", "Fail"])
STATE = st.builds(
    lambda type_, fields: {"Type": type_, "End": True, **fields},
    TYPES,
    st.dictionaries(st.sampled_from(_FIELDS.split()), VALUES, max_size=2),
)
FINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
_MACHINE = """definition id name type role iamRoleStatements dependsOn tags inheritGlobalTags retain events
    tracingConfig loggingConfig encryptionConfig kmsKeyArns useExactVersion configureTaskTimeouts alarms
    notifications"""
_SETTINGS = """rate enabled input inputPath inputTransformer name description role retryPolicy method timezone event
    eventBusName iamRole deadLetterConfig path cors private authorizer action request response responses
    timeoutInMillis"""
START = st.builds(
    lambda kind, settings: {kind: {"rate": "rate(1 day)", **settings} if kind == "schedule" else settings},
    st.sampled_from(["schedule", "eventBridge", "http"]),
    st.dictionaries(st.sampled_from(_SETTINGS.split()), VALUES, max_size=2),
)
_HTTP = "cors private authorizer action request response responses iamRole"
HTTP = st.builds(
    lambda settings: {"http": {"path": "a", "method": "post", **settings}},
    st.dictionaries(st.sampled_from(_HTTP.split()), VALUES, min_size=1, max_size=2),
)
_RULE = "input inputTransformer retryPolicy name eventBusName"
RULE = st.builds(
    lambda settings: {"eventBridge": {"event": {"source": ["a"]}, **settings}},
    st.dictionaries(st.sampled_from(_RULE.split()), VALUES, max_size=2),
)
METRIC = st.builds(
    lambda more: {"metric": "executionsFailed", **more},
    st.dictionaries(st.sampled_from(["logicalId", "period", "alarmName"]), VALUES, max_size=2),
)
ALARMS = st.builds(
    lambda metrics, more: {"topics": {"alarm": "arn:x"}, "metrics": metrics, **more},
    st.lists(st.one_of(st.just("executionsFailed"), METRIC, VALUES), max_size=2),
    st.dictionaries(st.sampled_from(["period", "nameTemplate", "treatMissingData", "topics"]), VALUES, max_size=2),
)
TARGET = st.dictionaries(
    st.sampled_from(["sns", "sqs", "kinesis", "firehose", "lambda", "stepFunctions", "inputPath", "inputTransformer"]),
    VALUES,
    max_size=2,
)
NOTIFICATIONS = st.dictionaries(st.sampled_from(["FAILED", "TIMED_OUT"]), st.lists(TARGET, max_size=2), max_size=2)


def compiles_or_is_refused(machine: dict[str, Any], **more: Any) -> None:
    document = {
        "service": "shop",
        "provider": {"name": "aws", "runtime": "python3.12"},
        "functions": {"create": {"handler": "app.create"}},
        "resources": {"Resources": {"a": {"Type": "AWS::SQS::Queue"}}},
        "stepFunctions": {"stateMachines": {"flow": machine}, **more},
    }
    with tempfile.TemporaryDirectory() as directory:
        compile_in(directory, json.dumps(document))


@QUICK
@given(TASK)
def test_a_task_of_any_shape(task: dict[str, Any]) -> None:
    compiles_or_is_refused({"definition": {"StartAt": "A", "States": {"A": task}}})


@QUICK
@given(STATE)
def test_a_state_of_any_shape(state: dict[str, Any]) -> None:
    compiles_or_is_refused({"definition": {"StartAt": "A", "States": {"A": state}}, "configureTaskTimeouts": True})


@QUICK
@given(st.dictionaries(st.sampled_from(_MACHINE.split()), VALUES, max_size=2))
def test_a_machine_of_any_shape(machine: dict[str, Any]) -> None:
    compiles_or_is_refused({"definition": FINE, **machine})


@QUICK
@given(st.lists(st.one_of(START, HTTP, RULE), min_size=1, max_size=2))
def test_events_of_any_shape(events: list[Any]) -> None:
    compiles_or_is_refused({"definition": FINE, "events": events})


@QUICK
@given(ALARMS)
def test_alarms_of_any_shape(alarms: dict[str, Any]) -> None:
    compiles_or_is_refused({"definition": FINE, "alarms": alarms})


@QUICK
@given(NOTIFICATIONS)
def test_notifications_of_any_shape(notifications: dict[str, Any]) -> None:
    compiles_or_is_refused({"definition": FINE, "notifications": notifications})


@QUICK
@given(VALUES)
def test_activities_of_any_shape(activities: Any) -> None:
    compiles_or_is_refused({"definition": FINE}, activities=activities)
