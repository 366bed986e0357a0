"""Metrics of metrics, worked out here, so that no server runs scripts: as Elasticsearch's pipelines define them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidError
from .arithmetic import Expression
from .elastic_query import Pipeline, Script

Values = NDArray[np.float64]


def computed(
    metric: Pipeline | Script, by_id: Mapping[str, Sequence[Any]], series: Sequence[Sequence[int]]
) -> list[float]:
    """One value a row. `by_id`: the values of other metrics; `series`: the rows of each series by time.

    A bucket without a value is skipped: what would need it has none either.
    """
    if isinstance(metric, Script):
        expression = Expression(metric.expression)
        if unknown := expression.names - set(metric.of):
            raise InvalidError(f"the expression names {min(unknown)}, which `of` does not", path="$.query.metrics")
        values = {name: _values(by_id, of) for name, of in metric.of.items()}
        return _listed(expression.evaluate(values) + _nothing(by_id))
    source = _values(by_id, metric.of)
    made = np.full(len(source), np.nan)
    for rows in series:
        made[list(rows)] = PIPELINES[metric.type](source[list(rows)], metric)
    return _listed(made)


def _listed(values: Values) -> list[float]:
    """As numbers of Python."""
    found: list[float] = values.tolist()
    return found


def _nothing(by_id: Mapping[str, Sequence[Any]]) -> Values:
    """Zero a row: an expression without names has a value in each."""
    return np.zeros(max((len(values) for values in by_id.values()), default=0))


def _values(by_id: Mapping[str, Sequence[Any]], name: str) -> Values:
    if name not in by_id:
        known = ", ".join(by_id)
        raise InvalidError(f"{name} is none of {known}", path="$.query.metrics")
    found = [value if isinstance(value, (int, float)) else math.nan for value in by_id[name]]
    return np.asarray(found, dtype=np.float64)


def _difference(values: Values, lag: int) -> Values:
    made = np.full(len(values), np.nan)
    if lag < len(values):
        made[lag:] = values[lag:] - values[:-lag]
    return made


def _cumulative(values: Values, _: Pipeline) -> Values:
    return np.asarray(np.cumsum(np.nan_to_num(values)))


def _moving(values: Values, metric: Pipeline) -> Values:
    """Over `window` buckets before each one, without it, moved right by `shift`."""
    function = FUNCTIONS[metric.function]
    made = np.full(len(values), np.nan)
    for at in range(len(values)):
        if math.isnan(values[at]):
            continue
        start = max(at - metric.window + metric.shift, 0)
        window = values[start : max(at + metric.shift, 0)]
        window = window[~np.isnan(window)]
        if len(window):
            made[at] = function(window, metric.alpha)
    return made


def _linear(window: Values, _: float) -> float:
    weights = np.arange(1, len(window) + 1)
    return float(np.sum(window * weights) / np.sum(weights))


def _ewma(window: Values, alpha: float) -> float:
    average = float(window[0])
    for value in window[1:]:
        average = float(value) * alpha + average * (1 - alpha)
    return average


FUNCTIONS: Final[Mapping[str, Callable[[Values, float], float]]] = {
    "avg": lambda window, _: float(np.mean(window)),
    "min": lambda window, _: float(np.min(window)),
    "max": lambda window, _: float(np.max(window)),
    "sum": lambda window, _: float(np.sum(window)),
    "std_dev": lambda window, _: float(np.std(window)),
    "linear": _linear,
    "ewma": _ewma,
}
PIPELINES: Final[Mapping[str, Callable[[Values, Pipeline], Values]]] = {
    "derivative": lambda values, _: _difference(values, 1),
    "serial_diff": lambda values, metric: _difference(values, metric.lag),
    "cumulative_sum": _cumulative,
    "moving_fn": _moving,
}
