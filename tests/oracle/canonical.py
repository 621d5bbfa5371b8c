"""A CloudFormation template reduced to its meaning, by rules that know no single case.

Left out: what is random or told by the clock (ids of deployments and versions, hashes of code and layers, keys of
uploads) and the framework's own bucket for uploads. Written one way: texts put together by Join or Sub, lists whose
order says nothing, statements of policies, JSON inside texts, dependencies that a reference implies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Json = Any

_BUCKET = "ServerlessDeploymentBucket"
_VOLATILE_IDS = (
    (re.compile(r"(LambdaVersion)[0-9A-Za-z]{20,}$"), r"\1*"),
    (re.compile(r"^(ApiGatewayDeployment|WebsocketsDeployment)(?!Stage)[0-9A-Za-z]+$"), r"\1*"),
    (re.compile(r"(LambdaLayer(?:Permission\w*?)?)[0-9a-f]{40}$"), r"\1*"),
    # Versions of state machines count up with the clock.
    (re.compile(r"(StepFunctionsVersion|StateMachineVersion|Version)[0-9a-f]{32,}$"), r"\1*"),
)
# (end of the type, property): set by code or time.
_VOLATILE = {
    ("Lambda::Function", "Code"),
    ("Lambda::Version", "CodeSha256"),
    ("Lambda::LayerVersion", "Content"),
}
_VOLATILE_OUTPUTS = re.compile(r"LambdaLayer(Hash|S3Key)$|^ServerlessDeploymentBucket")
# Lists whose order says nothing.
_SETS = {
    *("Action", "NotAction", "Resource", "NotResource", "Statement", "Principal", "Service"),
    *("Tags", "Policies", "ManagedPolicyArns", "SecurityGroupIds", "SubnetIds", "Architectures", "Events"),
    *("AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "StageKeys"),
}
_SUBSTITUTE = re.compile(r"\$\{([^}]*)\}")


def canonical(template: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    """Sections → name → value, each written in the one way that its meaning has."""
    renamed = {name: _stable(name) for name in template.get("Resources") or {}}
    resources = {
        renamed[name]: _resource(value, renamed)
        for name, value in (template.get("Resources") or {}).items()
        if not name.startswith(_BUCKET)
    }
    outputs = {
        name: _value(value, renamed)
        for name, value in (template.get("Outputs") or {}).items()
        if not _VOLATILE_OUTPUTS.search(name)
    }
    rest = {
        section: {name: _value(value, renamed) for name, value in (template.get(section) or {}).items()}
        for section in ("Parameters", "Mappings", "Conditions")
    }
    rest["Parameters"].pop(_BUCKET, None)
    return {"Resources": _with_subscriptions(resources), "Outputs": outputs, **rest}


def _stable(name: str) -> str:
    for pattern, replacement in _VOLATILE_IDS:
        name = pattern.sub(replacement, name)
    return name


def _resource(resource: Mapping[str, Json], renamed: Mapping[str, str]) -> dict[str, Json]:
    type_ = resource["Type"]
    properties = {
        key: _value(value, renamed, key)
        for key, value in (resource.get("Properties") or {}).items()
        if value not in (None, "") and not any(type_.endswith(end) and key == name for end, name in _VOLATILE)
    }
    implied = _referred(properties)
    depends_on = resource.get("DependsOn") or []
    listed = [depends_on] if isinstance(depends_on, str) else depends_on
    canonical_ = {
        key: _value(value, renamed) for key, value in resource.items() if key not in ("Properties", "DependsOn")
    }
    canonical_["Properties"] = properties
    canonical_["DependsOn"] = sorted({renamed.get(name, name) for name in listed} - implied)
    return canonical_


def _value(value: Json, renamed: Mapping[str, str], key: str = "") -> Json:
    if isinstance(value, Mapping):
        text = _pieces(value, renamed)
        if text is not None:
            return text
        if key in ("PolicyDocument", "AssumeRolePolicyDocument", "Statement"):
            value = _statement(value)
        if "StatusCode" in value:
            value = _answer(value)
        return {
            name: _value(item, renamed, name)
            for name, item in value.items()
            if item is not None and (name, item) != ("QueryLanguage", "JSONPath")  # a machine's default, written out
        }
    if isinstance(value, list):
        items = [_value(item, renamed, key) for item in value if item is not None]
        return sorted(items, key=_sortable) if key in _SETS else items
    if isinstance(value, str):
        return _json(value, renamed)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json(text: str, renamed: Mapping[str, str]) -> Json:
    """JSON inside a text is compared as what it says."""
    if text[:1] in "{[" and text[-1:] in "}]":
        try:
            return {"(json)": _value(json.loads(text), renamed)}
        except ValueError:
            return text
    return text


def _statement(statement: Mapping[str, Json]) -> dict[str, Json]:
    """One action or resource is a list of one."""
    return {
        key: [value]
        if key in ("Action", "Resource", "NotAction", "Statement") and not isinstance(value, list)
        else value
        for key, value in statement.items()
    }


def _answer(answer: Mapping[str, Json]) -> dict[str, Json]:
    """A method's answer: its status is a text, and of a header that it may have only the name counts."""
    written = {**answer, "StatusCode": str(answer["StatusCode"])}
    if "ResponseModels" in written:
        written["ResponseParameters"] = dict.fromkeys(written.get("ResponseParameters") or {}, True)
    return written


