"""The range cache: joined answers equal whole ones, whatever comes late, in pieces, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from fixtures.contexts import context_of
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.chunks import CHUNK_STEPS
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.query.codec import decode, encode
from heliograph.datasources.query.model import Answer, Inspect, Part, Query
from heliograph.datasources.query.range_cache import Chunking, RangeCache
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.registry import Routed
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.memory import MemoryKeyValue
from heliograph.storage.config.datasources import StoredSource

STEP_MS = 1000
SETTLES_S = 5.0
START_MS = CHUNK_STEPS * STEP_MS * 1000


def told(answer: Answer) -> object:
    return [
        (frame.name, [(one.name, dict(one.labels), [repr(v) for v in one.values.tolist()]) for one in frame.fields])
        for frame in answer.frames
    ]


class World:
    """A source of samples that come in some time after their own: at the step t a series' value is its sample of t."""

    def __init__(self, series: Mapping[str, Mapping[int, float]]) -> None:
        self.series = series
        self.now_ms = START_MS
        self.asked: list[TimeRange] = []
        self.partial = False
        self.down = False

    def clock(self) -> float:
        return self.now_ms / 1000

    async def answer(self, query: Query) -> Answer:
        if self.down:
            raise SourceUnavailableError("gone")
        self.asked.append(query.range)
        frames = []
        for name, samples in sorted(self.series.items()):
            times = range(query.range.from_ms, query.range.to_ms + 1, STEP_MS)
            points = [(at, at % 7919 / 3) for at in times if at in samples and at + samples[at] * 1000 <= self.now_ms]
            if points:
                found = Frame.series(*zip(*points, strict=True), name=name, labels={"host": name}, family="cpu")
                frames.append(replace(found, name=name) if len(self.series) > 1 else found)
        points_ = sum(frame.rows for frame in frames)
        parts = (Part(query.range, "miss", self.clock(), points_),)
        return Answer(tuple(frames), partial=self.partial, inspect=Inspect(points_fetched=points_, parts=parts))


async def may(query: Query) -> Chunking:
    return Chunking(SETTLES_S)


def ask(first: int, last: int, **changes: Any) -> Query:
    fields: dict[str, Any] = {
        "query": "cpu",
        "datasource": "s",
        "step_s": 1.0,
        "scope": Scope(1, Role.VIEWER),
        **changes,
    }
    return Query(range=TimeRange(START_MS + first * STEP_MS, START_MS + last * STEP_MS), **fields)


def steady(seconds: int = 3 * CHUNK_STEPS, late_s: float = 0.0) -> World:
    return World({"a": {START_MS + n * STEP_MS: late_s for n in range(seconds)}})


MOST = CHUNK_STEPS + 40  # ranges that begin in one chunk and end in the next
SAMPLES = st.dictionaries(
    st.integers(CHUNK_STEPS - 40, MOST).map(lambda n: START_MS + n * STEP_MS), st.floats(0, SETTLES_S), max_size=60
)


@given(
    st.dictionaries(st.sampled_from("abc"), SAMPLES, min_size=1),
    st.lists(st.tuples(st.integers(CHUNK_STEPS - 45, MOST), st.integers(0, 60), st.integers(0, 30)), max_size=12),
    st.booleans(),
)
def test_joined_pieces_equal_one_query_whatever_comes_late_and_whichever_ranges_are_asked(
    series: dict[str, dict[int, float]], asked: list[tuple[int, int, int]], shares: bool
) -> None:
    async def run() -> None:
        world = World(series)
        shared = MemoryKeyValue(world.clock) if shares else None
        nodes = [RangeCache(may, world.clock, shared) for _ in range(2)]
        world.now_ms = START_MS + (CHUNK_STEPS - 20) * STEP_MS
        for number, (first, span, passes) in enumerate(asked):
            world.now_ms += passes * 500
            query = ask(first, first + span)
            expected = await world.answer(query)
            found = await nodes[number % 2](query, world.answer)
            assert points(found) == points(expected)
            await nodes[number % 2].close()

    asyncio.run(run())


def points(answer: Answer) -> list[tuple[str, float, str]]:
    return [
        (frame.labels["host"], at, repr(value))
        for frame in answer.frames
        if frame.time is not None
        for at, value in zip(frame.time.values.tolist(), frame.numbers[0].values.tolist(), strict=True)
    ]


