"""What variables ask of AWS and of web servers (model.remote.RemoteValues). Reads only."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients, is_missing
from stateroom.cloud.aws.errors import translate
from stateroom.errors import CloudError
from stateroom.model.remote import (
    Account,
    Parameter,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StackOutputs,
    StoredObject,
    WebDocument,
)

_PARAMETERS_PER_CALL: Final = 10  # of ssm:GetParameters
_WEB_SECONDS: Final = 10.0

ClientsFor = Callable[[str, str], Clients]
"""Region and profile ("" for the ordinary ones) → clients."""


class AwsRemoteValues:
    """Answers with the user's ordinary AWS configuration. `clients_for` is asked once for each region and profile."""

    def __init__(self, clients_for: ClientsFor) -> None:
        self._clients_for = clients_for
        self._clients: dict[tuple[str, str], Clients] = {}
        self._lock = threading.Lock()

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        """Answers to all requests: parameters ten a call, everything else one by one, each with its own error."""
        answers: dict[RemoteRequest, RemoteAnswer] = {}
        parameters = [request for request in requests if isinstance(request, Parameter)]
        for group in _alike(parameters):
            for start in range(0, len(group), _PARAMETERS_PER_CALL):
                answers |= self._parameters(group[start : start + _PARAMETERS_PER_CALL])
        for request in requests:
            if not isinstance(request, Parameter):
                answers[request] = self._one(request)
        return answers

    def _of(self, region: str, profile: str) -> Clients:
        with self._lock:
            key = (region, profile)
            if key not in self._clients:
                self._clients[key] = self._clients_for(region, profile)
            return self._clients[key]

    def _parameters(self, group: Sequence[Parameter]) -> dict[RemoteRequest, RemoteAnswer]:
        first = group[0]
        names = list(dict.fromkeys(parameter.name for parameter in group))
        try:
            ssm = self._of(first.region, first.profile)("ssm")
            found = ssm.get_parameters(Names=names, WithDecryption=first.decrypt)["Parameters"]
        except Exception as error:
            failure = translate(error, f"could not read the SSM parameters {', '.join(names)}")
            return dict.fromkeys(group, failure)
        by_name = {name: item for item in found for name in (item["Name"], item.get("ARN", ""))}
        return {request: _parameter_value(by_name.get(request.name)) for request in group}

    def _one(self, request: RemoteRequest) -> RemoteAnswer:
        try:
            return self._answer(request)
        except CloudError as error:
            return error
        except Exception as error:
            return None if _is_absent(error) else translate(error, f"could not read {_named(request)}")

    def _answer(self, request: RemoteRequest) -> RemoteAnswer:
        if isinstance(request, Account):
            return self._of("", request.profile).identity().account
        if isinstance(request, StackOutputs):
            stacks = self._of(request.region, request.profile)("cloudformation").describe_stacks(
                StackName=request.stack
            )
            outputs = stacks["Stacks"][0].get("Outputs", ())
            return {item["OutputKey"]: item["OutputValue"] for item in outputs}
        if isinstance(request, StoredObject):
            s3 = self._of(request.region, request.profile)("s3")
            text: str = s3.get_object(Bucket=request.bucket, Key=request.key)["Body"].read().decode()
            return text
        if isinstance(request, WebDocument):
            return _web(request)
        raise CloudError(f"nobody answers {type(request).__name__}", todo="report this")


def _alike(parameters: Iterable[Parameter]) -> list[list[Parameter]]:
    """Parameters that one call can answer."""
    groups: dict[tuple[str, str, bool], list[Parameter]] = {}
    for parameter in parameters:
        groups.setdefault((parameter.region, parameter.profile, parameter.decrypt), []).append(parameter)
    return list(groups.values())


def _parameter_value(item: Mapping[str, Any] | None) -> ParameterValue | None:
    return None if item is None else ParameterValue(item["Type"], item["Value"])


def _is_absent(error: Exception) -> bool:
    # CloudFormation has no code of its own for a stack that does not exist.
    return is_missing(error, "NoSuchKey") or ("ValidationError" in str(error) and "does not exist" in str(error))


def _named(request: RemoteRequest) -> str:
    if isinstance(request, StackOutputs):
        return f"the outputs of stack {request.stack}"
    if isinstance(request, StoredObject):
        return f"s3://{request.bucket}/{request.key}"
    return "the account's number"


def _web(request: WebDocument) -> str | None:
    import urllib.error
    import urllib.request

    if not request.url.startswith(("https://", "http://")):
        raise CloudError(f"{request.url} is not a web address", todo="write https://…")
    asked = urllib.request.Request(request.url)  # noqa: S310 (the scheme is checked above)
    if request.username:
        password = request.password.reveal() if request.password else ""
        token = base64.b64encode(f"{request.username}:{password}".encode()).decode()
        asked.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(asked, timeout=_WEB_SECONDS) as answer:  # noqa: S310
            text: str = answer.read().decode()
            return text
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise CloudError(f"{request.url} answered {error.code}", todo="check the address and the password") from None
    except OSError as error:
        raise CloudError(f"{request.url} cannot be reached", why=str(error), todo="check the address") from None
