"""User pools that call functions, made here or there already, through the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory

CONFIG = f"""\
service: club
provider: {{name: aws, runtime: python3.12, region: {REGION}}}
functions:
  join:
    handler: app.handler
    events:
      - cognitoUserPool: {{pool: Members, trigger: PreSignUp}}
      - cognitoUserPool: {{pool: Members, trigger: PostConfirmation}}
  greet:
    handler: app.handler
    events:
      - cognitoUserPool: {{pool: company, trigger: PostAuthentication, existing: true}}
resources:
  Resources:
    CognitoUserPoolMembers:
      Type: AWS::Cognito::UserPool
      Properties:
        Schema: [{{Name: plan, AttributeDataType: String, Mutable: true}}]
        Policies: {{PasswordPolicy: {{MinimumLength: 12}}}}
    App:
      Type: AWS::Cognito::UserPoolClient
      Properties: {{UserPoolId: !Ref CognitoUserPoolMembers, GenerateSecret: true}}
  Outputs:
    pool: {{Value: !Ref CognitoUserPoolMembers}}
    issuer: {{Value: !GetAtt CognitoUserPoolMembers.ProviderURL}}
    app: {{Value: !Ref App}}
    secret: {{Value: !GetAtt App.ClientSecret}}
"""


@pytest.fixture
def club(
    tmp_path: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "correct horse")  # the state keeps the client's secret
    shell = Shell(tmp_path, emulator, capsys)
    shell.config.write_text(CONFIG)
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return event\n")
    return shell


def test_a_pool_and_its_triggers_live_and_die(club: Shell) -> None:
    cognito = club.emulator.client("cognito-idp")
    company = cognito.create_user_pool(PoolName="company", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    before = inventory(club.emulator)
    code, out, err = club.run("deploy", "--yes")
    assert code == 0, out + err

    outputs = club.json("outputs")["services"][0]["outputs"]
    pool = cognito.describe_user_pool(UserPoolId=outputs["pool"])["UserPool"]
    assert pool["LambdaConfig"].keys() == {"PreSignUp", "PostConfirmation"}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert outputs["issuer"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool['Id']}"
    theirs = cognito.describe_user_pool(UserPoolId=company)["UserPool"]
    assert theirs["LambdaConfig"]["PostAuthentication"].endswith(":function:club-dev-greet")
    assert theirs["AutoVerifiedAttributes"] == ["email"]
    granted = json.loads(club.emulator.client("lambda").get_policy(FunctionName="club-dev-join")["Policy"])
    assert {item["Condition"]["ArnLike"]["AWS:SourceArn"] for item in granted["Statement"]} == {pool["Arn"]}
    secret = cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=outputs["app"])["UserPoolClient"]
    written = "".join(path.read_text(errors="replace") for path in club.directory.rglob("*") if path.is_file())
    assert secret["ClientSecret"] not in written + out + err
    assert club.run("status", "--exit-code")[0] == 0
    assert "Nothing to do" in "".join(club.run("deploy", "--yes")[1:])

    cognito.update_user_pool(
        UserPoolId=pool["Id"],
        LambdaConfig={"PreSignUp": pool["LambdaConfig"]["PreSignUp"]},
        Policies=pool["Policies"],
        UserPoolTags=pool["UserPoolTags"],
    )
    code, out, err = club.run("diff")
    assert (code, "LambdaConfig.PostConfirmation" in out) == (2, True), out + err
    assert club.run("heal", "--yes")[0] == 0
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["LambdaConfig"] == pool["LambdaConfig"]
    assert club.run("status", "--exit-code")[0] == 0

    code, out, err = club.run("remove", "--dry-run")
    assert "its users will be lost" in out
    code, out, err = club.run("remove", "--yes")
    assert code == 0, out + err
    assert [item["Id"] for item in cognito.list_user_pools(MaxResults=9)["UserPools"]] == [company]
    assert not cognito.describe_user_pool(UserPoolId=company)["UserPool"].get("LambdaConfig")
    assert inventory(club.emulator) == before
