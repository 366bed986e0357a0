"""What a rule would have done: its state machine over data of the past, asked through the query path."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...datasources.frame import Frame
from ...datasources.query.model import Priority, Query
from ...datasources.query.proxy import QueryProxy
from ...datasources.reducers import reduce
from ...datasources.timerange import TimeRange
from ...errors import InvalidError
from ...storage.config.alert_states import AlertEvent
from ..machine import State
from ..rules.compiled import Compiled
from ..rules.declared import Rule, RuleTarget
from ..rules.durations import duration_ms
from ..templates.run import Data, NeedsQueryError, expanded
from .asking import LONGEST_S, scope_of
from .outcome import Known, evaluate
from .samples import Labels, Sample, Taken

MAX_EVALUATIONS: Final = 11_000
MAX_LOOKS: Final = 2_000_000  # values that are looked at: evaluations times series


@dataclass(frozen=True, slots=True)
class Preview:
    """The transitions of each label set, in the order of time, and how often one fired."""

    events: Sequence[AlertEvent]
    fired: int


async def preview(rule: Compiled, range_: TimeRange, proxy: QueryProxy, *, instant: bool) -> Preview:
    """The transitions of an alert rule over a range. `instant`: its source answers instants, as Prometheus does.

    InvalidError where the range has too many evaluations, or the rule cannot be replayed; else the source's errors.
    """
    declared = rule.declared
    if not isinstance(declared, Rule):
        raise InvalidError("a recording rule has no states", path="$.rule")
    count = range_.span_ms // declared.interval_ms
    if count > MAX_EVALUATIONS:
        raise InvalidError(f"{count} evaluations are more than {MAX_EVALUATIONS}: a shorter range", path="$.from")
    number = next(index for index, one in enumerate(declared.targets) if one.ref == declared.condition.of)
    target = declared.targets[number]
    if target.datasource.startswith("__"):
        raise InvalidError("a rule over an expression cannot be replayed", path=f"$.rule.targets[{number}]")
    answer = await proxy.query(_query(target, rule, range_, instant=instant))
    series = [one for frame in answer.frames for one in _series(frame)]
    if len(series) * count > MAX_LOOKS:
        raise InvalidError(f"{len(series)} series are too many for this range: a shorter one", path="$.from")
    window_ms = 0 if instant else duration_ms(target.range)
    return await asyncio.to_thread(_replayed, rule, series, range_.on_grid(declared.interval_ms), window_ms)


@dataclass(frozen=True, slots=True)
class _Series:
    labels: Labels
    times: np.ndarray
    values: np.ndarray


def _series(frame: Frame) -> Iterator[_Series]:
    if frame.time is None:
        raise InvalidError("the answer has no times: it cannot be replayed", path="$.rule.targets")
    for one in frame.numbers:
        known = ~np.isnan(one.values)
        yield _Series(one.labels, frame.time.values[known], one.values[known])


def _query(target: RuleTarget, rule: Compiled, range_: TimeRange, *, instant: bool) -> Query:
    before_ms = 0 if instant else duration_ms(target.range)
    return Query(
        query=target.query,
        range=TimeRange(range_.from_ms - before_ms, range_.to_ms),
        scope=scope_of(rule.org),
        datasource=target.datasource,
        ref=target.ref,
        interval_s=rule.declared.interval_ms / 1000,
        max_points=MAX_EVALUATIONS,
        options=target.options,
        priority=Priority.EXPLORE,
        deadline_s=LONGEST_S,
        whole=True,
    )


def _replayed(rule: Compiled, series: Sequence[_Series], range_: TimeRange, window_ms: int) -> Preview:
    declared = rule.declared
    assert isinstance(declared, Rule)
    known: Known = {}
    events: list[AlertEvent] = []
    for at_ms in range(range_.from_ms, range_.to_ms + 1, declared.interval_ms):
        samples = [
            Sample(one.labels, value)
            for one in series
            if (value := _value(one, at_ms, window_ms, declared.condition.reducer)) is not None
        ]
        outcome = evaluate(rule, known, Taken(samples), at_ms, _expand)
        known = outcome.known
        events += outcome.events
    return Preview(events, sum(event.to_state == State.FIRING for event in events))


def _value(series: _Series, at_ms: int, window_ms: int, reducer: str) -> float | None:
    """What the rule would have seen of a series at an instant; None: it was not there."""
    end = int(np.searchsorted(series.times, at_ms, side="right"))
    start = int(np.searchsorted(series.times, at_ms - window_ms, side="left"))
    if start >= end:
        return None
    if reducer == "last" or end - start == 1:
        return float(series.values[end - 1])
    found = reduce(series.values[start:end], reducer)
    return math.nan if found is None else found


def _expand(text: str, labels: Labels, value: float) -> str:
    try:
        return expanded(text, Data(labels, value))
    except NeedsQueryError:
        return text


def instances_of(found: Preview) -> list[Mapping[str, object]]:
    """The changes of each label set as the API tells them."""
    by_key: dict[str, dict[str, object]] = {}
    changes: dict[str, list[Mapping[str, object]]] = {}
    for event in found.events:
        by_key.setdefault(event.fingerprint, {"labels": dict(event.labels)})
        changes.setdefault(event.fingerprint, []).append(
            {
                "at": event.at_ms,
                "state": event.to_state,
                "value": event.value,
            }
        )
    return [{**one, "changes": changes[key]} for key, one in by_key.items()]
