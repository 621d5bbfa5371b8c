"""List the types that bear tags.

The Resource Groups Tagging API answers for all of them at once but for IAM (its user guide, "Services that support the
Resource Groups Tagging API"); where it does not serve, as with emulators, each type is listed by its own service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients, next_token, paginate


@dataclass(frozen=True, slots=True)
class MarkedType:
    """Listing of a type that bears tags.

    Args:
        type, service: the resource type, and the client of its API.
        operation, answer: what lists them, and the member with the items.
        member: of an item, which names it; "" where items are texts.
        named: the property that it is the value of; "" where it is the physical id.
        arguments: of the operation.
        from_tags: whether the Tagging API answers for the type.
    """

    type: str
    service: str
    operation: str
    answer: str
    member: str
    named: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    from_tags: bool = True

    def names(self, clients: Clients) -> Iterator[str]:
        """Yield what names each resource, over all pages."""
        client = clients(self.service)
        for item in _items(client, self.operation, self.answer, self.arguments):
            yield str(item[self.member] if self.member else item)


def _items(client: Any, operation: str, answer: str, arguments: Mapping[str, Any]) -> Iterator[Any]:
    if client.can_paginate(operation):
        yield from paginate(client, operation, answer, **arguments)
        return
    around, _, key = answer.rpartition(".")  # CloudFront: FunctionList.Items, with the marker beside the items
    asked, told, token = ("Marker", "NextMarker", "") if around else ("NextToken", "NextToken", "")
    while True:
        page = getattr(client, operation)(**arguments, **({asked: token} if token else {}))
        page = page.get(around) or {} if around else page
        yield from page.get(key) or ()
        token = next_token(page, told, token)
        if not token:
            return


MARKED_TYPES: Final = (
    MarkedType("AWS::ApiGateway::ApiKey", "apigateway", "get_api_keys", "items", "id"),
    MarkedType(
        "AWS::ApiGateway::ClientCertificate", "apigateway", "get_client_certificates", "items", "clientCertificateId"
    ),
    MarkedType("AWS::ApiGateway::RestApi", "apigateway", "get_rest_apis", "items", "id"),
    MarkedType("AWS::ApiGateway::UsagePlan", "apigateway", "get_usage_plans", "items", "id"),
    MarkedType("AWS::ApiGateway::VpcLink", "apigateway", "get_vpc_links", "items", "id"),
    MarkedType("AWS::ApiGatewayV2::Api", "apigatewayv2", "get_apis", "Items", "ApiId"),
    # Both APIs list the domain names of both.
    MarkedType("AWS::ApiGatewayV2::DomainName", "apigatewayv2", "get_domain_names", "Items", "DomainName"),
    MarkedType("AWS::ApiGatewayV2::VpcLink", "apigatewayv2", "get_vpc_links", "Items", "VpcLinkId"),
    MarkedType(
        "AWS::CertificateManager::Certificate",
        "acm",
        "list_certificates",
        "CertificateSummaryList",
        "CertificateArn",
    ),
    MarkedType("AWS::CloudFront::Distribution", "cloudfront", "list_distributions", "DistributionList.Items", "Id"),
    MarkedType("AWS::CloudFront::Function", "cloudfront", "list_functions", "FunctionList.Items", "Name", "Name"),
    MarkedType("AWS::CloudWatch::Alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", "AlarmName"),
    MarkedType(
        "AWS::Cognito::IdentityPool",
        "cognito-identity",
        "list_identity_pools",
        "IdentityPools",
        "IdentityPoolId",
        arguments={"MaxResults": 60},
    ),
    MarkedType(
        "AWS::Cognito::UserPool", "cognito-idp", "list_user_pools", "UserPools", "Id", arguments={"MaxResults": 60}
    ),
    MarkedType("AWS::DynamoDB::Table", "dynamodb", "list_tables", "TableNames", "", "TableName"),
    MarkedType(
        "AWS::ECR::Repository", "ecr", "describe_repositories", "repositories", "repositoryName", "RepositoryName"
    ),
    MarkedType("AWS::Events::EventBus", "events", "list_event_buses", "EventBuses", "Name", "Name"),
    MarkedType("AWS::Events::Rule", "events", "list_rules", "Rules", "Name", "Name"),
    MarkedType(
        "AWS::IAM::InstanceProfile",
        "iam",
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
        "InstanceProfileName",
        from_tags=False,
    ),
    MarkedType(
        "AWS::IAM::ManagedPolicy",
        "iam",
        "list_policies",
        "Policies",
        "Arn",
        arguments={"Scope": "Local"},
        from_tags=False,
    ),
    MarkedType("AWS::IAM::Role", "iam", "list_roles", "Roles", "RoleName", "RoleName", from_tags=False),
    MarkedType("AWS::IoT::TopicRule", "iot", "list_topic_rules", "rules", "ruleName", "RuleName"),
    MarkedType("AWS::KMS::Key", "kms", "list_keys", "Keys", "KeyId"),
    MarkedType("AWS::Kinesis::Stream", "kinesis", "list_streams", "StreamNames", "", "Name"),
    MarkedType(
        "AWS::Lambda::EventSourceMapping", "lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"
    ),
    MarkedType("AWS::Lambda::Function", "lambda", "list_functions", "Functions", "FunctionName", "FunctionName"),
    MarkedType("AWS::Logs::LogGroup", "logs", "describe_log_groups", "logGroups", "logGroupName", "LogGroupName"),
    MarkedType("AWS::Pipes::Pipe", "pipes", "list_pipes", "Pipes", "Name", "Name"),
    MarkedType("AWS::S3::Bucket", "s3", "list_buckets", "Buckets", "Name", "BucketName"),
    MarkedType("AWS::SNS::Topic", "sns", "list_topics", "Topics", "TopicArn"),
    MarkedType("AWS::SQS::Queue", "sqs", "list_queues", "QueueUrls", ""),
    MarkedType("AWS::SSM::Parameter", "ssm", "describe_parameters", "Parameters", "Name", "Name"),
    MarkedType("AWS::Scheduler::ScheduleGroup", "scheduler", "list_schedule_groups", "ScheduleGroups", "Name", "Name"),
    MarkedType("AWS::SecretsManager::Secret", "secretsmanager", "list_secrets", "SecretList", "ARN"),
    MarkedType("AWS::StepFunctions::Activity", "stepfunctions", "list_activities", "activities", "activityArn"),
    MarkedType(
        "AWS::StepFunctions::StateMachine", "stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"
    ),
)
