"""Frames into tables, and tables into frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ..buckets import UNFINISHED
from ..comparing import COMPARED
from ..frame import CALLED, Field, FieldKind, Frame
from .naming import VALUE, Naming
from .table import NUMERIC, Array, Column, Table, Tables, as_text, objects

METRIC: Final = "__name__"  # the label that tells metrics apart
TEXTS: Final = frozenset({str, type(None)})
KEPT: Final = (
    "min",
    "max",
    "decimals",
    COMPARED,
    UNFINISHED,
)  # of the config of a column, what drawing reads beside its name and unit


def tables_of(frames: Sequence[Frame]) -> list[Table]:
    """Frames as tables: a series whose column is called as it itself is shown under that name.

    What tells series of one query apart are their labels: their column has the name that all of them share, so that
    they become one column where they are merged. The columns of tables of Prometheus have Grafana's names: `Time`, and
    `Value` or, of several targets, `Value #A`.
    """
    refs = {frame.ref for frame in frames if any(CALLED in one.config for one in frame.fields)}
    return [_table(frame, several=len(refs) > 1) for frame in frames]


def _table(frame: Frame, *, several: bool) -> Table:
    columns = tuple(_column(one, frame, several) for one in frame.fields)
    return Table(columns, frame.name, frame.ref, frame.is_table)


def _column(one: Field, frame: Frame, several: bool) -> Column:
    config: dict[str, Any] = {**one.config, "unit": one.unit} if one.unit else dict(one.config)
    name = one.name
    if one.kind == "number" and frame.name and name == frame.name and frame.is_series:
        config["displayNameFromDS"] = frame.name
        if one.labels:
            name = VALUE if METRIC in one.labels else frame.family or VALUE
    if CALLED in config:
        called = str(config[CALLED])
        name = f"{called} #{frame.ref}" if several and called == VALUE else called
    return Column(name, one.kind, one.values, one.labels or None, config, one.exact)


def frames_of(tables: Tables) -> list[Frame]:
    """Tables as frames that can be drawn: columns are named as people see them."""
    naming = Naming(tables)
    return [_frame(table, naming) for table in tables]


def _frame(table: Table, naming: Naming) -> Frame:
    names = [naming.of(column, table) for column in table.columns]
    fields = tuple(_field(column, name) for column, name in zip(table.columns, names, strict=True))
    numbers = [one.name for one in fields if one.kind == "number"]
    rows = table.is_table or not _ascends(table.time)
    frame = Frame(fields, name=table.name, ref=table.ref, is_table=rows)
    if frame.is_series and len(numbers) == 1:
        return Frame(fields, name=numbers[0], ref=table.ref)
    return frame


def _ascends(time: Column | None) -> bool:
    """Whether the times can be those of a series."""
    return time is None or (time.is_float and bool(np.all(np.diff(time.values) > 0)))


def _field(column: Column, name: str) -> Field:
    labels = {key: as_text(value) for key, value in (column.labels or {}).items()}
    kind, values = _drawable(column)
    config = {key: value for key, value in column.config.items() if key in KEPT}
    exact = column.exact if kind in NUMERIC else None
    return Field(name, kind, values, labels, str(column.config.get("unit") or ""), exact, config)


def _drawable(column: Column) -> tuple[FieldKind, Array]:
    """Values of one kind: of several kinds among each other their texts."""
    if column.is_float:
        return ("time" if column.kind == "time" else "number"), column.values
    kinds = set(map(type, column.values.tolist()))
    if str in kinds and kinds <= TEXTS:
        return "string", column.values
    values = [None if value is None or _is_nan(value) else value for value in column.listed]
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "boolean", objects(values)
    if column.kind in ("other", *NUMERIC) and all(isinstance(value, (int, float)) for value in known):
        return "number", np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if column.kind == "boolean" and not known:
        return "boolean", objects(values)
    return "string", objects([None if value is None else _text(value) for value in values])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, Table) for one in value):
        return as_text([row for table in value for row in _rows(table)])
    return as_text(value)


def _rows(table: Table) -> list[dict[str, Any]]:
    """The rows of a table within a cell."""
    names = [Naming([table]).of(column, table) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*(one.listed for one in table.columns), strict=True)]


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
