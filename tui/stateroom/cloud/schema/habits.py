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

# Names of an item among others, in the order of preference: a list of such items is a set, whatever its schema says.
IDENTITIES: Final = ("Id", "Key", "Name", "IndexName", "AttributeName", "PolicyName", "Sid")

# A list of entries with one of these is a map written as a list: attributes, options, parameters, settings.
VALUE_NAMES: Final = frozenset({"Value", "ParameterValue"})

# Texts that no service gives back, by the name of the property; the registry has not all of them as write-only.
UNREAD_NAMES: Final = re.compile(r"\w*Password|AuthToken|SecretString|ClientSecret")

# … and properties that a type's read handler leaves out.
UNREAD: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::Budgets::Budget": ("NotificationsWithSubscribers",),
    "AWS::DAX::Cluster": ("ReplicationFactor",),
    "AWS::DocDB::DBCluster": ("DBSubnetGroupName",),
    "AWS::LakeFormation::Resource": ("ResourceArn", "UseServiceLinkedRole"),
    "AWS::Redshift::Cluster": ("Port",),  # answered as Endpoint.Port
}

# What services put before a name: by type and path.
PREFIXES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AWS::Cognito::UserPool": {"Schema.*.Name": ("custom:", "dev:custom:")},
}

# Lists to which the server, or another resource, adds items: by type.
_ZONES: Final = ("AvailabilityZones",)  # a cluster's storage spans three, whatever was asked for
ADDED: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::CertificateManager::Certificate": ("SubjectAlternativeNames",),  # the domain itself
    "AWS::Cognito::UserPool": ("Schema",),  # the standard attributes
    "AWS::DocDB::DBCluster": _ZONES,
    "AWS::EC2::Instance": ("BlockDeviceMappings", "Volumes"),  # volumes of the image
    "AWS::EC2::SecurityGroup": ("SecurityGroupEgress", "SecurityGroupIngress"),  # rules that are resources
    "AWS::EC2::VPNConnection": ("VpnTunnelOptionsSpecifications",),  # there are always two tunnels
    "AWS::GuardDuty::Detector": ("Features", "Features.*.AdditionalConfiguration"),  # all that there are
    "AWS::IAM::Group": ("ManagedPolicyArns", "Policies"),  # policies that are resources
    "AWS::IAM::ManagedPolicy": ("Groups", "Roles", "Users"),  # who names the policy by himself
    "AWS::IAM::Role": ("ManagedPolicyArns", "Policies"),
    "AWS::IAM::User": ("Groups", "ManagedPolicyArns", "Policies"),
    "AWS::Neptune::DBCluster": _ZONES,
    "AWS::RDS::DBCluster": _ZONES,
    "AWS::SNS::Topic": ("Subscription",),  # subscriptions that are resources
}

# Texts that services write in another case, by the name of the property: enumerations, engines, DNS names …
CASELESS_NAMES: Final = re.compile(
    r"\w*(Protocol|Engine|EngineName|Family|Window|Algorithm|(DNS|Dns|Domain)Name)s?"
    r"|\w*(State|Status|Mode|Type|Level|Class|Scheme|Format|Unit|Operator|Event)(s|es)?"
)

# … and in these services all names and identifiers.
CASELESS_SERVICES: Final = re.compile(
    r"AWS::(Athena|DAX|DMS|DocDB|ElastiCache|Glue|MemoryDB|Neptune|RDS|Redshift)::\w+"
)
IDENTIFIERS: Final = re.compile(r"\w*(Name|Names|Identifier|Identifiers|Id|Ids)")

# … and by type; the last names of a path, whatever is above them.
CASELESS: Final[Mapping[str, re.Pattern[str]]] = {
    "AWS::WAFv2::RuleGroup": re.compile(r"(SingleHeader|SingleQueryArgument)\.Name"),
    "AWS::WAFv2::WebACL": re.compile(r"(SingleHeader|SingleQueryArgument)\.Name"),
    "AWS::S3::Bucket": re.compile(r"\.S3Key\.Rules\.\*\.Name$"),  # `prefix` and `Prefix`
    "AWS::Route53::HostedZone": re.compile(r"(^|\.)Name$"),
    "AWS::Route53::RecordSet": re.compile(r"(^|\.)Name$"),
}
