"""Handler of AWS::Pipes::Pipe. Its properties are spelled as the API has them, but for those of ECS tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import lower_first, upper_first
from stateroom.cloud.provider import ResourceData
from stateroom.cloud.schema.catalog import facts

# Below EcsTaskParameters and its Overrides.
_AS_IN_ECS: Final = frozenset(
    {
        "CapacityProviderStrategy",
        "Environment",
        "EnvironmentFiles",
        "EphemeralStorage",
        "InferenceAcceleratorOverrides",
        "PlacementConstraints",
        "PlacementStrategy",
        "ResourceRequirements",
    }
)
_STEPS: Final = ("CREATE", "UPDATE", "START", "STOP", "DELETE", "CREATE_ROLLBACK", "UPDATE_ROLLBACK", "DELETE_ROLLBACK")


def _respelt(value: Any, spell: Callable[[Any], Any]) -> Any:
    """Return parameters with those of ECS tasks, which the API spells as ECS does, spelled by `spell`."""
    if isinstance(value, list):
        return [_respelt(item, spell) for item in value]
    if not isinstance(value, Mapping):
        return value
    spelled = {key: spell(item) if key in _AS_IN_ECS else _respelt(item, spell) for key, item in value.items()}
    if network := spelled.get("NetworkConfiguration"):
        spelled["NetworkConfiguration"] = {next(iter(spell({key: ""}))): item for key, item in network.items()}
    return spelled


def _target(spell: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what respells the parameters of a target."""

    def respell(value: Any) -> Any:
        tasks = value.get("EcsTaskParameters")
        return {**value, "EcsTaskParameters": _respelt(tasks, spell)} if tasks else value

    return respell


_TARGET: Final = Form(_target(lower_first), _target(upper_first))


class PipeHandler(DeclaredHandler):
    """Pipe from a source to a target. Ref is its name."""

    type = "AWS::Pipes::Pipe"
    service = "pipes"
    ref = "{Name}"
    address = {"Name": "{id}"}
    looks_first = True
    creating = ApiCall("create_pipe", {"Name": "{Name}"})
    reading = ApiCall("describe_pipe")
    updating = {"": ApiCall("update_pipe", whole=True)}
    deleting = ApiCall("delete_pipe")
    retry = {"ConflictException": (), "ValidationException": ("assume", "role")}
    reason = "waiting until the pipe's role can be used"
    settling = Settling(
        "CurrentState",
        frozenset({"CREATING", "UPDATING", "STARTING", "STOPPING"}),
        frozenset(f"{step}_FAILED" for step in _STEPS),
        why="StateReason",
    )
    leaving = {"CurrentState": frozenset({"DELETING"})}
    gone = ("waiting for the pipe to be deleted", 300)
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        address={"resourceArn": "arn:{partition}:pipes:{region}:{account}:pipe/{id}"},
        argument="tags",
        keys="tagKeys",
        answered="Tags",
        as_map=True,
    )
    # UpdatePipe leaves alone what it is not told; empty takes it away (API reference, UpdatePipe).
    settings = {
        **settings_of("RoleArn", "Source", "Target"),
        **settings_of("Description", "Enrichment", "KmsKeyIdentifier", unset=""),
        **settings_of("EnrichmentParameters", "SourceParameters", unset={}),
        "TargetParameters": Setting(_TARGET, {}),
        "DesiredState": Setting(unset="RUNNING"),
        "LogConfiguration": Setting(unset={"Level": "OFF"}),
    }
    attributes = {"Name": "{id}", "Arn": "{answer[Arn]}", "CurrentState": "{answer[CurrentState]}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Leave out of an update what cannot be changed: it does not take it."""
        if call is self.creating:
            return settings
        fixed = [path.split(".") for path in facts(self.type).schema.create_only]
        for path in fixed:
            settings = _without(settings, path)
        return {name: value for name, value in settings.items() if name in resource.changed or name == "RoleArn"}


def _without(value: Any, path: list[str]) -> Any:
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    rest = {name: item for name, item in value.items() if name != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: _without(value[path[0]], path[1:])}


HANDLERS: tuple[HandlerFactory, ...] = (PipeHandler,)
