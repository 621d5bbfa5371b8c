"""Stack outputs that the Serverless Framework records in its state bucket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from stateroom.state.stores.store import Store

# services/<runner>/<stack ARN with "_" for "/">/state/state.json; the ARN ends with _<stack name>_<uuid>.
_KEY: Final = re.compile(
    r"services/(?:traditional|cfn)/(arn:[\w-]+:cloudformation:([\w-]+):(\d+):stack_([^/]+?)(?:_[0-9a-f-]{36})?)/state/state\.json"
)


@dataclass(frozen=True, slots=True)
class FrameworkState:
    """Stack recorded by the framework. `removed`: the record is `{}`, as `remove` writes it."""

    stack: str
    region: str
    account: str
    modified: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)
    removed: bool = False
    damaged: bool = False
    key: str = ""
    arn: str = ""


def framework_records(store: Store, stacks: Collection[tuple[str, str]]) -> dict[tuple[str, str], FrameworkState]:
    """Return the newest record of each stack, by (name, region).

    An existing stack is preferred to a removed one. Raises StateError.
    """
    found = sorted(
        framework_states(store, lambda *stack: stack in stacks), key=lambda item: (not item.removed, item.modified)
    )
    return {(item.stack, item.region): item for item in found}


def framework_states(store: Store, wanted: Callable[[str, str], bool] = lambda *_: True) -> Iterator[FrameworkState]:
    """Yield the stacks recorded in a state bucket, or those with a `wanted` (stack, region).

    Reads names, and the objects that are wanted. Raises StateError.
    """
    for runner in ("cfn", "traditional"):
        for key in store.list(f"services/{runner}/"):
            match = _KEY.fullmatch(key)
            blob = store.get(key) if match and wanted(match[4], match[2]) else None
            if match is None or blob is None:
                continue
            arn, region, account, stack = match.groups()
            try:
                body = json.loads(blob.data)
            except ValueError:
                body = None
            outputs = body.get("outputs") if isinstance(body, dict) else None
            yield FrameworkState(
                stack,
                region,
                account,
                blob.modified,
                outputs if isinstance(outputs, dict) else {},
                removed=isinstance(body, dict) and outputs is None,
                damaged=not isinstance(body, dict),
                key=key,
                arn=_arn(arn, stack),
            )


def _arn(encoded: str, stack: str) -> str:
    """Restore the slashes of a recorded ARN: around the stack's name, which has none itself."""
    head, _, tail = encoded.partition(f"stack_{stack}")
    return f"{head}stack/{stack}{'/' + tail[1:] if tail else ''}"
