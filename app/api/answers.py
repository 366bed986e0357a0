"""Answers of queries as the API's JSON text: one series, several, or a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...datasources.frame import Array, Field, Frame
from ...datasources.query.model import Answer


def answer_text(answer: Answer, *, inspect: bool = False, many: bool = False) -> str:
    """`{"data", "labels"}` for one series, `{"series"}` for several (or `many`), `{"columns", "rows"}` for a table."""
    parts = _frames(answer.frames, many=many)
    if answer.stale_age_s is not None:
        parts["stale"] = dumps({"age_s": round(answer.stale_age_s, 1)})
    if answer.partial:
        parts["partial"] = "true"
    if thinned := next((frame.downsampled for frame in answer.frames if frame.downsampled), ""):
        parts["downsampled"] = dumps(thinned)
    if answer.warnings:
        parts["warnings"] = dumps(list(answer.warnings))
    if inspect:
        parts["inspect"] = dumps(
            {
                "query": answer.inspect.query,
                "cache": answer.inspect.cache,
                "stages_ms": {name: round(ms, 3) for name, ms in answer.inspect.stages_ms.items()},
                "points_fetched": answer.inspect.points_fetched,
                "points_returned": answer.inspect.points_returned,
            }
        )
    return object_text(parts)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def object_text(parts: Mapping[str, str]) -> str:
    """A JSON object of parts that are JSON already."""
    return "{" + ",".join(f"{dumps(name)}:{text}" for name, text in parts.items()) + "}"


def points(answer: Answer) -> int:
    """About how much there is to write."""
    return sum(frame.rows * len(frame.fields) for frame in answer.frames)


def _frames(frames: tuple[Frame, ...], *, many: bool) -> dict[str, str]:
    table = next((frame for frame in frames if not frame.is_series), None)
    if table is not None:
        return {name: dumps(part) for name, part in table_json(table).items()}
    series = [_series(frame, column) for frame in frames for column in frame.numbers]
    if len(series) == 1 and not many:
        return {"data": series[0]["data"], "labels": series[0]["labels"]}
    return {"series": "[" + ",".join(map(object_text, series)) + "]"}


def _series(frame: Frame, column: Field) -> dict[str, str]:
    assert frame.time is not None
    return {
        "name": dumps(frame.name or column.name),
        "labels": dumps(dict(column.labels)),
        "data": _points(frame.time.values, column.values),
    }


def _points(times_ms: Array, values: Array) -> str:
    """`[{"timestamp": seconds, "value": number or null}, …]`; whole seconds without a fraction."""
    times: Iterable[Any] = (times_ms / 1000).tolist()
    if not (times_ms % 1000).any():
        times = (times_ms // 1000).astype(np.int64).tolist()
    numbers: Iterable[Any] = values.tolist()
    if not np.isfinite(values).all():
        numbers = [repr(value) if good else "null" for value, good in zip(numbers, np.isfinite(values), strict=True)]
    return (
        "["
        + ",".join([f'{{"timestamp":{at},"value":{value}}}' for at, value in zip(times, numbers, strict=True)])
        + "]"
    )


def table_json(frame: Frame) -> dict[str, Any]:
    columns = [[_cell(value) for value in column.values.tolist()] for column in frame.fields]
    return {
        "columns": [{"name": column.name, "type": column.kind} for column in frame.fields],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
