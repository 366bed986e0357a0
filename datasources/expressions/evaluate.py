"""The expressions of a panel, a rule or a request: in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...errors import HeliographError, InvalidError
from ..frame import Frame
from ..reducers import reduce
from ..steps import interval_ms
from ..timerange import TimeRange
from .arithmetic import MAX_NUMBERS, calculate
from .declared import Expression, Math, Reduce, Resample, Sql, Threshold
from .values import Floats, Value, frames_of, values_of

Answers = Mapping[str, Sequence[Frame] | HeliographError]
Worked = tuple[Frame, ...] | HeliographError
MAX_WINDOWS: Final = 100_000


def check(expressions: Mapping[str, Expression], refs: Collection[str]) -> tuple[str, ...]:
    """The order in which expressions are worked out, over those and other targets (`refs`). InvalidError where one
    refers to what is not there, or to itself by way of others.
    """
    for _, detail in faults_of(expressions, refs):
        raise InvalidError(detail)
    return tuple(ref for ready in _ordered(expressions) for ref in ready)


def faults_of(expressions: Mapping[str, Expression], refs: Collection[str]) -> list[tuple[str, str]]:
    """Each expression that refers to what is not there, or to itself by way of others, and what is wrong with it."""
    known = set(refs) | expressions.keys()
    found = [
        (ref, f"{ref}: no target is {missing[0]}")
        for ref, one in expressions.items()
        if (missing := sorted(one.refs - known))
    ]
    placed = {ref for ready in _ordered(expressions) for ref in ready}
    circular = [ref for ref in expressions if ref not in placed]
    return found + [(ref, f"{ref} refers to itself, by way of others") for ref in circular]


def _ordered(expressions: Mapping[str, Expression]) -> Iterator[list[str]]:
    """Those that can be worked out at once, then those that need them, and so on; none of a circle."""
    waiting = dict(expressions)
    while ready := [ref for ref, one in waiting.items() if not one.refs & waiting.keys()]:
        yield ready
        for ref in ready:
            del waiting[ref]


def evaluate(expressions: Mapping[str, Expression], answers: Answers, range_: TimeRange) -> dict[str, Worked]:
    """What each expression comes to, by ref. An error of a target is that of all that refer to it, and of no other."""
    found: dict[str, Sequence[Frame] | HeliographError] = dict(answers)
    for ref in check(expressions, tuple(answers)):
        found[ref] = worked_out(ref, expressions[ref], found, range_)
    return {ref: found[ref] for ref in expressions}  # type: ignore[misc]


def worked_out(ref: str, one: Expression, answers: Answers, range_: TimeRange) -> Worked:
    """What one expression comes to over the answers that it needs."""
    try:
        given = {name: values_of(frames_in(answers, name), name) for name in one.refs}
        return frames_of(_worked_out(one, given, range_), ref)
    except HeliographError as error:
        return error


def frames_in(answers: Answers, ref: str) -> Sequence[Frame]:
    """The frames of a target; its error names it."""
    answer = answers[ref]
    if isinstance(answer, HeliographError):
        raise answer.of(f"target {ref}")
    return answer


def _worked_out(one: Expression, given: Mapping[str, Sequence[Value]], range_: TimeRange) -> list[Value]:
    if isinstance(one, Sql):
        raise TypeError("SQL is not worked out here: `asking` has it run")
    if isinstance(one, Math):
        return calculate(one.expression, given)
    values = given[one.of]
    if isinstance(one, Reduce):
        return [Value.number(_reduced(value.values, one), value.labels) for value in values]
    if isinstance(one, Resample):
        if windows(one, range_) * len(values) > MAX_NUMBERS:
            raise InvalidError(f"{len(values)} series of windows of {one.window} are more than {MAX_NUMBERS} numbers")
        return [_resampled(value, one, range_) for value in values]
    return [value.with_values(_tested(value.values, one)) for value in values]


def _reduced(values: Floats, how: Reduce) -> float:
    """A number of a series; a missing value among them makes it missing, unless the mode says otherwise."""
    known = values
    if how.mode == "dropNN":
        known = values[np.isfinite(values)]
    elif how.mode == "replaceNN":
        known = np.where(np.isfinite(values), values, float(how.replace_with or 0.0))
    elif how.reducer not in ("count", "last", "lastNotNull", "first") and np.isnan(values).any():
        return float("nan")
    if how.reducer == "count":
        return float(known.size)
    if how.reducer in ("last", "first") and known.size:
        return float(known[-1 if how.reducer == "last" else 0])
    found = reduce(known, how.reducer)
    return float("nan") if found is None else float(found)


def _tested(values: Floats, test: Threshold) -> Floats:
    found = np.fromiter((test.holds(value) for value in values.tolist()), dtype=np.float64, count=values.size)
    return np.where(np.isnan(values), np.nan, found)


def windows(how: Resample, range_: TimeRange) -> int:
    """How many windows a range is long."""
    return range_.span_ms // max(int(interval_ms(how.window)), 1)


def _resampled(value: Value, how: Resample, range_: TimeRange) -> Value:
    """A series at `from`, `from` + window, …: of the points since the time before, those up to each time."""
    if value.times is None:
        raise InvalidError("resample needs series, not numbers")
    step, count = int(interval_ms(how.window)), windows(how, range_)
    if not 1 <= count <= MAX_WINDOWS:
        raise InvalidError(
            f"the range is {count} windows of {how.window} long: 1 to {MAX_WINDOWS} can be", path="$.window"
        )
    times = range_.from_ms + step * np.arange(count + 1, dtype=np.float64)
    ends = np.searchsorted(value.times, times, side="right")
    starts = np.concatenate(([0], ends[:-1]))
    values = _filled(value.values, ends, how.up)
    busy = np.flatnonzero(ends > starts)
    values[busy] = [_DOWN[how.down](value.values[starts[index] : ends[index]]) for index in busy]
    return Value(values, times, value.labels)


def _filled(values: Floats, ends: np.ndarray, up: str) -> Floats:
    """What stands at times without a point since the time before."""
    filled = np.full(ends.size, np.nan)
    if up == "pad":
        known = ends > 0
        filled[known] = values[ends[known] - 1]
    elif up == "backfilling":
        known = ends < values.size
        filled[known] = values[ends[known]]
    return filled


_DOWN: Final[Mapping[str, Callable[[Floats], Any]]] = {
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
    "last": lambda values: values[-1],
}
