"""Measures of a package, taken from its syntax alone: sizes, names, arrows between modules, circles, layers."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

Arrow: TypeAlias = tuple[str, str]
"""Two modules, the importing one first."""


@dataclass(frozen=True)
class Module:
    """One file of a package: its dotted name, its place below the package, its text."""

    name: str
    where: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """Number of lines."""
        return self.text.count("\n")


Modules: TypeAlias = Mapping[str, Module]


@cache
def read_package(root: Path) -> dict[str, Module]:
    """Read every module below a package's directory, by dotted name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root)
        parts = [root.name, *where.with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, where.as_posix(), path.read_text())
    return found


# Sizes


def _height(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or first) - first + 1


def sizes(modules: Modules) -> dict[str, dict[str, int]]:
    """Count lines of files, classes and functions: kind → `file.py:Class.method` → lines."""
    found: dict[str, dict[str, int]] = {"file": {}, "class": {}, "function": {}}
    for module in modules.values():
        found["file"][module.where] = module.lines
        stack: list[tuple[str, ast.AST]] = [(module.where, module.tree)]
        while stack:
            prefix, node = stack.pop()
            for child in ast.iter_child_nodes(node):
                name = prefix
                if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    name = f"{prefix}:{child.name}" if prefix == module.where else f"{prefix}.{child.name}"
                    found["class" if isinstance(child, ast.ClassDef) else "function"][name] = _height(child)
                stack.append((name, child))
    return found


def folder_sizes(modules: Modules) -> dict[str, int]:
    """Count files of each folder, `__init__.py` left out."""
    found: dict[str, int] = defaultdict(int)
    for module in modules.values():
        path = Path(module.where)
        if path.name != "__init__.py":
            found[path.parent.as_posix()] += 1
    return dict(found)


# Classes


def _classes(module: Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in module.tree.body if isinstance(node, ast.ClassDef)}


def _imported_names(module: Module) -> dict[str, str]:
    """What a name of a module stands for: `Base` → `package.other.Base`, `other` → `package.other`."""
    found: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            source = _source(module, node)
            found |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    return found


def _base_name(base: ast.expr) -> str:
    """`Base`, `other.Base` or `Base[T]` as dotted text; "" for anything else."""
    if isinstance(base, ast.Subscript):
        return _base_name(base.value)
    if isinstance(base, ast.Attribute):
        return f"{_base_name(base.value)}.{base.attr}"
    return base.id if isinstance(base, ast.Name) else ""


def class_totals(modules: Modules) -> dict[str, int]:
    """Count lines of each class together with all its bases in the package, each base once: `file.py:Class` → lines."""
    nodes = {f"{module.name}.{name}": node for module in modules.values() for name, node in _classes(module).items()}
    bases: dict[str, list[str]] = {}
    for module in modules.values():
        imported = _imported_names(module)
        for name, node in _classes(module).items():
            written = [_base_name(base) for base in node.bases]
            full = [f"{module.name}.{base}" for base in written]
            for base in written:
                head, dot, rest = base.partition(".")
                full.append(f"{imported.get(head, head)}{dot}{rest}")
            bases[f"{module.name}.{name}"] = [base for base in full if base in nodes]

    def family(name: str, met: set[str]) -> set[str]:
        if name not in met:
            met.add(name)
            for base in bases[name]:
                family(base, met)
        return met

    return {
        f"{module.where}:{name}": sum(_height(nodes[each]) for each in family(f"{module.name}.{name}", set()))
        for module in modules.values()
        for name in _classes(module)
    }


def names_met_twice(modules: Modules) -> dict[str, list[str]]:
    """Find public classes that share their name: name → files."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules.values():
        for name in _classes(module):
            if not name.startswith("_"):
                found[name].append(module.where)
    return {name: files for name, files in found.items() if len(files) > 1}


# Definitions


def definitions(module: Module) -> set[str]:
    """List what a module defines, `name` and `Class.name`: functions, classes and constants."""
    found = set()
    stack: list[tuple[str, Sequence[ast.stmt]]] = [("", module.tree.body)]
    while stack:
        prefix, body = stack.pop()
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                stack.append((f"{prefix}{node.name}.", node.body))
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            found |= {prefix + target.id for target in targets if isinstance(target, ast.Name)}
    return found


# Arrows


def _source(module: Module, node: ast.ImportFrom) -> str:
    """The absolute name of what a `from … import` reads from."""
    if not node.level:
        return node.module or ""
    is_package = module.where.endswith("__init__.py")
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *filter(None, [node.module])])


def _import_module_prefix(node: ast.AST) -> str:
    """The literal beginning of the name that `import_module(…)` is called with."""
    if not isinstance(node, ast.Call) or not node.args:
        return ""
    if _base_name(node.func).rpartition(".")[2] != "import_module":
        return ""
    first = node.args[0]
    if isinstance(first, ast.JoinedStr) and first.values:
        first = first.values[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _wanted(module: Module) -> Iterator[tuple[str, ...]]:
    """Names that a module imports, anywhere in it; of several names the first that is a module is meant."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name,) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(module, node)
            yield from ((f"{source}.{alias.name}", source) for alias in node.names)
        elif prefix := _import_module_prefix(node):
            yield prefix, prefix.rpartition(".")[0]


def arrows(modules: Modules) -> set[Arrow]:
    """Find imports between modules, those inside functions, under TYPE_CHECKING and by `import_module` included."""
    found = set()
    for module in modules.values():
        for names in _wanted(module):
            target = next((name for name in names if name in modules), module.name)
            if target != module.name:
                found.add((module.name, target))
    return found


def circles(found: Iterable[Arrow]) -> list[list[str]]:
    """Find modules that import each other, however far around (strongly connected components, Tarjan 1972)."""
    graph: dict[str, list[str]] = defaultdict(list)
    for importer, imported in found:
        graph[importer].append(imported)
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    components: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        open_.append(name)
        for other in graph.get(name, ()):
            if other not in order:
                visit(other)
            if other in open_:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            start = open_.index(name)
            if len(open_) - start > 1:
                components.append(sorted(open_[start:]))
            del open_[start:]

    for name in list(graph):
        if name not in order:
            visit(name)
    return sorted(components)


# Layers


@dataclass(frozen=True)
class Layers:
    """One `layers` contract of import-linter: floors from the top down, each a list of packages side by side."""

    name: str
    floors: Sequence[Sequence[str]]

    def floor_of(self, module: str) -> tuple[int, str] | None:
        """Find the floor that a module stands on, counted from the top, and its package there."""
        for number, packages in enumerate(self.floors):
            for package in packages:
                if module == package or module.startswith(f"{package}."):
                    return number, package
        return None


def layers(config: Mapping[str, Any]) -> list[Layers]:
    """Read the `layers` contracts out of `[tool.importlinter]`; `a | b` are side by side and apart."""
    return [
        Layers(
            contract["name"],
            [
                [".".join(filter(None, [container, name.strip("() ")])) for name in floor.split("|")]
                for floor in contract["layers"]
            ],
        )
        for contract in config["contracts"]
        if contract["type"] == "layers"
        for container in contract.get("containers", [""])
    ]


def upward(found: Iterable[Arrow], contract: Layers) -> set[Arrow]:
    """Find arrows that lead up, or to a package beside."""
    wrong = set()
    for importer, imported in found:
        here, there = contract.floor_of(importer), contract.floor_of(imported)
        if here and there and here != there and there[0] <= here[0]:
            wrong.add((importer, imported))
    return wrong
