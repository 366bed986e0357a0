"""How the clauses of a SELECT of the store are written: what is read and joined, grouped, ordered and cut."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from ...errors import SourceError
from .storeexpressions import Forms, Write, around, listed, many, some

SET_OPERATIONS: Final = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


def select(node: exp.Select, write: Write) -> str:
    """`WITH … SELECT … FROM …`, with all its clauses."""
    with_ = some(node, "with_", write, "") + " " if node.args.get("with_") else ""
    distinct = some(node, "distinct", write, "") + " " if node.args.get("distinct") else ""
    from_ = f" FROM {write(node.args['from_'].this)}" if node.args.get("from_") else ""
    windows = node.args.get("windows")
    return (
        f"{with_}SELECT {distinct}{many(node.expressions, write)}{from_}"
        + "".join(write(one) for one in node.args.get("joins") or [])
        + some(node, "prewhere", write, " PREWHERE ") + some(node, "where", write) + some(node, "group", write)
        + some(node, "having", write, " HAVING ")
        + (f" WINDOW {many(windows, write)}" if windows else "")
        + some(node, "qualify", write, " QUALIFY ") + _modifiers(node, write)
    )  # fmt: skip


def _modifiers(node: exp.Expr, write: Write) -> str:
    cut = node.args.get("limit")
    if cut is not None and cut.args.get("limit_options") is not None and node.args.get("offset") is not None:
        raise SourceError("WITH TIES does not go with OFFSET")
    return some(node, "order", write) + some(node, "limit", write) + some(node, "offset", write)


def set_operation(node: exp.SetOperation, write: Write) -> str:
    """`UNION`, `INTERSECT` or `EXCEPT` of two queries."""
    with_ = some(node, "with_", write, "") + " " if node.args.get("with_") else ""
    distinct = {True: " DISTINCT", False: " ALL", None: ""}[node.args.get("distinct")]
    if not isinstance(node, exp.Union) and not node.args.get("distinct"):
        distinct = ""
    word = SET_OPERATIONS[type(node)]
    return f"{with_}{write(node.this)} {word}{distinct} {write(node.expression)}{_modifiers(node, write)}"


def cte(node: exp.CTE, write: Write) -> str:
    """One entry of `WITH`: a query with its name, or a scalar."""
    alias = write(node.args["alias"])
    return f"{write(node.this)} AS {alias}" if node.args.get("scalar") else f"{alias} AS ({write(node.this)})"


def distinct(node: exp.Distinct, write: Write) -> str:
    """`DISTINCT`, or `DISTINCT ON (…)`."""
    on = node.args.get("on")
    by = f" ON ({many(on.expressions, write)})" if on is not None else ""
    return f"DISTINCT{by} {many(node.expressions, write)}".rstrip()


def table(node: exp.Table, write: Write) -> str:
    """A table, with its database and alias."""
    db = node.args.get("db")
    own = f"{write(db)}.{write(node.this)}" if db is not None else write(node.this)
    return own + some(node, "alias", write, " AS ")


def table_alias(node: exp.TableAlias, write: Write) -> str:
    """An alias, with the names of its columns."""
    columns = node.args.get("columns")
    return write(node.this) + (f" ({many(columns, write)})" if columns else "")


def subquery(node: exp.Subquery, write: Write) -> str:
    """A query in parentheses, with its alias."""
    return f"({write(node.this)}){some(node, 'alias', write, ' AS ')}{_modifiers(node, write)}"


def join(node: exp.Join, write: Write) -> str:
    """One join with its condition; SourceError for a kind that is not on the list."""
    words = [str(node.args.get(part) or "").upper() for part in ("global_", "side", "kind", "method")]
    allowed = ({"", "GLOBAL"}, {"", "LEFT", "RIGHT", "FULL"},
               {"", "INNER", "OUTER", "CROSS", "ANY", "SEMI", "ANTI", "ASOF", "ARRAY"}, {""})  # fmt: skip
    if any(word not in choice for word, choice in zip(words, allowed, strict=True)):
        raise SourceError(f"the join {' '.join(words).strip()} is not allowed")
    using = node.args.get("using")
    condition = some(node, "on", write, " ON ") + (f" USING ({many(using, write)})" if using else "")
    return " " + " ".join(word for word in [*words, "JOIN"] if word) + f" {write(node.this)}{condition}"


def group(node: exp.Group, write: Write) -> str:
    """`GROUP BY`, with `ROLLUP`, `CUBE` or `TOTALS` behind it; SourceError where these are mixed with columns."""
    flags = [part for part in ("rollup", "cube") if node.args.get(part)]
    if any(one.expressions for part in flags for one in node.args[part]):
        raise SourceError("ROLLUP and CUBE stand alone, or behind WITH")
    behind = "".join(f" WITH {part.upper()}" for part in flags)
    totals = " WITH TOTALS" if node.args.get("totals") else ""
    return f"GROUP BY {'ALL' if node.args.get('all') else many(node.expressions, write)}{behind}{totals}"


def rollup(node: exp.Rollup | exp.Cube, write: Write) -> str:
    """`ROLLUP (a, b)`, which ClickHouse takes as all of a GROUP BY; behind WITH it is the group's own part."""
    if not isinstance(node.parent, exp.Group) or len(node.parent.expressions) != 1:
        raise SourceError("ROLLUP and CUBE stand alone, or behind WITH")
    return f"{node.key.upper()}({many(node.expressions, write)})"


