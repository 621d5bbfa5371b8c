"""Handlers of AWS::CloudWatch::Alarm and AWS::CloudWatch::Dashboard. Both are written as a whole."""

from __future__ import annotations

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, FLAG, NUMBER
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory


class AlarmHandler(DeclaredHandler):
    """Alarm on a metric, or on an expression of some. Ref is its name."""

    type = "AWS::CloudWatch::Alarm"
    service = "cloudwatch"
    ref = "{AlarmName}"
    address = {"AlarmName": "{id}"}
    looks_first = True  # PutMetricAlarm writes over what has the name
    creating = ApiCall("put_metric_alarm", {"AlarmName": "{AlarmName}"})
    reading = Listing(
        ApiCall("describe_alarms", {"AlarmNames": ["{id}"], "AlarmTypes": ["MetricAlarm"]}, answer="MetricAlarms"),
        "{answer[AlarmName]}",
        next_page=None,
    )
    updating = {"": ApiCall("put_metric_alarm", whole=True)}
    deleting = ApiCall("delete_alarms", {"AlarmNames": ["{id}"]}, addressed=False)
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"ResourceARN": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}"},
        style="list",
    )
    settings = {
        **settings_of("AlarmActions", "AlarmDescription", "ComparisonOperator", "Dimensions"),
        **settings_of("EvaluateLowSampleCountPercentile", "EvaluationCriteria", "EvaluationWindow"),
        **settings_of("ExtendedStatistic", "InsufficientDataActions", "MetricName", "Metrics", "Namespace"),
        **settings_of("OKActions", "Statistic", "ThresholdMetricId", "TreatMissingData", "Unit", "WarmUpConfiguration"),
        **settings_of("DatapointsToAlarm", "EvaluationInterval", "EvaluationPeriods", "Period", form=NUMBER),
        "ActionsEnabled": Setting(FLAG),
        "Threshold": Setting(NUMBER),
    }
    attributes = {"AlarmName": "{id}", "Arn": "{answer[AlarmArn]}"}


class DashboardHandler(DeclaredHandler):
    """Dashboard. Ref is its name. Its tags are read only where a config sets some: most dashboards have none."""

    type = "AWS::CloudWatch::Dashboard"
    service = "cloudwatch"
    ref = "{DashboardName}"
    address = {"DashboardName": "{id}"}
    looks_first = True  # PutDashboard writes over what has the name
    creating = ApiCall("put_dashboard", {"DashboardName": "{DashboardName}"})
    reading = ApiCall("get_dashboard")
    updating = {"": ApiCall("put_dashboard")}
    deleting = ApiCall("delete_dashboards", {"DashboardNames": ["{id}"]}, addressed=False)
    missing = ("DashboardNotFoundError",)
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"ResourceARN": "arn:{partition}:cloudwatch::{account}:dashboard/{id}"},
        style="list",
        if_declared=True,
    )
    settings = {"DashboardBody": Setting(DOCUMENT)}
    attributes = {"DashboardName": "{id}"}


HANDLERS: tuple[HandlerFactory, ...] = (AlarmHandler, DashboardHandler)
