"""Pulumi type tokens of CloudFormation types, and URNs.

Tokens follow Pulumi's aws-native provider: `aws-native:<service, lower case>:<Resource>`. URNs are
`urn:pulumi:<stack>::<project>::<type>::<name>`; children of the root stack do not repeat it in their type.
"""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.checkpoint.cfn_services import SPELLING

PACKAGE = "aws-native"
STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
PROVIDER_TYPE = f"{PROVIDER_PREFIX}{PACKAGE}"
PROVIDER_NAME = "stateroom"
_OTHER = "cfn/"  # types outside AWS:: keep all their parts behind this


def token_of(type_: str) -> str:
    """Convert `AWS::Lambda::Function` to `aws-native:lambda:Function`; `type_of` is the inverse."""
    *path, name = type_.split("::")
    if len(path) == 2 and path[0] == "AWS":
        service = path[1]
        if SPELLING.get(service.lower()) == service:
            return f"{PACKAGE}:{service.lower()}:{name}"
        if service not in SPELLING:
            return f"{PACKAGE}:{service}:{name}"
    return f"{PACKAGE}:{_OTHER}{'/'.join(path)}:{name}"


def type_of(token: str) -> str:
    """Return the CloudFormation type of a token that `token_of` made."""
    _, module, name = token.split(":", 2)
    if module.startswith(_OTHER):
        path = module.removeprefix(_OTHER)
        return "::".join([*path.split("/"), name]) if path else name
    return f"AWS::{SPELLING.get(module, module)}::{name}"


@dataclass(frozen=True, slots=True)
class Urns:
    """URNs of one service on one stage."""

    app: str
    stage: str

    def of(self, token: str, name: str) -> str:
        """Return the URN of a direct child of the stack."""
        return f"urn:pulumi:{self.stage}::{self.app}::{token}::{name}"

    @property
    def stack(self) -> str:
        """Return the URN of the root stack."""
        return self.of(STACK_TYPE, f"{self.app}-{self.stage}")

    @property
    def provider(self) -> str:
        """Return the URN of stateroom's provider resource."""
        return self.of(PROVIDER_TYPE, PROVIDER_NAME)


def name_in(urn: str) -> str:
    """Return the name at the end of a URN; names may contain `::`."""
    return urn.split("::", 3)[-1]
