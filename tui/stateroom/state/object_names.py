"""Object keys in a home. `ObjectNames` are those of SST and the local home; others derive theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ObjectNames:
    """Object keys of one service and stage. A home is given the class."""

    app: str
    stage: str

    SUFFIX: ClassVar[str] = ".json"
    STATES: ClassVar[str] = "app/"  # prefix of every current state
    UPDATES: ClassVar[str] = "update/"  # prefix of every record of an operation

    @property
    def state(self) -> str:
        """Key of the current state."""
        return f"app/{self.app}/{self.stage}{self.SUFFIX}"

    @property
    def lock(self) -> str:
        """Key of the lock."""
        return f"lock/{self.app}/{self.stage}{self.SUFFIX}"

    @property
    def snapshots(self) -> str:
        """Prefix of the past states."""
        return f"snapshot/{self.app}/{self.stage}/"

    def snapshot(self, update_id: str) -> str:
        """Return the key of the state that an operation wrote."""
        return f"{self.snapshots}{update_id}{self.SUFFIX}"

    @property
    def updates(self) -> str:
        """Prefix of the records of operations."""
        return f"{self.UPDATES}{self.app}/{self.stage}/"

    def update(self, update_id: str) -> str:
        """Return the key of an operation's record."""
        return f"{self.updates}{update_id}{self.SUFFIX}"

    def id_in(self, key: str) -> str:
        """Return the operation id in the key of a past state or record."""
        return key.rsplit("/", 1)[1].removesuffix(self.SUFFIX)

    def damaged(self, update_id: str) -> str:
        """Return the key of an unreadable state that an operation replaced."""
        return f"damaged/{self.app}/{self.stage}/{update_id}{self.SUFFIX}"

    @property
    def journals(self) -> str:
        """Prefix of the journals of interrupted operations."""
        return f"journal/{self.app}/{self.stage}/"

    def journal(self, update_id: str) -> str:
        """Return the prefix of one operation's journal."""
        return f"{self.journals}{update_id}/"

    @classmethod
    def owner(cls, key: str) -> tuple[str, str] | None:
        """Return (app, stage) of a state's key, or None for another key."""
        parts = key.split("/")
        if len(parts) != 3 or parts[0] != "app" or not key.endswith(cls.SUFFIX):
            return None
        return parts[1], parts[2].removesuffix(cls.SUFFIX)

    @classmethod
    def asset(cls, sha256: str) -> str:
        """Return the key of a deployment package."""
        return f"asset/{sha256}.zip"
