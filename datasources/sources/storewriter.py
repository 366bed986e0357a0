"""Writes a judged tree as ClickHouse's SQL. What has no writer here cannot be written, and is refused by its name.

Names are always quoted, letters outside of ASCII stand in quotes alone and escaped; functions, units, types and words
come from lists. Each writer takes the parts that it knows: a node with any other part is refused too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlglot import exp

from ...errors import SourceError
from .storegrammar import is_bare_number

NUMBER: Final = re.compile(r"^\d*\.?\d*(e[+-]?\d+)?$", re.IGNORECASE | re.ASCII)
DOTTED: Final = re.compile(r"^\d+(\.\d+)*$")
BITS: Final = re.compile(r"^[01]{1,64}$")
HEXADECIMAL: Final = re.compile(r"^[0-9A-Fa-f]{1,64}$")
FUNCTION: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
TYPE_TEXT: Final = re.compile(r"^[A-Za-z0-9_(), ']{1,200}$")
UNSPOKEN: Final = re.compile(r"[\x00-\x1f\x7f\\`‘’“”]")  # in names: what another parser may read otherwise
UNIT_NAMES: Final = "NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR"
UNITS: Final = frozenset(UNIT_NAMES.split())
FRAMES: Final = {"CURRENT ROW": "CURRENT ROW", "UNBOUNDED": "UNBOUNDED"}
TYPE_NAMES: Final = """
TINYINT=Int8 SMALLINT=Int16 INT=Int32 BIGINT=Int64 INT128=Int128 INT256=Int256 UTINYINT=UInt8 USMALLINT=UInt16
UINT=UInt32 UBIGINT=UInt64 UINT128=UInt128 UINT256=UInt256 FLOAT=Float32 DOUBLE=Float64 DECIMAL=Decimal
DECIMAL32=Decimal32 DECIMAL64=Decimal64 DECIMAL128=Decimal128 BOOLEAN=Bool TEXT=String FIXEDSTRING=FixedString
UUID=UUID DATE=Date DATE32=Date32 DATETIME=DateTime DATETIME64=DateTime64 TIMESTAMP=TIMESTAMP IPV4=IPv4 IPV6=IPv6
ARRAY=Array STRUCT=Tuple MAP=Map LOWCARDINALITY=LowCardinality
"""
TYPES: Final = {exp.DType[one]: written for one, _, written in (pair.partition("=") for pair in TYPE_NAMES.split())}
BINARY: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<",
    exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.And: "AND", exp.Or: "OR", exp.DPipe: "||", exp.Is: "IS",
    exp.Collate: "COLLATE", exp.IntDiv: "DIV", exp.NullSafeEQ: "<=>",
}  # fmt: skip
SET_OPERATIONS: Final = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
Parts = frozenset[str]
Writer = Callable[[Any], str]


def write(node: exp.Expr) -> str:
    """The text of a node; SourceError naming what may not be written."""
    kind = type(node)
    if not isinstance(node, exp.Expr) or kind not in WRITERS:
        raise SourceError(f"{described(node)} is not allowed")
    parts, writer = WRITERS[kind]
    unknown = [name for name, value in node.args.items() if name not in parts and _says(value)]
    if unknown:
        raise SourceError(f"{unknown[0].strip('_').replace('_', ' ').upper()} is not allowed here")
    return writer(node)


def described(node: object) -> str:
    """A node as its writer knows it."""
    if not isinstance(node, exp.Expr):
        return "this"
    return "a parameter" if isinstance(node, (exp.Placeholder, exp.Parameter)) else node.key.upper()


def _says(value: object) -> bool:
    return value is not None and value is not False and value != []


def text_literal(text: str) -> str:
    """A string literal of ASCII alone."""
    return "'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    if " " <= char <= "~":
        return char
    return "".join(f"\\x{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def name(node: exp.Identifier) -> str:
    if is_bare_number(node) and not node.args.get("quoted"):
        return node.name.lower()
    if not node.name or UNSPOKEN.search(node.name):
        raise SourceError("a name may not hold quotes of the text, backslashes or control characters")
    return "`" + "".join(_escaped(char) if char != "'" else char for char in node.name) + "`"


def many(nodes: Iterable[exp.Expr]) -> str:
    return ", ".join(write(one) for one in nodes)


def some(node: exp.Expr, part: str, before: str = " ") -> str:
    """A part with what stands before it, or nothing."""
    value = node.args.get(part)
    return before + write(value) if value is not None else ""


def literal(node: exp.Literal) -> str:
    if node.is_string:
        return text_literal(node.name)
    if not NUMBER.match(node.name) or not any(char.isdigit() for char in node.name):
        raise SourceError(f"{node.name[:40]} is no number")
    return node.name


def digits(node: exp.Expr, form: re.Pattern[str], before: str) -> str:
    if not form.match(node.name):
        raise SourceError(f"{node.name[:40]} is no number")
    return before + node.name


def column(node: exp.Column) -> str:
    parts = [node.args.get(part) for part in ("catalog", "db", "table", "this")]
    return ".".join(_part(one) for one in parts if one is not None)


def _part(node: exp.Expr) -> str:
    """A part of a dotted name: a name, a star, or the place in a tuple."""
    if isinstance(node, exp.Literal):
        return digits(node, DOTTED, "")
    if not isinstance(node, (exp.Identifier, exp.Star)):
        raise SourceError("a dotted name is made of names")
    return write(node)


def call(node: exp.Expr) -> str:
    called = str(node.this)
    if not FUNCTION.match(called):
        raise SourceError(f"the function {called[:60]} is not allowed")
    arguments = f"{called}({many(node.expressions)})"
    params = node.args.get("params")
    return f"{arguments}({many(params)})" if params is not None else arguments


def unit(node: exp.Expr | None) -> str:
    word = node.name.upper() if isinstance(node, exp.Var) else ""
    if word not in UNITS:
        raise SourceError(f"{node.name[:40] if node is not None else 'nothing'} is no unit of time")
    return word


def data_type(node: exp.DataType) -> str:
    if node.this not in TYPES:
        raise SourceError(f"the type {str(node.this).removeprefix('DType.')} is not allowed")
    inner = f"({many(node.expressions)})" if node.expressions else ""
    written = TYPES[node.this] + inner
    return f"Nullable({written})" if node.args.get("nullable") else written


def cast_by_text(node: exp.Expr) -> str:
    to = node.args["to"]
    if not isinstance(to, exp.Literal) or not to.is_string or not TYPE_TEXT.match(to.name):
        raise SourceError("CAST takes the name of a type")
    return f"CAST({write(node.this)}, {write(to)})"


def negated(node: exp.Not) -> str:
    """`NOT x`, the word where it stands in the text: behind the left side of IN, IS and BETWEEN."""
    inner = node.this
    if isinstance(inner, (exp.In, exp.Between)):
        return _in(inner, "NOT ") if isinstance(inner, exp.In) else between(inner, "NOT ")
    if isinstance(inner, exp.Is):
        return f"{write(inner.this)} IS NOT {write(inner.expression)}"
    return f"NOT {write(inner)}"


def _in(node: exp.In, negation: str = "") -> str:
    query = node.args.get("query")
    inside = write(query) if query is not None else f"({many(node.expressions)})"
    return f"{write(node.this)} {'GLOBAL ' if node.args.get('is_global') else ''}{negation}IN {inside}"


def between(node: exp.Between, negation: str = "") -> str:
    return f"{write(node.this)} {negation}BETWEEN {write(node.args['low'])} AND {write(node.args['high'])}"


def like(node: exp.Expr) -> str:
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    return f"{write(node.this)} {'NOT ' if node.args.get('negate') else ''}{word} {write(node.expression)}"


def case(node: exp.Case) -> str:
    whens = "".join(f" WHEN {write(one.this)} THEN {write(one.args['true'])}" for one in node.args["ifs"])
    return f"CASE{some(node, 'this')}{whens}{some(node, 'default', ' ELSE ')} END"


def lambda_(node: exp.Lambda) -> str:
    return f"({many(node.expressions)}) -> {write(node.this)}"


def star(node: exp.Star) -> str:
    hidden = node.args.get("except_")
    return f"* EXCEPT ({many(hidden)})" if hidden else "*"


def window(node: exp.Window) -> str:
    if node.args.get("alias") is not None and not _window_inside(node):
        return f"{write(node.this)} OVER {write(node.args['alias'])}"
    if isinstance(node.this, exp.Identifier):
        return f"{write(node.this)} AS ({_window_inside(node)})"
    return f"{write(node.this)} OVER ({_window_inside(node)})"


def _window_inside(node: exp.Window) -> str:
    partition = node.args.get("partition_by")
    pieces = [f"PARTITION BY {many(partition)}" if partition else "", some(node, "order", ""), some(node, "spec", "")]
    return " ".join(piece for piece in pieces if piece)


def window_spec(node: exp.WindowSpec) -> str:
    kind = str(node.args.get("kind") or "").upper()
    if kind not in ("ROWS", "RANGE", "GROUPS"):
        raise SourceError("a window has ROWS or RANGE")
    start, end = _edge(node, "start"), _edge(node, "end")
    return f"{kind} BETWEEN {start} AND {end}" if end else f"{kind} {start}"


def _edge(node: exp.WindowSpec, part: str) -> str:
    value, side = node.args.get(part), str(node.args.get(f"{part}_side") or "").upper()
    if value is None:
        return ""
    if side not in ("", "PRECEDING", "FOLLOWING") or (isinstance(value, str) and value.upper() not in FRAMES):
        raise SourceError("a window's edge is CURRENT ROW, UNBOUNDED or a number")
    written = value.upper() if isinstance(value, str) else write(value)
    return f"{written} {side}".rstrip()


def cte(node: exp.CTE) -> str:
    alias = node.args["alias"]
    if node.args.get("scalar"):
        return f"{write(node.this)} AS {write(alias)}"
    return f"{write(alias)} AS ({write(node.this)})"


def table(node: exp.Table) -> str:
    db = node.args.get("db")
    own = f"{write(db)}.{write(node.this)}" if db is not None else write(node.this)
    return own + some(node, "alias", " AS ")


def table_alias(node: exp.TableAlias) -> str:
    columns = node.args.get("columns")
    return write(node.this) + (f" ({many(columns)})" if columns else "")


def subquery(node: exp.Subquery) -> str:
    return f"({write(node.this)}){some(node, 'alias', ' AS ')}" + _modifiers(node)


def join(node: exp.Join) -> str:
    words = [str(node.args.get(part) or "").upper() for part in ("global_", "side", "kind", "method")]
    allowed = ({"", "GLOBAL"}, {"", "LEFT", "RIGHT", "FULL"},
               {"", "INNER", "OUTER", "CROSS", "ANY", "SEMI", "ANTI", "ASOF", "ARRAY"}, {""})  # fmt: skip
    if any(word not in choice for word, choice in zip(words, allowed, strict=True)):
        raise SourceError(f"the join {' '.join(words).strip()} is not allowed")
    using = node.args.get("using")
    condition = some(node, "on", " ON ") + (f" USING ({many(using)})" if using else "")
    return " " + " ".join(word for word in [*words, "JOIN"] if word) + f" {write(node.this)}{condition}"


def select(node: exp.Select) -> str:
    with_ = f"{write(node.args['with_'])} " if node.args.get("with_") else ""
    distinct = f"{write(node.args['distinct'])} " if node.args.get("distinct") else ""
    from_ = f" FROM {write(node.args['from_'].this)}" if node.args.get("from_") else ""
    windows = node.args.get("windows")
    return (
        f"{with_}SELECT {distinct}{many(node.expressions)}{from_}"
        + "".join(write(one) for one in node.args.get("joins") or [])
        + some(node, "prewhere", " PREWHERE ") + some(node, "where") + some(node, "group")
        + some(node, "having", " HAVING ")
        + (f" WINDOW {many(windows)}" if windows else "") + some(node, "qualify", " QUALIFY ") + _modifiers(node)
    )  # fmt: skip


def _modifiers(node: exp.Expr) -> str:
    return some(node, "order") + some(node, "limit") + some(node, "offset")


def set_operation(node: exp.SetOperation) -> str:
    with_ = f"{write(node.args['with_'])} " if node.args.get("with_") else ""
    distinct = {True: " DISTINCT", False: " ALL", None: ""}[node.args.get("distinct")]
    if not isinstance(node, exp.Union) and not node.args.get("distinct"):
        distinct = ""
    word = SET_OPERATIONS[type(node)]
    return f"{with_}{write(node.this)} {word}{distinct} {write(node.expression)}{_modifiers(node)}"


def group(node: exp.Group) -> str:
    flags = {"rollup": "ROLLUP", "cube": "CUBE"}
    after = [f" WITH {word}" for part, word in flags.items() if _says(node.args.get(part))]
    if any(one.expressions for part in flags for one in node.args.get(part) or []):
        raise SourceError("ROLLUP and CUBE stand alone, or behind WITH")
    totals = " WITH TOTALS" if node.args.get("totals") else ""
    return f" GROUP BY {'ALL' if node.args.get('all') else many(node.expressions)}{''.join(after)}{totals}".lstrip()


def ordered(node: exp.Ordered) -> str:
    direction = {True: " DESC", False: " ASC", None: ""}[node.args.get("desc")]
    nulls = " NULLS FIRST" if node.args.get("nulls_first") else ""  # ClickHouse has them last else, either way
    return write(node.this) + direction + nulls + some(node, "with_fill", " ")


def with_fill(node: exp.WithFill) -> str:
    if node.args.get("interpolate"):
        raise SourceError("INTERPOLATE is not allowed")
    return "WITH FILL" + some(node, "from_", " FROM ") + some(node, "to", " TO ") + some(node, "step", " STEP ")


def limit(node: exp.Limit) -> str:
    by = f" BY {many(node.expressions)}" if node.expressions else ""
    options = node.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("rows")):
        raise SourceError("LIMIT takes a number")
    return f"LIMIT {write(node.expression)}{by}{' WITH TIES' if options is not None else ''}"


def exists(node: exp.Exists) -> str:
    inner = node.this
    return f"EXISTS {write(inner)}" if isinstance(inner, exp.Subquery) else f"EXISTS ({write(inner)})"


def _binary(word: str) -> Writer:
    return lambda node: f"{write(node.this)} {word} {write(node.expression)}"


def _around(before: str, after: str = "") -> Writer:
    return lambda node: f"{before}{write(node.this)}{after}"


def _listed(before: str, after: str) -> Writer:
    return lambda node: f"{before}{many(node.expressions)}{after}"


def _tuple(node: exp.Tuple) -> str:
    return f"({many(node.expressions)}{',' if len(node.expressions) == 1 else ''})"


CALL: Final = "this expressions params"
MODIFIERS: Final = "order limit offset"
BOTH: Final = "this expression"
_TABLE: Final[dict[type[exp.Expr], tuple[str, Writer]]] = {
    **{kind: (f"{BOTH} typed safe", _binary(word)) for kind, word in BINARY.items()},
    **dict.fromkeys((exp.Anonymous, exp.AnonymousAggFunc, exp.ParameterizedAgg), (CALL, call)),
    **dict.fromkeys(SET_OPERATIONS, (f"with_ {BOTH} distinct {MODIFIERS}", set_operation)),
    **dict.fromkeys((exp.Like, exp.ILike), (f"{BOTH} negate", like)),
    exp.Alias: ("this alias", lambda node: f"{write(node.this)} AS {write(node.args['alias'])}"),
    exp.Array: ("expressions", _listed("[", "]")),
    exp.Between: ("this low high", between),
    exp.BitString: ("this", lambda node: digits(node, BITS, "0b")),
    exp.Boolean: ("this", lambda node: "true" if node.this else "false"),
    exp.Bracket: ("this expressions", lambda node: f"{write(node.this)}[{many(node.expressions)}]"),
    exp.CTE: ("this alias scalar", cte),
    exp.Case: ("this ifs default", case),
    exp.Cast: ("this to", lambda node: f"CAST({write(node.this)} AS {write(node.args['to'])})"),
    exp.CastToStrType: ("this to", cast_by_text),
    exp.Column: ("this table db catalog", column),
    exp.ColumnDef: ("this kind", lambda node: f"{write(node.this)} {write(node.args['kind'])}"),
    exp.DataType: ("this expressions nested nullable", data_type),
    exp.DataTypeParam: ("this", _around("")),
    exp.Distinct: ("expressions", lambda node: f"DISTINCT {many(node.expressions)}".rstrip()),
    exp.Dot: (BOTH, lambda node: f"{write(node.this)}.{_part(node.expression)}"),
    exp.Exists: ("this", exists),
    exp.Extract: (BOTH, lambda node: f"EXTRACT({unit(node.this)} FROM {write(node.expression)})"),
    exp.Filter: (BOTH, lambda node: f"{write(node.this)} FILTER({write(node.expression)})"),
    exp.Final: ("this", _around("", " FINAL")),
    exp.Group: ("expressions all totals rollup cube", group),
    exp.Having: ("this", _around("")),
    exp.HexString: ("this is_integer", lambda node: digits(node, HEXADECIMAL, "0x")),
    exp.Identifier: ("this quoted", name),
    exp.IgnoreNulls: ("this", _around("", " IGNORE NULLS")),
    exp.In: ("this expressions query is_global", _in),
    exp.Interval: ("this unit", lambda node: f"INTERVAL {write(node.this)} {unit(node.args.get('unit'))}"),
    exp.Join: ("this side kind on using global_ method", join),
    exp.Lambda: ("this expressions", lambda_),
    exp.Limit: ("expression expressions limit_options", limit),
    exp.Literal: ("this is_string", literal),
    exp.Neg: ("this", lambda node: f"-{' ' if isinstance(node.this, exp.Neg) else ''}{write(node.this)}"),
    exp.Not: ("this", negated),
    exp.Null: ("", lambda _: "NULL"),
    exp.Offset: ("expression", lambda node: f"OFFSET {write(node.expression)}"),
    exp.Order: ("expressions", _listed("ORDER BY ", "")),
    exp.Ordered: ("this desc nulls_first with_fill", ordered),
    exp.Paren: ("this", _around("(", ")")),
    exp.PreWhere: ("this", _around("")),
    exp.Qualify: ("this", _around("")),
    exp.RespectNulls: ("this", _around("", " RESPECT NULLS")),
    exp.Select: (f"with_ expressions distinct from_ joins prewhere where group having windows qualify {MODIFIERS}",
                 select),
    exp.Star: ("except_", star),
    exp.Subquery: (f"this alias {MODIFIERS}", subquery),
    exp.Table: ("this db alias", table),
    exp.TableAlias: ("this columns", table_alias),
    exp.Tuple: ("expressions", _tuple),
    exp.Where: ("this", _around("WHERE ")),
    exp.Window: ("this partition_by order spec alias over", window),
    exp.WindowSpec: ("kind start start_side end end_side", window_spec),
    exp.With: ("expressions", _listed("WITH ", "")),
    exp.WithFill: ("from_ to step interpolate", with_fill),
}  # fmt: skip
WRITERS: Final[dict[type[exp.Expr], tuple[Parts, Writer]]] = {
    kind: (frozenset(parts.split()), writer) for kind, (parts, writer) in _TABLE.items()
}
