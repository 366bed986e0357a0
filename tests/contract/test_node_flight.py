"""Single flight across nodes over a real Valkey: one asks, all answer; whoever dies or goes is survived."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from fixtures.redis import RedisServer

from heliograph.datasources.frame import Frame
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.node_flight import NodeFlight
from heliograph.datasources.query.question import question, shared_key
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import Shared, open_shared

ANSWER = Answer((Frame.series([1000], [42.0], name="answer", labels={"a": "b"}, ref="A"),), step_s=1.0, warnings=("w",))
QUERY = Query("q", TimeRange(0, 1000), Scope(1, Role.VIEWER), datasource="s", step_s=1.0)


@dataclass
class Source:
    """Answers when told to; counts who asked and who gave up."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    cancelled: int = 0
    error: Exception | None = None

    async def __call__(self, query: Query) -> Answer:
        self.asked += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return ANSWER


@dataclass
class Node:
    shared: Shared
    flight: NodeFlight
    joined: list[str]


@asynccontextmanager
async def nodes(server: RedisServer, count: int = 2) -> AsyncIterator[list[Node]]:
    namespace, made = uuid.uuid4().hex, []
    for _ in range(count):
        shared, joined = open_shared(server.url, namespace), list[str]()
        made.append(Node(shared, NodeFlight(shared, time.time, joined.append), joined))
        await made[-1].flight.start()
    yield made
    for one in made:
        await one.flight.close()
        await one.shared.close()


async def until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not test():
            await asyncio.sleep(0.01)


async def test_one_node_asks_and_all_answer(redis_server: RedisServer) -> None:
    async with nodes(redis_server, 3) as (one, two, three):
        source = Source()
        first = asyncio.ensure_future(one.flight(QUERY, source))
        await until(lambda: source.asked == 1)
        others = [asyncio.ensure_future(node.flight(QUERY, source)) for node in (two, three)]
        await asyncio.sleep(0.05)
        source.go.set()
        for answer in [await first, *(await asyncio.gather(*others))]:
            (frame,) = answer.frames
            assert (frame.name, frame.ref, frame.numbers[0].values.tolist()) == ("answer", "A", [42.0])
            assert (answer.step_s, tuple(answer.warnings)) == (1.0, ("w",))
        assert source.asked == 1
        assert (one.joined, two.joined, three.joined) == ([], ["nodes"], ["nodes"])


async def test_a_waiter_outlives_a_leader_that_died(redis_server: RedisServer) -> None:
    async with nodes(redis_server) as (one, two):
        source = Source()
        source.go.set()
        key = shared_key(question(QUERY), "flight", QUERY.range.from_ms, QUERY.range.to_ms)
        assert await one.shared.leases.acquire(key, "one that died", 1.0)
        assert (await two.flight(QUERY, source)).frames[0].name == "answer"
        assert source.asked == 1


async def test_a_leader_whose_callers_went_goes_on_for_the_waiters_of_other_nodes(redis_server: RedisServer) -> None:
    async with nodes(redis_server) as (one, two):
        source = Source()
        first = asyncio.ensure_future(one.flight(QUERY, source))
        await until(lambda: source.asked == 1)
        second = asyncio.ensure_future(two.flight(QUERY, source))
        await asyncio.sleep(0.2)
        first.cancel()
        await asyncio.sleep(0.2)
        source.go.set()
        assert (await second).frames[0].name == "answer"
        assert (source.asked, source.cancelled) == (1, 0)


async def test_when_nobody_waits_on_any_node_the_query_is_cancelled_at_its_source(redis_server: RedisServer) -> None:
    async with nodes(redis_server) as (one, two):
        source = Source()
        tasks = [asyncio.ensure_future(one.flight(QUERY, source))]
        await until(lambda: source.asked == 1)
        tasks.append(asyncio.ensure_future(two.flight(QUERY, source)))
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await until(lambda: source.cancelled == 1)
        assert source.asked == 1


async def test_what_the_source_refuses_is_refused_to_all_and_asked_anew_later(redis_server: RedisServer) -> None:
    async with nodes(redis_server) as (one, two):
        source = Source(error=SourceError("no such table"))
        first = asyncio.ensure_future(one.flight(QUERY, source))
        await until(lambda: source.asked == 1)
        second = asyncio.ensure_future(two.flight(QUERY, source))
        await asyncio.sleep(0.2)
        source.go.set()
        for task in (first, second):
            with pytest.raises(SourceError, match="no such table"):
                await task
        assert source.asked == 1
        source.error = None
        assert (await two.flight(QUERY, source)).frames[0].name == "answer"


async def test_without_redis_each_node_asks_for_itself(own_redis: RedisServer) -> None:
    async with nodes(own_redis) as (one, two):
        source = Source()
        first = asyncio.ensure_future(one.flight(QUERY, source))
        await until(lambda: source.asked == 1)
        second = asyncio.ensure_future(two.flight(QUERY, source))
        await asyncio.sleep(0.2)
        own_redis.kill()
        await until(lambda: source.asked == 2)
        source.go.set()
        assert [answer.frames[0].name for answer in await asyncio.gather(first, second)] == ["answer", "answer"]
