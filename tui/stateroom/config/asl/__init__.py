"""Validate Amazon States Language definitions: JSONPath and JSONata, with intrinsics and `${…}` still in place.

Rules are those of the States Language specification and of AWS's extensions to it (Step Functions developer guide,
"Amazon States Language"). What AWS would refuse is an error that names state and field; what would work, but not well,
is a warning.
"""

from stateroom.config.asl.checking import check_definition

__all__ = ["check_definition"]
