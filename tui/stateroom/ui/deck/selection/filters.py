"""Filter language of the resource list: words, status letters, `status:NAME`, `type:TEXT`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stateroom.model.diff import ResourceDiff, X, Y

Test = Callable[[ResourceDiff], bool]

_LETTERS: dict[str, Test] = {
    "~": lambda diff: diff.x is X.CHANGED,
    "+": lambda diff: diff.x is X.NEW,
    "-": lambda diff: diff.x is X.GONE,
    "!": lambda diff: diff.y is Y.DRIFT,
    "x": lambda diff: diff.y is Y.MISSING,
    "^": lambda diff: diff.outside > 0,
    "?": lambda diff: diff.y is Y.UNREAD or diff.x is X.UNKNOWN,
}

_NAMES: dict[str, Test] = {
    "pending": _LETTERS["~"],
    "changed": _LETTERS["~"],
    "new": _LETTERS["+"],
    "gone": _LETTERS["-"],
    "drift": lambda diff: diff.drifted,
    "missing": _LETTERS["x"],
    "undeclared": _LETTERS["^"],
    "unknown": _LETTERS["?"],
    "differs": lambda diff: not diff.in_step and diff.y is not Y.UNREAD,
    "same": lambda diff: diff.in_step,
}

STATUS_NAMES: tuple[str, ...] = tuple(_NAMES)
"""What may follow `status:`."""


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """A parsed filter: every test and word must match. Words are searched in `service/name type`, ignoring case."""

    text: str = ""
    tests: tuple[Test, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tests or self.words)

    def __call__(self, diff: ResourceDiff) -> bool:
        """Test whether a resource passes."""
        for test in self.tests:
            if not test(diff):
                return False
        if not self.words:
            return True
        text = f"{diff.service}/{diff.logical_id} {diff.type}".lower()
        return all(word in text for word in self.words)


def parse(text: str) -> ResourceFilter:
    """Parse a filter. A lone letter out of `~ ! x ^ + - ?` is a status; an unknown `status:` matches nothing."""
    tests: list[Test] = []
    words: list[str] = []
    for token in text.split():
        name, colon, value = token.partition(":")
        if token in _LETTERS:
            tests.append(_LETTERS[token])
        elif colon and name == "status":
            tests.append(_status(value.lower()))
        elif colon and name == "type" and not value.startswith(":"):
            tests.append(_type(value.lower()))
        else:
            words.append(token.lower())
    return ResourceFilter(text.strip(), tuple(tests), tuple(words))


def _status(value: str) -> Test:
    if value in _LETTERS:
        return _LETTERS[value]
    # A name that is still being typed filters by its beginning: `status:dri` is drift.
    tests = [test for name, test in _NAMES.items() if value and name.startswith(value)]
    return lambda diff: any(test(diff) for test in tests) if value else True


def _type(value: str) -> Test:
    return lambda diff: value in diff.type.lower()
