"""How expressions of the store's SQL are written. Each takes the node and `write`, which writes what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlglot import exp

from ...errors import SourceError
from .storewords import BITS, DOTTED, FRAMES, HEXADECIMAL, PARTS_OF_TIME, TYPE_TEXT, TYPES, digits, literal, name, unit

Write = Callable[[exp.Expr], str]
Form = Callable[[Any, Write], str]
Forms = dict[type[exp.Expr], tuple[str, Form]]  # by kind: the parts that its form knows, and the form

FUNCTION: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
BINARY: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<",
    exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.And: "AND", exp.Or: "OR", exp.DPipe: "||", exp.Is: "IS",
    exp.Collate: "COLLATE", exp.IntDiv: "DIV", exp.NullSafeEQ: "<=>", exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.RegexpLike: "REGEXP",
}  # fmt: skip


def many(nodes: Iterable[exp.Expr], write: Write) -> str:
    """Several nodes, with commas between."""
    return ", ".join(write(one) for one in nodes)


def some(node: exp.Expr, part: str, write: Write, before: str = " ") -> str:
    """A part with what stands before it, or nothing."""
    value = node.args.get(part)
    return before + write(value) if value is not None else ""


def binary(word: str) -> Form:
    """The form of an operator between two sides."""
    return lambda node, write: f"{write(node.this)} {word} {write(node.expression)}"


def around(before: str, after: str = "") -> Form:
    """The form of what holds one node."""
    return lambda node, write: f"{before}{write(node.this)}{after}"


def listed(before: str, after: str) -> Form:
    """The form of what holds a list."""
    return lambda node, write: f"{before}{many(node.expressions, write)}{after}"


def column(node: exp.Column, write: Write) -> str:
    """A column by its path: database, table, name."""
    parts = [node.args.get(part) for part in ("catalog", "db", "table", "this")]
    return ".".join(_part(one, write) for one in parts if one is not None)


def _part(node: exp.Expr, write: Write) -> str:
    """A part of a dotted name: a name, a star, or the place in a tuple."""
    if isinstance(node, exp.Literal):
        return digits(node, DOTTED, "")
    if not isinstance(node, (exp.Identifier, exp.Star)):
        raise SourceError("a dotted name is made of names")
    return write(node)


def call(node: exp.Expr, write: Write) -> str:
    """A call of a function, and of one with parameters; SourceError for a name that is none."""
    called = str(node.this)
    if not FUNCTION.match(called):
        raise SourceError(f"the function {called[:60]} is not allowed")
    arguments = f"{called}({many(node.expressions, write)})"
    params = node.args.get("params")
    return f"{arguments}({many(params, write)})" if params is not None else arguments


def data_type(node: exp.DataType, write: Write) -> str:
    """A type by ClickHouse's name; SourceError for one that is not on the list."""
    if node.this not in TYPES:
        raise SourceError(f"the type {str(node.this).removeprefix('DType.')} is not allowed")
    inner = f"({many(node.expressions, write)})" if node.expressions else ""
    written = TYPES[node.this] + inner
    return f"Nullable({written})" if node.args.get("nullable") else written


def cast_by_text(node: exp.Expr, write: Write) -> str:
    """`CAST(x, 'type')`; SourceError unless the type is a plain name."""
    to = node.args["to"]
    if not isinstance(to, exp.Literal) or not to.is_string or not TYPE_TEXT.match(to.name):
        raise SourceError("CAST takes the name of a type")
    return f"CAST({write(node.this)}, {write(to)})"


def negated(node: exp.Not, write: Write) -> str:
    """`NOT x`, the word where it stands in the text: behind the left side of IN, IS and BETWEEN."""
    inner = node.this
    if isinstance(inner, (exp.In, exp.Between)):
        return is_in(inner, write, "NOT ") if isinstance(inner, exp.In) else between(inner, write, "NOT ")
    if isinstance(inner, exp.Is):
        return f"{write(inner.this)} IS NOT {write(inner.expression)}"
    return f"NOT {write(inner)}"


def is_in(node: exp.In, write: Write, negation: str = "") -> str:
    """`IN` a list or a query. `negation`: `NOT `, or nothing."""
    query = node.args.get("query")
    inside = write(query) if query is not None else f"({many(node.expressions, write)})"
    return f"{write(node.this)} {'GLOBAL ' if node.args.get('is_global') else ''}{negation}IN {inside}"


def between(node: exp.Between, write: Write, negation: str = "") -> str:
    """`BETWEEN`. `negation`: `NOT `, or nothing."""
    return f"{write(node.this)} {negation}BETWEEN {write(node.args['low'])} AND {write(node.args['high'])}"


def like(node: exp.Expr, write: Write) -> str:
    """`LIKE` or `ILIKE`, with `NOT` where it is negated."""
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    return f"{write(node.this)} {'NOT ' if node.args.get('negate') else ''}{word} {write(node.expression)}"


def case(node: exp.Case, write: Write) -> str:
    """`CASE … WHEN … THEN … ELSE … END`."""
    whens = "".join(f" WHEN {write(one.this)} THEN {write(one.args['true'])}" for one in node.args["ifs"])
    return f"CASE{some(node, 'this', write)}{whens}{some(node, 'default', write, ' ELSE ')} END"


def star(node: exp.Star, write: Write) -> str:
    """`*`, but for the columns of `EXCEPT`."""
    hidden = node.args.get("except_")
    return f"* EXCEPT ({many(hidden, write)})" if hidden else "*"


