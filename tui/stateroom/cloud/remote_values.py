"""Batch reader of remote values for config variables: SSM, stack outputs, S3, exports, URLs."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from stateroom.cloud.aws.calls import Clients, error_message, is_missing
from stateroom.cloud.aws.errors import translate
from stateroom.errors import CloudError
from stateroom.model.problems.error_response import error_code
from stateroom.model.remote import (
    Account,
    AvailabilityZones,
    Exports,
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StackOutputs,
    StoredObject,
    StoredSecret,
    WebDocument,
)
from stateroom.model.values import Secret

_BATCH: Final = 10  # parameters that SSM takes in one call
_THREADS: Final = 8
_TIMEOUT: Final = 20  # seconds
_LARGEST: Final = 20_000_000  # bytes of a document
_SECRETS: Final = "/aws/reference/secretsmanager/"
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "404", "ResourceNotFoundException"})

Answers = Mapping[RemoteRequest, RemoteAnswer]


class AwsRemoteValues:
    """RemoteValues (model.remote) with the user's AWS configuration. Making it calls nothing.

    Args:
        profile: the named profile of requests that name none; None: AWS_PROFILE or the default one.
        endpoint_url: where all services are, for emulators.
    """

    def __init__(self, *, profile: str | None = None, endpoint_url: str | None = None) -> None:
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str], Clients] = {}

    def read(self, requests: Sequence[RemoteRequest]) -> Answers:
        """Return answers to all requests; the answer to a failed request is its error."""
        groups: dict[object, list[RemoteRequest]] = {}
        for request in dict.fromkeys(requests):
            groups.setdefault(_group(request), []).append(request)
        batches = [group[start : start + _BATCH] for group in groups.values() for start in range(0, len(group), _BATCH)]
        for batch in batches:  # clients are found here, as threads must not make them twice
            self._clients_for(batch[0])
        with ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(self._batch, batches))
        return {request: answer for answers in found for request, answer in answers.items()}

    def _batch(self, batch: Sequence[RemoteRequest]) -> Answers:
        try:
            return self._ask(batch)
        except Exception as error:
            if len(batch) > 1:  # one that is not allowed must not keep the others from being read
                return {request: answer for one in batch for request, answer in self._batch([one]).items()}
            if isinstance(batch[0], ParameterRequest) and is_missing(error):
                return {batch[0]: None}  # GetParameters lists what it does not find, but not a secret
            return {batch[0]: translate(error, _what(batch[0]))}

    def _ask(self, batch: Sequence[RemoteRequest]) -> Answers:
        first = batch[0]
        if isinstance(first, ParameterRequest):
            return self._parameters([request for request in batch if isinstance(request, ParameterRequest)])
        return {request: self._one(request) for request in batch}

    def _parameters(self, batch: Sequence[ParameterRequest]) -> Answers:
        client = self._clients_for(batch[0])("ssm")
        answer = client.get_parameters(Names=[one.name for one in batch], WithDecryption=batch[0].decrypt)
        found = {
            name: ParameterValue(item["Type"], item["Value"]) for item in answer["Parameters"] for name in _names(item)
        }
        return {one: found.get(one.name) or self._referenced(one) for one in batch}

    def _referenced(self, request: ParameterRequest) -> ParameterValue | None:
        """Return a secret that a parameter's name stands for, where SSM does not answer for it: emulators' does not.

        https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
        """
        if not request.name.startswith(_SECRETS):
            return None
        clients = self._clients_for(request)
        secret = StoredSecret(request.region, request.name.removeprefix(_SECRETS), profile=request.profile)
        text = _or_none(lambda: _secret(clients, secret))
        return ParameterValue("SecureString", str(text.reveal())) if isinstance(text, Secret) else None

    def _one(self, request: RemoteRequest) -> RemoteAnswer:
        if isinstance(request, WebDocument):
            return _fetched(request)
        clients = self._clients_for(request)
        if isinstance(request, Account):
            return clients.identity().account
        if isinstance(request, StackOutputs):
            return _or_none(lambda: _outputs(clients, request.stack))
        if isinstance(request, StoredObject):
            return _or_none(lambda: _object(clients, request))
        if isinstance(request, StoredSecret):
            return _or_none(lambda: _secret(clients, request))
        if isinstance(request, Exports):
            return _exports(clients)
        if isinstance(request, AvailabilityZones):
            return _zones(clients)
        raise TypeError(f"not a request: {request!r}")

    def _clients_for(self, request: RemoteRequest) -> Clients:
        region = "" if isinstance(request, WebDocument) else request.region
        profile = "" if isinstance(request, WebDocument) else request.profile
        key = (region, profile)
        if key not in self._clients:
            self._clients[key] = Clients(
                region=region or None, profile=profile or self._profile, endpoint_url=self._endpoint_url
            )
        return self._clients[key]


def _group(request: RemoteRequest) -> object:
    """Return the group key of a request: one call answers all of a group."""
    if isinstance(request, ParameterRequest):
        return (request.region, request.profile, request.decrypt)
    return request


def _names(item: Mapping[str, str]) -> Iterable[str]:
    """Return the names by which a parameter may be requested: name, with version or label, or ARN."""
    names = [item["Name"], *filter(None, [item.get("ARN")])]
    if item.get("Selector"):  # of several versions in one answer, only the current one goes by the bare name
        return [name + item["Selector"] for name in names]
    return [*names, *(f"{name}:{item.get('Version')}" for name in names)]


def _outputs(clients: Clients, stack: str) -> Mapping[str, str]:
    (found,) = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}


def _object(clients: Clients, request: StoredObject) -> str:
    body = clients("s3").get_object(Bucket=request.bucket, Key=request.key)["Body"].read(_LARGEST + 1)
    _check_size(request, body)
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError:
        raise CloudError(_what(request), why="it is not UTF-8 text", todo="point to a text") from None


def _secret(clients: Clients, request: StoredSecret) -> Secret:
    which = {"VersionStage": request.stage, "VersionId": request.version}
    answer = clients("secretsmanager").get_secret_value(
        SecretId=request.secret, **{name: value for name, value in which.items() if value}
    )
    if "SecretString" not in answer:
        raise CloudError(_what(request), why="it holds bytes and no text", todo="store it as a text")
    return Secret(answer["SecretString"])


def _exports(clients: Clients) -> Mapping[str, str]:
    pages = clients("cloudformation").get_paginator("list_exports").paginate()
    return {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}


def _zones(clients: Clients) -> tuple[str, ...]:
    """Return zones with a default subnet, or all when there is none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
    """
    ec2 = clients("ec2")
    wanted = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
    zones = {zone["ZoneName"] for zone in ec2.describe_availability_zones(Filters=wanted)["AvailabilityZones"]}
    default = [{"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.get_paginator("describe_subnets").paginate(Filters=default)
    with_default = {subnet["AvailabilityZone"] for page in subnets for subnet in page["Subnets"]}
    return tuple(sorted(zones & with_default or zones))


def _or_none(call: Callable[[], RemoteAnswer]) -> RemoteAnswer:
    """Return the call's answer; None when the requested object does not exist."""
    try:
        return call()
    except Exception as error:
        no_stack = error_code(error) == "ValidationError" and "does not exist" in error_message(error)
        if no_stack or error_code(error) in _MISSING:
            return None
        raise


