"""Handler of AWS::Scheduler::Schedule. CloudFormation spells it as the API does."""

from __future__ import annotations

from typing import Final

from stateroom.cloud.aws import ecs_targets
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import TIME, Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.scheduler_group import ScheduleGroupHandler

_TARGET: Final = Form(
    lambda target: ecs_targets.to_api(target, ecs_targets.SCHEDULES),
    lambda target: ecs_targets.from_api(target, ecs_targets.SCHEDULES),
)


class ScheduleHandler(DeclaredHandler):
    """Schedule. Ref is its name, which alone identifies it: only groups have tags."""

    type = "AWS::Scheduler::Schedule"
    service = "scheduler"
    ref = "{Name}"
    address = {"Name": "{id}", "GroupName": "{GroupName}"}
    retry = {
        "ConflictException": ("try again", "concurrent"),
        "ThrottlingException": (),
        "ValidationException": ("assume the role", "must allow aws eventbridge scheduler"),
    }
    reason = "waiting until the scheduler may assume the role"
    creating = ApiCall("create_schedule")
    reading = ApiCall("get_schedule")
    updating = {"": ApiCall("update_schedule", whole=True)}  # what is not given is reset to its default
    deleting = ApiCall("delete_schedule", reason="waiting for the scheduler")
    settings = {
        **settings_of("Description", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name"),
        **settings_of("ScheduleExpression", "ScheduleExpressionTimezone", "State"),
        **settings_of("EndDate", "StartDate", form=TIME),
        "Target": Setting(_TARGET),
    }
    attributes = {"Arn": "{answer[Arn]}"}


HANDLERS: tuple[HandlerFactory, ...] = (ScheduleHandler, ScheduleGroupHandler)
