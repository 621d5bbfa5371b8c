"""REST APIs: `http` events of functions and of a state machine, deployed, changed and removed through the commands."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory

CONFIG = f"""\
service: desk
plugins: [serverless-step-functions]
provider:
  name: aws
  runtime: python3.12
  region: {REGION}
  apiGateway:
    apiKeys: [friends]
    usagePlan: {{quota: {{limit: 100, period: DAY}}, throttle: {{burstLimit: 5, rateLimit: 2}}}}
    binaryMediaTypes: ['image/png']
  tags: {{team: checkout}}
functions:
  gate: {{handler: app.handler}}
  hello:
    handler: app.handler
    events:
      - http: {{path: hello, method: get, cors: true}}
      - http: {{path: 'orders/{{id}}', method: get, private: true, authorizer: gate}}
      - http:
          path: orders
          method: post
          request: {{schemas: {{application/json: {{type: object, required: [id]}}}}}}
      - http:
          path: old
          method: post
          integration: lambda
          request: {{parameters: {{querystrings: {{page: true}}}}}}
stepFunctions:
  stateMachines:
    pack:
      events: [{{http: {{path: pack, method: post}}}}]
      definition: {{StartAt: Done, States: {{Done: {{Type: Succeed}}}}}}
"""


@pytest.fixture
def desk(tmp_path: Path, ministack: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    shell = Shell(tmp_path, ministack, capsys)
    shell.config.write_text(CONFIG)
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n")
    return shell


def ask(cloud: Emulator, api: str, path: str) -> tuple[int, str]:
    """A caller on the internet: GET a path of the stage `dev`."""
    try:
        with urllib.request.urlopen(f"{cloud.endpoint_url}/_aws/execute-api/{api}/dev/{path}") as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def api_of(cloud: Emulator) -> str:
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    return str(api["id"])


def test_an_api_lives_and_changes_and_goes(desk: Shell) -> None:
    cloud = desk.emulator
    code, out, err = desk.run("deploy", "--yes")
    assert code == 0, out + err
    api = api_of(cloud)
    assert ask(cloud, api, "hello") == (200, "hello")
    base = f"https://{api}.execute-api.{REGION}.amazonaws.com/dev"
    for line in (f"GET - {base}/hello", f"GET - {base}/orders/{{id}}", f"POST - {base}/orders", f"POST - {base}/pack"):
        assert line in [text.strip() for text in out.split("endpoints:")[1].splitlines()], "after the deploy"
        assert line in desk.run("outputs")[1]
    (service,) = desk.json("outputs")["services"]
    told = {(item["method"], item["url"]) for item in service["endpoints"]}
    assert ("POST", f"{base}/pack") in told
    assert all(method != "OPTIONS" for method, _ in told)
    assert desk.run("status", "--exit-code")[0] == 0
    assert "Nothing to do" in "".join(desk.run("deploy", "--yes")[1:])

    desk.edit("path: hello, method: get", "path: hi, method: get")
    code, out, err = desk.run("deploy", "--yes")

    assert code == 0, out + err
    assert ask(cloud, api, "hi") == (200, "hello")
    assert ask(cloud, api, "hello")[0] in (403, 404)
    assert len(cloud.client("apigateway").get_deployments(restApiId=api)["items"]) == 1  # the new picture
    assert desk.run("status", "--exit-code")[0] == 0

    code, out, err = desk.run("remove", "--yes")

    assert code == 0, out + err
    assert inventory(cloud) == frozenset()


def test_a_method_that_somebody_changed_is_drift_and_is_healed(desk: Shell) -> None:
    assert desk.run("deploy", "--yes")[0] == 0
    api, client = api_of(desk.emulator), desk.emulator.client("apigateway")
    (path,) = [item["id"] for item in client.get_resources(restApiId=api)["items"] if item["path"] == "/hello"]
    where = {"restApiId": api, "resourceId": path, "httpMethod": "GET"}
    key = {"op": "replace", "path": "/apiKeyRequired", "value": "true"}
    client.update_method(**where, patchOperations=[key])

    code, out, _ = desk.run("diff")

    assert code == 2
    assert "ApiGatewayMethodHelloGet" in out
    assert "ApiKeyRequired" in out

    assert desk.run("heal", "--yes")[0] == 0
    assert str(client.get_method(**where)["apiKeyRequired"]).lower() == "false"
    assert desk.run("status", "--exit-code")[0] == 0
