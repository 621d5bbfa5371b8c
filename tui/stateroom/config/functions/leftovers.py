"""Say which texts of a function's environment still have a `${…}` in them that nothing replaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.source_locations import dotted
from stateroom.model.values import Value

# `${orders.url}`, `${AWS::Region}`, `${{self:stage}}`. One word alone (`${name}`) is a program's own template.
_LEFTOVER: Final = re.compile(r"\$\{(?:\{[^}]*\}\}|AWS::\w+\}|[\w/-]+\.[\w.-]+\})")


def note_leftovers(build: Compilation, path: KeyPath, variables: Mapping[str, Value]) -> None:
    """Note each of a function's own variables that would reach it as it is written.

    Args:
        build: gets the notes.
        path: of the function.
        variables: of its environment, resolved.
    """
    own = build.service.mapping(*path, "environment")
    for name, value in variables.items():
        found = _LEFTOVER.search(value) if isinstance(value, str) else None
        if found is None:
            continue
        where = (*(path if name in own else ("provider",)), "environment", name)
        text = f"{dotted(where)}: {found.group()} is no variable and stays a text: {_instead(found.group())}"
        if not any(note.startswith(text) for note in build.service.notes):  # one of the provider's is every function's
            build.service.note(text, *where)


def _instead(text: str) -> str:
    if text.startswith("${{"):
        return "variables are written ${self:…}, without variableSyntax"
    if text.startswith("${AWS::"):
        return f"write !Sub '{text}', or !Ref {text[2:-1]}"
    name = text[2:-1].rpartition(".")[2]
    return (
        f"another service's output is passed as a param in serverless-compose.yml and used as ${{param:{name}}}; "
        "a resource's attribute is !GetAtt"
    )
