"""The rows of a table as columns: sorted, filtered, cut into pages; large ones let other threads run."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..datasources.frame import Array
from ..datasources.scripttext import script_text
from ..datasources.variables.collation import natural_order

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
    """Which rows: a page from 0 on, the column that orders them (`-` in front: descending), a filter by column, and of
    which of several tables."""

    page: int = 0
    sort: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    frame: int = 0


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column as sorting and filtering see it. Numbers and times are float64, all else objects.

    `exact`: the texts of numbers that floats cannot hold, None at all others.
    """

    kind: str
    values: Array
    exact: Array | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values are ordered as numbers."""
        return self.kind in ("number", "time")


def ordered(column: SortColumn, picked: Order, *, descending: bool) -> Order:
    """The picked rows in the order of a column; those without a value last, equal ones as they were."""
    values = column.values[picked]
    if column.kind == "number" and column.exact is not None:
        return _by_digits(picked, values, column.exact[picked], descending=descending)
    if column.is_number:
        missing = np.isnan(values)
        ranks = np.argsort(np.where(missing, 0, -values if descending else values), kind="stable")
        return np.concatenate([picked[ranks[~missing[ranks]]], picked[ranks[missing[ranks]]]])
    texts = [script_text(value) if value is not None else None for value in values.tolist()]
    rank = {text: place for place, text in enumerate(natural_order(text for text in texts if text is not None))}
    places = np.array([np.nan if text is None else rank[text] for text in texts], dtype=np.float64)
    return picked[ordered(SortColumn("number", places), np.arange(len(picked)), descending=descending)]


def _by_digits(picked: Order, values: Array, exact: Array, *, descending: bool) -> Order:
    """Numbers of any length in their order, those without a value last."""
    known = np.flatnonzero(~np.isnan(values)).tolist()
    digits = {row: Decimal(exact[row] if exact[row] is not None else float(values[row])) for row in known}
    known.sort(key=digits.__getitem__, reverse=descending)
    return picked[np.array([*known, *np.flatnonzero(np.isnan(values)).tolist()], dtype=np.int64)]


def matching(column: SortColumn, wanted: str) -> NDArray[np.bool_]:
    """Which rows a filter leaves: a comparison of numbers, else a text within, whatever its case."""
    comparison = COMPARISON.match(wanted)
    if column.is_number and comparison:
        with np.errstate(invalid="ignore"):
            found: NDArray[np.bool_] = OPERATORS[comparison[1]](column.values, float(comparison[2]))
        return found & ~np.isnan(column.values)
    if column.is_number:
        exact = column.exact.tolist() if column.exact is not None else [None] * len(column.values)
        texts = [
            number_text(one) if text is None else text for one, text in zip(column.values.tolist(), exact, strict=True)
        ]
        return np.array([wanted in text for text in texts], dtype=bool)
    mask = pc.match_substring(_texts(column.values), wanted, ignore_case=True)
    return np.array(pc.fill_null(mask, fill_value=False).to_pylist(), dtype=bool)


def number_text(value: float) -> str:
    """A number as a person types it: 7, not 7.0."""
    return "" if math.isnan(value) else script_text(value)


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
    plain = [None if value is None else script_text(value) for value in values]
    return pa.array(plain, pa.string())
