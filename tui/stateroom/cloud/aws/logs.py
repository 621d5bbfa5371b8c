"""Handler of AWS::Logs::LogGroup."""

from __future__ import annotations

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG, NUMBER
from stateroom.cloud.aws.declared.handler import ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.logs_filters import MetricFilterHandler, ResourcePolicyHandler, SubscriptionFilterHandler


class LogGroupHandler(ListedHandler):
    """Log group. Ref is its name."""

    type = "AWS::Logs::LogGroup"
    service = "logs"
    camel = True
    ref = "{LogGroupName}"
    address = {"logGroupName": "{id}"}
    retry = {"OperationAbortedException": ()}
    reason = "waiting for another change of the log group to end"
    creating = ApiCall("create_log_group")
    reading = Listing(
        ApiCall("describe_log_groups", {"logGroupNamePrefix": "{id}"}, answer="logGroups"),
        "{logGroupName}",
        absent_is_gone=True,
    )
    listing = reading
    deleting = ApiCall("delete_log_group")
    gone = ("waiting for the log group to be gone", 300)
    settings = {
        "Arn": Setting(fixed=True, at_create=False),  # accepted, because exported templates have it
        "DeletionProtectionEnabled": Setting(
            FLAG,
            at_create=False,
            write=ApiCall("put_log_group_deletion_protection", {"logGroupIdentifier": "{id}"}, addressed=False),
        ),
        "KmsKeyId": Setting(write=ApiCall("associate_kms_key"), clear=ApiCall("disassociate_kms_key")),
        "LogGroupClass": Setting(),
        "LogGroupName": Setting(),
        "RetentionInDays": Setting(
            NUMBER,
            at_create=False,
            write=ApiCall("put_retention_policy"),
            clear=ApiCall("delete_retention_policy"),
        ),
    }
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        # Without the `:*` that DescribeLogGroups ends an ARN with.
        address={"resourceArn": "arn:{partition}:logs:{region}:{account}:log-group:{id}"},
        argument="tags",
        keys="tagKeys",
        at_create="tags",
        if_declared=True,
    )


HANDLERS: tuple[HandlerFactory, ...] = (
    LogGroupHandler,
    SubscriptionFilterHandler,
    MetricFilterHandler,
    ResourcePolicyHandler,
)
