"""Find file and line of a resource's property: in `resources:`, in an extension, or what the resource was made for."""

from __future__ import annotations

from collections.abc import Iterator

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.resources.user_resources import resource_blocks
from stateroom.errors import SourceLocation


class PropertyLocations:
    """Look-up of source locations by logical id and path of a property; kept by a Template."""

    def __init__(self, build: Compilation) -> None:
        self._build = build

    def __call__(self, logical_id: str, path: KeyPath) -> SourceLocation | None:
        """Return where a property is written, else its nearest parent that is; None for an unknown resource."""
        written = max(
            (self._written(block, path) for block in self._blocks(logical_id)), key=lambda found: found[0], default=None
        )
        if written is not None and (written[0] or not path):
            return self._build.service.where(*written[1])
        resource = self._build.resources.get(logical_id)
        return resource.source if resource else None

    def _blocks(self, logical_id: str) -> Iterator[KeyPath]:
        """Yield the places of a resource under `resources:`, the last first: it wins."""
        for path, _ in reversed(resource_blocks(self._build)):
            for section in ("extensions", "Resources"):
                if self._build.service.lookup(*path, section, logical_id) is not None:
                    yield (*path, section, logical_id)

    def _written(self, block: KeyPath, path: KeyPath) -> tuple[int, KeyPath]:
        """Return how much of a path a block writes out, and the place of that part."""
        here: KeyPath = (*block, "Properties")
        for count in range(len(path), 0, -1):
            if self._build.service.lookup(*here, *path[:count]) is not None:
                return count, (*here, *path[:count])
        return 0, block
