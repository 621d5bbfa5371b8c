"""The Amazon States Language: what AWS would refuse is refused, what it takes passes with intrinsics in place."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.config.bench import FUNCTION, HEAD, Bench

JSONATA = "QueryLanguage: JSONata\n"
INSIDE = "{StartAt: C, States: {C: {Type: Pass, End: true}}}"
END = "States: {A: {Type: Succeed}}"


def machine(definition: str) -> str:
    resources = "resources: {Resources: {Queue: {Type: 'AWS::SQS::Queue'}}}\n"
    body = f"definition:\n{indent(definition.strip(), '  ')}\n"
    return f"{HEAD}{FUNCTION}{resources}stepFunctions:\n  stateMachines:\n    flow:\n{indent(body, '      ')}"


def one(state: str, *, top: str = "") -> str:
    return f"{top}StartAt: A\nStates:\n  A: {{{state}}}\n  B: {{Type: Succeed}}\n"


def task(more: str, *, top: str = "", arrow: str = "Next: B") -> str:
    return one(f"Type: Task, Resource: 'arn:aws:lambda:eu-west-1:1:function:f', {arrow}, {more}", top=top)


def choice(rule: str, *, top: str = "") -> str:
    return one(f"Type: Choice, Choices: [{{{rule}}}]", top=top)


BROKEN = {
    # The graph.
    "start leads nowhere": (f"StartAt: B\n{END}", "StartAt: there is no state B", "A"),
    "no start": (END, "no StartAt", "StartAt: A"),
    "no states": ("StartAt: A", "no States", ""),
    "next leads nowhere": (one("Type: Pass, Next: C"), "A.Next: there is no state C", "B"),
    "default leads nowhere": (
        one("Type: Choice, Choices: [{Variable: $.a, IsNull: true, Next: B}], Default: C"),
        "A.Default",
        "",
    ),
    "a rule leads nowhere": (
        choice("Variable: $.a, IsNull: true, Next: C"),
        "Choices[0].Next: there is no state C",
        "",
    ),
    "a rule leads nowhere at all": (choice("Variable: $.a, IsNull: true"), "a rule has a Next", ""),
    "a catcher leads nowhere": (task("Catch: [{ErrorEquals: [States.ALL], Next: C}]"), "Catch[0].Next", ""),
    "next and end": (one("Type: Pass, Next: B, End: true"), "both Next and End", ""),
    "neither next nor end": (one("Type: Pass"), "neither Next nor End", ""),
    "end that is not true": (one("Type: Pass, End: false"), "End is not true", ""),
    "nothing ends": ("StartAt: A\nStates: {A: {Type: Pass, Next: A}}", "no state ends", ""),
    "unreachable": (
        "StartAt: A\nStates: {A: {Type: Succeed}, B: {Type: Succeed}}",
        "B: no state leads here",
        "Next: B",
    ),
    "an arrow out of a scope": (
        one("Type: Parallel, Next: B, Branches: [{StartAt: C, States: {C: {Type: Pass, Next: B}}}]"),
        "States.C.Next: there is no state B here",
        "",
    ),
    "the same name in two branches": (
        one("Type: Parallel, Next: B, Branches: [{StartAt: B, States: {B: {Type: Succeed}}}]"),
        "a second state of this name",
        "",
    ),
    "a long name": (f"StartAt: {'x' * 81}\nStates: {{{'x' * 81}: {{Type: Succeed}}}}", "a name of 81 characters", "80"),
    # Types and fields.
    "no type": (one("Next: B"), "A: no Type", ""),
    "unknown type": (one("Type: Tsk, Next: B"), "Tsk is not a type of state", "Task"),
    "unknown field": (task("TimeoutSecond: 5"), "A.TimeoutSecond: unknown field", "TimeoutSeconds"),
    "unknown field of the machine": (f"StartAt: A\nTimeout: 5\n{END}", "Timeout: unknown field", "TimeoutSeconds"),
    "another type's field": (one("Type: Pass, Next: B, Resource: x"), "a Pass state has no Resource", ""),
    "an end that goes on": (one("Type: Succeed, Next: B"), "a Succeed state has no Next", ""),
    "a task without resource": (one("Type: Task, Next: B"), "a Task has a Resource", ""),
    "a wait for nothing": (one("Type: Wait, Next: B"), "a Wait has one of", ""),
    "a wait for two things": (
        one("Type: Wait, Next: B, Seconds: 1, Timestamp: '2030-01-01T00:00:00Z'"),
        "a Wait has one of",
        "",
    ),
    "a map of nothing": (one("Type: Map, Next: B"), "no ItemProcessor", ""),
    "no branches": (one("Type: Parallel, Next: B, Branches: []"), "no Branches", ""),
    "no choices": (one("Type: Choice, Choices: [], Default: B"), "Choices is not a list", ""),
    "two comparisons": (
        choice("Variable: $.a, IsNull: true, IsString: true, Next: B"),
        "more than one comparison",
        "And",
    ),
    "no comparison": (choice("Variable: $.a, Next: B"), "no comparison", ""),
    "unknown comparison": (choice("Variable: $.a, NumericEqual: 1, Next: B"), "not a comparison", "NumericEquals"),
    "no variable": (choice("NumericEquals: 1, Next: B"), "no Variable", ""),
    "a rule inside that leads on": (
        choice("Not: {Variable: $.a, IsNull: true, Next: B}, Next: B"),
        "Not.Next: not a comparison",
        "the rule as a whole",
    ),
    "a comparison of no path": (
        choice("Variable: 'States.UUID()', IsNull: true, Next: B"),
        "Variable: States.UUID() is not a path",
        "begin it with $",
    ),
    "a comparison with no path": (
        choice("Variable: $.a, NumericEqualsPath: b, Next: B"),
        "NumericEqualsPath: b is not a path",
        "",
    ),
    "a number as text": (choice("Variable: $.a, NumericEquals: '1', Next: B"), "NumericEquals takes a number", "Path"),
    "a text as number": (choice("Variable: $.a, StringEquals: 1, Next: B"), "StringEquals takes a text", "in quotes"),
    "a truth as text": (choice("Variable: $.a, IsPresent: 'yes', Next: B"), "IsPresent takes true or false", ""),
    # Errors and numbers.
    "all before others": (
        task("Retry: [{ErrorEquals: [States.ALL]}, {ErrorEquals: [X]}]"),
        "States.ALL comes last",
        "",
    ),
    "all among others": (task("Catch: [{ErrorEquals: [X, States.ALL], Next: B}]"), "States.ALL stands alone", ""),
    "no errors": (task("Retry: [{MaxAttempts: 1}]"), "Retry[0].ErrorEquals: no list of errors", ""),
    "retry that is unknown": (
        task("Retry: [{ErrorEquals: [X], MaxAttempt: 1}]"),
        "MaxAttempt: unknown field",
        "MaxAttempts",
    ),
    "backoff that shrinks": (task("Retry: [{ErrorEquals: [X], BackoffRate: 0.5}]"), "BackoffRate: not a number", ""),
    "heartbeat after the end": (task("TimeoutSeconds: 10, HeartbeatSeconds: 10"), "HeartbeatSeconds is less", ""),
    "a timeout as text": (task("TimeoutSeconds: 'ten'"), "not a whole number", ""),
    "more than everything": (
        one(f"Type: Map, Next: B, ToleratedFailurePercentage: 101, ItemProcessor: {INSIDE}"),
        "not a percentage",
        "",
    ),
    # Paths, templates and the two languages.
    "a path without $": (task("InputPath: order"), "order is not a path", ""),
    "a path that is not closed": (task("ResultPath: \"$.a['b'\""), "is not a path", ""),
    "a template's path": (task("Parameters: {id.$: order.id}"), "Parameters.id.$: order.id is not a path", ""),
    "a call that is not closed": (task("Parameters: {id.$: \"States.Format('x'\"}"), "is not a path", ""),
    "a call of nothing": (
        task("Parameters: {id.$: \"States.Format('States.Odd()', States.Uuid())\"}"),
        "States.Uuid is not a function",
        "UUID",
    ),
    "a result in a variable": (task("ResultPath: $order"), "$order is not a place in the input", "Assign"),
    "an error in a variable": (
        task("Catch: [{ErrorEquals: [States.ALL], Next: B, ResultPath: $error}]"),
        "Catch[0].ResultPath: $error is not a place",
        "",
    ),
    "a resource with its neighbours": (
        one("Type: Task, Next: B, Resource: {'Fn::GetAtt': [create, Arn], InputPath: $.a}"),
        "Resource holds Fn::GetAtt and InputPath",
        "indent",
    ),
    "credentials of nobody": (task("Credentials: null"), "Credentials: not a map", "RoleArn"),
    "two limits of a reader": (
        one(
            f"Type: Map, Next: B, ItemReader: {{ReaderConfig: {{MaxItems: 1, MaxItemsPath: $.n}}}}, "
            f"ItemProcessor: {INSIDE}"
        ),
        "ItemReader.ReaderConfig: both MaxItems and MaxItemsPath",
        "keep one",
    ),
    "a value twice": (task("Parameters: {id: 1, id.$: $.id}"), "both id and id.$", ""),
    "jsonata in a jsonpath state": (
        task("Arguments: {a: 1}"),
        "Arguments is a field of JSONata",
        "QueryLanguage: JSONata",
    ),
    "jsonpath in a jsonata machine": (task("ResultPath: $.x", top=JSONATA), "ResultPath is a field of JSONPath", ""),
    "jsonpath state in a jsonata machine": (task("QueryLanguage: JSONPath", top=JSONATA), "JSONPath within", ""),
    "unknown language": (f"QueryLanguage: JMESPath\nStartAt: A\n{END}", "JMESPath is not a query language", ""),
    "an expression that is not closed": (task("Output: '{% $x '", top=JSONATA), "not closed", "{% … %}"),
    "an open bracket": (task("Output: '{% $sum([1, 2) %}'", top=JSONATA), "open bracket or quote", ""),
    "a condition in jsonpath": (choice("Condition: '{% true %}', Next: B"), "Condition is a field of JSONata", ""),
    "a comparison in jsonata": (
        choice("Variable: $.a, IsNull: true, Next: B", top=JSONATA),
        "no field of a JSONata rule",
        "",
    ),
    "a rule without condition": (choice("Next: B", top=JSONATA), "no Condition", ""),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_work_names_state_and_field(bench: Bench, case: str) -> None:
    definition, what, todo = BROKEN[case]
    error = bench.refused(machine(definition))
    assert what in error.what
    assert todo in error.todo
    assert error.where is not None
    assert error.where.line >= 11


FINE = {
    "every arrow": one(
        "Type: Choice, Default: B, Choices: [{And: [{Variable: $.a, IsPresent: true}, "
        "{Not: {Variable: $.b, StringMatches: 'x*'}}], Next: B}]"
    ),
    "intrinsics as values": task(
        "TimeoutSeconds: !GetAtt Queue.Arn, Parameters: {q: !Ref Queue, name.$: '$$.Execution.Name'}"
    ),
    "intrinsics as the resource": one("Type: Task, Resource: !GetAtt create.Arn, Next: B"),
    "pseudo parameters": one(
        "Type: Task, Resource: 'arn:aws:states:#{AWS::Region}:#{AWS::AccountId}:activity:a', Next: B"
    ),
    "variables of Fn::Sub": task("Parameters: {url: 'https://${Queue.QueueName}', list.$: '$.items[?(@.x > 1)]'}"),
    "no input and no result": task("InputPath: null, ResultPath: null, OutputPath: null"),
    "calls of functions": task("Parameters: {a.$: \"States.Format('{} )', $.a)\", b: [{c.$: States.UUID()}]}"),
    "a call with space behind": task('Parameters: {a.$: "States.ArrayLength($.a)  "}'),
    "comparisons with what is not known yet": choice("Variable: $.a, NumericEquals: !Ref Queue, Next: B"),
    "a result that is dropped or is everything": task("ResultPath: $, Catch: [{ErrorEquals: [A], Next: B}]"),
    "retry": task(
        "Retry: [{ErrorEquals: [A], IntervalSeconds: 1, BackoffRate: 1.5, MaxDelaySeconds: 9, JitterStrategy: FULL}, "
        "{ErrorEquals: [States.ALL]}]"
    ),
    "catch": task("Catch: [{ErrorEquals: [A], Next: B, ResultPath: $.e}, {ErrorEquals: [States.ALL], Next: B}]"),
    "assign in jsonpath": task("Assign: {x.$: $.y, z: 1}"),
    "wait until": one("Type: Wait, TimestampPath: $.at, Next: B"),
    "wait for an import": one("Type: Wait, Seconds: !Ref Queue, Next: B"),
    "fail": 'StartAt: A\nStates: {A: {Type: Fail, ErrorPath: $.e, CausePath: "States.JsonToString($.c)"}}',
    "an old map": one(
        f"Type: Map, Next: B, ItemsPath: $.i, Parameters: {{x.$: $$.Map.Item.Value}}, Iterator: {INSIDE}"
    ),
    "a distributed map": one(
        "Type: Map, Next: B, Label: m, ToleratedFailurePercentage: 5, ItemBatcher: {MaxItemsPerBatch: 10}, "
        "ItemReader: {Resource: 'arn:aws:states:::s3:getObject', Parameters: {Bucket: b, Key: k}}, "
        "ItemProcessor: {ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: EXPRESS}, StartAt: C, "
        "States: {C: {Type: Pass, End: true}}}"
    ),
    "jsonata": task(
        "Arguments: {a: '{% $states.input.a %}'}, Output: '{% $states.result %}', Assign: {n: 1}, "
        "TimeoutSeconds: '{% $t %}'",
        top=JSONATA,
    ),
    "jsonata choice": one(
        "Type: Choice, Default: B, Choices: [{Condition: '{% $n > 1 %}', Next: B, Assign: {a: 1}, Output: x}]",
        top=JSONATA,
    ),
    "jsonata with regular expressions": task('Output: \'{% $replace($x, /[("]/, "") %}\'', top=JSONATA),
    "jsonata map": one(
        f"Type: Map, Next: B, Items: '{{% $states.input.i %}}', ItemProcessor: {INSIDE}",
        top=JSONATA,
    ),
    "one jsonata state": one("Type: Pass, QueryLanguage: JSONata, Output: {a: '{% 1 %}'}, Next: B"),
}


@pytest.mark.parametrize("case", FINE)
def test_what_works_passes_without_a_word(bench: Bench, case: str) -> None:
    template = bench.compile(machine(FINE[case]))
    assert [warning for warning in template.warnings if "permission" not in warning] == []


def test_a_resource_that_is_no_arn_is_a_warning(bench: Bench) -> None:
    (warning, *_) = bench.compile(machine(one("Type: Task, Resource: create, Next: B"))).warnings
    assert "create is not an ARN" in warning


def test_a_callback_that_may_never_come_is_a_warning(bench: Bench) -> None:
    state = "Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Next: B"
    (warning,) = bench.compile(machine(one(state))).warnings
    assert "state A waits for a task token" in warning
    assert bench.compile(machine(one(f"{state}, HeartbeatSeconds: 9"))).warnings == ()
