"""Fields of each state type in JSONPath and in JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

JSONPATH: Final = "JSONPath"
JSONATA: Final = "JSONata"
LANGUAGES: Final = (JSONPATH, JSONATA)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERY: Final = _words("Type Comment QueryLanguage")
_ARROWS: Final = _words("Next End")
_HANDLING: Final = _words("Retry Catch")
_RESULT: Final = _words("ResultPath Parameters ResultSelector")

_COMMON: Final[Mapping[str, frozenset[str]]] = {
    "Task": _words("Resource TimeoutSeconds HeartbeatSeconds Credentials Assign") | _ARROWS | _HANDLING,
    "Pass": _words("Assign") | _ARROWS,
    "Choice": _words("Choices Default Assign"),
    "Wait": _words("Seconds Timestamp Assign") | _ARROWS,
    "Succeed": frozenset(),
    "Fail": _words("Error Cause"),
    "Parallel": _words("Branches Assign") | _ARROWS | _HANDLING,
    "Map": _words(
        """ItemProcessor Iterator ItemSelector MaxConcurrency ItemReader ItemBatcher ResultWriter Label
        ToleratedFailurePercentage ToleratedFailureCount Assign"""
    )
    | _ARROWS
    | _HANDLING,
}
_PATH_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "Task": _words("InputPath OutputPath TimeoutSecondsPath HeartbeatSecondsPath") | _RESULT,
    "Pass": _words("InputPath OutputPath Result ResultPath Parameters"),
    "Choice": _words("InputPath OutputPath"),
    "Wait": _words("InputPath OutputPath SecondsPath TimestampPath"),
    "Succeed": _words("InputPath OutputPath"),
    "Fail": _words("ErrorPath CausePath"),
    "Parallel": _words("InputPath OutputPath") | _RESULT,
    "Map": _words(
        """InputPath OutputPath ItemsPath MaxConcurrencyPath ToleratedFailurePercentagePath
        ToleratedFailureCountPath"""
    )
    | _RESULT,
}
_JSONATA_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "Task": _words("Arguments Output"),
    "Pass": _words("Output"),
    "Choice": _words("Output"),
    "Wait": _words("Output"),
    "Succeed": _words("Output"),
    "Fail": frozenset(),
    "Parallel": _words("Arguments Output"),
    "Map": _words("Items Output"),
}
TYPES: Final = frozenset(_COMMON)
TERMINAL: Final = frozenset({"Succeed", "Fail"})


def fields_of(type_: str, language: str) -> frozenset[str]:
    """Return the fields that a state of this type may have."""
    own = _JSONATA_ONLY if language == JSONATA else _PATH_ONLY
    return _EVERY | _COMMON[type_] | own[type_]


def belongs_to(field: str, type_: str) -> str | None:
    """Return the query language that alone gives this type the field; None when both or neither do."""
    if field in _PATH_ONLY[type_]:
        return JSONPATH
    return JSONATA if field in _JSONATA_ONLY[type_] else None


def is_known(field: str) -> bool:
    """Tell whether any state type has the field."""
    return any(field in fields_of(type_, language) for type_ in TYPES for language in LANGUAGES)
