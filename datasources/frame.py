"""Frames: a query's result as typed columns with labels.

A series frame has one `time` field (ms UTC, float64, ascending, no duplicates) and one or more `number` fields. A table
frame has any fields, and says itself that it is a table where its columns alone would make it a series. Missing numbers
are NaN; missing strings and booleans are None. Floats are for drawing: what they cannot hold (integers beyond 2^53,
long numerics, days, times without an instant) has its text beside them, for reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

CALLED: Final = "called"  # of a column's config: what transformations of Grafana call it
FieldKind = Literal["time", "number", "string", "boolean"]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One typed column. `values`: time and number are float64, string and boolean are object arrays.

    `exact`: the text of each value that its float cannot hold, None at all others; None where there is no such value.
    `config`: what the data itself says of how it is shown, by Grafana's names: `displayName`, `min`, `max`, `decimals`;
    and the `zone` in which its server reads texts of its times.
    """

    name: str
    kind: FieldKind
    values: Array
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    exact: Array | None = None
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def time(cls, values: Any, name: str = "time", exact: Sequence[str | None] = ()) -> Field:
        """A time column from milliseconds since the epoch, UTC; `exact`: of days and of times that are no instants."""
        return cls(name, "time", np.asarray(values, dtype=np.float64), exact=_exact(exact))

    @classmethod
    def number(
        cls,
        name: str,
        values: Any,
        labels: Mapping[str, str] | None = None,
        unit: str = "",
        exact: Sequence[str | None] = (),
    ) -> Field:
        """Of anything that NumPy takes for floats. `exact`: the digits of values that a float does not hold."""
        return cls(name, "number", np.asarray(values, dtype=np.float64), labels or {}, unit, _exact(exact))

    @classmethod
    def string(cls, name: str, values: Sequence[str | None]) -> Field:
        """Of texts; None is NULL."""
        return cls(name, "string", objects(values))

    @classmethod
    def boolean(cls, name: str, values: Sequence[bool | None]) -> Field:
        """Of truth values; None is NULL."""
        return cls(name, "boolean", objects(values))

    @property
    def readable(self) -> list[Any]:
        """The values for reading: the exact text where there is one, else as Python has them."""
        plain: list[Any] = self.values.tolist()
        if self.exact is None:
            return plain
        return [value if text is None else text for value, text in zip(plain, self.exact.tolist(), strict=True)]

    def picked(self, rows: Any) -> Field:
        """The same column of some rows: indices, a mask or a slice."""
        exact = None if self.exact is None else self.exact[rows]
        return Field(self.name, self.kind, self.values[rows], self.labels, self.unit, exact, self.config)

    def __len__(self) -> int:
        return len(self.values)


def objects(values: Sequence[Any]) -> Array:
    """Texts or booleans as the array of a column."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of columns so that none comes twice: `id`, `id_2`."""
    found: dict[str, None] = {}
    for name in names:
        own, count = name, 1
        while own in found:
            count += 1
            own = f"{name}_{count}"
        found[own] = None
    return list(found)


def _exact(texts: Sequence[str | None]) -> Array | None:
    return objects(texts) if any(text is not None for text in texts) else None


def have_rows(frames: Iterable[Frame]) -> bool:
    """Whether an answer has anything in it."""
    return any(frame.rows for frame in frames)


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns of equal length. `name` is what a legend shows; `ref` the target's letter (`A`).

    Where the names of series depend on each other (what tells them apart), `family` is what they are named within: a
    metric, or nothing. None: the name stands by itself. `is_table`: its rows are rows, even of a time and numbers.
    """

    fields: tuple[Field, ...]
    name: str = ""
    ref: str = ""
    downsampled: str = ""  # how the points were thinned ("m4", "rollup_1m"), empty for as they came
    family: str | None = None
    absent: float = float("nan")  # what a column holds at times at which the source does not name it
    is_table: bool = False

    def __post_init__(self) -> None:
        if len({len(column) for column in self.fields}) > 1:
            raise ValueError("the columns of a frame have one length")

    @property
    def rows(self) -> int:
        """How many rows each of its fields has."""
        return len(self.fields[0]) if self.fields else 0

    @property
    def time(self) -> Field | None:
        """The first time column, or None."""
        return next((column for column in self.fields if column.kind == "time"), None)

    @property
    def numbers(self) -> tuple[Field, ...]:
        """Its fields of numbers, in order."""
        return tuple(column for column in self.fields if column.kind == "number")

    @property
    def is_series(self) -> bool:
        """One time column and nothing but numbers beside it, unless it is a table."""
        if self.is_table:
            return False
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
        fields = (one.picked(slice(start, end)) for one in self.fields)
        return self._made(tuple(fields), self.ref)

    def with_ref(self, ref: str) -> Frame:
        """The same of another target. Written out as `cut` is."""
        return self if self.ref == ref else self._made(self.fields, ref)

    def _made(self, fields: tuple[Field, ...], ref: str) -> Frame:
        return Frame(fields, self.name, ref, self.downsampled, self.family, self.absent, self.is_table)

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
