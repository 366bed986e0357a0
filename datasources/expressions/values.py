"""What expressions work on: numbers and series with labels, read out of frames and written into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidError
from ..frame import Field, Frame

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A series (`times`, ms) or a number (no times, one value) of one label set; NaN is a missing one."""

    values: Floats
    times: Floats | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def number(cls, value: float, labels: Mapping[str, str] | None = None) -> Value:
        """One number without a time."""
        return cls(np.array([value], dtype=np.float64), None, labels or {})

    @property
    def is_series(self) -> bool:
        """Whether its values have times."""
        return self.times is not None

    def with_values(self, values: Floats) -> Value:
        """Other values at the same times, with the same labels."""
        return Value(values, self.times, self.labels)


def values_of(frames: Iterable[Frame], ref: str) -> list[Value]:
    """The series of frames; of a table without a time a number a row, whose texts are its labels. InvalidError where
    a table has no number, several, or the same labels twice.
    """
    found: list[Value] = []
    for frame in frames:
        if not frame.rows:
            continue
        if frame.time is not None and not any(column.kind in ("string", "boolean") for column in frame.fields):
            found += [Value(one.values, frame.time.values, _labels(one.labels)) for one in frame.numbers]
        else:
            found += _of_table(frame, ref)
    return found


def _of_table(frame: Frame, ref: str) -> list[Value]:
    if frame.time is not None:
        raise InvalidError(f"${ref} is a table with times: have its rows made series first")
    if frame.rows == 1 and not any(column.kind == "string" for column in frame.fields):
        return [Value(column.values, None, _labels(column.labels)) for column in frame.numbers]
    if len(frame.numbers) != 1:
        raise InvalidError(f"${ref} is a table with {len(frame.numbers)} columns of numbers, one is needed")
    texts = [column for column in frame.fields if column.kind == "string"]
    values = frame.numbers[0].values
    found = {
        tuple((column.name, str(column.values[row])) for column in texts if column.values[row] is not None): values[row]
        for row in range(frame.rows)
    }
    if len(found) != frame.rows:
        raise InvalidError(f"${ref} is a table in which the same texts come twice: nothing tells their numbers apart")
    return [Value.number(float(value), dict(labels)) for labels, value in found.items()]


def _labels(labels: Mapping[str, str]) -> Mapping[str, str]:
    """The name of a metric tells nothing apart that is computed of it."""
    return {key: text for key, text in labels.items() if key != "__name__"} if "__name__" in labels else labels


def frames_of(values: Sequence[Value], ref: str) -> tuple[Frame, ...]:
    """Values as the frames of a target: named by their labels, or by the target where they have none."""
    return tuple(_frame(value, ref) for value in values)


def _frame(value: Value, ref: str) -> Frame:
    name = ", ".join(f"{key}={text}" for key, text in sorted(value.labels.items())) or ref
    if value.times is not None:
        return Frame.series(value.times, value.values, name=name, labels=value.labels, ref=ref)
    return Frame((Field.number(name, value.values, value.labels),), name=name, ref=ref)
