"""Handler of AWS::IoT::TopicRule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_calls import api_document, properties_of
from stateroom.cloud.aws.calls import paginate
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.problems.error_response import error_code


class TopicRuleHandler(DeclaredHandler):
    """Rule on MQTT topics. Ref is its name."""

    type = "AWS::IoT::TopicRule"
    service = "iot"
    camel = True
    ref = "{RuleName}"
    address = {"ruleName": "{id}"}
    creating = ApiCall("create_topic_rule", {"ruleName": "{RuleName}"})
    reading = ApiCall("get_topic_rule")
    updating = {"": ApiCall("replace_topic_rule")}
    deleting = ApiCall("delete_topic_rule")
    retry = {"ConflictingResourceUpdateException": (), "InvalidRequestException": ("assume role", "not authorized")}
    reason = "waiting until IoT may assume the role"
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"resourceArn": "arn:{partition}:iot:{region}:{account}:rule/{id}"},
        style="list",
        argument="tags",
        keys="tagKeys",
        at_create="",
    )
    settings = {"TopicRulePayload": Setting()}
    attributes = {"RuleName": "{id}", "Arn": "{answer[ruleArn]}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Spell the rule as the API does; a create takes the tags as the text of a query."""
        payload = api_document({"TopicRulePayload": settings["topicRulePayload"]}, facts(self.type))
        if call is not self.creating:
            return payload
        return {**payload, "tags": urlencode(tags.wanted(resource.inputs, resource.owner))}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the rule without its name and times."""
        return properties_of({"topicRulePayload": answer["rule"]}, facts(self.type))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the rule, if there is one."""
        if self.answer(resource) is not None:
            yield from super().delete(resource)

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Read; of a rule that does not exist IoT says that it must not be seen, so the list tells which it is."""
        try:
            return super().answer(resource, even_leaving=even_leaving)
        except Exception as error:
            if error_code(error) != "UnauthorizedException" or resource.id in self._names():
                raise
            return None

    def _names(self) -> set[str]:
        return {item["ruleName"] for item in paginate(self._clients("iot"), "list_topic_rules", "rules")}


HANDLERS: tuple[HandlerFactory, ...] = (TopicRuleHandler,)
