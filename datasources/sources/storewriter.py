"""Writes a judged tree as ClickHouse's SQL. What has no form here cannot be written, and is refused by its name.

Each form takes the parts that it knows: a node with any other part is refused too.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from ...errors import SourceError
from .storeclauses import CLAUSES
from .storeexpressions import EXPRESSIONS, Form

FORMS: Final[dict[type[exp.Expr], tuple[frozenset[str], Form]]] = {
    kind: (frozenset(parts.split()), form) for table in (EXPRESSIONS, CLAUSES) for kind, (parts, form) in table.items()
}


def write(node: exp.Expr) -> str:
    """The text of a node; SourceError naming what may not be written."""
    kind = type(node)
    if not isinstance(node, exp.Expr) or kind not in FORMS:
        raise SourceError(f"{described(node)} is not allowed")
    parts, form = FORMS[kind]
    unknown = [name for name, value in node.args.items() if name not in parts and _says(value)]
    if unknown:
        raise SourceError(f"{unknown[0].strip('_').replace('_', ' ').upper()} is not allowed here")
    return form(node, write)


def described(node: object) -> str:
    """A node as its writer knows it."""
    if not isinstance(node, exp.Expr):
        return "this"
    return "a parameter" if isinstance(node, (exp.Placeholder, exp.Parameter)) else node.key.upper()


def _says(value: object) -> bool:
    return value is not None and value is not False and value != []
