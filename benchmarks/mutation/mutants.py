"""Make mutants of a module: each is its source with one small fault."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_UNSEEN: Final = frozenset({"strict", "daemon", "maxsize", "max_pool_connections", "connect_timeout", "read_timeout"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one fault.

    Args:
        path: of the module, from the root of the checkout.
        line: of the fault.
        function: first line of the function that holds it, decorators included; tests are chosen by it.
        what: the change in words.
        source: the whole module with it.
    """

    path: str
    line: int
    function: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Make every mutant of a module's functions, in the order of its lines.

    Left alone, because no test should notice it: the wording of a text; how long something waits (numbers with a point,
    and those given as a time-out); how many connections are kept open and results remembered; whether a thread outlives
    the program (`daemon=`); and what a line asserts of itself (`zip(…, strict=True)`). Annotations mean nothing here.
    """
    tree = ast.parse(source)
    for function in _functions(tree):
        for node in _own_nodes(function):
            for what, changed in _changes(node):
                yield Mutant(path, node.lineno, _first_line(function), what, _with(tree, node, changed))


def _functions(tree: ast.Module) -> Iterator[_Function]:
    found = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    return iter(sorted(found, key=lambda node: node.lineno))


def _first_line(function: _Function) -> int:
    """Return the line that the function's code begins with: that of its first decorator, if it has any."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _own_nodes(function: _Function) -> Iterator[Any]:
    """Walk a function's body, without functions inside it, annotations, arguments to errors, and what is unseen."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _Function) or (isinstance(node, ast.keyword) and node.arg in _UNSEEN):
            continue
        if hasattr(node, "lineno"):
            yield node
        for name, child in reversed(list(ast.iter_fields(node))):
            if name == "annotation" or (isinstance(node, ast.Raise) and name == "exc"):
                continue
            children = child if isinstance(child, list) else [child]
            waiting += [each for each in reversed(children) if isinstance(each, ast.AST)]


def _changes(node: Any) -> Iterator[tuple[str, ast.AST]]:
    yield from _statement_changes(node) if isinstance(node, ast.stmt) else _expression_changes(node)


def _expression_changes(node: Any) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[operator, *rest]) if type(operator) in _COMPARED:
            other = _COMPARED[type(operator)]
            changed = ast.Compare(node.left, [other(), *rest], node.comparators)
            yield f"{type(operator).__name__} becomes {other.__name__}", changed
        case ast.BoolOp(op=ast.And()):
            yield "and becomes or", ast.BoolOp(ast.Or(), node.values)
        case ast.BoolOp(op=ast.Or()):
            yield "or becomes and", ast.BoolOp(ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield "not is dropped", node.operand
        case ast.BinOp(op=ast.Add()):
            yield "+ becomes -", ast.BinOp(node.left, ast.Sub(), node.right)
        case ast.BinOp(op=ast.Sub()):
            yield "- becomes +", ast.BinOp(node.left, ast.Add(), node.right)
        case ast.Constant(value=bool(value)):
            yield f"{value} becomes {not value}", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield f"{value} becomes {value + 1}", ast.Constant(value + 1)


def _statement_changes(node: Any) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.If(test=test) | ast.While(test=test) if not isinstance(test, ast.Constant):
            changed = copy.copy(node)
            changed.test = ast.Constant(value=False)
            yield "a condition never holds", changed
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "returns None", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.YieldFrom(value=ast.Tuple(elts=[]))):
            return  # it does nothing: left out, nothing else happens
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield "a call is left out", _nothing(node)
        case ast.AugAssign(target=target):
            yield f"{ast.unparse(target)} is not changed", _nothing(node)
        case ast.Continue():
            yield "continue becomes break", ast.Break()
        case ast.Break():
            yield "break becomes continue", ast.Continue()


def _nothing(node: ast.Expr | ast.AugAssign) -> ast.stmt:
    """Return a statement without effect that leaves a generator a generator."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom):
        return ast.If(ast.Constant(value=False), [node], [])
    return ast.Pass()


def _with(tree: ast.Module, node: ast.AST, changed: ast.AST) -> str:
    """Unparse a copy of a module with `changed` in the place of one node."""
    memo: dict[int, Any] = {}
    copied = copy.deepcopy(tree, memo)
    place = memo[id(node)]

    class Exchange(ast.NodeTransformer):
        def visit(self, visited: ast.AST) -> Any:
            return changed if visited is place else super().visit(visited)

    return ast.unparse(ast.fix_missing_locations(Exchange().visit(copied)))
