"""Packages that are not built: nothing is wrong, and all else of the service is compared."""

from __future__ import annotations


class NotBuilt(Exception):  # noqa: N818 - nothing is wrong
    """A package cannot be built now.

    Args:
        what: what is lacking.
        todo: what builds it.
    """

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what}: {todo}")
        self.todo = todo
