"""Provisioned concurrency of a version or alias: set, waited for, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while, wait_until
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.provider import Task
from stateroom.errors import CloudError
from stateroom.model.values import Properties

PROPERTY: Final = "ProvisionedConcurrencyConfig"
# Seconds. Environments are started by the thousand each minute (AWS Lambda developer guide, "Configuring provisioned
# concurrency").
_PROVISIONING: Final = 900.0


def provision(api: Any, function: str, qualifier: str, inputs: Properties) -> Task[None]:
    """Set what the config asks for and wait until it is ready; take away what it does not ask for."""
    where = {"FunctionName": function, "Qualifier": qualifier}
    wanted = (inputs.get(PROPERTY) or {}).get("ProvisionedConcurrentExecutions")
    if wanted is None:
        if _answer(api, where) is not None:
            api.delete_provisioned_concurrency_config(**where)
        return
    put = lambda: api.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=int(wanted))  # noqa: E731
    yield from retry_while(put, CHANGING, "waiting for the function to be free")

    def ready() -> bool:
        answer = _answer(api, where) or {}
        if answer.get("Status") == "FAILED":
            raise CloudError(
                f"no provisioned concurrency for {function}",
                why=str(answer.get("StatusReason") or "Lambda gives no reason"),
                todo="check the account's concurrency limit",
                code="ProvisionedConcurrencyFailed",
                operation="PutProvisionedConcurrencyConfig",
            )
        return answer.get("Status") == "READY"

    yield from wait_until(ready, "waiting for provisioned concurrency", deadline=_PROVISIONING)


def provisioned(api: Any, function: str, qualifier: str) -> dict[str, Any]:
    """Return the property of a version or alias; nothing when it has none."""
    answer = _answer(api, {"FunctionName": function, "Qualifier": qualifier})
    if not answer:
        return {}
    return {PROPERTY: {"ProvisionedConcurrentExecutions": answer["RequestedProvisionedConcurrentExecutions"]}}


def _answer(api: Any, where: Mapping[str, str]) -> Any:
    return none_if_missing(
        lambda: api.get_provisioned_concurrency_config(**where), "ProvisionedConcurrencyConfigNotFoundException"
    )
