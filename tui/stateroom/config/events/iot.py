"""Compile `iot`, `iotFleetProvisioning`, `alexaSkill` and `alexaSmartHome` events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import ACCOUNT, PARTITION, REGION, Event, fn_join, permit
from stateroom.config.naming import normalised, permission_id
from stateroom.config.resources.json_text import json_text
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_RULE: Final = key_types("sql:text sqlVersion:text name:text enabled:flag description:text")
_FLEET: Final = key_types("enabled:flag provisioningRoleArn:scalar templateBody:map templateName:text")
_ALEXA: Final = key_types("appId:text enabled:flag")
_SQL_VERSIONS: Final = frozenset({"2015-10-08", "2016-03-23", "beta"})


def iot(build: Compilation, events: Sequence[Event]) -> None:
    """Add a topic rule and a permission for each event."""
    for event in events:
        options = event.options(build.service, "", _RULE)
        event.required(build.service, options, "sql")
        event.one_of(build.service, options, "sqlVersion", _SQL_VERSIONS)
        payload = {
            "RuleDisabled": options.get("enabled") is False,
            "Sql": _line(options["sql"]),
            "Actions": [{"Lambda": {"FunctionArn": event.target}}],
            "Description": _line(options.get("description")),
            "AwsIotSqlVersion": options.get("sqlVersion"),
        }
        properties = {
            "RuleName": _line(options.get("name")),
            "TopicRulePayload": {key: value for key, value in payload.items() if value is not None},
        }
        suffix = f"IotTopicRule{event.number}"
        rule_id = f"{normalised(event.key)}{suffix}"
        build.add(rule_id, "AWS::IoT::TopicRule", properties, event.path, depends_on=event.after)
        source = fn_join("arn:", PARTITION, ":iot:", REGION, ":", ACCOUNT, ":rule/", {"Ref": rule_id})
        permit(build, event, suffix, "iot.amazonaws.com", SourceArn=source)


def _line(text: Value) -> Value:
    return text.replace("\r", "").replace("\n", "") if isinstance(text, str) else text


def iot_fleet_provisioning(build: Compilation, events: Sequence[Event]) -> None:
    """Add a provisioning template with a pre-provisioning hook; one a function."""
    for event in events:
        options = event.options(build.service, "", _FLEET)
        event.required(build.service, options, "templateBody", "provisioningRoleArn")
        if event.number > 1:
            raise event.error(build.service, "a second one for this function", todo="write another function")
        properties = {
            "Enabled": options.get("enabled", True),
            "PreProvisioningHook": {"TargetArn": event.target},
            "ProvisioningRoleArn": options["provisioningRoleArn"],
            "TemplateBody": json_text(options["templateBody"]),
            "TemplateName": options.get("templateName"),
        }
        suffix = "IotProvisioningTemplate"
        depends_on = (permission_id(event.key, suffix), *event.after)
        logical_id = f"{normalised(event.key)}{suffix}"
        build.add(logical_id, "AWS::IoT::ProvisioningTemplate", properties, event.path, depends_on=depends_on)
        permit(build, event, suffix, "iot.amazonaws.com")


def alexa_skill(build: Compilation, events: Sequence[Event]) -> None:
    """Add a permission for each Alexa skill."""
    for event in events:
        # A bare `- alexaSkill` lets every skill in.
        options = {} if event.value is None else event.options(build.service, "appId", _ALEXA)
        _let_alexa(build, event, f"AlexaSkill{event.number}", "alexa-appkit.amazon.com", options)


def alexa_smart_home(build: Compilation, events: Sequence[Event]) -> None:
    """Add a permission for each smart home skill."""
    for event in events:
        options = event.options(build.service, "appId", _ALEXA)
        event.required(build.service, options, "appId")
        _let_alexa(build, event, f"AlexaSmartHome{event.number}", "alexa-connectedhome.amazon.com", options)


def _let_alexa(build: Compilation, event: Event, suffix: str, principal: str, options: dict[str, Value]) -> None:
    action = "lambda:DisableInvokeFunction" if options.get("enabled") is False else "lambda:InvokeFunction"
    more = {"EventSourceToken": options["appId"]} if options.get("appId") else {}
    permit(build, event, suffix, principal, Action=action, **more)


def cloudfront(build: Compilation, events: Sequence[Event]) -> None:
    """Reject `cloudFront` events. Raises ConfigError.

    Functions at the edge are versions in us-east-1 that a distribution replicates.
    """
    raise unsupported(build, events[0], "add the distribution under resources: and name the function's version in it")


def unsupported(build: Compilation, event: Event, todo: str) -> ConfigError:
    """Build the error for an event that is known but not supported."""
    return event.error(build.service, f"the event {event.kind} is not supported", todo=todo)
