"""Parameters, mappings and conditions: decided while compiling, because no stack will."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stateroom.config.resources.template import resolve
from stateroom.errors import ConfigError
from stateroom.model.values import UNKNOWN, Secret, Value
from tests.config.bench import HEAD, Bench, properties

SECTIONS = """
resources:
  Parameters:
    Size: {Type: String, Default: small}
    Names: {Type: CommaDelimitedList, Default: 'a, b'}
    Password: {Type: String, NoEcho: true, Default: hidden}
  Mappings:
    Sizes: {small: {Delay: 1}, large: {Delay: 9}}
  Conditions:
    Large: !Equals [!Ref Size, large]
    Here: !Equals [!Sub '${AWS::Region}', us-east-1]
    LargeHere: !And [!Condition Large, !Condition Here]
    Other: !Not [!Or [{Condition: Large}, !Condition Here]]
  Resources:
    Always:
      Type: AWS::SQS::Queue
      DependsOn: [Big]
      Properties:
        QueueName: !Sub 'q-${Size}-${AWS::Region}'
        DelaySeconds: !FindInMap [Sizes, !Ref Size, Delay]
        VisibilityTimeout: !If [Large, 60, !Ref 'AWS::NoValue']
        Tags: !Ref Names
        KmsMasterKeyId: !Ref Password
    Big: {Type: AWS::SQS::Queue, Condition: LargeHere}
    Elsewhere: {Type: AWS::SQS::Queue, Condition: Other}
  Outputs:
    big: {Condition: Large, Value: x}
    always: {Value: !Ref Size}
"""


def test_what_a_false_condition_excludes_is_not_there(bench: Bench) -> None:
    template = bench.compile(HEAD + SECTIONS)
    assert set(template.resources) == {"Always"}
    assert template.resources["Always"].depends_on == ()
    assert set(template.outputs) == {"always"}
    assert template.outputs["always"].value == "small"
    assert properties(template, "Always") == {
        "QueueName": {"Fn::Sub": ["q-${Size}-${AWS::Region}", {"Size": "small"}]},
        "DelaySeconds": 1,
        "VisibilityTimeout": {"Ref": "AWS::NoValue"},
        "Tags": ["a", "b"],
        "KmsMasterKeyId": Secret("hidden"),
    }


def test_parameters_are_given_by_the_provider(bench: Bench) -> None:
    given = "stackParameters: [{ParameterKey: Size, ParameterValue: large}], runtime:"
    template = bench.compile(HEAD.replace("runtime:", given) + SECTIONS)
    assert set(template.resources) == {"Always", "Big"}
    assert template.resources["Always"].depends_on == ("Big",)
    assert properties(template, "Always")["DelaySeconds"] == 9
    assert properties(template, "Always")["VisibilityTimeout"] == 60


def test_an_import_is_the_output_of_another_service_of_the_project(bench: Bench) -> None:
    bench.write("serverless-compose.yml", "services: {a: {path: a}, b: {path: b}}\n")
    bench.write(
        "a/serverless.yml",
        "service: aa\nprovider: {name: aws}\nresources:\n  Resources: {Q: {Type: AWS::SQS::Queue}}\n"
        "  Outputs: {url: {Value: !Ref Q, Export: {Name: !Sub '${AWS::StackName}-url'}}}\n",
    )
    imported = (
        "{A: !ImportValue aa-dev-url, B: !ImportValue sls-aa-dev-HttpApiUrl, C: !ImportValue {Fn::Sub: 'aa-dev-url'}}"
    )
    bench.write(
        "b/serverless.yml",
        f"service: bb\nprovider: {{name: aws}}\nresources: {{Resources: {{T: {{Type: T, Properties: {imported}}}}}}}\n",
    )
    assert properties(bench.compile(service="b"), "T") == {
        "A": {"Fn::ServiceOutput": ["a", "url"]},
        "B": {"Fn::ServiceOutput": ["a", "HttpApiUrl"]},
        "C": {"Fn::ServiceOutput": ["a", "url"]},
    }


@pytest.mark.parametrize(
    ("sections", "what", "why"),
    [
        ("Conditions: {A: !Not [!Condition A]}, Resources: {Q: {Type: T, Condition: A}}", "A refers to itself", ""),
        ("Conditions: {A: !Equals [a]}, Resources: {Q: {Type: T, Condition: A}}", "Fn::Equals is malformed", ""),
        (
            "Resources: {Q: {Type: T, Properties: {A: {'Fn::Transform': {}}}}}",
            "Fn::Transform is not supported",
            "macros",
        ),
    ],
)
def test_what_cannot_be_decided_is_said_with_its_place(bench: Bench, sections: str, what: str, why: str) -> None:
    error = bench.refused(f"{HEAD}resources: {{{sections}}}")
    assert what in error.what
    assert why in error.why
    assert error.where is not None


class Nobody:
    """References that know one name each."""

    def ref(self, logical_id: str) -> Value:
        return UNKNOWN if logical_id == "New" else Secret(["a"]) if logical_id == "Secret" else logical_id

    def attribute(self, logical_id: str, name: str) -> Value:
        return "10.0.0.0/16"

    def pseudo(self, name: str) -> Value:
        return name

    def dynamic(self, text: str) -> Value:
        return text

    def service_output(self, service: str, name: str) -> Value:
        return name


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"Fn::Length": [1, {"Ref": "A"}]}, 2),
        ({"Fn::Length": {"Ref": "Secret"}}, Secret(1)),
        ({"Fn::ToJsonString": {"a": {"Ref": "A"}, "b": [1, True]}}, '{"a":"A","b":[1,true]}'),
        ({"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2]}]}, "10.0.1.0/24"),
    ],
)
def test_functions_of_their_arguments_alone(call: Mapping[str, Value], expected: Value) -> None:
    assert resolve(call, Nobody()) == expected


def test_they_are_unknown_while_an_argument_is() -> None:
    assert resolve({"Fn::ToJsonString": {"a": {"Ref": "New"}}}, Nobody()) is UNKNOWN


@pytest.mark.parametrize(
    "call",
    [{"Fn::Length": "x"}, {"Fn::ToJsonString": "x"}, {"Fn::Cidr": ["10.0.0.0/30", 9, 8]}, {"Fn::Cidr": ["x", 1]}],
)
def test_and_malformed_calls_say_what_they_take(call: Mapping[str, Value]) -> None:
    with pytest.raises(ConfigError, match="malformed"):
        resolve(call, Nobody())
