"""Data of one's own as what a panel shows: frames of pandas and polars, Arrow tables, NumPy arrays, functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from ....datasources.timerange import TimeRange
from ....errors import InvalidError

UID = "python"  # of the source that stands for all data of one's own
TAKEN = "a frame of pandas or polars, an Arrow table, a NumPy array, a dict of columns, or a function that gives one"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a function of one's own is called with: aware datetimes in UTC, and the seconds between two points."""

    start: datetime
    end: datetime
    step_s: float

    @classmethod
    def of(cls, range_: TimeRange, step_s: float) -> Moment:
        """The range that a function of one's own is asked for, in UTC."""
        start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (range_.from_ms, range_.to_ms))
        return cls(start, end, step_s)


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """Data as a target: `data` itself, or a function that is called at each refresh, with a `Moment` if it takes one.

    A column of times with numbers beside it is series, by the texts beside them where there are any, unless `options`
    has `{"format": "table"}`. `legend` names series: "{{shop}}".
    """

    data: Any
    legend: str = ""
    ref: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not callable(self.data):
            as_table(self.data)

    def table(self, moment: Moment) -> pa.Table:
        """What it is at that moment, as an Arrow table; InvalidError where that is no data."""
        return as_table(called(self.data, moment) if callable(self.data) else self.data)


def called(function: Callable[..., Any], moment: Moment) -> Any:
    """What a function gives for a moment."""
    return function(moment) if takes_moment(function) else function()


def takes_moment(function: Callable[..., Any]) -> bool:
    """Whether a function has an argument to be given the range."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters)


def is_data(value: Any) -> bool:
    """Whether something is data of one's own, or gives it."""
    return callable(value) or isinstance(value, (pa.Table, pa.RecordBatch, np.ndarray, Mapping)) or _is_frame(value)


def as_table(data: Any) -> pa.Table:
    """Data as an Arrow table; the index of pandas is a column where it has a name or holds times. InvalidError."""
    try:
        return _as_table(data)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise InvalidError(f"this cannot be read as a table: {error}", path="$.data") from None


def _as_table(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, np.ndarray):
        return pa.table(_columns(data))
    if isinstance(data, Mapping):
        return pa.table({str(name): pa.array(values, from_pandas=True) for name, values in data.items()})
    if hasattr(data, "to_arrow"):  # polars
        found = data.to_arrow()
        return found if isinstance(found, pa.Table) else pa.table({data.name or "value": found})
    if _is_frame(data):  # pandas
        frame = data.to_frame() if hasattr(data, "to_frame") and not hasattr(data, "columns") else data
        kept = frame.index.names != [None] or frame.index.dtype.kind == "M"
        return pa.Table.from_pandas(frame.reset_index() if kept else frame, preserve_index=False)
    raise InvalidError(f"{type(data).__name__} is no data: {TAKEN}", path="$.data")


def _is_frame(value: Any) -> bool:
    return hasattr(value, "to_arrow") or (hasattr(value, "index") and hasattr(value, "dtypes"))


def _columns(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """One dimension is one column, two are rows of columns; fields of a structured array have their names."""
    if array.dtype.names:
        return {name: array[name] for name in array.dtype.names}
    if array.ndim == 1:
        return {"value": array}
    if array.ndim == 2:
        return {f"column {number + 1}": array[:, number] for number in range(array.shape[1])}
    raise InvalidError(f"an array has one or two dimensions, this one {array.ndim}", path="$.data")
