"""Guards: a state must be of this run's account and region, and a read-only run changes nothing."""

from __future__ import annotations

from stateroom.errors import PlanError, ReadOnlyError


def check_region(what: str, held: str, region: str) -> None:
    """Check that a state's resources are in the region of this run.

    The framework has a stack for each region. A state is one for each stage, and records its region.

    Args:
        what: the state's owner, for the message.
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
    """Check that a state belongs to the account of the credentials; `held` is "" for an unowned one.

    Raises:
        PlanError: it belongs to another account.
    """
    if held and held != account:
        raise PlanError(
            f"{what}: the state belongs to account {held}",
            why=f"these credentials are for account {account}",
            todo="use the credentials or the profile of that account, or another --stage",
        )


def refuse_read_only(*, read_only: bool) -> None:
    """Let only a run pass that may change something.

    Raises:
        ReadOnlyError: it may not.
    """
    if read_only:
        raise ReadOnlyError(
            "stateroom runs read-only",
            why="--read-only was given",
            todo="start it without --read-only to change something",
        )
