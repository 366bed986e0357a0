"""Whether SQL may be asked in pieces of its range: only where each row is of one bucket of time and of nothing else.

That is one SELECT, limited by `$__timeFilter` and grouped by a `$__bucket` of the same column whose width is a fixed
part of the step; without LIMIT, OFFSET, DISTINCT, windows, subqueries, functions of the present or of chance, or an
order that does not begin with time.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sqlglot import exp

from ...errors import SourceError
from ..macros import unmarked
from .sqlguard import MACRO, STEP_UNITS_S, parse

FILTER, BUCKET = "heliograph_filter", "heliograph_bucket"
BOUNDS: Final = re.compile(r"\$__(from|to|range\w*)\b|\$\{__(from|to|range)")
INTERVAL: Final = re.compile(r"\$__interval(_ms)?\b")
CLAUSES: Final = frozenset(
    ["kind", "expressions", "from", "from_", "joins", "where", "prewhere", "group", "having", "order"]
)
GROUPS: Final = frozenset({"expressions"})  # no ROLLUP, CUBE, TOTALS
WHOLE: Final = (exp.Window, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Rand, exp.Fetch, exp.WithFill)
PRESENT_NAMES: Final = """
now now64 today yesterday rand rand32 rand64 random randcanonical generateuuidv4 gen_random_uuid clock_timestamp
statement_timestamp transaction_timestamp timeofday localtime localtimestamp current_timestamp current_date current_time
utctimestamp utc_timestamp runningdifference runningaccumulate neighbor rownumberinblock rownumberinallblocks nextval
"""
PRESENT_WORDS: Final = frozenset({"now", "today", "yesterday", "tomorrow"})  # `date('now')`, `'today'::timestamptz`
PRESENT: Final = frozenset(PRESENT_NAMES.split())


@lru_cache(maxsize=2000)
def chunkable(sql: str, dialect: str, step_ms: int) -> bool:
    """Whether the text, with its macros of time, may be. Takes ms where it is asked first: call it from a thread."""
    macros = list(MACRO.finditer(sql))
    columns = {match["column"].lower() for match in macros}
    widths = [_width_ms(match, step_ms) for match in macros if match["name"] != "timeFilter"]
    if BOUNDS.search(sql) or len(columns) != 1 or not widths or step_ms <= 0:
        return False
    if any(width <= 0 or step_ms % width for width in widths) or len(set(widths)) != 1:
        return False
    marked = unmarked(INTERVAL.sub("1", MACRO.sub(_marker, sql)))
    try:
        tree = parse(marked, dialect)
    except SourceError:
        return False
    return isinstance(tree, exp.Select) and _is_by_bucket(tree) and _is_limited(tree) and not _needs_whole(tree)


def _width_ms(match: re.Match[str], step_ms: int) -> int:
    given = match["step"]
    return int(given[:-1]) * STEP_UNITS_S[given[-1]] * 1000 if given else step_ms


def _marker(match: re.Match[str]) -> str:
    return f"{FILTER if match['name'] == 'timeFilter' else BUCKET}({match['column']})"


def _is(node: exp.Expr | None, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == name


def _needs_whole(tree: exp.Select) -> bool:
    """Whether anything in it looks beyond its own bucket, or at the moment at which it is asked."""
    if {name for name, value in tree.args.items() if value} - CLAUSES or tree.args.get("distinct"):
        return True
    for node in tree.walk():
        if isinstance(node, WHOLE) or (isinstance(node, exp.Query) and node is not tree):
            return True
        if isinstance(node, exp.Func) and _names(node) & PRESENT:
            return True
        if isinstance(node, exp.Literal) and node.is_string and node.name.strip().lower() in PRESENT_WORDS:
            return True
    return False


def _names(node: exp.Func) -> set[str]:
    own = node.name if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)) else node.sql_name()
    return {own.lower(), own.lower().replace("_", "")}


def _is_limited(tree: exp.Select) -> bool:
    """The filter of time stands in WHERE, and whatever else does only narrows it."""
    where = tree.args.get("where")
    if where is None:
        return False
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return any(_is(one.unnest(), FILTER) for one in conditions)


def _is_by_bucket(tree: exp.Select) -> bool:
    """The rows are grouped by the bucket, which is one of the columns, and come in its order or in none."""
    known = {BUCKET}
    for place, one in enumerate(tree.expressions, start=1):
        if _is(one.unalias(), BUCKET):
            known |= {str(place), *([one.alias.lower()] if one.alias else [])}
    group, order = tree.args.get("group"), tree.args.get("order")
    if len(known) == 1 or group is None or {name for name, value in group.args.items() if value} - GROUPS:
        return False
    if not any(_refers(one, known) for one in group.expressions):
        return False
    return order is None or _refers(order.expressions[0].this, known)


def _refers(node: exp.Expr, known: set[str]) -> bool:
    """Whether an expression is the bucket: by its alias, its place among the columns, or itself."""
    if isinstance(node, exp.Column) and not node.table:
        return node.name.lower() in known
    if isinstance(node, exp.Literal) and not node.is_string:
        return node.name in known
    return _is(node, BUCKET)
