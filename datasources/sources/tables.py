"""Rows of SQL as frames: a time column with numbers is series, long or wide; all else is a table."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from ..frame import Array, Field, Frame, told_apart
from .arrow_columns import field_of
from .legend import names

ROWS_AT_ONCE = 5000


def as_rows(options: Mapping[str, Any], *, keyed: bool) -> bool:
    """Whether rows are to stay a table: asked for by `format`, or by the panel's `rows` (all, or wide ones alone)."""
    if "format" in options:
        return bool(options["format"] == "table")
    return bool(options.get("rows") == "all" or (options.get("rows") == "wide" and not keyed))


def frames_of(table: pa.Table, *, legend: str = "", options: Mapping[str, Any] | None = None) -> tuple[Frame, ...]:
    """The frames of an Arrow table."""
    fields = tuple(field_of(table.column_names[index], table.column(index)) for index in range(table.num_columns))
    return frames_of_fields(fields, legend=legend, options=options)


async def frames_off_loop(
    fields: tuple[Field, ...], *, legend: str = "", options: Mapping[str, Any] | None = None
) -> tuple[Frame, ...]:
    """The frames of typed columns; what is long in a thread, so that the loop is not held up."""
    if not fields or len(fields[0]) <= ROWS_AT_ONCE:
        return frames_of_fields(fields, legend=legend, options=options)
    return await asyncio.to_thread(frames_of_fields, fields, legend=legend, options=options)


def frames_of_fields(
    fields: tuple[Field, ...], *, legend: str = "", options: Mapping[str, Any] | None = None
) -> tuple[Frame, ...]:
    """The frames of typed columns: series of the rows that have a time, where there are times and numbers, else the
    table."""
    frame = Frame(fields)
    keys = [field for field in fields if field.kind in ("string", "boolean")]
    if frame.time is None or not frame.numbers or as_rows(options or {}, keyed=bool(keys)):
        return (replace(frame, is_table=True),) if fields else ()
    if not frame.rows:
        return (frame,)
    known = np.isfinite(frame.time.values)
    if not known.any() and not frame.is_series:
        return (replace(frame, is_table=True),)
    if not known.all():  # a row without a time has no place on an axis
        frame = Frame(tuple(field.picked(known) for field in fields))
        keys = [field for field in frame.fields if field.kind in ("string", "boolean")]
    return long_to_series(frame, keys, legend) if keys else wide_to_series(frame, legend)


def wide_to_series(frame: Frame, legend: str) -> tuple[Frame, ...]:
    """One series for each number column."""
    time = frame.time
    assert time is not None
    order = once(time.values, np.argsort(time.values, kind="stable"))
    return tuple(
        Frame.series(time.values[order], column.values[order], name=legend or column.name) for column in frame.numbers
    )


def long_to_series(frame: Frame, keys: list[Field], legend: str) -> tuple[Frame, ...]:
    """One series for each combination of the text columns' values, which are its labels; what is missing is none."""
    time = frame.time
    assert time is not None
    called_keys = told_apart([key.name for key in keys])
    groups, rows = grouped(keys, time.values)
    labels = [
        {name: text for name, text in zip(called_keys, group, strict=True) if text is not None} for group in groups
    ]
    result = []
    several = len(frame.numbers) > 1
    for column in frame.numbers:
        family = column.name if several else ""
        called = names(family, labels, legend, several=several)
        for order, own, name in zip(rows, labels, called, strict=True):
            picked = once(time.values, order)
            series = Frame.series(time.values[picked], column.values[picked], name=name, labels=own, family=family)
            result.append(series)
    return tuple(result)


def once(times: Array, order: Array) -> Array:
    """Rows in the order of time without those that a later one of the same time replaces."""
    ordered = times[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if order.size else np.empty(0, bool)
    return order if last.all() else order[last]


def grouped(keys: Sequence[Field], times: Array) -> tuple[list[tuple[str | None, ...]], list[Array]]:
    """The combinations of the columns' texts, in their order, and the rows of each by time."""
    numbers: dict[tuple[Any, ...], int] = {}
    columns = zip(*(key.values.tolist() for key in keys), strict=True)
    place = np.fromiter((numbers.setdefault(key, len(numbers)) for key in columns), np.int64, len(times))
    texts = [tuple(label_text(part) for part in key) for key in numbers]
    groups = sorted(set(texts), key=lambda group: [(text is not None, text or "") for text in group])
    rank = {text: index for index, text in enumerate(groups)}
    group = np.array([rank[text] for text in texts], np.int64)[place]
    order = np.lexsort((times, group))
    return groups, np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def label_text(value: Any) -> str | None:
    """A value as a label: words of SQL for booleans, None for what is missing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
