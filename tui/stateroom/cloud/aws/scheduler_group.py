"""Handler of AWS::Scheduler::ScheduleGroup. Only its tags can be changed."""

from __future__ import annotations

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging


class ScheduleGroupHandler(DeclaredHandler):
    """Group of schedules, which are deleted with it. Ref is its name."""

    type = "AWS::Scheduler::ScheduleGroup"
    service = "scheduler"
    ref = "{Name}"
    address = {"Name": "{id}"}
    looks_first = True
    creating = ApiCall("create_schedule_group")
    reading = ApiCall("get_schedule_group")
    deleting = ApiCall("delete_schedule_group")
    leaving = {"State": frozenset({"DELETING"})}
    gone = ("waiting for the schedules of the group to be deleted", 300)
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"ResourceArn": "arn:{partition}:scheduler:{region}:{account}:schedule-group/{id}"},
        style="list",
    )
    settings = {"Name": Setting()}
    attributes = {"Arn": "{answer[Arn]}", "State": "{answer[State]}"}
