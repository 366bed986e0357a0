"""ClickHouse's SQL as people may write it for the store: functions keep their names, and nothing is translated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.parsers.clickhouse import ClickHouseParser

from ...storage.metrics.vocabulary import is_aggregate

BARE_NUMBERS = frozenset({"inf", "nan", "infinity"})  # numbers for ClickHouse, names for the parser


class StoreParser(ClickHouseParser):
    """A parser that knows no function: each is what it was called, with its arguments in their order."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {name: ClickHouseParser.FUNCTION_PARSERS[name] for name in ("CAST", "EXTRACT")}
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}

    @classmethod
    def _resolve_clickhouse_agg(cls, name: str) -> tuple[str, Sequence[str]] | None:
        """An aggregate, which may have parameters in parentheses of their own, by the store's own list."""
        return (name, ()) if is_aggregate(name) else None


class StoreDialect(ClickHouse):
    """As ClickHouse, but for the parser; what is written goes through `storewriter`, never through sqlglot."""

    INDEX_OFFSET = 0
    Parser = StoreParser


def normal(tree: exp.Expr) -> exp.Expr:
    """The tree as it is after it was written and read: all names are quoted, but for numbers that look like names."""
    for node in tree.find_all(exp.Identifier):
        node.set("quoted", not is_bare_number(node))
        node.comments = None
    return tree


def is_bare_number(name: exp.Identifier) -> bool:
    """Whether an unquoted name is a number: `inf`, `nan`."""
    column = name.parent
    alone = isinstance(column, exp.Column) and not column.table
    return alone and not name.quoted and name.name.lower() in BARE_NUMBERS
