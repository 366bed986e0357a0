"""SQL for servers of others: one SELECT, parsed and written anew, with the macros of time in the server's dialect.

What such a query may read is the business of the server's own role; that it reads only is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp

from ...errors import SourceError
from ..macros import unmarked
from ..timerange import TimeRange
from .sqlguard import MACRO, STEP_UNITS_S, judge_statement, parse

# (column, range, whether its end is outside of it) → condition
# (column, width in seconds) → the start of its bucket; (seconds) → an interval
Filter = Callable[[str, TimeRange, bool], str]
Bucket = Callable[[str, float], str]


def _postgres_filter(column: str, range_: TimeRange, before: bool) -> str:
    start, end = range_.from_ms / 1000, range_.to_ms / 1000
    return f"({column} >= to_timestamp({start:.3f}) AND {column} {'<' if before else '<='} to_timestamp({end:.3f}))"


def _postgres_bucket(column: str, width_s: float) -> str:
    return f"to_timestamp(floor(extract(epoch FROM {column}) / {width_s:g}) * {width_s:g})"


def _clickhouse_filter(column: str, range_: TimeRange, before: bool) -> str:
    return (
        f"({column} >= fromUnixTimestamp64Milli({range_.from_ms})"
        f" AND {column} {'<' if before else '<='} fromUnixTimestamp64Milli({range_.to_ms}))"
    )


def _clickhouse_bucket(column: str, width_s: float) -> str:
    return f"toStartOfInterval({column}, toIntervalMillisecond({int(width_s * 1000)}))"


def _sqlite_filter(column: str, range_: TimeRange, before: bool) -> str:
    start, end = range_.from_ms / 1000, range_.to_ms / 1000
    seconds = _sqlite_seconds(column)
    return f"({seconds} >= {start:.3f} AND {seconds} {'<' if before else '<='} {end:.3f})"


def _sqlite_bucket(column: str, width_s: float) -> str:
    width = int(width_s) if width_s == int(width_s) else width_s
    return f"CAST({_sqlite_seconds(column)} / {width} AS INTEGER) * {width}"


def _sqlite_seconds(column: str) -> str:
    """SQLite has no type for times: these are texts in ISO 8601, Julian days or seconds since the epoch."""
    return f"unixepoch({column}, 'auto')"


DIALECTS: Final[Mapping[str, tuple[Filter, Bucket, Callable[[float], str]]]] = {
    "postgres": (_postgres_filter, _postgres_bucket, lambda step_s: f"INTERVAL '{step_s:g} second'"),
    "clickhouse": (
        _clickhouse_filter,
        _clickhouse_bucket,
        lambda step_s: f"toIntervalMillisecond({int(step_s * 1000)})",
    ),
    "sqlite": (_sqlite_filter, _sqlite_bucket, lambda step_s: f"{step_s:g}"),
}


def expand(sql: str, range_: TimeRange, step_s: float, dialect: str, *, whole_buckets: bool = False) -> str:
    """The macros of time in a dialect of DIALECTS.

    `whole_buckets`: the filter ends with the bucket that begins at the end of the range, not within it.
    """
    until_ms = range_.to_ms + (round(step_s * 1000) if whole_buckets else 0)
    filtered = TimeRange(range_.from_ms, until_ms)
    time_filter, bucket, interval = DIALECTS[dialect]

    def replaced(match: re.Match[str]) -> str:
        if match["name"] == "timeFilter":
            return time_filter(match["column"], filtered, whole_buckets)
        given = match["step"]
        return bucket(match["column"], int(given[:-1]) * STEP_UNITS_S[given[-1]] if given else step_s)

    expanded = MACRO.sub(replaced, sql)
    numbers = {"$__from": range_.from_ms, "$__to": range_.to_ms, "$__interval_ms": int(step_s * 1000)}
    for word, value in numbers.items():
        expanded = re.sub(re.escape(word) + r"\b", str(value), expanded)
    return unmarked(re.sub(r"\$__interval\b", lambda _: interval(step_s), expanded))


def select_only(sql: str, dialect: str) -> str:
    """The same query, rendered again; SourceError where it is anything but one SELECT or UNION."""
    tree = parse(sql, dialect)
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Subquery)):
        raise SourceError("only SELECT is allowed")
    for node in tree.walk():
        judge_statement(node)
    return tree.sql(dialect=dialect, comments=False)
