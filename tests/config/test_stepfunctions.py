"""State machines: ids, definition text, inferred permissions, and the first check of the definition."""

from __future__ import annotations

import json
from textwrap import dedent, indent

import pytest

from stateroom.config.resources.template import resolve
from stateroom.model.resource import Template
from stateroom.model.values import Value
from tests.config.bench import FUNCTION, HEAD, Bench, properties
from tests.config.test_template import Cloud

TABLE = "resources: {Resources: {Table: {Type: 'AWS::DynamoDB::Table'}, Queue: {Type: 'AWS::SQS::Queue'}}}\n"


def machine(definition: str, more: str = "") -> str:
    body = f"definition:\n{indent(dedent(definition).strip(), '  ')}\n{dedent(more)}"
    return f"{HEAD}{FUNCTION}{TABLE}stepFunctions:\n  stateMachines:\n    fulfil-it:\n{indent(body, '      ')}"


def one(state: str) -> str:
    return machine(f"StartAt: A\nStates:\n  A: {state}\n")


def permissions(template: Template) -> dict[str, Value]:
    (policy,) = properties(template, "FulfilDashitStepFunctionsStateMachineRole")["Policies"]
    return {
        ",".join(statement["Action"]): statement["Resource"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }


PICK = """
StartAt: Pick
States:
  Pick:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters: {FunctionName: !GetAtt create.Arn, "Payload.$": $}
    Next: Decide
  Decide:
    Type: Choice
    Choices: [{Variable: $.ok, BooleanEquals: true, Next: Done}]
    Default: Undo
  Undo: {Type: Task, Resource: !GetAtt [CreateLambdaFunction, Arn], Next: Bad}
  Bad: {Type: Fail}
  Done: {Type: Succeed}
"""


def test_a_machine_comes_with_role_output_and_a_definition_that_resolves(bench: Bench) -> None:
    template = bench.compile(machine(PICK))
    logical_id = "FulfilDashitStepFunctionsStateMachine"
    resource = template.resources[logical_id]
    assert resource.type == "AWS::StepFunctions::StateMachine"
    assert resource.depends_on == (f"{logical_id}Role",)
    assert "StateMachineName" not in resource.properties
    assert template.outputs[f"{logical_id}Arn"].value == {"Ref": logical_id}
    definition = json.loads(resolve(resource.properties["DefinitionString"], Cloud()))
    assert definition["States"]["Pick"]["Parameters"] == {
        "FunctionName": "CreateLambdaFunction/Arn",
        "Payload.$": "$",
    }
    assert definition["States"]["Undo"]["Resource"] == "CreateLambdaFunction/Arn"
    arn = {"Fn::GetAtt": ["CreateLambdaFunction", "Arn"]}
    assert permissions(template) == {"lambda:InvokeFunction": [arn, {"Fn::Sub": ["${target}:*", {"target": arn}]}]}


@pytest.mark.parametrize(
    ("keys", "logical_id"),
    [("name: my-flow", "MyDashflow"), ("id: flow_1", "FlowUnderscore1"), ("id: X\nname: y", "X")],
)
def test_ids_come_from_id_then_name(bench: Bench, keys: str, logical_id: str) -> None:
    template = bench.compile(machine(PICK, keys))
    assert logical_id in template.resources
    assert f"{logical_id}Role" in template.resources
    assert f"{logical_id}Arn" in template.outputs


def test_pseudo_parameters_and_resources_resolve_in_texts_and_other_dollars_stay(bench: Bench) -> None:
    text = "{Type: Pass, End: true, Result: {a: '#{AWS::Region}', b: '${Queue.Arn}', c: '${mine}', d: '${create.Arn}'}}"
    definition = properties(bench.compile(one(text)), "FulfilDashitStepFunctionsStateMachine")["DefinitionString"]
    assert json.loads(resolve(definition, Cloud()))["States"]["A"]["Result"] == {
        "a": "eu-west-1",
        "b": "Queue/Arn",
        "c": "${mine}",
        "d": "CreateLambdaFunction/Arn",
    }


def test_a_definition_without_references_is_plain_text(bench: Bench) -> None:
    template = bench.compile(one("{Type: Pass, Result: '${mine}', End: true}"))
    text = properties(template, "FulfilDashitStepFunctionsStateMachine")["DefinitionString"]
    assert json.loads(text)["States"]["A"]["Result"] == "${mine}"
    assert permissions(template) == {}


@pytest.mark.parametrize(
    ("resource", "parameters", "action", "scope"),
    [
        ("sqs:sendMessage", "QueueUrl: !Ref Queue", "sqs:SendMessage", "Queue/Arn"),
        ("sqs:sendMessage", "QueueUrl: 'https://h/1/q'", "sqs:SendMessage", "arn:P:sqs:eu-west-1:1:q"),
        (
            "sqs:sendMessage",
            "QueueUrl: 'https://sqs.cn-north-1.amazonaws.com.cn/1/q'",
            "sqs:SendMessage",
            "arn:aws-cn:sqs:cn-north-1:1:q",
        ),
        ("sns:publish", "TopicArn: 'arn:aws:sns:x:1:t'", "sns:Publish", "arn:aws:sns:x:1:t"),
        ("sns:publish", "TopicArn.$: $.topic", "sns:Publish", "*"),
        ("dynamodb:putItem", "TableName: !Ref Table", "dynamodb:PutItem", "Table/Arn"),
        ("dynamodb:getItem", "TableName: t", "dynamodb:GetItem", "arn:P:dynamodb:eu-west-1:1:table/t"),
        ("aws-sdk:dynamodb:deleteItem", "TableName: t", "dynamodb:DeleteItem", "arn:P:dynamodb:eu-west-1:1:table/t"),
        ("lambda:invoke.waitForTaskToken", "FunctionName.$: $.f", "lambda:InvokeFunction", "*"),
    ],
)
def test_permissions_are_inferred(bench: Bench, resource: str, parameters: str, action: str, scope: str) -> None:
    class Here(Cloud):
        def pseudo(self, name: str) -> Value:
            return {"AWS::Region": "eu-west-1", "AWS::Partition": "P", "AWS::AccountId": "1"}[name]

    dynamic = ".$" in parameters
    for key in ("Parameters",) if dynamic else ("Parameters", "QueryLanguage: JSONata, Arguments"):
        state = f"{{Type: Task, Resource: 'arn:aws:states:::{resource}', {key}: {{{parameters}}}, End: true}}"
        template = bench.compile(one(state.replace("End:", "TimeoutSeconds: 5, End:")))
        assert resolve(permissions(template)[action], Here()) == ([scope] if scope != "*" else "*")
        assert template.warnings == ()


def test_an_integration_that_we_cannot_read_is_named(bench: Bench) -> None:
    template = bench.compile(one("{Type: Task, Resource: 'arn:aws:states:::eks:call', End: true}"))
    assert "no permission is inferred for state A" in template.warnings[0]


def test_a_schedule_starts_the_machine(bench: Bench) -> None:
    template = bench.compile(machine(PICK, "events:\n  - schedule: rate(1 day)\n"))
    rule = properties(template, "FulfilDashitStepFunctionsEventsRuleSchedule1")
    assert rule["Targets"] == [
        {
            "Arn": {"Ref": "FulfilDashitStepFunctionsStateMachine"},
            "Id": "fulfil-itStepFunctionsSchedule",
            "RoleArn": {"Fn::GetAtt": ["FulfilDashitScheduleToStepFunctionsRole", "Arn"]},
        }
    ]


def test_a_callback_without_a_timeout_is_a_warning(bench: Bench) -> None:
    state = (
        "{Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {QueueUrl: !Ref Queue}"
    )
    (warning,) = bench.compile(one(state + ", End: true}")).warnings
    assert "state A waits for a task token" in warning
    assert bench.compile(one(state + ", HeartbeatSeconds: 60, End: true}")).warnings == ()


def test_a_definition_that_cannot_work_is_refused_where_it_is_written(bench: Bench) -> None:
    error = bench.refused(machine("StartAt: A\nStates: {A: {Type: Pass, Next: Dnoe}, Done: {Type: Succeed}}"))
    assert "stepFunctions.stateMachines.fulfil-it.definition.States.A.Next: there is no state Dnoe" in error.what
    assert "Done" in error.todo
    assert error.where is not None
    assert error.where.line >= 12


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("events: [{http: START}]", "no path"),
        ("alarms: {metrics: [executionsFailed]}", "no topics"),
        ("notifications: {FAILD: []}", "FAILD is not a status"),
        ("type: FAST", "FAST is not known"),
        ("loggingConfig: {level: DEBUG}", "DEBUG is not known"),
        ("tpye: EXPRESS", "unknown key"),
        ("role: arn:aws:iam::1:role/x\niamRoleStatements: [{Effect: Allow}]", "exclude each other"),
        ("events: [{schedule: never}]", "never is not a rate"),
    ],
)
def test_a_machine_that_cannot_be_right_is_refused(bench: Bench, more: str, what: str) -> None:
    assert what in bench.refused(machine(PICK, more)).what