def _fetched(request: WebDocument) -> str:
    if not request.url.startswith(("https://", "http://")):
        raise CloudError(_what(request), why="not a web address", todo="begin it with https://")
    asked = urllib.request.Request(request.url)  # noqa: S310 - the scheme is checked above
    if request.username or request.password:
        password = request.password.reveal() if request.password else ""
        token = base64.b64encode(f"{request.username}:{password}".encode()).decode()
        asked.add_unredirected_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(asked, timeout=_TIMEOUT) as answer:  # noqa: S310
            body = answer.read(_LARGEST + 1)
        _check_size(request, body)
        return str(body, "utf-8")
    except urllib.error.HTTPError as error:
        raise CloudError(_what(request), why=f"it answers {error.code}", todo="check address and password") from None
    except (OSError, ValueError) as error:
        telling = urllib.error.URLError | UnicodeDecodeError | UnicodeEncodeError
        reason = error.reason if isinstance(error, telling) else error
        raise CloudError(_what(request), why=str(reason), todo="check the address and the network") from None


def _check_size(request: RemoteRequest, body: bytes) -> None:
    if len(body) > _LARGEST:
        raise CloudError(_what(request), why=f"it is larger than {_LARGEST:,} bytes", todo="point to a smaller one")


def _what(request: RemoteRequest) -> str:
    match request:
        case ParameterRequest():
            return f"parameter {request.name} in {request.region}"
        case StackOutputs():
            return f"stack {request.stack} in {request.region}"
        case StoredObject():
            return f"object {request.bucket}/{request.key}"
        case StoredSecret():
            return f"secret {request.secret} in {request.region}"
        case Exports():
            return f"the stacks' exports in {request.region}"
        case AvailabilityZones():
            return f"the availability zones of {request.region}"
        case WebDocument():
            return request.url
        case Account():
            return "the account's number"
