"""Conversion of Lambda functions between CloudFormation properties and API arguments and answers."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.handler_base import Artifacts
from stateroom.cloud.aws.shapes import without_empty
from stateroom.errors import CloudError
from stateroom.model.package import StoredPackage
from stateroom.model.values import Properties, Value

# A role that was just made, or a policy that was just attached to it, is not known everywhere for some seconds.
_ROLE_UNKNOWN: Final[Sequence[str]] = (
    "cannot be assumed by lambda",
    "does not have permissions to call",
    "execution role does not have permissions",
    "kms key is invalid",
)
CREATING: Final[Mapping[str, Sequence[str]]] = {"InvalidParameterValueException": _ROLE_UNKNOWN}
CHANGING: Final[Mapping[str, Sequence[str]]] = {
    **CREATING,
    "ResourceConflictException": ("in progress", "cannot be performed at this time", "following state: pending"),
    "TooManyRequestsException": (),
}
# Property → what unsetting it means to UpdateFunctionConfiguration, which leaves alone what is not named.
# None: a function cannot be without it.
CONFIGURATION: Final[Mapping[str, Any]] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "Handler": None,
    "ImageConfig": {},
    "KmsKeyArn": "",
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "Role": None,
    "Runtime": None,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
CODE: Final = frozenset({"Code", "Architectures"})
_ALONE: Final = frozenset({"CodeSigningConfigArn", "RecursiveLoop", "RuntimeManagementConfig"})  # see lambda_extras
_OTHER: Final = frozenset({"FunctionName", "PackageType", "ReservedConcurrentExecutions", "Tags", "Arn", *_ALONE})
SETTABLE: Final = CONFIGURATION.keys() | CODE | _OTHER
_NUMBERS: Final = frozenset({"MemorySize", "Timeout"})
_COPIED: Final = (
    "FunctionName",
    "Runtime",
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "PackageType",
    "Architectures",
    "DeadLetterConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "LoggingConfig",
    "TracingConfig",
)
_VPC: Final = ("SubnetIds", "SecurityGroupIds", "Ipv6AllowedForDualStack")


def check_supported(inputs: Properties) -> None:
    """Raise CloudError for a property that would silently be ignored."""
    unknown = sorted(inputs.keys() - SETTABLE)
    if unknown:
        raise CloudError(
            f"AWS::Lambda::Function: {', '.join(unknown)} cannot be set yet",
            why="stateroom does not write this property, and will not pretend that it did",
            todo="leave it out of the config; if it was set by hand, it stays as it is",
        )


def configuration(inputs: Properties, names: frozenset[str]) -> dict[str, Any]:
    """Return Create- and UpdateFunctionConfiguration's arguments for the named properties.

    Absent ones are reset.
    """
    arguments: dict[str, Any] = {}
    for name in sorted(names & CONFIGURATION.keys()):
        value = inputs.get(name)
        if value is None:
            value = CONFIGURATION[name]
        if name == "LoggingConfig":
            value = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{inputs['FunctionName']}", **value}
        if value is not None:
            arguments["KMSKeyArn" if name == "KmsKeyArn" else name] = _argument(name, value)
    return arguments


def _argument(name: str, value: Value) -> Value:
    if name == "Environment":
        variables = value.get("Variables") or {}
        return {"Variables": {key: _text(item) for key, item in variables.items()}}
    if name == "EphemeralStorage":
        return {"Size": int(value["Size"])}
    return int(value) if name in _NUMBERS else value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def code(inputs: Properties, artifacts: Artifacts) -> dict[str, Any]:
    """Return the `Code` argument: a deployment package, source text, an S3 object or an image."""
    given = inputs["Code"]
    if "ArtifactSha256" in given:
        return package(str(given["ArtifactSha256"]), artifacts)
    if "ZipFile" in given:
        return {"ZipFile": zipped_source(given["ZipFile"], str(inputs.get("Runtime", "")))}
    return dict(given)


def package(sha256: str, artifacts: Artifacts) -> dict[str, Any]:
    """Return the arguments for one of our packages: its bytes, or its place when it is too large for a call."""
    found = artifacts(sha256)
    if isinstance(found, StoredPackage):
        return {"S3Bucket": found.bucket, "S3Key": found.key}
    return {"ZipFile": found}


def zipped_source(source: str, runtime: str) -> bytes:
    """Zip one module named `index`, as CloudFormation does for `Code.ZipFile`; reproducible bytes."""
    name = "index.py" if runtime.startswith("python") else "index.js"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        package.writestr(info, source)
    return buffer.getvalue()


def model(
    answered: Mapping[str, Any],
    *,
    image: str | None = None,
    current_tags: Mapping[str, str] | None = None,
    reserved: int | None = None,
) -> dict[str, Any]:
    """Convert a FunctionConfiguration and the other parts of GetFunction's answer to properties."""
    vpc = answered.get("VpcConfig") or {}
    properties = {name: answered.get(name) for name in _COPIED}
    properties |= {
        "Arn": answered["FunctionArn"],
        "Code": {"ImageUri": image} if image else {"ArtifactSha256": _hex(answered["CodeSha256"])},
        "Environment": without_empty({"Variables": (answered.get("Environment") or {}).get("Variables")}),
        "ImageConfig": (answered.get("ImageConfigResponse") or {}).get("ImageConfig"),
        "KmsKeyArn": answered.get("KMSKeyArn"),
        "Layers": [layer["Arn"] for layer in answered.get("Layers") or ()],
        "ReservedConcurrentExecutions": reserved,
        "SnapStart": without_empty({"ApplyOn": (answered.get("SnapStart") or {}).get("ApplyOn")}),
        "Tags": tags.as_list(tags.user_tags(current_tags or {})),
        "VpcConfig": without_empty({name: vpc.get(name) for name in _VPC}) if vpc.get("SubnetIds") else None,
    }
    return without_empty(properties)


def _hex(sha256_base64: str) -> str:
    return base64.b64decode(sha256_base64).hex()
