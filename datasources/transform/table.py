"""Tables: frames as transformations work on them, with values of any kind and the config of columns.

Numbers and times are float64 arrays in which NaN is a missing value. A column whose values do not fit that (texts among
numbers, lists, tables) is an array of objects in which None is missing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..scripttext import script_text, to_number

Kind = Literal["time", "number", "string", "boolean", "other", "nestedFrames"]
Array = NDArray[Any]
NUMERIC: Final = ("number", "time")
DIGITS: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
# A NaN of its own bits: not a value that is missing (which counts as 0 where numbers are added), but no row at all.
GAP: Final = np.array([0x7FF8_0000_0000_0001], dtype=np.uint64).view(np.float64)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. `labels` None: it has none; `config`: Grafana's (`displayName`, `unit`, `min`, `max` …)."""

    name: str
    kind: Kind
    values: Array
    labels: Mapping[str, str] | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    exact: Array | None = None  # the texts of values that a float does not hold

    @classmethod
    def of(cls, name: str, kind: Kind, values: Sequence[Any], **more: Any) -> Column:
        """A column of plain values; None is a missing one."""
        return cls(name, kind, array_of(values, kind), **more)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_float(self) -> bool:
        """Whether its values are an array of floats, NaN being what is missing."""
        return self.values.dtype == np.float64

    @property
    def listed(self) -> list[Any]:
        """Its values as Python has them; None for a missing one."""
        plain: list[Any] = self.values.tolist()
        return [None if math.isnan(value) else value for value in plain] if self.is_float else plain

    @property
    def readable(self) -> list[Any]:
        """The same, with the digits of numbers that a float does not hold: what tells values apart."""
        if self.exact is None or self.kind != "number":
            return self.listed
        return [value if text is None else text for value, text in zip(self.listed, self.exact.tolist(), strict=True)]

    def read(self, values: Sequence[Any]) -> Column:
        """The same with other values, as `readable` has them."""
        long = [isinstance(value, str) and self.kind == "number" and _is_long(value) for value in values]
        if not any(long):
            return self.with_values(values)
        plain = [to_number(value) if is_long else value for value, is_long in zip(values, long, strict=True)]
        exact = objects([value if is_long else None for value, is_long in zip(values, long, strict=True)])
        return self.but(values=array_of(plain, self.kind), exact=exact)

    @property
    def missing(self) -> Array:
        """Which values are missing."""
        if self.is_float:
            return np.isnan(self.values)
        return np.fromiter((value is None for value in self.values.tolist()), dtype=bool, count=len(self))

    def but(self, **changes: Any) -> Column:
        """The same with other parts. New values have no exact texts."""
        if "values" in changes:
            changes.setdefault("exact", None)
        return replace(self, **changes)

    def with_values(self, values: Sequence[Any], kind: Kind | None = None) -> Column:
        """The same with other plain values."""
        return self.but(values=array_of(values, kind or self.kind), kind=kind or self.kind)

    def take(self, rows: Any) -> Column:
        """Some of its rows: indices, a mask or a slice."""
        exact = None if self.exact is None else self.exact[rows]
        return replace(self, values=self.values[rows], exact=exact)

    def configured(self, **config: Any) -> Column:
        """The same with other settings; None takes one away."""
        merged = {key: value for key, value in {**self.config, **config}.items() if value is not None}
        return replace(self, config=merged)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of equal length under a name and the ref of a target."""

    columns: tuple[Column, ...]
    name: str = ""
    ref: str = ""
    is_table: bool = False  # its rows are rows, even of a time and numbers

    @property
    def rows(self) -> int:
        """How many values each of its columns has."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def time(self) -> Column | None:
        """Its first column of times."""
        return next((column for column in self.columns if column.kind == "time"), None)

    def but(self, **changes: Any) -> Table:
        """The same with other attributes."""
        return replace(self, **changes)

    def with_columns(self, columns: Iterable[Column]) -> Table:
        """The same with other columns."""
        return replace(self, columns=tuple(columns))

    def take(self, rows: Any) -> Table:
        """The rows at these places, or of this slice or mask, in that order."""
        return self.with_columns(column.take(rows) for column in self.columns)


Tables = Sequence[Table]


def array_of(values: Sequence[Any], kind: str) -> Array:
    """Plain values as the array of a column: floats where it is of numbers and holds nothing else."""
    if kind in NUMERIC and all(value is None or _is_number(value) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return objects(values)


def objects(values: Sequence[Any]) -> Array:
    """Values of any kind as an array; lists among them stay lists."""
    array = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        array[index] = value
    return array


def as_text(value: Any) -> str:
    """A value as a text shows it; a list or structure as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else script_text(value)


def picked(column: Column, rows: Array) -> Column:
    """Rows of a column by index; a gap where the index is negative."""
    if not len(column):
        return column.but(values=gaps(len(rows), column.values.dtype))
    taken = column.take(np.where(rows < 0, 0, rows))
    values = taken.values.copy()
    values[rows < 0] = GAP if column.is_float else None
    exact = taken.exact
    if exact is not None:
        exact = exact.copy()
        exact[rows < 0] = None
    return replace(taken, values=values, exact=exact)


def gaps(count: int, dtype: Any) -> Array:
    """As many gaps."""
    return np.full(count, GAP if dtype == np.float64 else None, dtype=dtype)


def is_gap(values: Array) -> Array:
    """Which floats stand for rows that are not there."""
    bits: Array = np.ascontiguousarray(values).view(np.uint64) == np.array([GAP]).view(np.uint64)[0]
    return bits


def joined_refs(tables: Tables, of: str) -> str:
    """What a result of several targets is called."""
    return f"{of}-{'-'.join(table.ref for table in tables)}"


def _is_long(text: str) -> bool:
    """Whether a text is a number of more digits than a float has."""
    return DIGITS.fullmatch(text) is not None and script_text(to_number(text)) != text


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
