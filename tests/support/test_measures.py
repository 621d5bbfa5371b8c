"""The measures of the house, on houses that are made up to fail."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.documents import anchor, headings, named_code, pointers, rooms_on_the_map, section
from tests.support.measures import (
    Layers,
    Module,
    arrows,
    circles,
    class_totals,
    definitions,
    folder_sizes,
    layers,
    names_met_twice,
    read_package,
    sizes,
    upward,
)


def house(directory: Path, **files: str) -> dict[str, Module]:
    """Build a package `house`; `top__plan` is `top/plan.py`, and each folder has an empty `__init__.py`."""
    root = directory / "house"
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        (path.parent / "__init__.py").touch()
    (root / "__init__.py").touch()
    return read_package(root)


def test_a_class_is_counted_with_its_bases_in_the_package_each_once(tmp_path: Path) -> None:
    modules = house(
        tmp_path,
        base="""
            class Base(Exception):
                one = 1
                two = 2
        """,
        middle="""
            import house.base as lower
            from typing import Generic, TypeVar

            class Left(lower.Base):
                three = 3

            class Right(lower.Base): ...
        """,
        top="""
            from house.middle import Left as Other, Right

            @final
            class Top(Other[int], Right):
                four = 4
        """,
    )
    assert class_totals(modules) == {
        "base.py:Base": 3,
        "middle.py:Left": 5,
        "middle.py:Right": 4,
        "top.py:Top": 3 + 2 + 1 + 3,
    }
    assert sizes(modules)["class"]["top.py:Top"] == 3


def test_functions_are_found_wherever_they_are(tmp_path: Path) -> None:
    modules = house(
        tmp_path,
        a="""
            class Outer:
                class Inner:
                    def method(self):
                        def nested():
                            return 1
                        return nested
        """,
    )
    assert sizes(modules)["function"] == {"a.py:Outer.Inner.method": 4, "a.py:Outer.Inner.method.nested": 2}
    assert sizes(modules)["file"] == {"__init__.py": 0, "a.py": 7}


def test_files_are_counted_by_folder(tmp_path: Path) -> None:
    assert folder_sizes(house(tmp_path, a="", b="", top__c="")) == {".": 2, "top": 1}


def test_a_public_name_that_two_classes_have_is_found(tmp_path: Path) -> None:
    modules = house(
        tmp_path,
        a="class Plan: ...\nclass _Own: ...\nclass One: ...",
        top__b="class Plan: ...\nclass _Own: ...\nclass Outer:\n    class One: ...",
    )
    assert names_met_twice(modules) == {"Plan": ["a.py", "top/b.py"]}


IMPORTS = {
    "plainly": "import house.low",
    "by name": "from house.low import thing",
    "by module": "from house import low",
    "relatively": "from . import low",
    "in a function": "def later():\n    from house.low import thing",
    "for types only": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.low import Thing",
    "by a text": "from importlib import import_module\nimport_module('house.low')",
}


@pytest.mark.parametrize("text", IMPORTS.values(), ids=IMPORTS.keys())
def test_every_kind_of_import_is_an_arrow(text: str, tmp_path: Path) -> None:
    assert arrows(house(tmp_path, low="", high=text)) == {("house.high", "house.low")}


def test_an_import_of_a_name_made_up_at_run_time_is_an_arrow_to_its_package(tmp_path: Path) -> None:
    modules = house(tmp_path, top__plan="", low="import importlib\nimportlib.import_module(f'house.top.{name}')")
    assert arrows(modules) == {("house.low", "house.top")}


def test_a_circle_is_found_and_a_diamond_is_none(tmp_path: Path) -> None:
    modules = house(
        tmp_path,
        a="import house.b\nimport house.c",
        b="def later():\n    import house.d",
        c="import house.d",
        d="",
        x="import house.y",
        y="import house.z\nimport house.d",
        z="import house.x",
    )
    assert circles(arrows(modules)) == [["house.x", "house.y", "house.z"]]


CONTRACTS = {
    "contracts": [
        {"name": "floors", "type": "layers", "layers": ["house.top", "house.left | house.right", "house.low"]},
        {"name": "inside", "type": "layers", "containers": ["house.top"], "layers": ["door", "cellar"]},
        {"name": "other", "type": "forbidden", "source_modules": ["house.low"]},
    ]
}


def test_contracts_are_read_as_import_linter_writes_them() -> None:
    assert layers(CONTRACTS) == [
        Layers("floors", [["house.top"], ["house.left", "house.right"], ["house.low"]]),
        Layers("inside", [["house.top.door"], ["house.top.cellar"]]),
    ]


@pytest.mark.parametrize(
    ("importer", "imported", "wrong"),
    [
        ("house.low", "house.top", True),
        ("house.low.x", "house.right.y", True),
        ("house.left", "house.right.y", True),
        ("house.left", "house.left.y", False),
        ("house.top", "house.low", False),
        ("house.lower", "house.top", False),
    ],
)
def test_an_arrow_up_or_to_the_side_is_found(importer: str, imported: str, wrong: bool) -> None:
    assert bool(upward([(importer, imported)], layers(CONTRACTS)[0])) is wrong


def test_pointers_are_found_across_lines_with_the_section_they_name() -> None:
    text = '"""Why: docs/state.md, The\nfile. Also (docs/keys.md), and docs/a-b.md, which says more."""\n'
    text += "# See\n# docs/x.md,\n# Here"
    assert list(pointers(text)) == [
        ("docs/state.md", 'The file. Also (docs/keys.md), and docs/a-b.md, which says more.""" See docs/x.md, Here'),
        ("docs/keys.md", ""),
        ("docs/a-b.md", ""),
        ("docs/x.md", "Here"),
    ]


def test_headings_are_found_outside_code() -> None:
    assert headings("# One\n\n```\n# no\n```\n## Two words\ntext # no\n") == ["One", "Two words"]


def test_sections_are_cut_out_and_have_anchors() -> None:
    text = "# T\n## One\na\n### Deep\nb\n## Two, and `more`\nc\n"
    assert section(text, "One") == "a\n### Deep\nb\n"
    assert section(text, "Deep") == ""
    assert [anchor(title) for title in headings(text)] == ["t", "one", "deep", "two-and-more"]


def test_code_and_rooms_that_a_document_names_are_found() -> None:
    table = (
        "| floor | room |\n|---|---|\n| `model` | | x `no` |\n| `state` | `homes`, `stores` | y |\n| | `tools` | z |\n"
    )
    assert list(rooms_on_the_map(table)) == ["model", "state", "state/homes", "state/stores", "state/tools"]
    assert named_code("`a/b.py:C.d` and `x.py` and `e.py:f`") == [("a/b.py", "C.d"), ("e.py", "f")]


def test_definitions_are_named_as_a_walk_names_them(tmp_path: Path) -> None:
    modules = house(tmp_path, a="LIMIT: int = 1\nclass Plan:\n    size = 1\n    def run(self): ...\ndef plan(): ...\n")
    assert definitions(modules["house.a"]) == {"LIMIT", "Plan", "Plan.size", "Plan.run", "plan"}
