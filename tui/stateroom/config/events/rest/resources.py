"""Path resources of a REST API, one for each path part that does not exist yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.events.event import Event
from stateroom.config.naming import path_part
from stateroom.model.values import Value

_MOST: Final = 300  # resources of an API: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html


@dataclass(slots=True)
class Paths:
    """Map of path to resource id, without slashes at the ends. `known` exist in another API."""

    build: Compilation
    api_id: Value
    root_id: Value
    known: Mapping[str, Value] = field(default_factory=dict)

    def resource(self, event: Event, path: str) -> Value:
        """Return the id of a path's resource, adding it and its parents when needed. Raises ConfigError."""
        if not path:
            return self.root_id
        if path in self.known:
            return self.known[path]
        if path.count("/") >= _MOST:
            what, todo = f"a path of more than {_MOST} parts", f"an API has {_MOST} resources at most: shorten it"
            raise event.error(self.build.service, what, todo=todo)
        if any(other.startswith(f"{path}/") for other in self.known):
            what = f"the resource id of {path} is missing"
            todo = f"add {path}: with its id under provider.apiGateway.restApiResources"
            raise event.error(self.build.service, what, why="a path below it has one, so it exists", todo=todo)
        logical_id = f"ApiGatewayResource{path_part(path)}"
        parent, _, part = path.rpartition("/")
        properties = {"ParentId": self.resource(event, parent), "PathPart": part, "RestApiId": self.api_id}
        made = self.build.resources.get(logical_id)
        # Another path with the same id, such as Users and users, is refused by `add`.
        if made is None or made.properties != properties:
            self.build.add(logical_id, "AWS::ApiGateway::Resource", properties, event.path)
        return {"Ref": logical_id}


def existing_paths(build: Compilation) -> dict[str, Value]:
    """Return the paths of provider.apiGateway.restApiResources, a map or a list of {path, resourceId}."""
    listed = build.service.lookup("provider", "apiGateway", "restApiResources") or {}
    if isinstance(listed, Mapping):
        return {str(path).strip("/"): resource_id for path, resource_id in listed.items()}
    if not isinstance(listed, list):
        path = ("provider", "apiGateway", "restApiResources")
        raise build.service.error("not a map", *path, todo="write each path with its resource id")
    pairs = ((item.get("path"), item.get("resourceId")) for item in listed if isinstance(item, Mapping))
    return {str(path).strip("/"): resource_id for path, resource_id in pairs if path and resource_id}
