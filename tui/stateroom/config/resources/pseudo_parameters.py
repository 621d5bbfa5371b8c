"""Pseudo parameters that follow from service and region, without an AWS call."""

from __future__ import annotations

from stateroom.config.naming import partition_of
from stateroom.config.service import Service
from stateroom.model.values import UNKNOWN, Value


def known_pseudo(service: Service, name: str) -> Value:
    """Return AWS::Region, AWS::Partition, AWS::URLSuffix or AWS::StackName; UNKNOWN for the others."""
    region = service.region
    partition = partition_of(region)
    return {
        "AWS::Region": region,
        "AWS::Partition": partition,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        "AWS::StackName": service.prefix,
    }.get(name, UNKNOWN)
