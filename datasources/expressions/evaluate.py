"""The expressions of a panel, a rule or a request: in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...errors import HeliographError, InvalidError
from ..frame import Frame
from ..reducers import reduce
from ..steps import interval_ms
from ..timerange import TimeRange
from .arithmetic import calculate
from .declared import Math, Reduce, Resample, Threshold
from .values import Floats, Value, frames_of, values_of

Declared = Math | Reduce | Resample | Threshold
Answers = Mapping[str, Sequence[Frame] | HeliographError]
MAX_WINDOWS: Final = 100_000


def check(expressions: Mapping[str, Declared], refs: Sequence[str]) -> tuple[str, ...]:
    """The order in which expressions are worked out, over those and other targets (`refs`). InvalidError where one
    refers to what is not there, or to itself by way of others.
    """
    known = set(refs) | expressions.keys()
    for ref, one in expressions.items():
        missing = sorted(one.refs - known)
        if missing:
            raise InvalidError(f"{ref}: no target is {missing[0]}")
    ordered: list[str] = []
    waiting = dict(expressions)
    while waiting:
        ready = [ref for ref, one in waiting.items() if not one.refs & waiting.keys()]
        if not ready:
            raise InvalidError(f"{min(waiting)} refers to itself, by way of others")
        ordered += ready
        for ref in ready:
            del waiting[ref]
    return tuple(ordered)


def evaluate(
    expressions: Mapping[str, Declared], answers: Answers, range_: TimeRange
) -> dict[str, tuple[Frame, ...] | HeliographError]:
    """What each expression comes to, by ref. An error of a target is that of all that refer to it, and of no other."""
    found: dict[str, Sequence[Frame] | HeliographError] = dict(answers)
    results: dict[str, tuple[Frame, ...] | HeliographError] = {}
    for ref in check(expressions, tuple(answers)):
        try:
            given = {name: values_of(_frames(found[name], name), name) for name in expressions[ref].refs}
            results[ref] = frames_of(_worked_out(expressions[ref], given, range_), ref)
        except HeliographError as error:
            results[ref] = error
        found[ref] = results[ref]
    return results


def _frames(answer: Sequence[Frame] | HeliographError, ref: str) -> Sequence[Frame]:
    if isinstance(answer, HeliographError):
        raise answer.of(f"target {ref}")
    return answer


def _worked_out(one: Declared, given: Mapping[str, Sequence[Value]], range_: TimeRange) -> list[Value]:
    if isinstance(one, Math):
        return calculate(one.expression, given)
    values = given[one.of]
    if isinstance(one, Reduce):
        return [Value.number(_reduced(value.values, one), value.labels) for value in values]
    if isinstance(one, Resample):
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


def _resampled(value: Value, how: Resample, range_: TimeRange) -> Value:
    """A series at `from`, `from` + window, …: of the points since the time before, those up to each time."""
    if value.times is None:
        raise InvalidError("resample needs series, not numbers")
    step = int(interval_ms(how.window))
    count = range_.span_ms // step
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
