"""Check the properties of a resource against the rules of its type. Pure.

CloudFormation is lenient with scalars: a number or a boolean may be written as text, and text as a number; so is this.
What only a deploy will tell (UNKNOWN) and what cannot be told from a schema (combinations, patterns, lengths) passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from stateroom.cloud.schema.rules import Rule, schema_date, type_rules
from stateroom.model.diff import Path
from stateroom.model.problems.problem import Problem
from stateroom.model.problems.suggestions import misspelt, suggestion
from stateroom.model.values import UNKNOWN, Properties, Secret, Value

_OWN: Final = frozenset({"ArtifactSha256"})  # stands for a package until its bytes are sent
_NUMBER: Final = re.compile(r"\s*[-+]?\d+(\.0*)?\s*")
_DECIMAL: Final = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_NAMES: Final = {"s": "a text", "i": "an integer", "n": "a number", "b": "true or false", "o": "a map", "l": "a list"}
_FLAGS: Final = frozenset({"true", "false", "0", "1"})


def check(type_: str, properties: Properties) -> tuple[Problem, ...]:
    """Return what is wrong with the properties of a type; () for a type without vendored rules."""
    rules = type_rules(type_)
    return () if rules is None else tuple(_check(properties, rules, (), rules.get("d", {})))


def _check(value: Value, rule: Rule, path: Path, definitions: Mapping[str, Rule]) -> Iterator[Problem]:
    secret = isinstance(value, Secret)
    if secret:
        value = value.reveal()
    rule = _followed(rule, definitions)
    if value is UNKNOWN or value is None:
        return
    kinds = rule.get("t", "")
    if kinds and not _fits(value, kinds, rule):
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        yield Problem(f"{_dotted(path)} is {_kind(value)}, not {wanted}", f"write {wanted}", path)
    elif "a" in rule:
        yield from _nearest(value, rule["a"], path, definitions)
    elif isinstance(value, Mapping):
        yield from _members(value, rule, path, definitions)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _check(item, rule.get("i", {}), (*path, index), definitions)
    elif "e" in rule:
        yield from _listed(value, rule["e"], path, secret=secret)


def _followed(rule: Rule, definitions: Mapping[str, Rule]) -> Rule:
    while "r" in rule:
        rule = definitions.get(rule["r"], {})
    return rule


def _nearest(
    value: Value, alternatives: Iterable[Rule], path: Path, definitions: Mapping[str, Rule]
) -> tuple[Problem, ...]:
    """Return the problems by the alternative of the value's kind that has the fewest; () where none is of its kind."""
    rules = [_followed(rule, definitions) for rule in alternatives]
    fitting = [rule for rule in rules if not rule.get("t") or _fits(value, rule["t"], rule)]
    return min((tuple(_check(value, rule, path, definitions)) for rule in fitting), key=len, default=())


def _members(value: Mapping[str, Value], rule: Rule, path: Path, definitions: Mapping[str, Rule]) -> Iterator[Problem]:
    members, patterns = rule.get("p", {}), rule.get("k", {})
    for name, item in value.items():
        inner = members.get(name)
        if inner is None:
            inner = next((rule for pattern, rule in patterns.items() if _pattern(pattern).search(name)), None)
        if inner is not None:
            yield from _check(item, inner, (*path, name), definitions)
        elif members and rule.get("c") and name not in _OWN:  # the patterns of pure maps are loose
            yield Problem(f"unknown property {_dotted((*path, name))}", _like(name, members), (*path, name))
    for name in rule.get("q", ()):
        if name not in value and not _OWN & value.keys():
            yield Problem(f"{_dotted((*path, name))} is missing", "CloudFormation requires it: add it", path)


def _like(name: str, members: Mapping[str, Any]) -> str:
    return suggestion(name, members, limit=20) or "leave it out"


def _listed(value: Value, allowed: list[Any], path: Path, *, secret: bool) -> Iterator[Problem]:
    """Compare with an enumeration.

    Lists with versions and sizes in them (runtimes, key specs) grow with every release of AWS, so that an unknown one
    is refused only where it is a misspelling.
    """
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if text in map(str, allowed):
        return
    grows = all(isinstance(item, str) for item in allowed) and any(_letters(item) != item for item in allowed)
    families = {_letters(item) for item in allowed if isinstance(item, str)}
    fatal = not grows or (_letters(text) not in families and misspelt(_letters(text), families))
    shown = "a secret value" if secret else text
    what = f"{_dotted(path)}: {shown} is not one of the known values"
    listing = suggestion("" if secret else text, map(str, allowed), limit=20)
    yield Problem(what, listing if fatal else f"{listing} (as of {schema_date()}; AWS may know more)", path, fatal)


def _fits(value: Value, kinds: str, rule: Rule) -> bool:
    if isinstance(value, Mapping):
        return "o" in kinds
    if isinstance(value, list | tuple):
        return "l" in kinds or (kinds == "o" and "p" not in rule)
    if "s" in kinds:
        return True
    if isinstance(value, str):
        return (
            ("i" in kinds and _NUMBER.fullmatch(value) is not None)
            or ("n" in kinds and _DECIMAL.fullmatch(value) is not None)
            or ("b" in kinds and value.lower() in _FLAGS)
            or ("o" in kinds and "p" not in rule)  # a document as JSON text
        )
    if isinstance(value, bool):
        return "b" in kinds
    return bool(set(kinds) & set("inb")) and ("i" in kinds or "n" in kinds or value in (0, 1))


def _kind(value: Value) -> str:
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "a text" if isinstance(value, str) else "a number"


def _letters(text: str) -> str:
    return re.sub(r"[0-9.]+", "", text)


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:  # JavaScript's dialect
        return re.compile("")


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text