async def test_a_refresh_asks_for_the_newest_steps_alone() -> None:
    world = steady()
    cache = RangeCache(may, world.clock)
    fetched, returned = 0, 0
    for tick in range(60):
        last = 1000 + tick
        world.now_ms = START_MS + last * STEP_MS + 300
        answer = await cache(ask(last - 900, last), world.answer)
        assert answer.inspect.cache == ("partial" if tick else "miss")
        if tick:
            fetched, returned = fetched + answer.inspect.points_fetched, returned + answer.inspect.points_returned
    assert {one.span_ms // STEP_MS + 1 for one in world.asked[1:]} == {6}
    assert returned == 59 * 901
    assert fetched == 59 * 6


async def test_an_open_end_is_asked_for_once_its_samples_have_commonly_come() -> None:
    world, stored = steady(), StoredSource("s", "S", "prometheus", "http://127.0.0.1:9/", {"scrape_interval": "15s"})
    routed = Routed(stored, PrometheusSource(stored, context_of(stored)), 1)

    async def scraped(query: Query) -> Chunking:
        return Chunking(15.0)

    cache, last_ms = RangeCache(scraped, world.clock), START_MS + 1000 * STEP_MS
    for after_s, ends in ((10, []), (15, [15]), (20, [20])):
        world.now_ms, world.asked = last_ms + after_s * 1000, []
        query = ask(0, 1000, until_ms=world.now_ms, routed=routed)
        await cache(query, world.answer)
        found = [one.to_ms for one in world.asked if one.from_ms > last_ms]
        assert found == [last_ms + end * 1000 for end in ends]


async def test_a_range_of_the_past_is_asked_once_and_parts_of_it_never() -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache = RangeCache(may, world.clock)
    whole = await cache(ask(0, 1200), world.answer)
    again = await cache(ask(0, 1200), world.answer)
    part = await cache(ask(100, 600), world.answer)
    assert [whole.inspect.cache, again.inspect.cache, part.inspect.cache] == ["miss", "hit", "hit"]
    assert told(whole) == told(again)
    assert part.frames[0].rows == 501
    assert {one.cache for one in part.inspect.parts} == {"hit"}
    assert part.inspect.made_s == world.clock()
    assert world.asked == [ask(0, 1200).range]


async def test_what_was_empty_for_a_moment_heals_with_the_next_question() -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache, series = RangeCache(may, world.clock), world.series
    world.series = {}
    assert (await cache(ask(0, 400), world.answer)).frames == ()
    world.series = series
    world.now_ms += 2000
    assert (await cache(ask(0, 400), world.answer)).frames[0].rows == 401
    assert (await cache(ask(20, 420), world.answer)).frames[0].rows == 401


async def test_an_empty_piece_beside_pieces_with_data_is_asked_again_until_it_has_been_empty_for_a_while() -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache, series = RangeCache(may, world.clock), world.series
    await cache(ask(200, 400), world.answer)
    world.series = {}
    assert (await cache(ask(100, 400), world.answer)).frames[0].rows == 201
    world.series = series
    assert (await cache(ask(100, 400), world.answer)).frames[0].rows == 301
    world.series = {"a": {at: 0.0 for at in series["a"] if at >= START_MS + 100 * STEP_MS}}
    for passes in (0, 20, 31, 32):
        world.now_ms = START_MS + (3002 + passes) * STEP_MS + passes * 1000
        await cache(ask(0, 400), world.answer)
    assert len([one for one in world.asked if one.from_ms == START_MS]) == 3, "then it is believed"


async def test_a_live_range_that_was_empty_at_first_is_whole_with_the_next_refresh() -> None:
    world = steady()
    cache, series = RangeCache(may, world.clock), world.series
    for tick, there in enumerate((False, True, True)):
        world.series = series if there else {}
        world.now_ms = START_MS + (1000 + tick) * STEP_MS
        answer = await cache(ask(400 + tick, 1000 + tick), world.answer)
    assert answer.frames[0].rows == 601


async def test_nothing_where_nothing_ever_was_is_asked_less_and_less() -> None:
    world = steady(0)
    cache = RangeCache(may, world.clock)
    for second in range(1200):
        world.now_ms = START_MS + (3000 + second) * STEP_MS
        await cache(ask(0, 400), world.answer)
    assert len(world.asked) < 15


@pytest.mark.parametrize("late_s", [10.0, 55.0])
async def test_samples_that_come_late_are_there_some_minutes_later(late_s: float) -> None:
    world = steady(late_s=late_s)
    cache = RangeCache(may, world.clock)
    for second in range(600):
        world.now_ms = START_MS + (600 + second) * STEP_MS
        answer = await cache(ask(second, 600 + second), world.answer)
    known = answer.frames[0].fields[0].values
    first_ms, healed_ms = START_MS + 599 * STEP_MS, world.now_ms - (5 + 60 + 60) * 1000
    assert [at for at in known.tolist() if at <= healed_ms] == list(range(first_ms, healed_ms + 1, STEP_MS))
    assert sum(one.span_ms // STEP_MS + 1 for one in world.asked[1:]) < 20 * len(world.asked)


async def test_what_is_asked_again_is_asked_seldom_where_that_brings_nothing_else() -> None:
    world = steady(2000)
    cache = RangeCache(may, world.clock)
    for second in range(1200):
        world.now_ms = START_MS + (600 + second) * STEP_MS
        await cache(ask(second, 600 + second), world.answer)
    newest = (SETTLES_S + 2) * 1000  # of each refresh: the steps that are not settled, and the next one
    again = [one.span_ms for one in world.asked[1:] if one.span_ms > newest]
    assert 4 <= len(again) <= 8
    assert sum(again) < 1.4 * 1200 * STEP_MS


async def test_a_source_that_begins_to_be_late_is_asked_again_each_minute() -> None:
    world = steady(2700)
    world.series = {**world.series, "b": {START_MS + n * STEP_MS: 50.0 if n > 1500 else 0.0 for n in range(2700)}}
    cache = RangeCache(may, world.clock)
    for second in range(2000):
        world.now_ms = START_MS + (600 + second) * STEP_MS
        answer = await cache(ask(second, 600 + second), world.answer)
    healed_ms = world.now_ms - (5 + 60 + 60) * 1000
    known = [at for at in answer.frames[1].fields[0].values.tolist() if at <= healed_ms]
    assert known == list(range(START_MS + 1999 * STEP_MS, healed_ms + 1, STEP_MS))


async def test_a_partial_answer_is_said_to_be_and_is_never_kept() -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache = RangeCache(may, world.clock)
    world.partial = True
    assert (await cache(ask(0, 100), world.answer)).partial
    world.partial = False
    answer = await cache(ask(0, 100), world.answer)
    assert (answer.partial, answer.inspect.cache) == (False, "miss")


async def test_what_is_kept_is_no_answer_while_the_source_is_down_and_the_rest_is_missing() -> None:
    world = steady()
    world.now_ms = START_MS + 50 * STEP_MS
    cache = RangeCache(may, world.clock)
    await cache(ask(0, 50), world.answer)
    world.down = True
    with pytest.raises(SourceUnavailableError):
        await cache(ask(0, 51), world.answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"query": "other"},
        {"scope": Scope(2, Role.VIEWER)},
        {"scope": Scope(1, Role.VIEWER, data_scope="user:1")},
        {"revision": 2},
        {"zone": "Europe/Zurich"},
        {"datasource": "t"},
        {"max_points": 7},
        {"options": {"x": 1}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_pieces_never_cross(changes: dict[str, Any]) -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    shared = MemoryKeyValue(world.clock)
    for _ in range(2):
        cache = RangeCache(may, world.clock, shared)
        await cache(ask(0, 100), world.answer)
        await cache.close()
    assert len(world.asked) == 1, "another node has them from the shared cache"
    await cache(ask(0, 100, **changes), world.answer)
    assert len(world.asked) == 2


async def test_flushing_forgets_one_source_of_one_org_and_what_is_under_way() -> None:
    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache = RangeCache(may, world.clock)
    await cache(ask(0, 100), world.answer)
    assert (cache.forget(2), cache.forget(1, "other"), cache.forget(1, "s")) == (0, 0, 1)

    async def flushed_meanwhile(query: Query) -> Answer:
        answer = await world.answer(query)
        cache.forget(1, "s")
        return answer

    await cache(ask(0, 100), flushed_meanwhile)
    assert (await cache(ask(0, 100), world.answer)).inspect.cache == "miss"


async def test_limits_hold_for_what_is_joined() -> None:
    async def few(query: Query) -> Chunking:
        return Chunking(SETTLES_S, max_rows=100)

    world = steady()
    world.now_ms = START_MS + 3000 * STEP_MS
    cache = RangeCache(few, world.clock)
    await cache(ask(0, 80), world.answer)
    with pytest.raises(SourceError, match="more than 100 rows"):
        await cache(ask(0, 120), world.answer)


async def test_what_turns_out_to_be_a_table_is_asked_whole() -> None:
    asked = []

    async def table(query: Query) -> Answer:
        asked.append(query.range)
        return Answer((Frame((Field.time([1.0]), Field.string("host", ["a"]))),))

    cache = RangeCache(may, lambda: 10_000.0)
    for _ in range(2):
        assert (await cache(ask(0, 10), table)).frames[0].rows == 1
    assert len(asked) == 3, "once in pieces, then whole"


async def test_a_query_that_must_be_whole_is_asked_whole() -> None:
    async def never(query: Query) -> None:
        return None

    world = steady()
    cache = RangeCache(never, world.clock)
    world.now_ms = START_MS + 3000 * STEP_MS
    for _ in range(2):
        await cache(ask(0, 100), world.answer)
    assert len(world.asked) == 2


def test_frames_survive_the_way_through_bytes() -> None:
    frames = (
        Frame.series([1, 2], [1.5, float("nan")], name="ü", labels={"a": "b"}, ref="B", unit="s", family="cpu"),
        Frame((Field.time([3.0]), Field.string("text", ["x"]), Field.boolean("yes", [None])), name="table"),
        Frame((), name="empty", absent=0.0),
    )
    read = decode(encode(frames, {"n": 1}))
    assert read is not None
    assert read[1] == {"n": 1}
    assert told(Answer(read[0])) == told(Answer(frames))
    assert [(one.ref, one.family) for one in read[0]] == [("B", "cpu"), ("", None), ("", None)]
    assert read[0][0].fields[1].unit == "s"
    for broken in (b"", b"nonsense", encode(frames, {})[:-40], encode(frames, {})[:100]):
        assert decode(broken) is None
