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
from .sqlguard import parse
from .sqlmacros import BUCKETS, FILTERS, Call, rewritten

FILTER, BUCKET = "heliograph_filter", "heliograph_bucket"
STEP_WORDS: Final = frozenset({"interval", "interval_ms", "interval_s"})
CLAUSES: Final = frozenset(
    ["kind", "expressions", "from", "from_", "joins", "where", "prewhere", "group", "having", "order"]
)
GROUPS: Final = frozenset({"expressions"})  # no ROLLUP, CUBE, TOTALS
WHOLE: Final = (exp.Window, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Rand, exp.Fetch, exp.WithFill)
PRESENT_NAMES: Final = """
now now64 today yesterday rand rand32 rand64 random randcanonical generateuuidv4 gen_random_uuid clock_timestamp
statement_timestamp transaction_timestamp timeofday localtime localtimestamp current_timestamp current_date current_time
utctimestamp utc_timestamp utc_date utc_time curdate curtime sysdate uuid uuid_short unix_timestamp timetounix
runningdifference runningaccumulate neighbor rownumberinblock rownumberinallblocks nextval
"""
PRESENT_WORDS: Final = frozenset({"now", "today", "yesterday", "tomorrow"})  # `date('now')`, `'today'::timestamptz`
PRESENT: Final = frozenset(PRESENT_NAMES.split())


@lru_cache(maxsize=2000)
def chunkable(sql: str, dialect: str, step_ms: int) -> bool:
    """Whether the text, with its macros of time, may be. Takes ms where it is asked first: call it from a thread."""
    marks = _Marks(step_ms)
    try:
        marked = unmarked(rewritten(sql, dialect, marks.call, marks.word, marks.text))
        if not marks.may_be:
            return False
        tree = parse(marked, dialect)
    except SourceError:
        return False
    return isinstance(tree, exp.Select) and _is_by_bucket(tree) and _is_limited(tree) and not _needs_whole(tree)


class _Marks:
    """Writes macros as calls that the tree is looked through for, and notes what they say."""

    def __init__(self, step_ms: int) -> None:
        self._step_ms = step_ms
        self._columns: set[str] = set()
        self._widths: set[float] = set()
        self._whole = step_ms <= 0

    @property
    def may_be(self) -> bool:
        """One column, filtered, in buckets of one width that is a part of the step; no other macro."""
        widths = self._widths
        return (
            not self._whole
            and len(self._columns) == 1
            and len(widths) == 1
            and all(width > 0 and self._step_ms % width == 0 for width in widths)
        )

    def call(self, call: Call) -> str:
        if call.name not in FILTERS | BUCKETS or len(call.arguments) > (1 if call.name in FILTERS else 2):
            self._whole = True
            return "1"
        self._columns.add(call.column.lower())
        if call.name in FILTERS:
            return f"{FILTER}({call.column})"
        self._widths.add(call.width_ms(self._step_ms))
        return f"{BUCKET}({call.column})" + (" AS time" if call.name.endswith("Alias") else "")

    def word(self, name: str, spec: str) -> str:
        self._whole = self._whole or name not in STEP_WORDS
        return "1"

    def text(self, piece: str) -> str:
        self._whole = self._whole or BOUNDS.search(piece) is not None
        return piece


BOUNDS: Final = re.compile(r"\$\{?__(?!interval)\w")


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
