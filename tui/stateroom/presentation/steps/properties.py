"""Properties of a resource in lines, one for each attribute and for each statement of a policy.

What lets people in or data out is `guarded`: shown in full, never cut and never folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.model.diff import Path
from stateroom.model.values import Value
from stateroom.presentation.steps.policies import statements
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import full, short

_GUARDED_TYPES: Final = (
    "AWS::IAM::",
    "AWS::Lambda::Permission",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Url",
    "AWS::EC2::SecurityGroup",
)
_GUARDED_ENDINGS: Final = ("Policy", "Authorizer")  # of types: QueuePolicy, BucketPolicy, TopicPolicy
_GUARDED_PROPERTIES: Final = frozenset(
    {
        *("AssumeRolePolicyDocument", "ManagedPolicyArns", "PermissionsBoundary", "Policies"),
        *("Policy", "PolicyDocument", "PolicyText", "KeyPolicy", "ResourcePolicy", "RepositoryPolicyText"),
        *("Principal", "PrincipalOrgID", "Role", "RoleArn", "RoleARN"),
        *("AuthType", "AuthorizationType", "FunctionUrlAuthType"),
        *("AccessControl", "OwnershipControls", "PublicAccessBlockConfiguration"),
    }
)


@dataclass(frozen=True, slots=True)
class PropertyLine:
    """One attribute: its path as people write it, and its value in one line, secrets masked."""

    name: str
    text: str
    guarded: bool = False

    def within(self, width: int) -> str:
        """`QueueName: orders-dev`, cut in the middle of the value to `width` cells unless it is guarded."""
        room = len(self.text) if self.guarded else max(width - cells(self.name) - 2, 12)
        return f"{self.name}: {short(self.text, room)}"


def guarded(type_: str, path: Path) -> bool:
    """Tell whether an attribute of a type decides who may do what."""
    if type_.startswith(_GUARDED_TYPES) or type_.endswith(_GUARDED_ENDINGS):
        return not path or path[0] not in ("Tags", "Description")
    return bool(path) and path[0] in _GUARDED_PROPERTIES


def property_lines(type_: str, properties: Value) -> Iterator[PropertyLine]:
    """Yield the lines of all properties, guarded ones first."""
    yield from guarded_lines(type_, properties)
    for name in _names(properties):
        if not guarded(type_, (name,)):
            yield from _lines(plain(name), properties[name], False)


def guarded_lines(type_: str, properties: Value) -> Iterator[PropertyLine]:
    """Yield the lines of those properties that are never folded. Walks nothing else."""
    for name in _names(properties):
        if guarded(type_, (name,)):
            yield from _lines(plain(name), properties[name], True)


def unguarded_count(type_: str, properties: Value) -> int:
    """How many properties can be folded, counted at the top."""
    return sum(1 for name in _names(properties) if not guarded(type_, (name,)))


def value_lines(name: str, value: Value) -> Iterator[PropertyLine]:
    """Yield the lines of one guarded value."""
    yield from _lines(name, value, True)


def _names(properties: Value) -> Iterator[str]:
    yield from properties if isinstance(properties, Mapping) else ()


def _lines(name: str, value: Value, whole: bool) -> Iterator[PropertyLine]:
    found = statements(value)
    if found is not None:
        yield from (PropertyLine(f"{name} {sid}" if sid else name, text, True) for sid, text in found)
    elif isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _lines(f"{name}.{plain(str(key))}", item, whole)
    elif isinstance(value, list | tuple) and value:
        yield from _list_lines(name, value, whole)
    else:
        yield PropertyLine(name, full(value), whole)


def _list_lines(name: str, items: list[Value] | tuple[Value, ...], whole: bool) -> Iterator[PropertyLine]:
    if not any(isinstance(item, Mapping) for item in items):
        yield PropertyLine(name, ", ".join(map(full, items)), whole)
        return
    for index, item in enumerate(items):
        keys = set(item) if isinstance(item, Mapping) else set()
        if keys == {"Key", "Value"}:
            yield from _lines(f"{name}.{full(item['Key'])}", item["Value"], whole)
        elif keys == {"PolicyName", "PolicyDocument"}:
            yield from _lines(f"{name}.{full(item['PolicyName'])}", item["PolicyDocument"], whole)
        else:
            yield from _lines(f"{name}[{index}]", item, whole)
