"""Compile `url:` of a function to a Lambda function URL and its permissions."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document import keys
from stateroom.config.function import Function
from stateroom.config.naming import normalised, permission_id
from stateroom.model.values import Value

_DEFAULTS: Final = {
    "allowedHeaders": [
        "Content-Type",
        "X-Amz-Date",
        "Authorization",
        "X-Api-Key",
        "X-Amz-Security-Token",
        "X-Amzn-Trace-Id",
    ],
    "allowedMethods": ["*"],
    "allowedOrigins": ["*"],
}
_CORS: Final = {
    "allowedHeaders": "AllowHeaders",
    "allowedMethods": "AllowMethods",
    "allowedOrigins": "AllowOrigins",
    "exposedResponseHeaders": "ExposeHeaders",
}


def compile_url(build: Compilation, function: Function) -> None:
    """Add the function's URL, if it has one, and its output. Raises ConfigError."""
    block = function.config.get("url")
    if not block:
        return
    path = (*function.path, "url")
    if block is True:
        block = {}
    else:
        build.service.check(keys.FUNCTION_URL, (), *path)
    authorizer = block.get("authorizer")
    if authorizer not in (None, "aws_iam"):
        raise build.service.error(f"{authorizer} is not an authorizer", *path, "authorizer", todo="write aws_iam")
    mode = block.get("invokeMode")
    if mode not in (None, "BUFFERED", "RESPONSE_STREAM"):
        raise build.service.error(f"{mode} is not a mode", *path, "invokeMode", todo="BUFFERED or RESPONSE_STREAM")
    properties = {
        "AuthType": "AWS_IAM" if authorizer else "NONE",
        "TargetFunctionArn": function.target,
        "Cors": _cors(build, function, block.get("cors")),
        "InvokeMode": mode if mode == "RESPONSE_STREAM" else None,
    }
    logical_id = f"{normalised(function.key)}LambdaFunctionUrl"
    build.add(logical_id, "AWS::Lambda::Url", properties, path, depends_on=function.target_after)
    build.add_output(logical_id, {"Fn::GetAtt": [logical_id, "FunctionUrl"]}, "Lambda Function URL")
    if not authorizer:
        _permit(build, function, "FnUrl", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"})
        _permit(build, function, "Fn", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True})


def _cors(build: Compilation, function: Function, block: Value) -> Value:
    if not block:
        return None
    if block is True:
        block = {}
    else:
        build.service.check(keys.URL_CORS, (), *function.path, "url", "cors")
    # A key that is there and null drops its default.
    given = {**_DEFAULTS, **block}
    cors: dict[str, Value] = {
        cfn: list(dict.fromkeys(as_list(given[key]))) for key, cfn in _CORS.items() if given.get(key)
    }
    if given.get("allowCredentials"):
        cors["AllowCredentials"] = True
    if given.get("maxAge") is not None:
        cors["MaxAge"] = given["maxAge"]
    return cors


def _permit(build: Compilation, function: Function, suffix: str, action: str, more: dict[str, Value]) -> None:
    properties = {"FunctionName": function.target, "Action": action, "Principal": "*", **more}
    logical_id = permission_id(function.key, suffix)
    path = (*function.path, "url")
    build.add(logical_id, "AWS::Lambda::Permission", properties, path, depends_on=function.target_after)
