"""Handler of AWS::StepFunctions::Activity. Only its tags can be changed."""

from __future__ import annotations

from typing import Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import CAMEL
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging

STATES_TAGS: Final = Tagging(
    "tag_resource",
    "untag_resource",
    ApiCall("list_tags_for_resource"),
    address={"resourceArn": "{id}"},
    style="camel",
    argument="tags",
    keys="tagKeys",
    at_create="tags",
)


class ActivityHandler(DeclaredHandler):
    """Activity: a queue of work for a worker. Ref is its ARN."""

    type = "AWS::StepFunctions::Activity"
    service = "stepfunctions"
    camel = True
    ref = "arn:{partition}:states:{region}:{account}:activity:{Name}"
    address = {"activityArn": "{id}"}
    looks_first = True  # CreateActivity answers with an activity of that name that exists
    creating = ApiCall("create_activity")
    reading = ApiCall("describe_activity")
    deleting = ApiCall("delete_activity")
    missing = ("ActivityDoesNotExist",)
    exists = ("ActivityAlreadyExists",)
    settings = {"EncryptionConfiguration": Setting(CAMEL), "Name": Setting()}
    attributes = {"Arn": "{id}"}
    tagging = STATES_TAGS
