"""Pseudo parameters that follow from the service and its region, without asking the account."""

from __future__ import annotations

from stateroom.config.service import Service
from stateroom.model.values import UNKNOWN, Value


def known_pseudo(service: Service, name: str) -> Value:
    """AWS::Region, AWS::Partition, AWS::URLSuffix or AWS::StackName; UNKNOWN for the others."""
    region = service.region
    china = region.startswith("cn-")
    return {
        "AWS::Region": region,
        "AWS::Partition": "aws-cn" if china else "aws-us-gov" if region.startswith("us-gov-") else "aws",
        "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
        "AWS::StackName": service.prefix,
    }.get(name, UNKNOWN)
