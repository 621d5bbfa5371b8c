"""The peer of operations.py: the calls that the work needs, made with boto3 on 16 threads and nothing around them.

What a careful script would do: one session, one client a service, deletions and creations side by side, one poller for
all functions that are not ready yet. No state, no diff, no lock; reads each result back once, as the settled answer
of the poll. `python raw.py OPERATION N ENDPOINT NAME` does one operation as a process of its own.
"""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

THREADS = 16
TAGS = {"stateroom:service": "raw", "stateroom:stage": "dev", "stateroom:resource": "raw"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"}],
}
HANDLER = "def handler(event, context):\n    return 'ok'\n"


class RawCalls:
    """One role and `size` functions, by hand."""

    def __init__(self, endpoint: str, name: str, size: int) -> None:
        import boto3
        from botocore.config import Config

        session = boto3.Session(region_name="eu-west-1")
        config = Config(max_pool_connections=48, retries={"mode": "standard"}, inject_host_prefix=False)
        self._client = {
            service: session.client(service, endpoint_url=endpoint, config=config) for service in ("iam", "lambda")
        }
        self._role = f"{name}-role"
        self._names = [f"{name}-{index:03d}" for index in range(size)]

    def deploy(self) -> None:
        """Create the role, its policy and the functions; wait until all are active."""
        iam = self._client["iam"]
        arn = iam.create_role(
            RoleName=self._role,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
        )["Role"]["Arn"]
        iam.put_role_policy(RoleName=self._role, PolicyName="policy", PolicyDocument=json.dumps(POLICY))
        self._read_role()
        package = _package()
        self._each(
            lambda name: self._client["lambda"].create_function(
                FunctionName=name,
                Role=arn,
                Runtime="python3.12",
                Handler="app.handler",
                Code={"ZipFile": package},
                MemorySize=256,
                Timeout=10,
                Tags=TAGS,
            ),
            self._names,
        )
        self._settle(self._names)

    def change(self) -> None:
        """One function's memory."""
        self._client["lambda"].update_function_configuration(FunctionName=self._names[0], MemorySize=512)
        self._settle(self._names[:1])

    def refresh(self) -> None:
        """Everything as it is, from list pages."""
        pages = self._client["lambda"].get_paginator("list_functions").paginate()
        found = {item["FunctionName"] for page in pages for item in page["Functions"]}
        missing = set(self._names) - found
        if missing:
            raise RuntimeError(f"not there: {', '.join(sorted(missing))}")
        self._read_role()

    def remove(self) -> None:
        """Delete the functions, wait until they are gone, then delete the role."""
        self._each(self._delete, self._names)
        iam = self._client["iam"]
        iam.delete_role_policy(RoleName=self._role, PolicyName="policy")
        iam.delete_role(RoleName=self._role)

    def _delete(self, name: str) -> None:
        functions = self._client["lambda"]
        functions.delete_function(FunctionName=name)
        try:
            functions.get_function(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            return
        raise RuntimeError(f"{name} is still there")

    def _read_role(self) -> None:
        iam = self._client["iam"]
        iam.get_role(RoleName=self._role)
        iam.list_attached_role_policies(RoleName=self._role)
        for policy in iam.list_role_policies(RoleName=self._role)["PolicyNames"]:
            iam.get_role_policy(RoleName=self._role, PolicyName=policy)

    def _settle(self, names: Sequence[str]) -> None:
        waiting, pause = list(names), 0.1
        while waiting:
            states = self._each(
                lambda name: self._client["lambda"].get_function(FunctionName=name)["Configuration"], waiting
            )
            waiting = [
                name
                for name, state in zip(waiting, states, strict=True)
                if state.get("State") == "Pending" or state.get("LastUpdateStatus") == "InProgress"
            ]
            if waiting:
                time.sleep(pause)
                pause *= 1.5

    def _each(self, call: Callable[[str], Any], names: Sequence[str]) -> list[Any]:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(call, names))


def _package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", HANDLER)
    return buffer.getvalue()


if __name__ == "__main__":
    operation, size_, endpoint_, name_ = sys.argv[1:]
    getattr(RawCalls(endpoint_, name_, int(size_)), operation)()
