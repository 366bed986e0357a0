"""Single flight, the answer cache, and what was good last."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from heliograph.datasources.frame import Frame
from heliograph.datasources.query.answer_cache import AnswerCache
from heliograph.datasources.query.last_good import LastGood
from heliograph.datasources.query.model import Answer, Inspect, Part, Query
from heliograph.datasources.query.single_flight import SingleFlight
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope

SCOPE = Scope(1, Role.VIEWER)
ANSWER = Answer((Frame.series([1000], [1.0], name="a"),))


def ask(text: str = "q", *, from_ms: int = 0, to_ms: int = 1000, scope: Scope = SCOPE, revision: int = 1) -> Query:
    return Query(text, TimeRange(from_ms, to_ms), scope, datasource="s", step_s=1.0, revision=revision)


class Slow:
    """A stage that answers when told to, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.go = asyncio.Event()

    async def __call__(self, query: Query) -> Answer:
        self.asked += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return ANSWER


async def test_equal_questions_at_once_are_asked_once() -> None:
    joined: list[str] = []
    flight, source = SingleFlight(joined.append), Slow()
    waiting = [asyncio.ensure_future(flight(ask(), source)) for _ in range(500)]
    await asyncio.sleep(0)
    source.go.set()
    assert await asyncio.gather(*waiting) == [ANSWER] * 500
    assert (source.asked, len(joined)) == (1, 499)


async def test_a_waiter_outlives_the_one_that_asked_first() -> None:
    flight, source = SingleFlight(lambda _: None), Slow()
    first, second = (asyncio.ensure_future(flight(ask(), source)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.go.set()
    assert await second == ANSWER
    assert first.cancelled()
    assert source.cancelled == 0


async def test_the_last_waiter_that_goes_cancels_the_question() -> None:
    flight, source = SingleFlight(lambda _: None), Slow()
    waiting = [asyncio.ensure_future(flight(ask(), source)) for _ in range(2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0)
    assert source.cancelled == 1


@pytest.mark.parametrize(
    "other",
    [
        ask("other"),
        ask(to_ms=2000),
        ask(scope=Scope(2, Role.VIEWER)),
        ask(scope=Scope(1, Role.VIEWER, data_scope="user:1")),
        ask(revision=2),
    ],
    ids=["text", "range", "org", "data scope", "revision"],
)
async def test_answers_never_cross(other: Query) -> None:
    cache = AnswerCache(lambda: 1.0, lambda _: None)
    asked = []

    async def source(query: Query) -> Answer:
        asked.append(query)
        return ANSWER

    await cache(ask(), source)
    await cache(other, source)
    assert len(asked) == 2


async def test_a_cached_answer_is_fresh_for_half_a_step() -> None:
    now = [1000.0]
    results: list[str] = []
    cache = AnswerCache(lambda: now[0], results.append)

    async def source(query: Query) -> Answer:
        return ANSWER

    live = ask(from_ms=900_000, to_ms=1_000_000)
    for _ in range(2):
        await cache(live, source)
    now[0] += 0.6
    await cache(live, source)
    assert results == ["miss", "hit", "miss"]


async def test_answers_that_time_has_left_behind_make_room_and_those_of_the_past_stay() -> None:
    now = [10_000]
    cache = AnswerCache(lambda: now[0], lambda _: None)

    async def source(query: Query) -> Answer:
        return ANSWER

    def live(tick: int) -> Query:
        return ask(from_ms=now[0] * 1000 - 60_000, to_ms=now[0] * 1000).but(tick=tick)

    await cache(ask(from_ms=0, to_ms=60_000), source)
    for tick in range(100):
        now[0] += 10
        await cache(live(tick), source)
    assert cache.forget(None) == 1 + 12, "one of the past, and those of two minutes"


async def test_flushing_forgets_one_source_of_one_org() -> None:
    results: list[str] = []
    cache = AnswerCache(lambda: 1000.0, results.append)

    async def source(query: Query) -> Answer:
        return ANSWER

    await cache(ask(), source)
    assert cache.forget(2) == 0
    assert cache.forget(1, "other") == 0
    assert cache.forget(1, "s") == 1
    await cache(ask(), source)
    assert results == ["miss", "miss"]


async def test_what_came_from_a_cache_is_as_old_as_when_the_source_answered_it() -> None:
    now = [1000.0]
    last, cache = LastGood(lambda: now[0]), AnswerCache(lambda: now[0], lambda _: None)
    part, down = Part(ask().range, "miss", 1000.0), False

    async def source(query: Query) -> Answer:
        if down:
            raise SourceUnavailableError("gone")
        return replace(ANSWER, inspect=Inspect(parts=(part,)))

    async def cached(query: Query) -> Answer:
        return await cache(query, source)

    past = ask(from_ms=0, to_ms=1000)  # kept for an hour
    await last(past, cached)
    now[0] += 100
    assert (await last(past, cached)).inspect.parts == (replace(part, cache="hit"),)
    down, now[0] = True, now[0] + 3600
    stale = await last(past, cached)
    assert (stale.stale_age_s, stale.inspect.made_s) == (3700.0, 1000.0)


async def test_a_source_that_is_down_answers_with_what_was_good_last() -> None:
    now = [1000.0]
    last = LastGood(lambda: now[0])
    down = False

    async def source(query: Query) -> Answer:
        if down:
            raise SourceUnavailableError("gone")
        return ANSWER

    await last(ask(from_ms=0, to_ms=1000), source)
    down = True
    now[0] += 42
    stale = await last(ask(from_ms=5000, to_ms=6000), source)
    assert (stale.stale_age_s, stale.inspect.cache) == (42.0, "stale")
    with pytest.raises(SourceUnavailableError):
        await last(ask("never asked"), source)


async def test_a_query_that_the_source_refuses_is_not_papered_over() -> None:
    last = LastGood(lambda: 1000.0)

    async def good(query: Query) -> Answer:
        return ANSWER

    async def refusing(query: Query) -> Answer:
        raise SourceError("no such table")

    await last(ask(), good)
    with pytest.raises(SourceError):
        await last(ask(), refusing)
