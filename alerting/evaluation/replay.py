"""What a rule would have seen at each instant of a range, and what its machine would have made of it. No I/O."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...datasources.expressions.declared import Expression
from ...datasources.expressions.evaluate import evaluate as worked_out
from ...datasources.frame import Field, Frame
from ...datasources.reducers import reduce
from ...datasources.timerange import TimeRange
from ...errors import HeliographError, InvalidError
from ...storage.config.alert_rows import AlertEvent
from ..rules.compiled import Compiled
from ..rules.condition import Condition
from ..rules.declared import Rule
from ..templates.run import Data, NeedsQueryError, expanded
from .held import Known
from .outcome import Expand, evaluate
from .samples import Labels, Sample, Taken, samples_of
from .spending import Spending

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a target's answer over the range; no NaN among its values."""

    labels: Labels
    times: Floats
    values: Floats

    def seen(self, at_ms: int, window_ms: int) -> slice:
        """What the rule would have been answered at an instant: the points of the window up to it."""
        end = int(np.searchsorted(self.times, at_ms, side="right"))
        return slice(int(np.searchsorted(self.times, at_ms - window_ms, side="left")), end)


@dataclass(frozen=True, slots=True)
class Answered:
    """A target's answer over the range. `window_ms`: how far back the rule asks; 0: for one instant."""

    series: Sequence[Series]
    window_ms: int = 0


def series_of(frame: Frame) -> Iterator[Series]:
    """InvalidError where a frame has no times."""
    if frame.time is None:
        raise InvalidError("the answer has no times: it cannot be replayed", path="$.rule.targets")
    for one in frame.numbers:
        known = ~np.isnan(one.values)
        yield Series(one.labels, frame.time.values[known], one.values[known])


@dataclass(slots=True)
class Line:
    """What a rule looked at of one label set, evaluation by evaluation. `breaches`: at how many of them it breached."""

    labels: Labels
    breaches: int = 0
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Replayed:
    """The transitions in the order of time, the lines that they come of, and how many of the evaluations failed."""

    events: Sequence[AlertEvent]
    lines: Sequence[Line]
    errors: int
    evaluations: int


Look = Sequence[tuple[Hashable, Sample]]  # what is looked at, with what tells it apart from one evaluation to the next


def replayed(
    rule: Compiled, answers: Mapping[str, Answered], expressions: Mapping[str, Expression], range_: TimeRange
) -> Replayed:
    """What an alert rule would have done at each evaluation of a range."""
    declared = rule.declared
    assert isinstance(declared, Rule)
    known: Known = {}
    events: list[AlertEvent] = []
    lines: dict[Hashable, Line] = {}
    errors = 0
    filled = filler()
    instants = range(range_.from_ms, range_.to_ms + 1, declared.interval_ms)
    for at_ms in instants:
        look = _expressed(declared, answers, expressions, at_ms) if expressions else _plain(declared, answers, at_ms)
        if isinstance(look, HeliographError):
            errors += 1
        else:
            _draw(lines, look, at_ms, declared.condition)
        found = look if isinstance(look, HeliographError) else Taken([sample for _, sample in look])
        outcome = evaluate(rule, known, found, at_ms, filled)
        known = outcome.known
        events += outcome.events
    return Replayed(events, list(lines.values()), errors, len(instants))


def _draw(lines: dict[Hashable, Line], look: Look, at_ms: int, condition: Condition) -> None:
    for key, sample in look:
        line = lines.get(key)
        if line is None:
            line = lines[key] = Line(sample.labels)
        line.times.append(at_ms)
        line.values.append(sample.value)
        line.breaches += condition.breached(sample.value)


def _plain(rule: Rule, answers: Mapping[str, Answered], at_ms: int) -> Look:
    answer, reducer = answers[rule.condition.of], rule.condition.reducer
    found = ((one, _value(one, one.seen(at_ms, answer.window_ms), reducer)) for one in answer.series)
    return [(index, Sample(one.labels, value)) for index, (one, value) in enumerate(found) if value is not None]


def _value(series: Series, seen: slice, reducer: str) -> float | None:
    """What the rule would have seen of a series at an instant; None: it was not there."""
    if seen.start >= seen.stop:
        return None
    if reducer == "last" or seen.stop - seen.start == 1:
        return float(series.values[seen.stop - 1])
    found = reduce(series.values[seen], reducer)
    return math.nan if found is None else found


def _expressed(
    rule: Rule, answers: Mapping[str, Answered], expressions: Mapping[str, Expression], at_ms: int
) -> Look | HeliographError:
    """The expressions over what the sources would have answered, as an evaluation works them out."""
    given = {ref: [*_frames(answer, at_ms)] for ref, answer in answers.items()}
    window_ms = max((answer.window_ms for answer in answers.values()), default=0)
    found = worked_out(expressions, given, TimeRange(at_ms - window_ms, at_ms)) | given
    frames = found[rule.condition.of]
    if isinstance(frames, HeliographError):
        return frames
    try:
        samples = samples_of(frames, rule.condition.of, rule.condition.reducer)
        return [(tuple(sorted(one.labels.items())), one) for one in samples]
    except HeliographError as error:
        return error


def _frames(answer: Answered, at_ms: int) -> Iterator[Frame]:
    for one in answer.series:
        seen = one.seen(at_ms, answer.window_ms)
        if seen.start < seen.stop:
            yield Frame((Field.time(one.times[seen]), Field.number("value", one.values[seen], one.labels)))


def filler() -> Expand:
    """Fills templates in over a series, as much as one evaluation may take; one that asks a source itself stays as it
    is written."""
    spending = Spending(on_loop=False)

    def filled(text: str, labels: Labels, value: float) -> str:
        try:
            return spending.written(lambda: expanded(text, Data(labels, value)))
        except NeedsQueryError:
            return text

    return filled
