"""Answers of queries as the API's JSON text: one series, several, or a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ...datasources.frame import Array, Field, Frame
from ...datasources.query.model import Answer, Inspect
from ..http.strict_json import strict_json

LARGEST_WHOLE = 2**53  # whole numbers from here on may not be what a float says
OF_FRAME: Final = 20  # what the name and the labels of a series count as, in points
OF_LETTERS = 40  # characters take as long as a point
LOOKED_AT = 20_000  # rows


def answer_text(
    answer: Answer, *, inspect_s: float | None = None, many: bool = False, numbers_at_ms: int | None = None
) -> str:
    """`{"data", "labels"}` for one series, `{"series"}` for several (or `many`), `{"columns", "rows"}` for a table.

    With `inspect_s`, the present in seconds, how the answer came about stands beside it. With `numbers_at_ms` the
    answer is an expression's: numbers of label sets in it are series of one point at that time.
    """
    frames = answer.frames
    if numbers_at_ms is not None:
        frames = tuple(_at(frame, numbers_at_ms) for frame in frames)
    parts = _frames(frames, many=many)
    if answer.stale_age_s is not None:
        parts["stale"] = dumps({"age_s": round(answer.stale_age_s, 1)})
    if answer.partial:
        parts["partial"] = "true"
    if thinned := next((frame.downsampled for frame in answer.frames if frame.downsampled), ""):
        parts["downsampled"] = dumps(thinned)
    if answer.warnings:
        parts["warnings"] = dumps(list(answer.warnings))
    if inspect_s is not None:
        parts["inspect"] = dumps(inspect_json(answer.inspect, inspect_s))
    return object_text(parts)


def inspect_json(inspect: Inspect, now_s: float) -> dict[str, Any]:
    """How an answer came about; ages in seconds, null where they are not known."""
    return {
        "query": inspect.query,
        "cache": inspect.cache,
        "age_s": _age_s(inspect.made_s, now_s),
        "pieces": [
            {
                "from": part.range.from_ms,
                "to": part.range.to_ms,
                "cache": part.cache,
                "age_s": _age_s(part.made_s, now_s),
                "points_fetched": part.points_fetched,
            }
            for part in inspect.parts
        ],
        "stages_ms": {name: round(ms, 3) for name, ms in inspect.stages_ms.items()},
        "points_fetched": inspect.points_fetched,
        "points_returned": inspect.points_returned,
    }


def _age_s(made_s: float, now_s: float) -> float | None:
    return round(max(now_s - made_s, 0.0), 1) if made_s else None


dumps = strict_json


def object_text(parts: Mapping[str, str]) -> str:
    """A JSON object of parts that are JSON already."""
    return "{" + ",".join(f"{dumps(name)}:{text}" for name, text in parts.items()) + "}"


def points(answer: Answer) -> int:
    """About how much there is to write: a series of one point is its labels, and long texts are many points."""
    return sum(frame.rows * len(frame.fields) + OF_FRAME + _letters(frame) // OF_LETTERS for frame in answer.frames)


def _letters(frame: Frame) -> int:
    """Characters of labels, and of columns of texts where these are few: many rows are many points anyway."""
    found = sum(len(text) for column in frame.numbers for text in column.labels.values())
    if frame.rows <= LOOKED_AT:
        for column in frame.fields:
            if column.kind == "string":
                found += sum(len(text) for text in column.values.tolist() if text is not None)
    return found


def _frames(frames: tuple[Frame, ...], *, many: bool) -> dict[str, str]:
    table = next((frame for frame in frames if not frame.is_series), None)
    if table is not None:
        return {name: dumps(part) for name, part in table_json(table).items()}
    series = [_series(frame, column) for frame in frames for column in frame.numbers]
    if len(series) == 1 and not many:
        return {"data": series[0]["data"], "labels": series[0]["labels"]}
    return {"series": "[" + ",".join(map(object_text, series)) + "]"}


def _at(frame: Frame, at_ms: int) -> Frame:
    """A number without a time as a series of it at that time."""
    if frame.is_series or frame.is_table or frame.rows != 1 or len(frame.numbers) != len(frame.fields):
        return frame
    return replace(frame, fields=(Field.time([at_ms]), *frame.fields))


def _series(frame: Frame, column: Field) -> dict[str, str]:
    assert frame.time is not None
    return {
        "name": dumps(frame.name or column.name),
        "labels": dumps(dict(column.labels)),
        "data": _points(frame.time.values, column.values),
    }


def _points(times_ms: Array, values: Array) -> str:
    """`[{"timestamp": seconds, "value": number or null}, …]`; whole seconds and whole numbers without a fraction."""
    times: Iterable[Any] = (times_ms / 1000).tolist()
    if not (times_ms % 1000).any():
        times = (times_ms // 1000).astype(np.int64).tolist()
    numbers: Iterable[Any] = whole(values)
    if not np.isfinite(values).all():
        numbers = [
            value if good else dumps(_cell(value)) for value, good in zip(numbers, np.isfinite(values), strict=True)
        ]
    return (
        "["
        + ",".join([f'{{"timestamp":{at},"value":{value}}}' for at, value in zip(times, numbers, strict=True)])
        + "]"
    )


def table_json(frame: Frame) -> dict[str, Any]:
    """A frame as columns and rows, numbers with the digits that they came with."""
    columns = [cells(column) for column in frame.fields]
    return {
        "columns": [{"name": column.name, "type": column.kind} for column in frame.fields],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def cells(column: Field) -> list[Any]:
    """The values as JSON has them: texts where floats lose digits, days as days, null for what is missing."""
    plain = whole(column.values) if column.kind in ("number", "time") else column.values.tolist()
    if column.exact is None:
        return [_cell(value) for value in plain]
    return [_cell(value) if text is None else text for value, text in zip(plain, column.exact.tolist(), strict=True)]


def whole(values: Array) -> list[Any]:
    """Numbers as Python has them: integers where all that are finite are whole."""
    known = values[np.isfinite(values)]
    if not known.size:
        return list(values.tolist())
    if (known == np.floor(known)).all() and float(np.abs(known).max()) < LARGEST_WHOLE:
        plain = np.where(np.isfinite(values), values, 0).astype(np.int64).tolist()
        return (
            plain
            if known.size == values.size
            else [
                one if good else value
                for one, value, good in zip(plain, values.tolist(), np.isfinite(values), strict=True)
            ]
        )
    return list(values.tolist())


def _cell(value: Any) -> Any:
    """Infinite numbers as the words that `Number` and `float` read; JSON has none."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
