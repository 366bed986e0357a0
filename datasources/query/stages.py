"""The plain stages of a query's path: routing to a source, the step, interpolation, the deadline, asking the source."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...errors import HeliographError, SourceError, SourceTimeoutError
from ...scope import SHARED, VIEW
from ..buckets import marked
from ..sources.base import SourceAnswer, SourceQuery, unreadable
from ..sources.promql import rate_interval
from ..sources.registry import Sources
from ..steps import round_interval
from ..timerange import TimeRange
from ..variables import interpolation as texts
from ..variables.adhoc import Filter, Filters
from ..variables.builtins import SCRAPE_S, builtins, of_dashboard
from ..variables.interpolation import Verbatim, names_in
from .model import Answer, Inspect, Next, Part, Query
from .question import make_question

MAX_POINTS = 11_000
LONG_TEXT, MANY_REFERENCES = 5000, 100  # characters, and `$`, from which on a text is filled off the loop
OPEN_FROM_MS, LEAST_OPEN_MS, MOST_OPEN_MS = 15_000, 5_000, 10_000
BOUNDS = frozenset({"__from", "__to"})
OF_RANGE = BOUNDS | {"__range", "__range_s", "__range_ms"}
OBSERVED = Callable[[str, str, int], None]  # source's uid, outcome, points


@dataclass(frozen=True, slots=True)
class Route:
    """Names become sources: by uid, then name, then the default of the type."""

    sources: Sources
    name: str = "route"

    async def __call__(self, query: Query, following: Next) -> Answer:
        routed = await self.sources.find(query.scope.org, query.datasource)
        scope = query.scope
        # A view says itself whether it is shared; anybody else asks for himself.
        if routed.source.personal and scope.data_scope == SHARED and scope.principal != VIEW:
            scope = scope.personal
        revision = routed.revision + routed.source.generation
        filters = await self._filters(query, routed.stored.uid)
        return await following(
            query.but(datasource=routed.stored.uid, routed=routed, revision=revision, scope=scope, filters=filters)
        )

    async def _filters(self, query: Query, uid: str) -> tuple[Filter, ...]:
        """The ad hoc filters on that source: those on one that is gone are for nobody."""
        found: list[Filter] = []
        for values in query.variables.values():
            if isinstance(values, Filters) and values:
                with contextlib.suppress(SourceError):
                    if (await self.sources.find(query.scope.org, values.source)).stored.uid == uid:
                        found += values.read()
        return tuple(found)


async def least_step(query: Query, following: Next) -> Answer:
    """A source that is filled every fifteen seconds is not asked for every second."""
    return await following(query if query.interval_s else query.but(interval_s=query.to.source.least_step_s))


async def step(query: Query, following: Next) -> Answer:
    """The seconds between two points: range over points, rounded, at least the interval; the range on its grid.

    A least step that is `$__rate_interval` makes it as long as a rate looks back. What has passed of the last step
    is asked for beside it: a range longer than its data has nothing else.
    """
    points = max(1, min(query.max_points, MAX_POINTS))
    least_ms = max(int(query.interval_s * 1000), 1)
    wanted_ms = max(round_interval(query.range.span_ms / points), least_ms)
    is_finest = wanted_ms == least_ms
    if wanted_ms > 1000:
        wanted_ms = -(-wanted_ms // 1000) * 1000
    wanted_ms, rate_ms = _lengthened(query, wanted_ms)
    return await following(
        query.but(
            step_s=wanted_ms / 1000,
            rate_s=rate_ms / 1000,
            range=query.range.on_grid(wanted_ms),
            max_points=points,
            until_ms=open_end(query.range.to_ms, wanted_ms),
            is_finest=is_finest,
        )
    )


def _lengthened(query: Query, interval_ms: int) -> tuple[int, int]:
    """The step that an interval becomes by what the target says of it, and how far back a rate looks, both in ms."""
    scrape_ms = (query.scrape_s or query.to.source.least_step_s or SCRAPE_S) * 1000
    if query.least == "rate_interval":
        step_ms = rate_interval(interval_ms, scrape_ms)
        return step_ms, step_ms
    step_ms = interval_ms * query.factor
    panel_ms = max(interval_ms, query.to.source.least_step_s * 1000)
    return step_ms, rate_interval(panel_ms, step_ms if query.least == "interval" else scrape_ms)


def open_end(to_ms: int, step_ms: int) -> int:
    """The end of a range within its last, unfinished step, on a grid on which those who ask at about the same time
    meet; 0 where steps are short, or nothing of one has passed."""
    if step_ms < OPEN_FROM_MS:
        return 0
    grid_ms = min(max(step_ms // 5, LEAST_OPEN_MS), MOST_OPEN_MS)
    until_ms = to_ms // grid_ms * grid_ms
    return until_ms if until_ms > to_ms // step_ms * step_ms else 0


async def interpolate(query: Query, following: Next) -> Answer:
    """Variables and macros become text in the source's language; only those a query names stay with it."""
    used = {*names_in(query.query), *names_in(query.legend)}
    source = query.to.source
    if not used:
        plain = source.filtered(query.query, query.filters) if query.filters else query.query
        return await following(query.but(variables={}, query=plain) if query.variables else query)
    # All's own text may name other variables.
    for values in (query.variables.get(name, ()) for name in tuple(used)):
        used.update(name for value in values if isinstance(value, Verbatim) for name in names_in(value))
    known: Mapping[str, Any] = {
        **of_dashboard("", "", query.zone),
        **builtins(query.range, query.step_s, query.scope, rate_s=query.rate_s),
        **query.variables,
    }
    variables = {name: known[name] for name in used if name in known and name not in source.macros}
    fill = partial(source.filled, query.query, variables)
    is_long = isinstance(query.query, str) and (
        len(query.query) > LONG_TEXT or query.query.count("$") > MANY_REFERENCES
    )
    text = await asyncio.to_thread(fill) if is_long else fill()
    if query.filters:
        text = source.filtered(text, query.filters)
    scope = query.scope
    if "__user" in used:
        scope = scope.personal
    legend = texts.interpolate(query.legend, variables, "text")
    return await following(
        query.but(
            query=text,
            legend=legend,
            variables={},
            scope=scope,
            names_bounds=not BOUNDS.isdisjoint(used),
            names_range=not OF_RANGE.isdisjoint(used),
        )
    )


