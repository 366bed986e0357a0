"""The buckets of time that SQL asks for; `$__timeGroup(ts, 5m, NULL)`: those without rows, as Grafana fills them in.

`NULL` leaves them missing, so that no line is drawn over them; a number stands for them; `previous` repeats the value
before, where there is one. Filled is the whole range, from the bucket that its beginning is in.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ...errors import SourceError
from ..buckets import Buckets
from ..frame import Array, Field, Frame
from ..timerange import TimeRange
from .base import SourceAnswer, SourceQuery
from .sqlmacros import BUCKETS, calls
from .sqltext import has_macros, in_pieces
from .tables import frames_off_loop

FILLING: Final = frozenset({"timeGroup", "timeGroupAlias", "unixEpochGroup", "unixEpochGroupAlias"})
MAX_FILLED: Final = 200_000  # values


@dataclass(frozen=True, slots=True)
class Fill:
    """The width of a bucket in ms, and what stands in those without rows: `value`, or the one before."""

    width_ms: float
    value: float = math.nan
    previous: bool = False


def fill_of(sql: str, dialect: str, step_s: float) -> Fill | None:
    """What the text's first bucket asks for; None where that is nothing. SourceError for what is no filling."""
    if "Group" not in sql:
        return None
    for call in calls(sql, dialect):
        if call.name in FILLING and len(call.arguments) > 2:
            width_ms, how = call.width_ms(step_s * 1000), call.arguments[2].strip().strip("'\"").strip()
            if how.lower() == "previous":
                return Fill(width_ms, previous=True)
            return Fill(width_ms, _number(how, call.name))
    return None


def _number(text: str, name: str) -> float:
    if text.upper() == "NULL":
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise SourceError(f"{text[:50]!r} is no filling of $__{name}: NULL, previous or a number")
    return value


async def answer_of_rows(fields: tuple[Field, ...], query: SourceQuery, dialect: str, sent: str) -> SourceAnswer:
    """The answer of these columns to a text, which was `sent` so: with the buckets of time that it asks for, those
    filled in that it wants filled."""
    frames = await frames_off_loop(fields, legend=query.legend, options=query.options)
    if not isinstance(query.query, str) or not has_macros(query.query) or not any(one.is_series for one in frames):
        return SourceAnswer(frames, executed=sent)
    fill, buckets = await asyncio.to_thread(_of_time, query.query, query, dialect)
    if fill is not None:
        frames = await asyncio.to_thread(filled, frames, fill, query.range)
    return SourceAnswer(frames, executed=sent, buckets=buckets)


def _of_time(sql: str, query: SourceQuery, dialect: str) -> tuple[Fill | None, Buckets | None]:
    return fill_of(sql, dialect, query.step_s), buckets_of(sql, dialect, query.range, query.step_s)


def buckets_of(sql: str, dialect: str, range_: TimeRange, step_s: float) -> Buckets | None:
    """The buckets that a text groups by; None where it has none, or of several widths."""
    step_ms = step_s * 1000
    widths = {call.width_ms(step_ms) for call in calls(sql, dialect) if call.name in BUCKETS | FILLING}
    if len(widths) != 1:
        return None
    whole_ms = round(step_ms) - 1 if in_pieces(sql, dialect, step_s) else 0  # then the last one is asked for whole
    return Buckets(widths.pop(), range_.to_ms + whole_ms)


def filled(frames: tuple[Frame, ...], fill: Fill, range_: TimeRange) -> tuple[Frame, ...]:
    """The series with a value at each bucket of the range."""
    count = range_.span_ms / fill.width_ms + 1
    if count * max(len(frames), 1) > MAX_FILLED:
        raise SourceError(f"filled in, the answer has more than {MAX_FILLED} values: make its buckets wider")
    first = math.floor(range_.from_ms / fill.width_ms) * fill.width_ms
    grid = np.arange(first, range_.to_ms + 1, fill.width_ms, dtype=np.float64)
    return tuple(_filled(frame, fill, grid) if frame.is_series and frame.rows else frame for frame in frames)


def _filled(frame: Frame, fill: Fill, grid: Array) -> Frame:
    time = frame.time
    assert time is not None
    times = np.union1d(grid, time.values)
    places = np.searchsorted(times, time.values)
    fields = [
        Field.time(times, one.name)
        if one is time
        else Field.number(one.name, _values(one.values, places, times.size, fill), one.labels, one.unit)
        for one in frame.fields
    ]
    return replace(frame, fields=tuple(fields))


def _values(values: Array, places: Array, count: int, fill: Fill) -> Array:
    found = np.full(count, fill.value)
    found[places] = values
    if not fill.previous:
        return found
    known = np.zeros(count, dtype=np.int64)
    known[places] = places
    last = np.maximum.accumulate(known)
    return np.where(np.arange(count) < places[0], np.nan, found[last])
