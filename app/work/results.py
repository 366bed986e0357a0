"""What explore shows of an answer of the API: lines of a chart and rows of a table, within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_LINES = 50
MAX_ROWS = 1000
MAX_CELLS = 20_000  # of a table with many columns
MAX_TEXT = 300  # characters of a cell
DIGITS = 10  # of a number that was worked out
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """One series; `times` in ms, a value that is not known is NaN."""

    name: str
    times: Values
    values: Values


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are texts or numbers. `total`: how many rows there are, shown or not."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    total: int

    @property
    def cut(self) -> bool:
        """Whether there are more rows than it has."""
        return len(self.rows) < self.total


@dataclass(frozen=True, slots=True)
class Result:
    """`series`: how many there are, drawn or not; `lines` is empty where the answer is a table."""

    lines: Sequence[Line]
    series: int
    table: Table
    notes: Sequence[str] = ()


def result_of(answer: Mapping[str, Any], zone: tzinfo) -> Result:
    """An answer to one of several queries of `POST /api/v1/query`, its times as texts in a zone."""
    notes = notes_of(answer)
    if "columns" in answer:
        return Result((), 0, _tabular(answer, zone), notes)
    series = answer["series"]
    known = [one for one in series if one["data"]]
    lines = [_line(one) for one in known[:MAX_LINES]]
    return Result(lines, len(known), _by_time(lines, zone), notes)


def notes_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """What an answer says of itself beside its data."""
    stale = answer.get("stale")
    notes = [f"the source is away; this is {stale['age_s']:.0f} s old"] if stale else []
    if answer.get("partial"):
        notes.append("the answer is not complete")
    return (*notes, *map(str, answer.get("warnings", ())))


def name_of(series: Mapping[str, Any]) -> str:
    """Its name and labels, as PromQL writes them."""
    labels = {key: value for key, value in series.get("labels", {}).items() if key != "__name__"}
    name = str(series.get("name") or series.get("labels", {}).get("__name__", ""))
    inner = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    # Some sources name a series by its labels already, or by those alone that tell it from others.
    by_labels = any(part in name.split(", ") for part in (f"{key}={value}" for key, value in labels.items()))
    told = name if by_labels or all(str(value) in name for value in labels.values()) else f"{name}{{{inner}}}"
    return cell(told) or "value"


def _line(series: Mapping[str, Any]) -> Line:
    data = series["data"]
    times = np.fromiter((point["timestamp"] * 1000 for point in data), np.float64, len(data))
    values = np.fromiter((_number(point["value"]) for point in data), np.float64, len(data))
    return Line(name_of(series), times, values)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _by_time(lines: Sequence[Line], zone: tzinfo) -> Table:
    """One row for each time, the newest first; a column for each line."""
    if not lines:
        return Table(("Time",), (), 0)
    times = np.unique(np.concatenate([line.times for line in lines]))
    shown = times[::-1][: fitting_rows(len(lines) + 1)]
    columns = [time_texts(shown, zone), *(_values_at(line, shown) for line in lines)]
    names = ("Time", *(line.name for line in lines))
    return Table(names, list(zip(*columns, strict=True)), len(times))


def _values_at(line: Line, times: Values) -> list[float | None]:
    known = dict(zip(line.times.tolist(), line.values.tolist(), strict=True))
    found = [known.get(at) for at in times.tolist()]
    return [rounded(value) if value is not None and np.isfinite(value) else None for value in found]


def _tabular(answer: Mapping[str, Any], zone: tzinfo) -> Table:
    columns, rows = answer["columns"], answer["rows"]
    shown = [list(row) for row in rows[: fitting_rows(len(columns))]]
    for index, column in enumerate(columns):
        is_time = column.get("type") == "time"
        for row in shown:
            row[index] = _time_text(row[index], zone) if is_time else cell(row[index])
    return Table([cell(column["name"]) for column in columns], shown, len(rows))


def fitting_rows(columns: int) -> int:
    """How many rows a table with so many columns shows."""
    return min(MAX_ROWS, max(MAX_CELLS // max(columns, 1), 1))


def cell(value: Any) -> Any:
    """Numbers and nothing as they are, anything else as a text that is not too long."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float):
        return rounded(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def rounded(value: float) -> float:
    """Without the noise of binary fractions."""
    return float(f"{value:.{DIGITS}g}")


def time_texts(times: Values, zone: tzinfo) -> list[str]:
    """Times in ms as texts; with their fraction where one of them has any."""
    precision = "milliseconds" if (times % 1000).any() else "seconds"
    return [_iso(at, zone, precision) for at in times.tolist()]


def _time_text(value: Any, zone: tzinfo) -> Any:
    if not isinstance(value, (int, float)):
        return value
    return _iso(value, zone, "milliseconds" if value % 1000 else "seconds")


def _iso(ms: float, zone: tzinfo, precision: str) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).replace(tzinfo=None).isoformat(" ", precision)
