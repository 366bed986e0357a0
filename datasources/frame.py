"""Frames: a query's result as typed columns with labels.

A series frame has one `time` field (ms UTC, float64, ascending, no duplicates) and one or more `number` fields. A table
frame has any fields. Missing numbers are NaN; missing strings and booleans are None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FieldKind = Literal["time", "number", "string", "boolean"]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One typed column. `values`: time and number are float64, string and boolean are object arrays."""

    name: str
    kind: FieldKind
    values: Array
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""

    @classmethod
    def time(cls, values: Any, name: str = "time") -> Field:
        """A time column from milliseconds since the epoch, UTC."""
        return cls(name, "time", np.asarray(values, dtype=np.float64))

    @classmethod
    def number(cls, name: str, values: Any, labels: Mapping[str, str] | None = None, unit: str = "") -> Field:
        return cls(name, "number", np.asarray(values, dtype=np.float64), labels or {}, unit)

    @classmethod
    def string(cls, name: str, values: Sequence[str | None]) -> Field:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return cls(name, "string", array)

    @classmethod
    def boolean(cls, name: str, values: Sequence[bool | None]) -> Field:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return cls(name, "boolean", array)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns of equal length. `name` is what a legend shows; `ref` the target's letter (`A`).

    Where the names of series depend on each other (what tells them apart), `family` is what they are named within: a
    metric, or nothing. None: the name stands by itself.
    """

    fields: tuple[Field, ...]
    name: str = ""
    ref: str = ""
    downsampled: str = ""  # how the points were thinned ("m4", "rollup_1m"), empty for as they came
    family: str | None = None
    absent: float = float("nan")  # what a column holds at times at which the source does not name it

    def __post_init__(self) -> None:
        if len({len(column) for column in self.fields}) > 1:
            raise ValueError("the columns of a frame have one length")

    @property
    def rows(self) -> int:
        return len(self.fields[0]) if self.fields else 0

    @property
    def time(self) -> Field | None:
        """The first time column, or None."""
        return next((column for column in self.fields if column.kind == "time"), None)

    @property
    def numbers(self) -> tuple[Field, ...]:
        return tuple(column for column in self.fields if column.kind == "number")

    @property
    def is_series(self) -> bool:
        """One time column and nothing but numbers beside it."""
        if len(self.fields) == 2:
            return {self.fields[0].kind, self.fields[1].kind} == {"time", "number"}
        kinds = [column.kind for column in self.fields]
        return kinds.count("time") == 1 and len(kinds) > 1 and set(kinds) == {"time", "number"}

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the only number column; empty where there are several."""
        numbers = self.numbers
        return numbers[0].labels if len(numbers) == 1 else {}

    def cut(self, start: int, end: int) -> Frame:
        """The rows from `start` up to `end`: views of these columns. Written out, since thousands are cut at once."""
        fields = (Field(one.name, one.kind, one.values[start:end], one.labels, one.unit) for one in self.fields)
        return Frame(tuple(fields), self.name, self.ref, self.downsampled, self.family, self.absent)

    def with_ref(self, ref: str) -> Frame:
        """The same of another target. Written out as `cut` is."""
        if self.ref == ref:
            return self
        return Frame(self.fields, self.name, ref, self.downsampled, self.family, self.absent)

    @classmethod
    def series(
        cls,
        times_ms: Any,
        values: Any,
        *,
        name: str = "",
        labels: Mapping[str, str] | None = None,
        ref: str = "",
        unit: str = "",
        family: str | None = None,
    ) -> Frame:
        """One series: times in ms, values float64, NaN for missing."""
        fields = (Field.time(times_ms), Field.number(name or "value", values, labels, unit))
        return cls(fields, name=name, ref=ref, family=family)
