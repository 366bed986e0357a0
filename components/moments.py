"""Instants as texts after a pattern of Moment's tokens, in a zone; and how long ago they were."""

from __future__ import annotations

import math
from datetime import UTC, tzinfo
from typing import Final

from ..datasources.moment import MAX_DATE_MS, Local, written
from ..datasources.scripttext import number_text
from .numerals import rounded

INVALID: Final = "Invalid date"
# (so many at most, ms of one, text of one, text of several)
AGES: Final = (
    (44, 1000.0, "a few seconds", "a few seconds"),
    (44, 60_000.0, "a minute", "{} minutes"),
    (21, 3_600_000.0, "an hour", "{} hours"),
    (25, 86_400_000.0, "a day", "{} days"),
    (10, 2_629_746_000.0, "a month", "{} months"),
    (math.inf, 31_556_952_000.0, "a year", "{} years"),
)


def write_moment(ms: float, pattern: str, zone: tzinfo = UTC) -> str:
    """An instant (ms since 1970) after a pattern; `Invalid date` where it is none."""
    if not math.isfinite(ms) or abs(ms) > MAX_DATE_MS:
        return INVALID
    return written(Local.of(math.trunc(ms), zone), pattern)


def same_day(one_ms: float, other_ms: float, zone: tzinfo = UTC) -> bool:
    """Whether two instants (ms) are of one day in a zone."""
    return write_moment(one_ms, "YYYY-MM-DD", zone) == write_moment(other_ms, "YYYY-MM-DD", zone)


def from_now(ms: float, now_ms: float) -> str:
    """`2 hours ago`, `in a day`."""
    if not math.isfinite(ms):
        return INVALID
    age = abs(now_ms - ms)
    for most, length, one, several in AGES:
        count = rounded(age / length)
        if count <= most:
            text = one if count <= 1 else several.format(number_text(count))
            return f"in {text}" if ms > now_ms else f"{text} ago"
    return INVALID
