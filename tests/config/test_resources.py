"""`resources:`: taken as written, merged over what is generated, checked for references that lead nowhere."""

from __future__ import annotations

import pytest

from stateroom.model.values import Secret
from tests.config.bench import FUNCTION, HEAD, Bench, properties


def test_resources_keep_their_intrinsics_and_get_no_physical_name(bench: Bench) -> None:
    text = """
    resources:
      Resources:
        Queue:
          Type: AWS::SQS::Queue
          DeletionPolicy: Retain
          DependsOn: Dead
          Properties:
            RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
        Dead: {Type: AWS::SQS::Queue}
      Outputs:
        queueUrl: {Value: !Ref Queue, Description: where orders go}
    """
    template = bench.compile(HEAD + "\n".join(line[4:] for line in text.splitlines()))
    queue = template.resources["Queue"]
    assert queue.properties == {
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    }
    assert queue.retain
    assert queue.depends_on == ("Dead",)
    assert queue.source is not None
    assert queue.source.line == 7
    assert template.outputs["queueUrl"].value == {"Ref": "Queue"}
    assert template.outputs["queueUrl"].description == "where orders go"


def test_a_generated_resource_can_be_changed_by_its_id(bench: Bench) -> None:
    change = "{Type: AWS::Lambda::Function, Properties: {ReservedConcurrentExecutions: 2, Timeout: 9}}"
    template = bench.compile(f"{HEAD}{FUNCTION}resources: {{Resources: {{CreateLambdaFunction: {change}}}}}")
    function = properties(template, "CreateLambdaFunction")
    assert (function["ReservedConcurrentExecutions"], function["Timeout"], function["MemorySize"]) == (2, 9, 1024)
    assert template.resources["CreateLambdaFunction"].depends_on == ("CreateLogGroup",)


def test_resources_may_be_a_list_of_parts(bench: Bench) -> None:
    bench.write("queues.yml", "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\nOutputs: {q: {Value: !Ref Q}}\n")
    template = bench.compile(
        HEAD + "resources:\n  - ${file(queues.yml)}\n  - Resources: {T: {Type: 'AWS::SNS::Topic'}}\n"
    )
    assert set(template.resources) == {"Q", "T"}
    assert template.resources["Q"].source is not None
    assert template.resources["Q"].source.file.name == "queues.yml"
    assert "q" in template.outputs


@pytest.mark.parametrize(
    ("resources", "what", "todo"),
    [
        ("{Resources: {Q: {Type: T, Properties: {A: !Ref Tabel}}, Table: {Type: T}}}", "no resource Tabel", "Table"),
        ("{Resources: {Q: {Type: T, DependsOn: Tabel}, Table: {Type: T}}}", "no resource Tabel", "Table"),
        ("{Outputs: {o: {Value: !Sub '${Nope.Arn}'}}}", "no resource Nope", ""),
        ("{Resources: {Q: {Typ: T}}}", "resources.Resources.Q.Typ: unknown key", "Type"),
        ("{Resources: {Q: {Properties: {}}}}", "no Type", ""),
        ("{Resources: {Q-1: {Type: T}}}", "not a logical id", "letters and digits"),
        ("{Resources: {Q: {Type: T, Condition: C}}, Conditions: {D: !Equals [a, b]}}", "there is no condition C", "D"),
        ("{Resources: {Q: {Type: T, Condition: C}}, Conditions: {C: 1}}", "not a condition", "Fn::Equals"),
        ("{Resources: {Q: {Type: T, Properties: {A: !If [a, b, c]}}}}", "there is no condition a", "Conditions"),
        ("{Resources: {Q: {Type: T, Properties: {A: {Fn::Iff: [a, b, c]}}}}}", "Fn::Iff is not supported", "Fn::If"),
        ("{Parameters: {P: {Type: String}}}", "resources.Parameters.P: no value", "stackParameters"),
        ("{Resources: {Q: {Type: T, Properties: {A: !FindInMap [M, a, b]}}}, Mappings: {M: {c: {b: 1}}}}", "no a", "c"),
        ("{extensions: {Nope: {Properties: {}}}}", "there is no resource Nope to extend", ""),
        ("{Outputs: {o: {Value: !ImportValue elsewhere}}}", "no service of this project exports", "give credentials"),
        ("{Resources: {Q: {Type: T, Properties: {A: !GetAtt Q}}}}", "Fn::GetAtt is malformed", ""),
        ("{Resources: {Q: {Type: T, DeletionPolicy: Keep}}}", "Keep is not a DeletionPolicy", ""),
        ("{Outputs: {o: {Description: x}}}", "no Value", ""),
    ],
)
def test_a_mistake_is_found_before_anything_is_deployed(bench: Bench, resources: str, what: str, todo: str) -> None:
    error = bench.refused(f"{HEAD}resources: {resources}")
    assert what in error.what
    assert todo in error.todo
    assert error.where is not None
    assert error.where.line >= 4


def test_what_an_ignored_plugin_may_make_is_missed_before_a_deploy_only(bench: Bench) -> None:
    output = "resources: {Outputs: {url: {Value: !GetAtt GraphQlApi.Url}}}"
    text = f"{HEAD}plugins: [serverless-appsync-plugin]\n{output}\n"
    error = bench.refused(text)
    assert error.what == "resources.Outputs.url: there is no resource GraphQlApi"
    assert "serverless-appsync-plugin" in error.why
    (postponed,) = bench.built(text).postponed
    assert postponed.what == error.what
    of_a_plugin = "resources: {Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Fn::Max: [1, 2]}}}}}"
    (postponed,) = bench.built(f"{HEAD}plugins: [serverless-plugin-extrinsic-functions]\n{of_a_plugin}\n").postponed
    assert "Fn::Max is not supported" in postponed.what


def test_what_aws_keeps_secret_is_a_secret_without_being_named_so(bench: Bench) -> None:
    text = """
resources:
  Resources:
    Token:
      Type: AWS::SecretsManager::Secret
      Properties: {Name: token, SecretString: hush}
    Key:
      Type: AWS::SSM::Parameter
      Properties: {Name: key, Type: SecureString, Value: hush}
    Limit:
      Type: AWS::SSM::Parameter
      Properties: {Name: limit, Type: String, Value: '7'}
    Partner:
      Type: AWS::Events::Connection
      Properties:
        AuthorizationType: BASIC
        AuthParameters: {BasicAuthParameters: {Username: shop, Password: hush}}
"""
    resources = bench.compile(HEAD + text).resources

    assert resources["Token"].properties["SecretString"] == Secret("hush")
    assert resources["Key"].properties["Value"] == Secret("hush")
    assert resources["Limit"].properties["Value"] == "7"
    basic = resources["Partner"].properties["AuthParameters"]["BasicAuthParameters"]
    assert basic == {"Username": "shop", "Password": Secret("hush")}
