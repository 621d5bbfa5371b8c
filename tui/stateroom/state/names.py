"""Where the objects of a home lie: the keys of SST's layout, which the local home shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of one service on one stage."""

    app: str
    stage: str

    @property
    def state(self) -> str:
        """The current state."""
        return f"app/{self.app}/{self.stage}.json"

    @property
    def lock(self) -> str:
        """The lock."""
        return f"lock/{self.app}/{self.stage}.json"

    @property
    def snapshots(self) -> str:
        """Prefix of the past states."""
        return f"snapshot/{self.app}/{self.stage}/"

    def snapshot(self, update_id: str) -> str:
        """The state that one operation wrote."""
        return f"{self.snapshots}{update_id}.json"

    def update(self, update_id: str) -> str:
        """The record of one operation."""
        return f"update/{self.app}/{self.stage}/{update_id}.json"

    @property
    def journals(self) -> str:
        """Prefix of the journals of interrupted operations."""
        return f"journal/{self.app}/{self.stage}/"

    def journal(self, update_id: str) -> str:
        """Prefix of one operation's journal."""
        return f"{self.journals}{update_id}/"


STATES = "app/"


def state_owner(key: str) -> tuple[str, str] | None:
    """(app, stage) of a state's key, or None for another key."""
    parts = key.removesuffix(".json").split("/")
    return (parts[1], parts[2]) if len(parts) == 3 and key.startswith(STATES) and key.endswith(".json") else None


def asset(sha256: str) -> str:
    """The key of a deployment package."""
    return f"asset/{sha256}.zip"
