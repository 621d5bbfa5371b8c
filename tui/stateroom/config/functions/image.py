"""Compile functions that run a container image."""

from __future__ import annotations

import re
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.config.function import Function
from stateroom.model.values import Value

# <account>.dkr.ecr.<region>.<suffix>/<repository>, then @sha256:<digest> or :<tag>.
_URI: Final = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[^@:]+(@sha256:[0-9a-f]{64}|:[\w.-]+)?")
_CONFIG: Final = {"command": "Command", "entryPoint": "EntryPoint", "workingDirectory": "WorkingDirectory"}


def image_properties(build: Compilation, function: Function) -> dict[str, Value]:
    """Return Code, PackageType and ImageConfig of a function with `image:`. Raises ConfigError."""
    image = function.config["image"]
    path = (*function.path, "image")
    settings: dict[str, Value] = {}
    if isinstance(image, dict) and not intrinsic(image):
        build.service.check(keys.IMAGE, (), *path)
        settings = {cfn: image[key] for key, cfn in _CONFIG.items() if image.get(key)}
        if bool(image.get("uri")) == bool(image.get("name")):
            raise build.service.error("needs a uri or a name", *path, todo="write one of uri: and name:")
        image = image.get("uri") or image["name"]
    return {
        "Code": {"ImageUri": _uri(build, function, image)},
        "PackageType": "Image",
        "ImageConfig": settings or None,
    }


def _uri(build: Compilation, function: Function, image: Value) -> Value:
    if intrinsic(image) or _URI.fullmatch(str(image)):
        return image
    service, path = build.service, (*function.path, "image")
    images = service.mapping("provider", "ecr", "images")
    name = str(image)
    if name not in images:
        todo = suggestion(name, images) or "give the uri: 123456789012.dkr.ecr.<region>.amazonaws.com/<name>@sha256:…"
        raise service.error(f"{name} is neither an ECR uri nor one of provider.ecr.images", *path, todo=todo)
    entry = images[name]
    uri = entry if isinstance(entry, str) else (entry or {}).get("uri") if isinstance(entry, dict) else None
    if isinstance(uri, str) and _URI.fullmatch(uri):
        return uri
    raise service.error(
        f"the image {name} must be built",
        "provider",
        "ecr",
        "images",
        name,
        why="stateroom runs no docker",
        todo="build and push it, then give its uri: 123456789012.dkr.ecr.<region>.amazonaws.com/<name>@sha256:…",
    )