async def asked(query: Query, following: Next) -> Answer:
    """What makes the question the same as another, worked out once for all stages behind."""
    return await following(query.but(question=make_question(query)))


async def deadline(query: Query, following: Next) -> Answer:
    """SourceTimeoutError once the query's seconds are over."""
    try:
        async with asyncio.timeout(query.deadline_s):
            return await following(query)
    except TimeoutError:
        raise SourceTimeoutError(f"stopped after {query.deadline_s:g} s") from None


@dataclass(frozen=True, slots=True)
class Execute:
    """The last stage: asks the source itself. `observe` counts queries, outcomes and points."""

    observe: OBSERVED
    clock: Callable[[], float] = time.time
    name: str = "execute"

    async def __call__(self, query: Query, _: Next) -> Answer:
        routed, started_s = query.to, self.clock()
        try:
            answer = await routed.source.query(source_query(query))
        except HeliographError as error:
            self.observe(routed.stored.uid, error.code, 0)
            raise
        except asyncio.CancelledError:
            self.observe(routed.stored.uid, "cancelled", 0)
            raise
        except Exception as error:  # whatever reading an answer raises is that target's error
            self.observe(routed.stored.uid, "source_error", 0)
            raise unreadable(routed.stored.uid, error) from error
        points = sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in answer.frames)
        self.observe(routed.stored.uid, "ok", points)
        if answer.buckets is not None:
            answer = replace(answer, frames=marked(answer.frames, answer.buckets, started_s * 1000))
        return make_answer(query, answer, points, self.clock())


def source_query(query: Query) -> SourceQuery:
    """The question to the source, under an id by which it may be cancelled there."""
    return SourceQuery(
        query=query.query,
        range=TimeRange(query.range.from_ms, query.range.to_ms),
        step_s=query.step_s,
        max_points=query.max_points,
        scope=query.scope,
        query_id=uuid.uuid4().hex,
        deadline_s=query.deadline_s,
        instant=query.instant,
        legend=query.legend,
        options=query.options,
        scrape_s=query.scrape_s,
    )


def make_answer(query: Query, answer: SourceAnswer, points: int, now_s: float) -> Answer:
    """What the source answered as an answer of the path; `points`: how many it sent, `now_s`: when, since the epoch."""
    part = Part(query.range, "miss", now_s, points)
    return Answer(
        frames=tuple(frame.with_ref(query.ref) for frame in answer.frames),
        step_s=query.step_s,
        warnings=answer.warnings,
        partial=answer.partial,
        joinable=answer.joinable,
        inspect=Inspect(answer.executed or query.text, points_fetched=points, points_returned=points, parts=(part,)),
    )
