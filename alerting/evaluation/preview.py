"""What a rule would have done: its targets over a range of the past, asked through the query path, and replayed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...datasources.downsample import select
from ...datasources.expressions.asking import needed_refs
from ...datasources.expressions.declared import EXPRESSIONS, Expression, Sql, expression_of
from ...datasources.query.model import Answer, Priority, Query
from ...datasources.query.proxy import QueryProxy
from ...datasources.timerange import TimeRange
from ...errors import InvalidError
from ...jsonpath import json_path
from ...storage.config.alert_rows import AlertEvent
from ..machine import State
from ..rules.compiled import Compiled, Declared
from ..rules.declared import Rule, RuleTarget
from ..rules.durations import duration_ms
from .asking import LONGEST_S, scope_of
from .replay import Answered, Line, Replayed, filler, replayed, series_of

MAX_EVALUATIONS: Final = 11_000
MAX_LOOKS: Final = 2_000_000  # values that are looked at: evaluations times series
MAX_LINES: Final = 20
MAX_POINTS: Final = 800  # of one line
MAX_WORKED: Final = 100_000  # the same where expressions are worked out over them, which takes twenty times as long


@dataclass(frozen=True, slots=True)
class Preview:
    """The transitions of each label set, in the order of time, and how often one fired.

    `lines`: what was looked at, those that breached most first; `series` of them there were. `errors`: evaluations
    that would have failed, of `evaluations`.
    """

    events: Sequence[AlertEvent]
    fired: int
    lines: Sequence[Line]
    series: int
    errors: int
    evaluations: int


async def preview(rule: Compiled, range_: TimeRange, proxy: QueryProxy, instants: Mapping[str, bool]) -> Preview:
    """The transitions of an alert rule over a range. `instants`: the targets, by ref, whose source answers instants.

    InvalidError where the range has too many evaluations, or the rule cannot be replayed; else the source's errors.
    """
    declared = rule.declared
    if not isinstance(declared, Rule):
        raise InvalidError("a recording rule has no states", path="$.rule")
    count = range_.span_ms // declared.interval_ms
    if count > MAX_EVALUATIONS:
        raise InvalidError(f"{count} evaluations are more than {MAX_EVALUATIONS}: a shorter range", path="$.from")
    expressions = _expressions(declared)
    targets = _needed(declared, expressions)
    found = await proxy.gather([_query(one, rule, range_, instant=instants[one.ref]) for one in targets])
    answers = {}
    for target, answer in zip(targets, found, strict=True):
        if not isinstance(answer, Answer):
            raise answer
        window_ms = 0 if instants[target.ref] else duration_ms(target.range)
        answers[target.ref] = Answered([one for frame in answer.frames for one in series_of(frame)], window_ms)
    series = sum(len(one.series) for one in answers.values())
    if series * count > (MAX_WORKED if expressions else MAX_LOOKS):
        raise InvalidError(f"{series} series are too many for this range: a shorter one", path="$.from")
    grid = range_.on_grid(declared.interval_ms)
    return await asyncio.to_thread(lambda: _told(replayed(rule, answers, expressions, grid)))


def _told(found: Replayed) -> Preview:
    fired = sum(event.to_state == State.FIRING for event in found.events)
    lines = sorted(found.lines, key=lambda line: -line.breaches)[:MAX_LINES]
    return Preview(found.events, fired, lines, len(found.lines), found.errors, found.evaluations)


def line_json(line: Line) -> Mapping[str, object]:
    """A line as it is drawn: the points that a chart can show."""
    values = np.asarray(line.values)
    shown = select(values, MAX_POINTS)
    data = [[int(line.times[one]), value if math.isfinite(value := line.values[one]) else None] for one in shown]
    return {"labels": dict(line.labels), "data": data}


def _expressions(rule: Rule) -> Mapping[str, Expression]:
    """Those that the condition looks at, by way of others too; InvalidError for SQL, not run for each instant."""
    paths = {one.ref: json_path(["rule", "targets", number, "query"]) for number, one in enumerate(rule.targets)}
    ours = [one for one in rule.targets if one.datasource == EXPRESSIONS]
    declared = {one.ref: expression_of(one.query, paths[one.ref]) for one in ours}
    needed = needed_refs(declared, [rule.condition.of])
    for ref in sorted(needed & declared.keys()):
        if isinstance(declared[ref], Sql):
            raise InvalidError("a rule over SQL cannot be replayed", path=paths[ref])
    return {ref: one for ref, one in declared.items() if ref in needed}


def _needed(rule: Rule, expressions: Mapping[str, Expression]) -> Sequence[RuleTarget]:
    """The targets of sources that the condition looks at."""
    wanted = needed_refs(expressions, [rule.condition.of])
    return [one for one in rule.targets if one.ref in wanted and one.datasource != EXPRESSIONS]


def _query(target: RuleTarget, rule: Compiled, range_: TimeRange, *, instant: bool) -> Query:
    before_ms = 0 if instant else duration_ms(target.range)
    return Query(
        query=target.query,
        range=TimeRange(range_.from_ms - before_ms, range_.to_ms),
        scope=scope_of(rule),
        datasource=target.datasource,
        ref=target.ref,
        interval_s=rule.declared.interval_ms / 1000,
        max_points=MAX_EVALUATIONS,
        options=target.options,
        priority=Priority.EXPLORE,
        deadline_s=LONGEST_S,
        whole=True,
    )


def texts_of(rule: Declared, lines: Sequence[Line]) -> Mapping[str, Mapping[str, str]] | None:
    """Labels and annotations as a rule would write them of the first of the lines; None where there is none."""
    if not isinstance(rule, Rule) or not lines:
        return None
    filled, labels, value = filler(), lines[0].labels, lines[0].values[-1]
    return {
        "labels": {name: filled(text, labels, value) for name, text in rule.labels.items()},
        "annotations": {name: filled(text, labels, value) for name, text in rule.annotations.items()},
    }


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
