"""What the Serverless Framework itself keeps in its state bucket: the outputs of CloudFormation stacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from stateroom.state.store import Store

# services/<runner>/<stack ARN with "_" for "/">/state/state.json; the ARN ends with _<stack name>_<uuid>.
_KEY: Final = re.compile(
    r"services/(traditional|cfn)/arn:[\w-]+:cloudformation:([\w-]+):(\d+):stack_([^/]+?)(?:_[0-9a-f-]{36})?/state/state\.json"
)


@dataclass(frozen=True, slots=True)
class FrameworkState:
    """One stack as the framework recorded it. `removed`: it wrote `{}`, as its `remove` does."""

    stack: str
    region: str
    account: str
    modified: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)
    removed: bool = False
    damaged: bool = False


def framework_states(store: Store) -> Iterator[FrameworkState]:
    """Every stack that the framework has recorded in a state bucket. Raises StateError."""
    for runner in ("cfn", "traditional"):
        for key in store.list(f"services/{runner}/"):
            match = _KEY.fullmatch(key)
            blob = store.get(key) if match else None
            if match is None or blob is None:
                continue
            _, region, account, stack = match.groups()
            try:
                body = json.loads(blob.data)
            except ValueError:
                body = None
            if not isinstance(body, dict):
                yield FrameworkState(stack, region, account, blob.modified, damaged=True)
                continue
            outputs = body.get("outputs")
            kept = outputs if isinstance(outputs, dict) else {}
            yield FrameworkState(stack, region, account, blob.modified, kept, removed=outputs is None)
