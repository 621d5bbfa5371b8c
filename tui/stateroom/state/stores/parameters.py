"""SSM parameters: the pointers to homes, and passphrases that a team shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from stateroom.errors import StateConflictError
from stateroom.model.problems.error_response import error_code
from stateroom.state.stores.aws import AwsClients

_PAGE: Final = 50  # the most that DescribeParameters answers at once


@dataclass(frozen=True, slots=True)
class Parameter:
    """SSM parameter. `version` counts its writes from 1."""

    value: str = field(repr=False)
    version: int
    modified: datetime


class Parameters:
    """SSM parameters of one region."""

    def __init__(self, clients: AwsClients, region: str) -> None:
        self.region = region
        self._clients = clients

    def get(self, name: str) -> Parameter | None:
        """Return the parameter, decrypted, or None. Raises StateError."""
        with self._explained(f"cannot read the parameter {name}", "ssm:GetParameter"):
            try:
                found = self._client().get_parameter(Name=name, WithDecryption=True)["Parameter"]
            except Exception as error:
                if error_code(error) == "ParameterNotFound":
                    return None
                raise
        return Parameter(str(found["Value"]), int(found["Version"]), found["LastModifiedDate"])

    def below(self, path: str) -> Iterator[str]:
        """Yield the names of all parameters below a path; their values are not asked for. Raises StateError."""
        wanted = [{"Key": "Path", "Option": "Recursive", "Values": [path]}]
        with self._explained(f"cannot list the parameters below {path}", "ssm:DescribeParameters"):
            client = self._client()
            answer = client.describe_parameters(ParameterFilters=wanted, MaxResults=_PAGE)
            while True:
                yield from (str(item["Name"]) for item in answer["Parameters"])
                if not (token := answer.get("NextToken")):
                    return
                answer = client.describe_parameters(ParameterFilters=wanted, MaxResults=_PAGE, NextToken=token)

    def create(self, name: str, value: str, *, secret: bool = False, description: str = "") -> None:
        """Create a parameter. Raises StateConflictError when it exists, StateError."""
        more = {"Description": description} if description else {}
        with self._explained(f"cannot write the parameter {name}", "ssm:PutParameter"):
            try:
                self._put(name, value, secret=secret, overwrite=False, **more)
            except Exception as error:
                if error_code(error) != "ParameterAlreadyExists":
                    raise
                current = self.get(name)
                if current is None or current.value != value:  # else it is ours: an answer was lost
                    raise StateConflictError(
                        f"the parameter {name} exists already", why="someone else made it first", todo="try again"
                    ) from error

    def replace(self, name: str, value: str, *, secret: bool = False) -> None:
        """Create or overwrite a parameter. Raises StateError."""
        with self._explained(f"cannot write the parameter {name}", "ssm:PutParameter"):
            self._put(name, value, secret=secret, overwrite=True)

    def delete(self, name: str) -> None:
        """Delete a parameter; a missing one is a success. Raises StateError."""
        with self._explained(f"cannot delete the parameter {name}", "ssm:DeleteParameter"):
            try:
                self._client().delete_parameter(Name=name)
            except Exception as error:
                if error_code(error) != "ParameterNotFound":
                    raise

    def _put(self, name: str, value: str, *, secret: bool, overwrite: bool, **more: str) -> None:
        kind = "SecureString" if secret else "String"
        self._client().put_parameter(Name=name, Value=value, Type=kind, Overwrite=overwrite, **more)

    def _client(self) -> Any:
        return self._clients("ssm", self.region)

    def _explained(self, what: str, needs: str) -> Any:
        return self._clients.explained(f"{what} in {self.region}", needs=needs)
