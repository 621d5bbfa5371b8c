"""What becomes of a project's plugins here, as data: done as they do it, not needed, or missed in what is deployed.

docs/plugins.md is the same table for people; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Fate(Enum):
    """What a plugin's part of the config comes to."""

    SUPPORTED = "supported"
    HARMLESS = "not needed"  # it is for other commands, or for what only a CloudFormation stack has
    MISSED = "missed"  # what it adds or changes is not deployed: a warning in every command
    REFUSED = "refused"  # something else than the file says would be deployed: an error before a deploy


@dataclass(frozen=True, slots=True)
class Verdict:
    """Fate of a plugin, and what that means. `todo` is the way out of what is missed or refused."""

    fate: Fate
    why: str
    todo: str = ""


_LOCAL: Final = "it runs things on this machine, and changes nothing that is deployed"
_STACK: Final = "it is about CloudFormation's stack, and there is none"
_BUILD: Final = (
    "its own build is not run: esbuild builds the handlers where it is installed, else files are as they are"
)
_BUILT: Final = "install esbuild, or build first and name the result with package.artifact"
_BY_HAND: Final = "write what it makes into resources:"

VERDICTS: Final[Mapping[str, Verdict]] = {
    "serverless-step-functions": Verdict(Fate.SUPPORTED, "stepFunctions: is compiled as the plugin compiles it"),
    "serverless-python-requirements": Verdict(Fate.SUPPORTED, "requirements are installed into packages or a layer"),
    "serverless-esbuild": Verdict(Fate.SUPPORTED, "the project's own esbuild builds the handlers"),
    "serverless-iam-roles-per-function": Verdict(Fate.SUPPORTED, "iamRoleStatements: makes a role of the function's"),
    "serverless-pseudo-parameters": Verdict(Fate.SUPPORTED, "#{AWS::Region} and its like are references"),
    "serverless-dotenv-plugin": Verdict(
        Fate.SUPPORTED,
        "variables of .env files become those of functions, as secrets; a parser in JavaScript is not run",
    ),
    "serverless-plugin-log-retention": Verdict(Fate.SUPPORTED, "custom.logRetentionInDays holds for log groups"),
    "serverless-plugin-tracing": Verdict(
        Fate.SUPPORTED, "tracing: true of functions and of the provider switches it on"
    ),
    "serverless-apigw-binary": Verdict(Fate.SUPPORTED, "custom.apigwBinary.types are the REST API's"),
    "serverless-dynamodb-autoscaling": Verdict(
        Fate.SUPPORTED, "custom.capacities become scalable targets, policies and roles"
    ),
    "serverless-plugin-aws-alerts": Verdict(
        Fate.SUPPORTED, "custom.alerts and alarms: become alarms, topics and metric filters; dashboards are not made"
    ),
    "serverless-domain-manager": Verdict(
        Fate.SUPPORTED,
        "APIs are mapped to their domains; with autoDomain: true a deploy makes domain and records, too. "
        "Certificates and hosted zones are not looked up: certificateArn, hostedZoneId",
    ),
    "serverless-offline": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-offline-sqs": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-offline-sns": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-offline-ssm": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-offline-scheduler": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-offline-lambda": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-dynamodb-local": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-dynamodb": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-s3-local": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-localstack": Verdict(Fate.HARMLESS, "an endpoint is given with --endpoint-url or AWS_ENDPOINT_URL"),
    "serverless-export-env": Verdict(Fate.HARMLESS, _LOCAL),
    "serverless-finch": Verdict(Fate.HARMLESS, "it uploads a site by a command of its own"),
    "serverless-deployment-bucket": Verdict(Fate.HARMLESS, _STACK),
    "serverless-stack-termination-protection": Verdict(Fate.HARMLESS, _STACK),
    "serverless-plugin-split-stacks": Verdict(Fate.HARMLESS, _STACK),
    "serverless-stack-output": Verdict(Fate.HARMLESS, "outputs are read with stateroom outputs"),
    "serverless-better-credentials": Verdict(Fate.HARMLESS, "credentials are the AWS configuration's, SSO included"),
    "serverless-webpack": Verdict(Fate.MISSED, _BUILD, _BUILT),
    "serverless-bundle": Verdict(Fate.MISSED, _BUILD, _BUILT),
    "serverless-plugin-typescript": Verdict(Fate.MISSED, _BUILD, _BUILT),
    "serverless-plugin-optimize": Verdict(Fate.MISSED, _BUILD, _BUILT),
    "serverless-prune-plugin": Verdict(
        Fate.MISSED,
        "versions of functions that a deploy replaces stay until the function goes",
        "write provider.versionFunctions: false, or delete old versions with a tool of your own",
    ),
    "serverless-s3-sync": Verdict(Fate.MISSED, "no files are copied to buckets", "copy them after the deploy"),
    "serverless-plugin-warmup": Verdict(Fate.MISSED, "nothing keeps functions warm", "use provisionedConcurrency"),
    "serverless-plugin-datadog": Verdict(Fate.MISSED, "functions are not wrapped", "add its layer and handler"),
    "serverless-api-gateway-throttling": Verdict(Fate.MISSED, "routes are not throttled", _BY_HAND),
    "serverless-appsync-plugin": Verdict(Fate.REFUSED, "the GraphQL API would not be made", _BY_HAND),
    "serverless-plugin-canary-deployments": Verdict(
        Fate.REFUSED, "every change would reach all users at once", "deploy this service with the framework"
    ),
    "serverless-plugin-ifelse": Verdict(
        Fate.REFUSED, "what it takes out of the file would be deployed", "use ${param:…} and conditions"
    ),
    "serverless-lift": Verdict(Fate.REFUSED, "constructs: would not be made", _BY_HAND),
}


def may_extend(plugin: str) -> bool:
    """Tell whether a plugin may give a meaning to events and functions that are not known here."""
    verdict = VERDICTS.get(plugin)
    return verdict is None or verdict.fate in (Fate.MISSED, Fate.REFUSED)
