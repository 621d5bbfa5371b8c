"""Pending operations: steps with an unknown outcome, kept with the state until the cloud or a person tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stateroom.model.values import Properties
from stateroom.model.version import Intent


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """Step that began, and of which it could not be asked yet how it ended.

    An operation that another tool left behind has that tool's type token for `type`, and its own word for `action`
    (read, import) where it knows more than create, update, delete.
    """

    logical_id: str
    type: str
    action: str  # create, replace, update, delete, adopt
    physical_id: str = ""  # empty when a create had not got that far
    inputs: Properties = field(default_factory=dict)  # may hold Secrets; states encrypt them
    dependencies: tuple[str, ...] = ()  # logical ids in the same service
    since: str = ""  # RFC 3339, UTC; "" when another tool did not say
    why: str = ""  # one line: why it could not be asked; "" when nobody has asked
    adopted: str = ""  # RFC 3339, UTC: adopt of what stateroom did not make

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from other pending operations of a state: logical id, type, action, physical id."""
        return self.logical_id, self.type, self.action, self.physical_id

    @property
    def makes(self) -> bool:
        """Whether something may exist that no record stands for."""
        return self.action in ("create", "replace", "adopt", "import")

    @property
    def verdict(self) -> str:
        """Statement about its resource: what is not known, and why."""
        return f"{self.action} is pending: its outcome is not known" + (f" ({self.why})" if self.why else "")

    def intent(self) -> Intent:
        """Return the intent that the cloud is asked about."""
        what = (self.logical_id, self.type, self.action, self.physical_id)
        return Intent("", *what, self.inputs, self.dependencies, self.adopted)

    def because(self, why: str) -> PendingOperation:
        """Return it with the newest reason for which it could not be asked."""
        return self if why == self.why else replace(self, why=why)


def pending_from(intent: Intent, since: str, why: str) -> PendingOperation:
    """Make the pending operation of an intent that cannot be resolved now."""
    what = (intent.logical_id, intent.type, intent.action, intent.physical_id)
    return PendingOperation(*what, intent.inputs, intent.dependencies, since, why, intent.adopted)