def _pieces(value: Mapping[str, Json], renamed: Mapping[str, str]) -> Json | None:
    """A Ref, GetAtt, Join or Sub as the one text, or list of texts and references, that it puts together."""
    if len(value) != 1:
        return None
    ((name, argument),) = value.items()
    if name == "Ref" and isinstance(argument, str):
        return {"Ref": renamed.get(argument, argument)}
    if name == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else list(map(str, argument))
        return {"Fn::GetAtt": [renamed.get(parts[0], parts[0]), ".".join(parts[1:])]}
    if name == "Fn::Join" and isinstance(argument[0], str) and isinstance(argument[1], list):
        pieces: list[Json] = []
        for item in argument[1]:
            pieces += [argument[0], item] if pieces else [item]
        return _together(pieces, renamed)
    if name == "Fn::Sub":
        text, variables = (argument, {}) if isinstance(argument, str) else argument
        return _together(list(_substituted(text, variables)), renamed)
    return None


def _substituted(text: str, variables: Mapping[str, Json]) -> Json:
    end = 0
    for match in _SUBSTITUTE.finditer(text):
        yield text[end : match.start()]
        name = match[1].strip()
        if name.startswith("!"):
            yield "${" + name[1:] + "}"
        elif name in variables:
            yield variables[name]
        elif "." in name and not name.startswith("AWS::"):
            yield {"Fn::GetAtt": name}
        else:
            yield {"Ref": name}
        end = match.end()
    yield text[end:]


def _together(pieces: list[Json], renamed: Mapping[str, str]) -> Json:
    joined: list[Json] = []
    for piece in pieces:
        item = piece if isinstance(piece, str) else _value(piece, renamed)
        parts = item["(text)"] if isinstance(item, dict) and "(text)" in item else [item]
        for part in parts:
            part = str(part) if isinstance(part, int | float) and not isinstance(part, bool) else part
            if isinstance(part, str) and joined and isinstance(joined[-1], str):
                joined[-1] += part
            elif part != "":
                joined.append(part)
    if len(joined) == 1:
        return _json(joined[0], renamed) if isinstance(joined[0], str) else joined[0]
    return _json_with_references(joined, renamed) or {"(text)": joined}


def _json_with_references(pieces: list[Json], renamed: Mapping[str, str]) -> Json | None:
    """A JSON text with references in it, as the JSON it will be."""
    if not pieces or not (isinstance(pieces[0], str) and pieces[0].lstrip()[:1] in ("{", "[")):
        return None
    marks: list[Json] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            text += f"\\u0001{len(marks)}\\u0001"
            marks.append(piece)
    try:
        parsed = json.loads(text, strict=False)
    except ValueError:
        return None
    return {"(json)": _value(_unmarked(parsed, marks), renamed)}


def _unmarked(value: Json, marks: list[Json]) -> Json:
    if isinstance(value, dict):
        return {key: _unmarked(item, marks) for key, item in value.items()}
    if isinstance(value, list):
        return [_unmarked(item, marks) for item in value]
    if isinstance(value, str) and "\u0001" in value:
        parts = value.split("\u0001")
        joined: list[Json] = [part if index % 2 == 0 else marks[int(part)] for index, part in enumerate(parts)]
        flat = [piece for item in joined for piece in (item["(text)"] if _is_text(item) else [item]) if piece != ""]
        return flat[0] if len(flat) == 1 else {"(text)": flat}
    return value


def _is_text(value: Json) -> bool:
    return isinstance(value, dict) and "(text)" in value


def _referred(value: Json) -> set[str]:
    """The logical ids that a canonical value refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            return {value["Ref"]}
        if isinstance(value.get("Fn::GetAtt"), list):
            return {value["Fn::GetAtt"][0]}
        return set().union(*map(_referred, value.values()))
    return set().union(*map(_referred, value)) if isinstance(value, list) else set()


def _with_subscriptions(resources: dict[str, Json]) -> dict[str, Json]:
    """A subscription written inside its topic means the same as one beside it."""
    beside = dict(resources)
    for name, resource in resources.items():
        if resource["Type"] != "AWS::SNS::Topic":
            continue
        for subscription in resource["Properties"].pop("Subscription", []):
            endpoint = subscription.get("Endpoint")
            referred = endpoint.get("Fn::GetAtt") if isinstance(endpoint, dict) else None
            function = (referred or [str(endpoint)])[0].removesuffix("LambdaFunction")
            properties = {**subscription, "TopicArn": {"Ref": name}}
            own = f"{function}SnsSubscription{name.removeprefix('SNSTopic')}"
            beside[own] = {"Type": "AWS::SNS::Subscription", "Properties": properties, "DependsOn": []}
    return beside


def _sortable(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
