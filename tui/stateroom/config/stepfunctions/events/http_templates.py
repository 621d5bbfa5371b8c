r"""Velocity mapping templates that turn a request into a StartExecution call.

The execution is named by the request's id, so that a request that is sent twice starts twice. `escapeJavaScript`
escapes apostrophes, which JSON does not know: each use takes that back.
"""

from __future__ import annotations

from typing import Final

from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_START: Final = r"""
#set( $body = $util.escapeJavaScript($input.json('$')).replaceAll("\\'", "'") )
{"input": "$body", "name": "$context.requestId", "stateMachineArn":"${StateMachineArn}"}"""

# `$pairs` writes `$map` as a JSON object; an empty one is null where a function would get null.
_PAIRS: Final = r"""
#define( $pairs ){#foreach( $name in $map.keySet() )
"$util.escapeJavaScript($name)":
#set( $value = $util.escapeJavaScript($map.get($name)).replaceAll("\\'", "'") )
#if( "$value" == "" )null#else"$value"#end#if( $foreach.hasNext ),#end
#end}#end
"""
_CONTEXT: Final = (
    ("resourceId", '"$context.resourceId"'),
    ("resourcePath", '"$context.resourcePath"'),
    ("httpMethod", '"$context.httpMethod"'),
    ("extendedRequestId", '"$context.extendedRequestId"'),
    ("requestTime", '"$context.requestTime"'),
    ("path", '"$context.path"'),
    ("accountId", '"${AccountId}"'),
    ("protocol", '"$context.protocol"'),
    ("stage", '"$context.stage"'),
    ("domainPrefix", '"$context.domainPrefix"'),
    ("requestTimeEpoch", "$context.requestTimeEpoch"),
    ("requestId", '"$context.requestId"'),
    ("identity", "#set( $map = $context.identity )$pairs"),
    ("domainName", '"$context.domainName"'),
    ("authorizer", "#set( $map = $context.authorizer )$pairs"),
    ("apiId", '"$context.apiId"'),
)
_FORM_BODY: Final = r"""
#define( $body ){#foreach( $field in $input.path('$').split('&') )
#set( $parts = $field.split('=') )
#set( $value = "" )
#if( $parts.size() > 1 )#set( $value = $util.escapeJavaScript($util.urlDecode($parts[1])).replaceAll("\\'", "'") )#end
"$util.escapeJavaScript($util.urlDecode($parts[0]))": "$value"#if( $foreach.hasNext ),#end
#end}#end
"""
_JSON_BODY: Final = "\n#set( $body = $input.body )\n"


def start_templates(machine: Machine) -> dict[str, Value]:
    """Return a template for each content type that passes the request's body to the execution."""
    template = {"Fn::Sub": [_START, {"StateMachineArn": machine.arn}]}
    return {_JSON: template, _FORM: template}


def lambda_proxy_templates(machine: Machine) -> dict[str, Value]:
    """Return a template for each content type that passes the request as a Lambda proxy event."""
    variables = {"StateMachineArn": machine.arn, "AccountId": {"Ref": "AWS::AccountId"}}
    return {
        content_type: {"Fn::Sub": [body + _PAIRS + _proxied(), variables]}
        for content_type, body in ((_JSON, _JSON_BODY), (_FORM, _FORM_BODY))
    }


def _proxied() -> str:
    context = ",\n".join(f'"{name}": {value}' for name, value in _CONTEXT)
    escaped = r"""$util.escapeJavaScript("%s").replaceAll("\\'", "'")"""
    fields = (
        '"resource": "$context.resourcePath"',
        '"path": "$context.path"',
        '"httpMethod": "$context.httpMethod"',
        '"headers": #set( $map = $input.params().header )$pairs',
        _or_null("queryStringParameters", "$input.params().querystring"),
        _or_null("pathParameters", "$input.params().path"),
        _or_null("stageVariables", "$stageVariables"),
        f'"requestContext": {{\n{context}\n}}',
        f'"body": "{escaped % "$body"}"',
        '"isBase64Encoded": false',
    )
    request = ",\n".join(fields)
    call = f'"input": "{escaped % "$request"}", "name": "$context.requestId", "stateMachineArn": "${{StateMachineArn}}"'
    return f"#define( $request ){{\n{request}\n}}#end\n{{{call}}}"


def _or_null(name: str, source: str) -> str:
    return f'"{name}": #if( {source}.size() == 0 )null#else#set( $map = {source} )$pairs#end'
