"""Handlers of event buses, their archives, and the connections and API destinations of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, NUMBER
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.provider import ResourceData


class EventBusHandler(DeclaredHandler):
    """Event bus with its policy. Ref is its name."""

    type = "AWS::Events::EventBus"
    service = "events"
    ref = "{Name}"
    address = {"Name": "{id}"}
    creating = ApiCall("create_event_bus", {"Name": "{Name}"})
    reading = ApiCall("describe_event_bus")
    updating = {"": ApiCall("update_event_bus", whole=True)}
    deleting = ApiCall("delete_event_bus")
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"ResourceARN": "arn:{partition}:events:{region}:{account}:event-bus/{id}"},
        style="list",
    )
    settings = {
        "DeadLetterConfig": Setting(unset={}),
        "Description": Setting(unset=""),
        "EventSourceName": Setting(fixed=True),
        "KmsKeyIdentifier": Setting(unset=""),
        "LogConfig": Setting(unset={"Level": "OFF"}),
        "Policy": Setting(
            DOCUMENT,
            at_create=False,
            write=ApiCall("put_permission", {"EventBusName": "{id}"}, addressed=False),
            clear=ApiCall("remove_permission", {"EventBusName": "{id}", "RemoveAllPermissions": True}, addressed=False),
        ),
    }
    attributes = {"Name": "{id}", "Arn": "{answer[Arn]}"}


class ArchiveHandler(DeclaredHandler):
    """Archive of a bus's events. Ref is its name."""

    type = "AWS::Events::Archive"
    service = "events"
    ref = "{ArchiveName}"
    address = {"ArchiveName": "{id}"}
    creating = ApiCall("create_archive", {"ArchiveName": "{ArchiveName}"})
    reading = ApiCall("describe_archive")
    updating = {"": ApiCall("update_archive")}
    deleting = ApiCall("delete_archive")
    settling = Settling(
        "State", frozenset({"CREATING", "UPDATING"}), frozenset({"CREATE_FAILED", "UPDATE_FAILED"}), why="StateReason"
    )
    settings = {
        "Description": Setting(unset=""),
        "EventPattern": Setting(DOCUMENT, unset=""),
        "KmsKeyIdentifier": Setting(unset=""),
        "RetentionDays": Setting(NUMBER, unset=0),
        "SourceArn": Setting(name="EventSourceArn"),
    }
    attributes = {"ArchiveName": "{id}", "Arn": "{answer[ArchiveArn]}"}


class ConnectionHandler(DeclaredHandler):
    """Connection: how an API destination is signed in to. Ref is its name. Its credentials are never read."""

    type = "AWS::Events::Connection"
    service = "events"
    ref = "{Name}"
    address = {"Name": "{id}"}
    overwrites = True
    unsettable = frozenset(
        {
            f"{name}.ResourceParameters.ResourceAssociationArn"
            for name in ("AuthParameters.ConnectivityParameters", "InvocationConnectivityParameters")
        }
    )
    creating = ApiCall("create_connection", {"Name": "{Name}"})
    reading = ApiCall("describe_connection")
    updating = {"": ApiCall("update_connection", whole=True)}
    deleting = ApiCall("delete_connection")
    settling = Settling(
        "ConnectionState",
        frozenset({"CREATING", "UPDATING", "AUTHORIZING", "DEAUTHORIZING"}),
        frozenset({"FAILED_CONNECTIVITY"}),
        why="StateReason",
    )
    leaving = {"ConnectionState": frozenset({"DELETING"})}
    gone = ("waiting for EventBridge to delete the connection", 120)
    retry = {"ConcurrentModificationException": ()}
    settings = {
        **settings_of("AuthorizationType", "AuthParameters", "InvocationConnectivityParameters"),
        **settings_of("Description", "KmsKeyIdentifier", unset=""),
    }
    attributes = {"Name": "{id}", "Arn": "{answer[ConnectionArn]}", "SecretArn": "{answer[SecretArn]}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, and the ARN without the id that each new connection has in it."""
        return {**super().model(resource, answer), "ArnForPolicy": _for_policy(answer["ConnectionArn"])}


class ApiDestinationHandler(DeclaredHandler):
    """API destination, a target of rules. Ref is its name."""

    type = "AWS::Events::ApiDestination"
    service = "events"
    ref = "{Name}"
    address = {"Name": "{id}"}
    overwrites = True
    creating = ApiCall("create_api_destination", {"Name": "{Name}"})
    reading = ApiCall("describe_api_destination")
    updating = {"": ApiCall("update_api_destination")}
    deleting = ApiCall("delete_api_destination")
    retry = {"ConcurrentModificationException": ()}
    settings = {
        **settings_of("ConnectionArn", "HttpMethod", "InvocationEndpoint"),
        "Description": Setting(unset=""),
        "InvocationRateLimitPerSecond": Setting(NUMBER, unset=300),  # the limit of one that does not say
    }
    attributes = {"Name": "{id}", "Arn": "{answer[ApiDestinationArn]}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, and the ARN without the id that each new destination has in it."""
        return {**super().model(resource, answer), "ArnForPolicy": _for_policy(answer["ApiDestinationArn"])}


def _for_policy(arn: str) -> str:
    """Return `…:connection/NAME` of `…:connection/NAME/ID`."""
    return "/".join(arn.split("/")[:2])
