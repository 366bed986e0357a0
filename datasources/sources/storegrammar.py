"""ClickHouse's SQL as people may write it for the store: functions keep their names.

Words between arguments (`TRIM(BOTH 'x' FROM s)`, `date_add(day, 1, t)`, `a ? b : c`) become the plain function here, as
they do in ClickHouse's own parser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from sqlglot import TokenType, exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.parsers.clickhouse import ClickHouseParser

from ...storage.metrics.vocabulary import is_aggregate

BARE_NUMBERS = frozenset({"inf", "nan", "infinity"})  # numbers for ClickHouse, names for the parser
TRIMS: Final = {"BOTH": "trimBoth", "LEADING": "trimLeft", "TRAILING": "trimRight"}
UNIT_NAMES: Final = "NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR"
UNITS: Final = frozenset(UNIT_NAMES.split())
SHIFTS: Final = {
    **dict.fromkeys(("DATE_ADD", "DATEADD", "TIMESTAMP_ADD", "TIMESTAMPADD"), "plus"),
    **dict.fromkeys(("DATE_SUB", "DATESUB", "TIMESTAMP_SUB", "TIMESTAMPSUB"), "minus"),
}


class StoreParser(ClickHouseParser):
    """A parser that knows no function: each is what it was called, with its arguments in their order."""

    FUNCTIONS: ClassVar = {}
    ARRAY_CONSTRUCTORS: ClassVar = {}  # ClickHouse takes an element of `array(…)[1]`
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        **{name: ClickHouseParser.FUNCTION_PARSERS[name] for name in ("CAST", "EXTRACT")},
        "TRIM": lambda self: self._parse_side_trimmed(),
        "POSITION": lambda self: self._parse_place(),
        **dict.fromkeys(("SUBSTRING", "SUBSTR"), lambda self: self._parse_span()),
        **dict.fromkeys(SHIFTS, lambda self: self._parse_shift()),
    }
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}

    @classmethod
    def _resolve_clickhouse_agg(cls, name: str) -> tuple[str, Sequence[str]] | None:
        """An aggregate, which may have parameters in parentheses of their own, by the store's own list."""
        return (name, ()) if is_aggregate(name) else None

    def _parse_assignment(self) -> exp.Expr | None:
        """`a ? b : c` is if(a, b, c)."""
        found = super()._parse_assignment()
        if not isinstance(found, exp.If):
            return found
        sides = [found.this, found.args.get("true"), found.args.get("false")]
        if not all(isinstance(side, exp.Expr) for side in sides):
            self.raise_error("? stands between a condition and two values with : between")
        return self._called("if", *sides)

    def _parse_limit(self, *arguments: Any, **more: Any) -> exp.Expr | None:
        """FETCH FIRST 3 ROWS is LIMIT 3."""
        found = super()._parse_limit(*arguments, **more)
        if not isinstance(found, exp.Fetch):
            return found
        options = found.args.get("limit_options") or exp.LimitOptions()
        options.set("rows", False)
        count = found.args.get("count") or exp.Literal.number(1)
        says_more = options.args.get("with_ties") or options.args.get("percent")
        return self.expression(exp.Limit(expression=count, limit_options=options if says_more else None))

    def _parse_side_trimmed(self) -> exp.Expr:
        """Behind `TRIM(`: arguments, or `BOTH 'x' FROM s`."""
        called = self._name_of_call()
        if not self._match_texts(TRIMS):
            return self._called(called, *self._parse_function_args())
        called = TRIMS[self._prev.text.upper()]
        chars = self._parse_bitwise()
        if not self._match(TokenType.FROM):
            self.raise_error("TRIM has FROM behind what it takes away")
        return self._called(called, self._parse_bitwise(), chars)

    def _parse_place(self) -> exp.Expr:
        """Behind `POSITION(`: arguments, or `needle IN haystack`."""
        called, begin = self._name_of_call(), self._index
        needle = self._parse_bitwise()
        if self._match(TokenType.IN):
            return self._called(called, self._parse_bitwise(), needle)
        self._retreat(begin)
        return self._called(called, *self._parse_function_args())

    def _parse_span(self) -> exp.Expr:
        """Behind `SUBSTRING(`: arguments, or `s FROM 2 FOR 3`."""
        called, arguments = self._name_of_call(), self._parse_function_args()
        behind = [self._parse_bitwise() for word in (TokenType.FROM, TokenType.FOR) if self._match(word)]
        return self._called(called, *arguments, *behind)

    def _parse_shift(self) -> exp.Expr:
        """Behind `date_add(`: arguments, or `unit, number, time`."""
        called, arguments = self._name_of_call(), self._parse_function_args()
        unit = arguments[0] if len(arguments) == 3 else None
        if not isinstance(unit, exp.Column) or unit.name.upper() not in UNITS:
            return self._called(called, *arguments)
        length = self._called(f"toInterval{unit.name.capitalize()}", arguments[1])
        return self._called(SHIFTS[called.upper()], arguments[2], length)

    def _name_of_call(self) -> str:
        """The name before the parenthesis that was read last."""
        return self._tokens[self._index - 2].text

    def _called(self, name: str, *arguments: exp.Expr | None) -> exp.Expr:
        return self.expression(exp.Anonymous(this=name, expressions=list(arguments)))


class StoreDialect(ClickHouse):
    """As ClickHouse, but for the parser; what is written goes through `storewriter`, never through sqlglot."""

    INDEX_OFFSET = 0
    Parser = StoreParser


def normal(tree: exp.Expr) -> exp.Expr:
    """The tree as it is after it was written and read: all names are quoted, but for words that look like names."""
    for node in tree.find_all(exp.Identifier):
        node.set("quoted", not is_bare_word(node))
        node.comments = None
    return tree


def is_bare_word(name: exp.Identifier) -> bool:
    """Whether an unquoted name is none: the numbers `inf` and `nan`, and ALL behind ORDER BY."""
    column, word = name.parent, name.name.lower()
    if name.quoted or not isinstance(column, exp.Column) or column.table:
        return False
    return word in BARE_NUMBERS or (word == "all" and isinstance(column.parent, exp.Ordered))
