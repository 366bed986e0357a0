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
PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?")
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
        return _compared(column, comparison[1], comparison[2])
    if column.is_number:
        exact = column.exact.tolist() if column.exact is not None else [None] * len(column.values)
        texts = [
            number_text(one) if text is None else text for one, text in zip(column.values.tolist(), exact, strict=True)
        ]
        known = (not math.isnan(one) for one in column.values.tolist())
        found = [there and wanted.lower() in text.lower() for there, text in zip(known, texts, strict=True)]
        return np.array(found, dtype=bool)
    return _holding(column.values, wanted)


def _compared(column: SortColumn, sign: str, wanted: str) -> NDArray[np.bool_]:
    """Which numbers stand so to another; those whose floats are equal to it by their digits."""
    number = float(wanted)
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = OPERATORS[sign](column.values, number) & ~np.isnan(column.values)
    if column.kind == "number" and PLAIN.fullmatch(wanted):
        for row in np.flatnonzero(column.values == number).tolist():
            digits = _digits(column, row)
            found[row] = OPERATORS[sign](Decimal(digits), Decimal(wanted)) if PLAIN.fullmatch(digits) else found[row]
    return found


def _digits(column: SortColumn, row: int) -> str:
    exact = None if column.exact is None else column.exact[row]
    return script_text(float(column.values[row])) if exact is None else str(exact)


def _holding(values: Array, wanted: str) -> NDArray[np.bool_]:
    """Which texts hold another, whatever its case, as pages lower it; ASCII lets other threads run."""
    low = wanted.lower()
    if not low.isascii():
        texts = (None if value is None else script_text(value) for value in values)
        return np.array([text is not None and low in text.lower() for text in texts], dtype=bool)
    mask = pc.match_substring(pc.utf8_lower(_texts(values)), low)
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
