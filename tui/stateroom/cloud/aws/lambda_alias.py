"""Handler of AWS::Lambda::Alias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.lambda_provisioned import PROPERTY, provision, provisioned
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import reveal

_WEIGHTS: Final = "AdditionalVersionWeights"


def _weights(routing: Mapping[str, Any]) -> dict[str, Any]:
    items = routing.get(_WEIGHTS) or ()
    return {_WEIGHTS: {item["FunctionVersion"]: item["FunctionWeight"] for item in items}}


def _weights_back(routing: Mapping[str, Any]) -> dict[str, Any]:
    items = (routing.get(_WEIGHTS) or {}).items()
    return {_WEIGHTS: [{"FunctionVersion": name, "FunctionWeight": weight} for name, weight in items]} if items else {}


class AliasHandler(DeclaredHandler):
    """Alias, with provisioned concurrency if configured. Ref is its ARN."""

    type = "AWS::Lambda::Alias"
    service = "lambda"
    ref = "{AliasArn}"
    address = {"FunctionName": "{before}", "Name": "{last}"}
    overwrites = True
    looks_first = True  # one of an earlier try is put right
    retry = CHANGING
    reason = "waiting for the function to be free"
    creating = ApiCall("create_alias", {"FunctionName": "{FunctionName}", "Name": "{Name}"})
    reading = ApiCall("get_alias")
    locating = ApiCall("get_alias", {"FunctionName": "{FunctionName}", "Name": "{Name}"}, answer="AliasArn")
    updating = {"": ApiCall("update_alias", whole=True)}
    deleting = ApiCall("delete_alias")
    settings = {
        "Description": Setting(unset=""),
        "FunctionVersion": Setting(),
        PROPERTY: Setting(at_create=False, group="provisioned"),
        "RoutingConfig": Setting(Form(_weights, _weights_back), unset={_WEIGHTS: {}}),
    }
    attributes = {"AliasArn": "{id}", "FunctionName": "{before}", "Name": "{last}"}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Point the alias to its version, then start what is provisioned there."""
        yield from super().update(resource)
        if resource.changed & {PROPERTY, "FunctionVersion"}:
            function, _, name = resource.id.rpartition(":")
            yield from provision(self.client, function, name, reveal(resource.inputs))
        return None

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings with the provisioned concurrency."""
        function, _, name = resource.id.rpartition(":")
        return {**super().model(resource, answer), **provisioned(self.client, function, name)}
