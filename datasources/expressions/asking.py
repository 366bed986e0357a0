"""Asks targets, the expressions among them too: the one way for panels, the API, alert rules and exports.

A rule asks as a panel does. It makes a `Query` of each of its targets, those of the data source `__expr__` among them
(`Query(target.query, range_, scope, target.datasource, target.ref, priority=Priority.ALERT)`), and takes what its
condition is over:

    found = dict(zip(refs, await asked(proxy, queries), strict=True))
    answer = found[rule.condition.of]      # an Answer, or the error that it has instead

What the sources answer comes through the proxy and its caches; expressions are worked out over that, in the order in
which they need each other. When a rule is saved, `faults_of(expressions, refs)` says what refers to nothing or in a
circle, and `expression_of(query, path)` what cannot be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ...errors import HeliographError, InvalidError, NotInstalledError
from ..frame import Frame
from ..query.admission import downsampled
from ..query.model import Answer, Inspect, Query
from ..query.proxy import QueryProxy
from ..steps import round_interval
from ..timerange import TimeRange
from ..variables.builtins import builtins, of_dashboard
from ..working import Working
from .declared import EXPRESSIONS, Expression, Math, Resample, Sql, expression_of
from .evaluate import Answers, Worked, check, frames_in, windows, worked_out
from .filling import filled
from .sql_tables import arrow_of, frames_of_arrow

Found = Answer | BaseException
# A SELECT, its tables by name, as streams of Arrow, and in whose turn → its rows, as one.
RunSql = Callable[[str, Mapping[str, bytes], str], Awaitable[bytes]]
NO_SQL = "SQL over answers is run by DuckDB in the work role, which is not there: pip install 'heliograph[work]'"
# More than that is worked out off the loop.
NUMBERS_AT_ONCE = 20_000
FRAMES_AT_ONCE = 100
MAX_HELD = 20_000_000  # numbers of all expressions of one question


@dataclass(frozen=True, slots=True)
class Desk:
    """Where expressions are worked out. `run_sql`: the way to the work role."""

    working: Working
    run_sql: RunSql | None


async def asked(proxy: QueryProxy, queries: Sequence[Query], run_sql: RunSql | None = None) -> list[Found]:
    """All answers, in the order of the queries; where one has none, its error stands in its place.

    A target that fails is the error of the expressions that need it, and of no other. What expressions need is not
    thinned: a mean is that of all points. InvalidError of an expression that cannot be read stands in its place too.
    `run_sql` is the way to the work role, where SQL is run; without it NotInstalledError stands for SQL.
    """
    declared, broken = _declared(queries)
    if not declared and not broken:
        return await proxy.gather(queries)
    needed = {ref for one in declared.values() for ref in one.refs}
    sources = [query for query in queries if query.datasource != EXPRESSIONS]
    answers = await proxy.gather([query.but(whole=True) if query.ref in needed else query for query in sources])
    found: dict[str, Found] = dict(zip((query.ref for query in sources), answers, strict=True))
    all_queries = {one.ref: one for one in queries}
    desk = Desk(proxy.working, run_sql)
    found |= broken | await _all_worked_out(declared, {**found, **broken}, all_queries, desk)
    return [_shown(query, found[query.ref]) for query in queries]


def is_expression(query: Query) -> bool:
    """Whether a query is over the answers of others."""
    return query.datasource == EXPRESSIONS


def is_arithmetic(query: Query) -> bool:
    """Whether a query works out numbers and series, and not rows as SQL does."""
    kind = query.query.get("type") if isinstance(query.query, Mapping) else "math"
    return is_expression(query) and kind != "sql"


def expression_filled(query: Query, refs: Collection[str] = ()) -> Mapping[str, Any]:
    """An expression with the values of variables in it, but for those that are called as a target."""
    step_s = round_interval(query.range.span_ms / max(query.max_points, 1)) / 1000
    about = of_dashboard(query.dashboard, query.dashboard, query.zone)
    variables = {**builtins(query.range, step_s, query.scope), **about, **query.variables}
    return filled(query.query, variables, refs)


def needed_refs(expressions: Mapping[str, Expression], wanted: Collection[str]) -> frozenset[str]:
    """The refs that are wanted, and those that their expressions need."""
    found, waiting = set(wanted), [*wanted]
    while waiting:
        one = expressions.get(waiting.pop())
        for ref in one.refs - found if one is not None else ():
            found.add(ref)
            waiting.append(ref)
    return frozenset(found)


def _declared(queries: Sequence[Query]) -> tuple[dict[str, Expression], dict[str, HeliographError]]:
    """The expressions among queries, with their variables filled in; the errors of those that cannot be read."""
    refs = {query.ref for query in queries}
    declared: dict[str, Expression] = {}
    broken: dict[str, HeliographError] = {}
    for query in filter(is_expression, queries):
        try:
            declared[query.ref] = expression_of(expression_filled(query, refs))
        except HeliographError as error:
            broken[query.ref] = error
    return declared, broken


async def _all_worked_out(
    declared: Mapping[str, Expression],
    answers: Mapping[str, Found],
    queries: Mapping[str, Query],
    desk: Desk,
) -> dict[str, Found]:
    try:
        order = check(declared, answers.keys())
    except HeliographError as error:
        return dict.fromkeys(declared, error)
    found, held = dict(answers), 0
    for ref in order:
        one = await _one(declared[ref], queries[ref], found, desk)
        held += one.inspect.points_returned if isinstance(one, Answer) else 0
        found[ref] = one if held <= MAX_HELD else InvalidError(f"the expressions are more than {MAX_HELD} numbers")
    return {ref: found[ref] for ref in declared}


async def _one(one: Expression, query: Query, found: Mapping[str, Found], desk: Desk) -> Found:
    """The answer of one expression, which is as old and as whole as those that it is over."""
    needed = {ref: found[ref] for ref in sorted(one.refs)}
    given: dict[str, Sequence[Frame] | HeliographError] = {}
    for ref, answer in needed.items():
        if isinstance(answer, Answer):
            given[ref] = answer.frames
        elif isinstance(answer, HeliographError):
            given[ref] = answer
        else:
            return answer  # a fault of ours, which has no words for people: it stays what it is
    started = perf_counter()
    if isinstance(one, Sql):
        worked = await _answer_of_sql(one, query, given, desk.run_sql)
    else:
        worked = await _worked_out(one, query, given, desk.working)
    if isinstance(worked, HeliographError):
        return worked
    return _answer(query, worked, [one for one in needed.values() if isinstance(one, Answer)], perf_counter() - started)


async def _answer_of_sql(one: Sql, query: Query, given: Answers, run_sql: RunSql | None) -> Worked:
    """The rows of a SELECT, made series as those of any SQL are, unless they are to stay rows."""
    try:
        if run_sql is None:
            raise NotInstalledError(NO_SQL)
        tables = {ref: frames_in(given, ref) for ref in sorted(one.refs)}
        answer = await run_sql(one.query, await asyncio.to_thread(arrow_of, tables), query.scope.payer)
        return await asyncio.to_thread(frames_of_arrow, answer, query)
    except HeliographError as error:
        return error


async def _worked_out(one: Expression, query: Query, given: Answers, working: Working) -> Worked:
    if _is_light(one, given, query.range):
        return worked_out(query.ref, one, given, query.range)
    try:
        return await working.run(query.scope.payer, worked_out, query.ref, one, given, query.range)
    except HeliographError as error:  # too much waits
        return error


def _is_light(one: Expression, given: Answers, range_: TimeRange) -> bool:
    """Whether it takes some ms whatever its text is."""
    answers = [frames for frames in given.values() if not isinstance(frames, HeliographError)]
    frames = [frame for answer in answers for frame in answer]
    numbers = sum(frame.rows * len(frame.fields) for frame in frames)
    if isinstance(one, Resample):
        with suppress(HeliographError):  # a window that cannot be is said where it is worked out
            numbers += windows(one, range_) * sum(len(frame.numbers) for frame in frames)
    elif isinstance(one, Math) and any(_numbers(answer) > 1 for answer in answers):
        return False  # each with each, over and over: two series are 2^n of an expression of n signs
    return len(frames) <= FRAMES_AT_ONCE and numbers <= NUMBERS_AT_ONCE


def _numbers(frames: Sequence[Frame]) -> int:
    """How many series or single numbers an answer is."""
    return sum(len(frame.numbers) if frame.time is not None else frame.rows * len(frame.numbers) for frame in frames)


def _answer(query: Query, frames: tuple[Frame, ...], over: Sequence[Answer], took_s: float) -> Answer:
    ages = [answer.stale_age_s for answer in over if answer.stale_age_s is not None]
    points = sum(frame.rows * max(len(frame.numbers), 1) for frame in frames)
    return Answer(
        frames,
        step_s=min((answer.step_s for answer in over if answer.step_s > 0), default=0.0),
        warnings=tuple(dict.fromkeys(warning for answer in over for warning in answer.warnings)),
        partial=any(answer.partial for answer in over),
        stale_age_s=max(ages, default=None),
        inspect=Inspect(
            query.text,
            cache=_cached([answer.inspect.cache for answer in over]),
            stages_ms={"expression": took_s * 1000},
            points_returned=points,
            parts=tuple(part for answer in over for part in answer.inspect.parts),
        ),
    )


def _cached(results: Sequence[str]) -> str:
    """How much of what an expression is over was there already."""
    kinds = set(results)
    return kinds.pop() if len(kinds) == 1 else "partial" if kinds else "miss"


def _shown(query: Query, found: Found) -> Found:
    """What is drawn: series of as many points as were asked for, thinned after expressions had all of them."""
    if not isinstance(found, Answer) or found.step_s <= 0:
        return found
    range_ = query.range.on_grid(max(round(found.step_s * 1000), 1))
    return downsampled(query.but(range=range_, step_s=found.step_s), found)
