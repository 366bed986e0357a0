"""Answers of queries as the API's JSON: one series, several, or a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...datasources.frame import Field, Frame
from ...datasources.query.model import Answer


def answer_json(answer: Answer, *, inspect: bool = False, many: bool = False) -> dict[str, Any]:
    """`{"data", "labels"}` for one series, `{"series"}` for several (or `many`), `{"columns", "rows"}` for a table."""
    document = _frames(answer.frames, many=many)
    if answer.stale_age_s is not None:
        document["stale"] = {"age_s": round(answer.stale_age_s, 1)}
    if answer.partial:
        document["partial"] = True
    if thinned := next((frame.downsampled for frame in answer.frames if frame.downsampled), ""):
        document["downsampled"] = thinned
    if answer.warnings:
        document["warnings"] = list(answer.warnings)
    if inspect:
        document["inspect"] = {
            "query": answer.inspect.query,
            "cache": answer.inspect.cache,
            "stages_ms": {name: round(ms, 3) for name, ms in answer.inspect.stages_ms.items()},
            "points_fetched": answer.inspect.points_fetched,
            "points_returned": answer.inspect.points_returned,
        }
    return document


def _frames(frames: tuple[Frame, ...], *, many: bool) -> dict[str, Any]:
    table = next((frame for frame in frames if not frame.is_series), None)
    if table is not None:
        return table_json(table)
    series = [_series(frame, column) for frame in frames for column in frame.numbers]
    if len(series) == 1 and not many:
        return {"data": series[0]["data"], "labels": series[0]["labels"]}
    return {"series": series}


def _series(frame: Frame, column: Field) -> dict[str, Any]:
    assert frame.time is not None
    seconds = frame.time.values / 1000
    return {
        "name": frame.name or column.name,
        "labels": dict(column.labels),
        "data": [
            {"timestamp": int(at) if at % 1 == 0 else at, "value": value if np.isfinite(value) else None}
            for at, value in zip(seconds.tolist(), column.values.tolist(), strict=True)
        ],
    }


def table_json(frame: Frame) -> dict[str, Any]:
    columns = [[_cell(value) for value in column.values.tolist()] for column in frame.fields]
    return {
        "columns": [{"name": column.name, "type": column.kind} for column in frame.fields],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
