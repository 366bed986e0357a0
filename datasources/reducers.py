"""One value out of a column, as Grafana reduces: missing values are left out, or counted as zero where asked for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from .scripttext import script_text, to_number

Values = NDArray[np.float64]
Nulls = Literal["", "connected", "null as zero"]
Reducer = Callable[["Column"], Any]
PERCENTILE: Final = re.compile(r"p([1-9][0-9]?)")
LARGEST: Final = float(np.finfo(np.float64).max)


class Column:
    """The values of a column: of a `number` column None is null and NaN is no number."""

    def __init__(self, values: Sequence[Any], kind: str = "number", nulls: Nulls = "") -> None:
        self.raw = values
        self.numeric = kind in ("number", "time")
        zero = nulls == "null as zero"
        self.counted = [0 if value is None else value for value in values if zero or value is not None]

    @property
    def known(self) -> list[Any]:
        """What is neither null nor NaN."""
        return [value for value in self.counted if not _is_nan(value)]

    @property
    def numbers(self) -> list[float]:
        """Its values that are known; none where it is not one of numbers."""
        return self.known if self.numeric else []

    @property
    def sorted(self) -> list[Any]:
        """Without nulls, in the order of numbers; what has none stays where it was."""
        return sorted(self.counted, key=cmp_to_key(_by_number))


def reduced(values: Sequence[Any], how: str, kind: str = "number", nulls: Nulls = "") -> Any:
    """The value of a column of any kind; None where there is none, KeyError for a reducer that does not exist."""
    reducer = _reducer(how)
    if not len(values):
        return EMPTY.get(how)
    return reducer(Column(values, kind, nulls))


def reduce(values: Values, how: str) -> float | None:
    """The value of a column of numbers in which NaN is a missing one; None where nothing is known."""
    known = values[~np.isnan(values)]
    if how in FAST:
        return float(FAST[how](known)) if known.size else None
    if how in ("last", "first"):
        value = values[-1 if how == "last" else 0] if values.size else math.nan
        return None if math.isnan(value) else float(value)
    result = reduced([None if math.isnan(value) else value for value in values.tolist()], how)
    return float(result) if isinstance(result, (int, float)) and not math.isnan(result) else None


def is_reducer(how: str) -> bool:
    """Whether something can be calculated so: a reducer of Grafana's, or a percentile."""
    return how in REDUCERS or PERCENTILE.fullmatch(how) is not None


def _reducer(how: str) -> Reducer:
    match = PERCENTILE.fullmatch(how)
    if match is None:
        return REDUCERS[how]
    share = int(match[1]) / 100
    return lambda column: _at_share(column.sorted, share)


def _at_share(ordered: Sequence[Any], share: float) -> Any:
    return ordered[math.floor((len(ordered) - 1) * share + 0.5)] if ordered else None


def _median(column: Column) -> Any:
    ordered = column.sorted
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    if not ordered:
        return math.nan
    low, high = ordered[middle - 1], ordered[middle]
    texts = isinstance(low, str) or isinstance(high, str)  # which JavaScript joins
    return to_number(script_text(low) + script_text(high) if texts else low + high) / 2


def _variance(column: Column) -> float:
    """Of the whole population, after Welford."""
    mean = squares = 0.0
    count = 0
    for value in column.raw if column.numeric else ():
        if value is None:
            continue
        count += 1
        before = mean
        mean += (value - before) / count
        squares += (value - before) * (value - mean)
    return squares / count if count else 0.0


def _delta(column: Column) -> float:
    """How far a counter went: each increase that does not follow a reset."""
    total, up = 0.0, True
    numbers = column.numbers
    for before, after in itertools.pairwise(numbers):
        if before > after:
            up = False
        else:
            total += after - before if up else 0
            up = True
    return total


def _step(column: Column) -> float | None:
    numbers = column.numbers
    steps = (after - before for before, after in itertools.pairwise(numbers))
    return min((step for step in steps if step < LARGEST), default=None)


def _mean(column: Column) -> float | None:
    numbers = column.numbers
    return _sum(column) / len(numbers) if numbers else None


def _sum(column: Column) -> float:
    total: float = 0
    for number in column.numbers:
        total += number
    return total


def _ends(column: Column) -> tuple[float, float] | None:
    """The first and the last value that is known, where both are numbers, whatever the kind of the column."""
    known = column.known
    ends = (known[0], known[-1]) if known else ()
    if not ends or any(isinstance(end, bool) or not isinstance(end, (int, float)) for end in ends):
        return None
    return ends


def _diff(column: Column) -> float | None:
    ends = _ends(column)
    return ends[1] - ends[0] if ends else None


def _least(column: Column) -> float | None:
    return min((one for one in column.numbers if one < LARGEST), default=None)


def _most(column: Column) -> float | None:
    return max((one for one in column.numbers if one > -LARGEST), default=None)


def _range(column: Column) -> float | None:
    low, high = _least(column), _most(column)
    return None if low is None or high is None else high - low


def _percent(column: Column) -> float:
    ends = _ends(column)
    if ends is None:
        return 0.0
    change = ends[1] - ends[0]
    if ends[0] == 0:
        return math.nan if change == 0 else math.copysign(math.inf, change)
    return change / ends[0] * 100


def _changes(column: Column) -> int:
    pairs = zip(column.counted, column.counted[1:], strict=False)
    return sum(_is_nan(after) or type(before) is not type(after) or before != after for before, after in pairs)


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list({("nan",) if _is_nan(value) else (type(value) is bool, value): value for value in values}.values())


def _first_known(values: Iterable[Any]) -> Any:
    return next((one for one in values if one is not None and not _is_nan(one)), None)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _by_number(one: Any, other: Any) -> int:
    difference = to_number(one) - to_number(other)
    return 0 if math.isnan(difference) else int(math.copysign(difference != 0, difference))


REDUCERS: Final[Mapping[str, Reducer]] = {
    "lastNotNull": lambda column: _first_known(reversed(column.raw)),
    "last": lambda column: column.raw[-1],
    "firstNotNull": lambda column: _first_known(column.raw),
    "first": lambda column: column.raw[0],
    "min": _least,
    "max": _most,
    "mean": _mean,
    "median": _median,
    "variance": _variance,
    "stdDev": lambda column: math.sqrt(_variance(column)),
    "sum": _sum,
    "count": lambda column: len(column.counted),
    "countAll": lambda column: len(column.raw),
    "range": _range,
    "delta": _delta,
    "step": _step,
    "diff": _diff,
    "logmin": lambda column: min((one for one in column.numbers if 0 < one < LARGEST), default=LARGEST),
    "allIsZero": lambda column: bool(column.numbers) and all(one == 0 for one in column.known),
    "allIsNull": lambda column: not column.numbers,
    "changeCount": _changes,
    "distinctCount": lambda column: len(_distinct(column.counted)),
    "diffperc": _percent,
    "allValues": lambda column: list(column.raw),
    "uniqueValues": lambda column: _distinct(column.raw),
}
EMPTY: Final[Mapping[str, Any]] = {"sum": 0, "count": 0, "countAll": 0, "allIsZero": False, "allIsNull": True}
FAST: Final[Mapping[str, Callable[[Values], Any]]] = {
    "lastNotNull": lambda known: known[-1],
    "firstNotNull": lambda known: known[0],
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
    "range": np.ptp,
    "diff": lambda known: known[-1] - known[0],
    "median": np.median,
}
