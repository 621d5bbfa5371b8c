"""Whether a state and this run mean the same place: what is in another account or region must never be compared."""

from __future__ import annotations

from stateroom.errors import PlanError


def check_region(what: str, held: str, region: str) -> None:
    """Let only a state pass whose resources are where the service is to be now.

    The framework has a stack for each region. A state is one for each stage, and says which region it is of.

    Args:
        what: whose state.
        held: the region that the state is of; "" when it holds nothing.
        region: the region that this run is for.

    Raises:
        PlanError: they are not the same.
    """
    if held and held != region:
        raise PlanError(
            f"{what} is deployed in {held}, and this is for {region}",
            why="a stage is in one region; --region or the config says another",
            todo=f"--region {held} for what is deployed, or another --stage for {region}",
        )


def check_account(what: str, held: str, account: str) -> None:
    """Let only a state pass that belongs to the account of the credentials; `held` is "" for one of nobody.

    Raises:
        PlanError: it belongs to another account.
    """
    if held and held != account:
        raise PlanError(
            f"{what}: the state belongs to account {held}",
            why=f"these credentials are for account {account}",
            todo="use the credentials or the profile of that account, or another --stage",
        )
