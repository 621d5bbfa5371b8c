"""Habits of AWS's answers, as data: what it adds, orders and writes in small letters beyond what its schemas say.

Paths are dotted, lists as `*`. Sources: the services' API references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Lists in which a place means something, whatever the type: what runs first, what is looked at first.
SEQUENCES: Final = frozenset(
    {"Args", "CacheBehaviors", "Command", "Commands", "EntryPoint", "Layers", "Processors", "Stages", "Steps"}
)

# Lists that are sets although the registry says `insertionOrder: true`: of ids, names and kinds, by their names.
SETS: Final = re.compile(
    r"\w*(Ids|Arns|ARNs|Names|Zones|Groups|Roles|Types|Exports|Regions|Accounts|Users|Tags|TagFilters|Ports|Protocols"
    r"|Addresses|Cidrs|Methods|Headers|Origins|Domains|Statistics|Hosts|Fields|Logs|Alarms|Dimensions)"
)

# A list of entries with one of these is a map written as a list: attributes, options, parameters, settings.
VALUE_NAMES: Final = frozenset({"Value", "ParameterValue"})

# Texts that no service gives back, by the name of the property; the registry has not all of them as write-only.
UNREAD_NAMES: Final = re.compile(r"\w*Password|AuthToken|SecretString|ClientSecret")

# … and properties that a type's read handler leaves out.
UNREAD: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::Budgets::Budget": ("NotificationsWithSubscribers",),
    "AWS::DocDB::DBCluster": ("DBSubnetGroupName",),
    "AWS::Redshift::Cluster": ("Port",),  # answered as Endpoint.Port
}

# Lists to which the server adds items, by type.
ADDED: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::Cognito::UserPool": ("Schema",),  # the standard attributes
    "AWS::EC2::Instance": ("BlockDeviceMappings",),  # volumes of the image
    "AWS::EC2::VPNConnection": ("VpnTunnelOptionsSpecifications",),  # there are always two tunnels
}

# Texts that services write in small letters, by the name of the property …
CASELESS_NAMES: Final = re.compile(
    r"\w*Protocol|Engine|EngineName|\w*Family|\w*Window|\w*Algorithm|\w*(DNS|Dns|Domain)Names?"
)

# … and in these services all names and identifiers.
CASELESS_SERVICES: Final = re.compile(r"AWS::(RDS|Redshift|Neptune|DocDB|DAX|ElastiCache|MemoryDB|DMS)::\w+")
IDENTIFIERS: Final = re.compile(r"\w*(Name|Names|Identifier|Identifiers|Id|Ids)")

# … and by type; the last names of a path, whatever is above them.
CASELESS: Final[Mapping[str, re.Pattern[str]]] = {
    "AWS::WAFv2::RuleGroup": re.compile(r"(SingleHeader|SingleQueryArgument)\.Name"),
    "AWS::WAFv2::WebACL": re.compile(r"(SingleHeader|SingleQueryArgument)\.Name"),
    "AWS::Route53::HostedZone": re.compile(r"(^|\.)Name$"),
    "AWS::Route53::RecordSet": re.compile(r"(^|\.)Name$"),
}
