"""The rows of a table as columns: sorted, filtered, cut into pages; large ones let other threads run."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..datasources.frame import Array

Order = NDArray[np.int64]
# `>5`, `<= 2.5`, `=7`, `!= 0`: what may stand before a number in the filter of a column of numbers.
COMPARISON: Final = re.compile(r"^\s*(>=|<=|!=|=|>|<)\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$")
OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """Which rows: a page from 0 on, the column that orders them (`-` in front: descending), a filter by column."""

    page: int = 0
    sort: str = ""
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column as sorting and filtering see it. Numbers and times are float64, all else objects."""

    kind: str
    values: Array

    @property
    def is_number(self) -> bool:
        return self.kind in ("number", "time")


def ordered(column: SortColumn, picked: Order, *, descending: bool) -> Order:
    """The picked rows in the order of a column; those without a value last, equal ones as they were."""
    values = column.values[picked]
    if column.is_number:
        missing = np.isnan(values)
        ranks = np.argsort(np.where(missing, 0, -values if descending else values), kind="stable")
        return np.concatenate([picked[ranks[~missing[ranks]]], picked[ranks[missing[ranks]]]])
    # Arrow sorts texts, missing ones last, without the interpreter's lock: a view's loop goes on meanwhile.
    keys = pc.utf8_lower(_texts(values))
    table = pa.table({"key": keys, "row": pa.array(np.arange(len(values)))})
    order = [("key", "descending" if descending else "ascending"), ("row", "ascending")]
    return picked[_indices(pc.sort_indices(table, sort_keys=order))]


def matching(column: SortColumn, wanted: str) -> NDArray[np.bool_]:
    """Which rows a filter leaves: a comparison of numbers, else a text within, whatever its case."""
    comparison = COMPARISON.match(wanted)
    if column.is_number and comparison:
        with np.errstate(invalid="ignore"):
            found: NDArray[np.bool_] = OPERATORS[comparison[1]](column.values, float(comparison[2]))
        return found & ~np.isnan(column.values)
    if column.is_number:
        return np.array([wanted in number_text(value) for value in column.values.tolist()], dtype=bool)
    mask = pc.match_substring(_texts(column.values), wanted, ignore_case=True)
    return np.array(pc.fill_null(mask, fill_value=False).to_pylist(), dtype=bool)


def number_text(value: float) -> str:
    """A number as a person types it: 7, not 7.0."""
    return "" if value != value else str(int(value)) if value.is_integer() else str(value)  # noqa: PLR0124 - NaN


def picked_rows(columns: Mapping[str, SortColumn], count: int, wanted: RowsWanted, least: Order | None = None) -> Order:
    """The rows that filters leave, in the order wanted; columns that are not there neither filter nor sort."""
    picked = np.arange(count) if least is None else least
    for name, text in wanted.filters:
        if name in columns and text:
            picked = picked[matching(columns[name], text)[picked]]
    name = wanted.sort.removeprefix("-")
    if name not in columns:
        return picked
    return ordered(columns[name], picked, descending=wanted.sort.startswith("-"))


def _texts(values: Sequence[Any] | Array) -> pa.Array:
    plain = [None if value is None else value if isinstance(value, str) else str(value) for value in values]
    return pa.array(plain, pa.string())


def _indices(indices: pa.Array) -> Order:
    data = np.frombuffer(indices.buffers()[1], np.uint64)
    return data[indices.offset : indices.offset + len(indices)].astype(np.int64)
