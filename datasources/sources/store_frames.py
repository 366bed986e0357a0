"""Series of the built-in store as frames, and what an expression makes of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...errors import InvalidError
from ...storage.metrics.reader import StoredSeries
from ..frame import Frame
from .arithmetic import Expression
from .legend import names
from .store_query import StoreQuery


def ending(one: StoredSeries, at_ms: int) -> StoredSeries:
    """A series of one bucket, known up to then."""
    return replace(one, times=np.full(one.times.shape, float(at_ms)))


def joined_frames(
    wanted: StoreQuery, expression: Expression, read: Mapping[str, Sequence[StoredSeries]], legend: str
) -> tuple[Frame, ...]:
    """What was read as the frames that were asked for."""
    series = join(expression, read)
    if wanted.top:
        series = sorted(series, key=lambda one: -float(np.nanmean(one.values)))[: wanted.top]
    return frames(series, legend)


def frames(series: Sequence[StoredSeries], legend: str) -> tuple[Frame, ...]:
    """A frame for each series, named by its labels or the legend."""
    metric = series[0].name if series else ""
    called = names(metric, [one.labels for one in series], legend)
    return tuple(
        Frame.series(one.times, one.values, name=name, labels=one.labels, family=metric)
        for one, name in zip(series, called, strict=True)
    )


def join(expression: Expression, read: Mapping[str, Sequence[StoredSeries]]) -> list[StoredSeries]:
    """The expression over series of equal labels; one without labels stands beside all of the others."""
    names_ = sorted(expression.names)
    if not names_:
        raise InvalidError("an expression names at least one series", path="$.expr")
    if expression.is_name:
        return [_finite(one) for one in read[names_[0]]]
    by_labels = {name: {frozenset(one.labels.items()): one for one in read[name]} for name in names_}
    # All labels of all of them, not those of one: what is joined must not depend on which of the others are there.
    all_labels = dict.fromkeys(labels for name in names_ for labels in by_labels[name])
    joined = []
    for labels in all_labels:
        members = {name: by_labels[name].get(labels) or by_labels[name].get(frozenset()) for name in names_}
        present = {name: one for name, one in members.items() if one is not None}
        if len(present) == len(names_):
            first = next(by_labels[name][labels] for name in names_ if labels in by_labels[name])
            joined.append(_evaluate(expression, present, first))
    return joined


def _finite(one: StoredSeries) -> StoredSeries:
    """The series, what is not finite missing, as expressions have it."""
    known = np.isfinite(one.values)
    return one if known.all() else replace(one, values=np.where(known, one.values, np.nan))


def _evaluate(expression: Expression, members: Mapping[str, StoredSeries], first: StoredSeries) -> StoredSeries:
    if len(members) == 1:
        return StoredSeries(
            first.name, first.labels, first.times, expression.evaluate({n: m.values for n, m in members.items()})
        )
    times = first.times
    for one in members.values():
        times = np.intersect1d(times, one.times, assume_unique=True)
    aligned = {name: one.values[np.searchsorted(one.times, times)] for name, one in members.items()}
    return StoredSeries(first.name, first.labels, times, expression.evaluate(aligned))
