"""`serverless-dynamodb-autoscaling`: `custom.capacities` as scalable targets, policies and a role.

https://github.com/sbstjn/serverless-dynamodb-autoscaling
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.model.values import Value

_PATH: Final = ("custom", "capacities")
_LONGEST: Final = 64
_MINIMUM, _MAXIMUM, _USAGE = 5, 200, 0.75  # the plugin's defaults
_COOLDOWN: Final = 60  # seconds
_WATCH: Final = ("PutMetricAlarm", "DescribeAlarms", "DeleteAlarms", "GetMetricStatistics", "SetAlarmState")


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A table or an index of it, and how its resources are named."""

    build: Compilation
    table: str  # logical id
    index: str
    path: KeyPath

    def name(self, what: str) -> str:
        """Return a name, which is the logical id, too."""
        service = self.build.service
        parts = (self.table, self.index, service.stage, service.region)
        text = f"{service.app}{what}" + "".join(part[:1].upper() + part[1:] for part in parts)
        text = re.sub(r"[^A-Za-z0-9+]", "", text)
        # The plugin's way to shorten a name: no secret depends on it.
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return text if len(text) <= _LONGEST else text[:32] + digest


def compile_autoscaling(build: Compilation) -> None:
    """Add the resources of every entry of `custom.capacities`. Raises ConfigError."""
    entries = build.service.lookup(*_PATH)
    if entries is None:
        return
    if not isinstance(entries, list):
        raise build.service.error("not a list", *_PATH, todo="write - table: …, with read: and write: below")
    for number, entry in enumerate(entries):
        path: KeyPath = (*_PATH, number)
        build.service.check(keys.CAPACITY, (), *path)
        if not entry.get("read") and not entry.get("write"):
            continue
        for table in as_list(entry.get("table")):
            before: tuple[str, ...] = ()
            indexes = [] if entry.get("indexOnly") else [""]
            for index in (*indexes, *as_list(entry.get("index"))):
                before = _add(_Scaled(build, str(table), str(index), path), entry, before)


def _add(scaled: _Scaled, entry: Value, before: tuple[str, ...]) -> tuple[str, ...]:
    """Add the resources of a table or an index, each after those of the one before; returns their logical ids."""
    role = scaled.name("DynamoDBAutoscaleRole")
    depends_on = (scaled.table, *before)
    scaled.build.add(role, "AWS::IAM::Role", _role(scaled, role), scaled.path, depends_on=depends_on)
    made = [role]
    for key, kind in (("read", "Read"), ("write", "Write")):
        given = entry.get(key)
        if given:
            made += _scaling(scaled, kind, given if isinstance(given, dict) else {}, role, before)
    return tuple(made)


def _scaling(scaled: _Scaled, kind: str, given: Value, role: str, before: tuple[str, ...]) -> list[str]:
    target, policy = scaled.name(f"AutoScalingTarget{kind}"), scaled.name(f"TableScalingPolicy{kind}")
    place = ["table/", {"Ref": scaled.table}, *(["/index/", scaled.index] if scaled.index else [])]
    properties = {
        "MaxCapacity": given.get("maximum") or _MAXIMUM,
        "MinCapacity": given.get("minimum") or _MINIMUM,
        "ResourceId": {"Fn::Join": ["", place]},
        "RoleARN": {"Fn::GetAtt": [role, "Arn"]},
        "ScalableDimension": f"dynamodb:{'index' if scaled.index else 'table'}:{kind}CapacityUnits",
        "ServiceNamespace": "dynamodb",
    }
    type_ = "AWS::ApplicationAutoScaling::ScalableTarget"
    scaled.build.add(target, type_, properties, scaled.path, depends_on=(scaled.table, role, *before))
    properties = {
        "PolicyName": policy,
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": target},
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"},
            "ScaleInCooldown": _COOLDOWN,
            "ScaleOutCooldown": _COOLDOWN,
            "TargetValue": (given.get("usage") or _USAGE) * 100,
        },
    }
    type_ = "AWS::ApplicationAutoScaling::ScalingPolicy"
    scaled.build.add(policy, type_, properties, scaled.path, depends_on=(scaled.table, target, *before))
    return [policy, target]


def _role(scaled: _Scaled, name: str) -> dict[str, Value]:
    table = {"Fn::Join": ["", ["arn:aws:dynamodb:*:", {"Ref": "AWS::AccountId"}, ":table/", {"Ref": scaled.table}]]}
    change = ["dynamodb:DescribeTable", "dynamodb:UpdateTable"]
    statements = [
        {"Action": [f"cloudwatch:{action}" for action in _WATCH], "Effect": "Allow", "Resource": "*"},
        {"Action": change, "Effect": "Allow", "Resource": table},
    ]
    principal = {"Service": "application-autoscaling.amazonaws.com"}
    trust = [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal}]
    document = {"Statement": statements, "Version": "2012-10-17"}
    policies = [{"PolicyDocument": document, "PolicyName": scaled.name("DynamoDBAutoscalePolicy")}]
    assume = {"Statement": trust, "Version": "2012-10-17"}
    return {"AssumeRolePolicyDocument": assume, "Policies": policies, "RoleName": name}