def grouping_sets(node: exp.GroupingSets, write: Write) -> str:
    """`GROUPING SETS`; SourceError unless they stand alone."""
    if not isinstance(node.parent, exp.Group) or len(node.parent.expressions) != 1:
        raise SourceError("GROUPING SETS stand alone")
    return f"GROUPING SETS({many(node.expressions, write)})"


def ordered(node: exp.Ordered, write: Write) -> str:
    """One key of `ORDER BY`, with its direction, place of NULLs and filling."""
    direction = {True: " DESC", False: " ASC", None: ""}[node.args.get("desc")]
    nulls = " NULLS FIRST" if node.args.get("nulls_first") else ""  # ClickHouse has them last else, either way
    return write(node.this) + direction + nulls + some(node, "with_fill", write)


def with_fill(node: exp.WithFill, write: Write) -> str:
    """`WITH FILL` of a key, with its edges, step and interpolation."""
    parts = {"from_": "FROM", "to": "TO", "step": "STEP"}
    edges = "".join(f" {word} {write(node.args[part])}" for part, word in parts.items() if node.args.get(part))
    filled = node.args.get("interpolate")
    return f"WITH FILL{edges}" + (
        f" INTERPOLATE ({', '.join(_filled(one, write) for one in filled)})" if filled else ""
    )


def _filled(node: exp.Expr, write: Write) -> str:
    """`name`, or `name AS expression`, which is the other way round than elsewhere."""
    if isinstance(node, exp.Alias):
        return f"{write(node.args['alias'])} AS {write(node.this)}"
    if not isinstance(node, exp.Identifier):
        raise SourceError("INTERPOLATE takes names of columns")
    return write(node)


def limit(node: exp.Limit, write: Write) -> str:
    """`LIMIT`, with `BY` and `WITH TIES`; SourceError for percents."""
    by = f" BY {many(node.expressions, write)}" if node.expressions else ""
    options = node.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("rows")):
        raise SourceError("LIMIT takes a number")
    return f"LIMIT {write(node.expression)}{by}{' WITH TIES' if options is not None else ''}"


MODIFIERS: Final = "order limit offset"
CLAUSES: Final[Forms] = {
    **dict.fromkeys(SET_OPERATIONS, (f"with_ this expression distinct {MODIFIERS}", set_operation)),
    **dict.fromkeys((exp.Rollup, exp.Cube), ("expressions", rollup)),
    exp.CTE: ("this alias scalar", cte),
    exp.Distinct: ("expressions on", distinct),
    exp.Final: ("this", around("", " FINAL")),
    exp.Group: ("expressions all totals rollup cube", group),
    exp.GroupingSets: ("expressions", grouping_sets),
    exp.Having: ("this", around("")),
    exp.Join: ("this side kind on using global_ method", join),
    exp.Limit: ("expression expressions limit_options", limit),
    exp.Offset: ("expression", lambda node, write: f"OFFSET {write(node.expression)}"),
    exp.Order: ("expressions", listed("ORDER BY ", "")),
    exp.Ordered: ("this desc nulls_first with_fill", ordered),
    exp.PreWhere: ("this", around("")),
    exp.Qualify: ("this", around("")),
    exp.Select: (f"with_ expressions distinct from_ joins prewhere where group having windows qualify {MODIFIERS}",
                 select),
    exp.Subquery: (f"this alias {MODIFIERS}", subquery),
    exp.Table: ("this db alias", table),
    exp.TableAlias: ("this columns", table_alias),
    exp.Where: ("this", around("WHERE ")),
    exp.With: ("expressions", listed("WITH ", "")),
    exp.WithFill: ("from_ to step interpolate", with_fill),
}  # fmt: skip
