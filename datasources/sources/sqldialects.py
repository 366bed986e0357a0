"""Conditions on times, buckets, instants and intervals as each server writes them. Times are UTC throughout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """Columns are expressions of the author's, of any type of time that the server has; widths and instants are ms."""

    filter: Callable[[str, int, int, bool], str]  # column, from, to, whether the end is outside
    bucket: Callable[[str, float], str]  # the start of the bucket that the column's time is in
    instant: Callable[[int], str]
    interval: Callable[[float], str]
    epoch: Callable[[str], str]  # seconds since 1970
    epoch_bucket: Callable[[str, float], str]  # of a column of seconds
    date: Callable[[str], str]
    alias: str = '"time"'


def plain_number(value: float) -> str:
    """A number without an exponent."""
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def _between(column: str, start: str, end: str, *, outside: bool) -> str:
    return f"({column} >= {start} AND {column} {'<' if outside else '<='} {end})"


def _postgres_instant(ms: int) -> str:
    return f"to_timestamp({ms / 1000:.3f})"


def _postgres_bucket(column: str, width_ms: float) -> str:
    width = plain_number(width_ms / 1000)
    return f"to_timestamp(floor(extract(epoch FROM {column}) / {width}) * {width})"


def _clickhouse_instant(ms: int) -> str:
    return f"fromUnixTimestamp64Milli({ms}, 'UTC')"


def _clickhouse_interval(width_ms: float) -> str:
    """In seconds where it can be: `DateTime` and `Date` know nothing finer."""
    seconds = width_ms / 1000
    return f"toIntervalSecond({int(seconds)})" if seconds == int(seconds) else f"toIntervalMillisecond({int(width_ms)})"


def _clickhouse_bucket(column: str, width_ms: float) -> str:
    """`DateTime64` takes in every type of time, and times before 1970."""
    return f"toStartOfInterval(toDateTime64({column}, 3, 'UTC'), toIntervalMillisecond({int(width_ms)}))"


def _sqlite_seconds(column: str) -> str:
    """SQLite has no type for times: these are texts in ISO 8601, Julian days or seconds since the epoch."""
    return f"unixepoch({column}, 'auto')"


def _truncated(seconds: str, width_ms: float) -> str:
    width = plain_number(width_ms / 1000)
    return f"CAST({seconds} / {width} AS INTEGER) * {width}"


MYSQL_EPOCH: Final = "TIMESTAMP'1970-01-01 00:00:00'"


def _mysql_instant(ms: int) -> str:
    return f"TIMESTAMP'{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}.{ms % 1000:03d}'"


def _mysql_microseconds(column: str) -> str:
    return f"TIMESTAMPDIFF(MICROSECOND, {MYSQL_EPOCH}, {column})"


def _floored(number: str, width: int) -> str:
    """A whole number moved down to a multiple: a division would round, and `MOD` alone knows no times before 1970."""
    return f"({number} - MOD(MOD({number}, {width}) + {width}, {width}))"


def _mysql_bucket(column: str, width_ms: float) -> str:
    start = _floored(_mysql_microseconds(column), max(round(width_ms * 1000), 1))
    return f"TIMESTAMPADD(MICROSECOND, {start}, {MYSQL_EPOCH})"


DIALECTS: Final[Mapping[str, Dialect]] = {
    "postgres": Dialect(
        filter=lambda column, start, end, outside: _between(
            column, _postgres_instant(start), _postgres_instant(end), outside=outside
        ),
        bucket=_postgres_bucket,
        instant=_postgres_instant,
        interval=lambda width_ms: f"INTERVAL '{plain_number(width_ms / 1000)} second'",
        epoch=lambda column: f"extract(epoch FROM {column})",
        epoch_bucket=lambda column, width_ms: (
            f"floor(({column}) / {plain_number(width_ms / 1000)}) * {plain_number(width_ms / 1000)}"
        ),
        date=lambda day: f"date '{day}'",
    ),
    "clickhouse": Dialect(
        filter=lambda column, start, end, outside: _between(
            column, _clickhouse_instant(start), _clickhouse_instant(end), outside=outside
        ),
        bucket=_clickhouse_bucket,
        instant=_clickhouse_instant,
        interval=_clickhouse_interval,
        epoch=lambda column: f"toUnixTimestamp({column})",
        epoch_bucket=lambda column, width_ms: (
            f"intDiv(toInt64({column}), {max(int(width_ms / 1000), 1)}) * {max(int(width_ms / 1000), 1)}"
        ),
        date=lambda day: f"toDate('{day}')",
        alias="time",
    ),
    "mysql": Dialect(
        filter=lambda column, start, end, outside: _between(
            column, _mysql_instant(start), _mysql_instant(end), outside=outside
        ),
        bucket=_mysql_bucket,
        instant=_mysql_instant,
        interval=lambda width_ms: f"INTERVAL {plain_number(width_ms / 1000)} SECOND",
        epoch=lambda column: f"({_mysql_microseconds(column)} / 1000000)",
        epoch_bucket=lambda column, width_ms: _floored(f"({column})", max(int(width_ms / 1000), 1)),
        date=lambda day: f"DATE'{day}'",
        alias="`time`",
    ),
    "sqlite": Dialect(
        filter=lambda column, start, end, outside: _between(
            _sqlite_seconds(column), f"{start / 1000:.3f}", f"{end / 1000:.3f}", outside=outside
        ),
        bucket=lambda column, width_ms: _truncated(_sqlite_seconds(column), width_ms),
        instant=lambda ms: f"datetime({ms // 1000}, 'unixepoch')",
        interval=lambda width_ms: plain_number(width_ms / 1000),
        epoch=_sqlite_seconds,
        epoch_bucket=_truncated,
        date=lambda day: f"'{day}'",
    ),
}