def window(node: exp.Window, write: Write) -> str:
    """A function over a window, or a named window."""
    inside = _window_inside(node, write)
    if node.args.get("alias") is not None:
        named = write(node.args["alias"])
        return f"{write(node.this)} OVER {f'({named} {inside})' if inside else named}"
    return f"{write(node.this)} {'AS' if isinstance(node.this, exp.Identifier) else 'OVER'} ({inside})"


def _window_inside(node: exp.Window, write: Write) -> str:
    partition = node.args.get("partition_by")
    pieces = [
        f"PARTITION BY {many(partition, write)}" if partition else "",
        some(node, "order", write, ""),
        some(node, "spec", write, ""),
    ]
    return " ".join(piece for piece in pieces if piece)


def window_spec(node: exp.WindowSpec, write: Write) -> str:
    """The frame of a window: `ROWS` or `RANGE` between two edges; SourceError for anything else."""
    kind = str(node.args.get("kind") or "").upper()
    if kind not in ("ROWS", "RANGE", "GROUPS"):
        raise SourceError("a window has ROWS or RANGE")
    start, end = _edge(node, "start", write), _edge(node, "end", write)
    return f"{kind} BETWEEN {start} AND {end}" if end else f"{kind} {start}"


def _edge(node: exp.WindowSpec, part: str, write: Write) -> str:
    value, side = node.args.get(part), str(node.args.get(f"{part}_side") or "").upper()
    if value is None:
        return ""
    if side not in ("", "PRECEDING", "FOLLOWING") or (isinstance(value, str) and value.upper() not in FRAMES):
        raise SourceError("a window's edge is CURRENT ROW, UNBOUNDED or a number")
    written = value.upper() if isinstance(value, str) else write(value)
    return f"{written} {side}".rstrip()


def exists(node: exp.Exists, write: Write) -> str:
    """`EXISTS` of a query."""
    inner = node.this
    return f"EXISTS {write(inner)}" if isinstance(inner, exp.Subquery) else f"EXISTS ({write(inner)})"


def row(node: exp.Tuple, write: Write) -> str:
    """A tuple; one of a single value ends in a comma."""
    return f"({many(node.expressions, write)}{',' if len(node.expressions) == 1 else ''})"


CALL: Final = "this expressions params"
BOTH: Final = "this expression"
EXPRESSIONS: Final[Forms] = {
    **{kind: (f"{BOTH} typed safe", binary(word)) for kind, word in BINARY.items()},
    **dict.fromkeys((exp.Anonymous, exp.AnonymousAggFunc, exp.ParameterizedAgg), (CALL, call)),
    **dict.fromkeys((exp.Like, exp.ILike), (f"{BOTH} negate", like)),
    exp.Alias: ("this alias", lambda node, write: f"{write(node.this)} AS {write(node.args['alias'])}"),
    exp.Array: ("expressions", listed("[", "]")),
    exp.Between: ("this low high", between),
    exp.BitString: ("this", lambda node, _: digits(node, BITS, "0b")),
    exp.Boolean: ("this", lambda node, _: "true" if node.this else "false"),
    exp.Bracket: ("this expressions", lambda node, write: f"{write(node.this)}[{many(node.expressions, write)}]"),
    exp.Case: ("this ifs default", case),
    exp.Cast: ("this to", lambda node, write: f"CAST({write(node.this)} AS {write(node.args['to'])})"),
    exp.CastToStrType: ("this to", cast_by_text),
    exp.Column: ("this table db catalog", column),
    exp.ColumnDef: ("this kind", lambda node, write: f"{write(node.this)} {write(node.args['kind'])}"),
    exp.DataType: ("this expressions nested nullable", data_type),
    exp.DataTypeParam: ("this", around("")),
    exp.Dot: (BOTH, lambda node, write: f"{write(node.this)}.{_part(node.expression, write)}"),
    exp.Exists: ("this", exists),
    exp.Extract: (BOTH, lambda node, write: f"EXTRACT({unit(node.this, PARTS_OF_TIME)} FROM {write(node.expression)})"),
    exp.Filter: (BOTH, lambda node, write: f"{write(node.this)} FILTER({write(node.expression)})"),
    exp.HexString: ("this is_integer", lambda node, _: digits(node, HEXADECIMAL, "0x")),
    exp.Identifier: ("this quoted", lambda node, _: name(node)),
    exp.IgnoreNulls: ("this", around("", " IGNORE NULLS")),
    exp.In: ("this expressions query is_global", is_in),
    exp.Interval: ("this unit", lambda node, write: f"INTERVAL {write(node.this)} {unit(node.args.get('unit'))}"),
    exp.Lambda: ("this expressions", lambda node, write: f"({many(node.expressions, write)}) -> {write(node.this)}"),
    exp.Literal: ("this is_string", lambda node, _: literal(node)),
    exp.Neg: ("this", lambda node, write: f"-{' ' if isinstance(node.this, exp.Neg) else ''}{write(node.this)}"),
    exp.Not: ("this", negated),
    exp.Null: ("", lambda _node, _write: "NULL"),
    exp.Paren: ("this", around("(", ")")),
    exp.RespectNulls: ("this", around("", " RESPECT NULLS")),
    exp.Star: ("except_", star),
    exp.Tuple: ("expressions", row),
    exp.Window: ("this partition_by order spec alias over", window),
    exp.WindowSpec: ("kind start start_side end end_side", window_spec),
}  # fmt: skip
