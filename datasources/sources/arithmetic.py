"""Arithmetic over named series: `100 * (1 - idle)`; numbers, names and the four operations, nothing else."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidError

MAX_LENGTH = 500
BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
Values = NDArray[np.float64]


class Expression:
    """A parsed expression; `names` are those it refers to. InvalidError where the text is anything else."""

    def __init__(self, text: str) -> None:
        try:
            tree = ast.parse(text.strip(), mode="eval").body if len(text) <= MAX_LENGTH else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        if tree is None:
            raise InvalidError(f"{text[:80]!r} is not an expression", path="$.expr")
        self._tree = tree
        self.names = frozenset(_names(tree))

    @property
    def is_name(self) -> bool:
        """Whether it is a name and nothing else, so that its values are those of the series."""
        return isinstance(self._tree, ast.Name)

    def evaluate(self, values: Mapping[str, Values]) -> Values:
        """Arrays of one length by name → their result; what divides by zero is NaN."""
        with np.errstate(all="ignore"):
            result = np.asarray(_evaluate(self._tree, values), dtype=np.float64)
        return np.where(np.isfinite(result), result, np.nan)


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return []
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return [*_names(node.left), *_names(node.right)]
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return _names(node.operand)
    raise InvalidError("an expression has numbers, names, + - * / and parentheses", path="$.expr")


def _evaluate(node: ast.expr, values: Mapping[str, Values]) -> Any:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)](_evaluate(node.operand, values))
    assert isinstance(node, ast.Constant)
    return float(node.value)  # type: ignore[arg-type]  # _names let numbers pass alone
