"""One contract for what nodes share, over memory and over a real Valkey; and what happens when that is lost."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fixtures.product import free_port
from fixtures.redis import RedisServer

from heliograph.storage.cache.base import Rate
from heliograph.storage.cache.failover import PATIENCE_S
from heliograph.storage.cache.memory import MemoryKeyValue
from heliograph.storage.cache.shared import Shared, in_memory, open_shared

MakeNode = Callable[[], Shared]


@pytest.fixture(params=["memory", "redis"])
async def node(request: pytest.FixtureRequest) -> AsyncIterator[MakeNode]:
    """Makes nodes that share one thing."""
    made: list[Shared] = []
    if request.param == "memory":
        made.append(in_memory())
        yield lambda: made[0]
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        namespace = uuid.uuid4().hex

        def make() -> Shared:
            made.append(open_shared(server.url, namespace))
            return made[-1]

        yield make
    for one in made:
        await one.close()


async def until(test: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(90):
        while not await test():
            await asyncio.sleep(0.01)


# -- cache -------------------------------------------------------------------------------------------------------------


async def test_values_are_there_for_all_nodes_and_are_bytes(node: MakeNode) -> None:
    one, two = node(), node()
    await one.cache.put("a", b"\x00\xff\r\n", 60)
    await one.cache.put("b", b"", 60)
    assert await two.cache.get("a") == b"\x00\xff\r\n"
    assert await two.cache.get_many(["b", "none", "a"]) == [b"", None, b"\x00\xff\r\n"]
    assert await two.cache.get_many([]) == []
    await two.cache.put("a", b"new", 60)
    assert await one.cache.get("a") == b"new"


async def test_values_end(node: MakeNode) -> None:
    cache = node().cache
    await cache.put("short", b"1", 0.02)
    await cache.put("long", b"2", 60)

    async def gone() -> bool:
        return await cache.get("short") is None

    await until(gone)
    assert await cache.get("long") == b"2"


async def test_keys_are_forgotten_by_name_and_by_prefix(node: MakeNode) -> None:
    cache = node().cache
    for key in ("1:a:x", "1:a:y", "1:ab:x", "1:*:x", "2:a:x"):
        await cache.put(key, b"v", 60)
    assert await cache.delete("1:a:x", "none") == 1
    assert await cache.delete() == 0
    assert await cache.delete_prefix("1:*:") == 1, "a prefix is text, not a pattern"
    assert await cache.delete_prefix("1:a:") == 1
    assert await cache.get_many(["1:a:y", "1:ab:x", "2:a:x"]) == [None, b"v", b"v"]


async def test_more_keys_than_one_scan_finds_are_forgotten(node: MakeNode) -> None:
    cache = node().cache
    for number in range(2500):
        await cache.put(f"many:{number}", b"v", 60)
    assert await cache.delete_prefix("many:") == 2500


async def test_memory_is_bounded_by_bytes_and_the_least_used_leaves_first() -> None:
    cache = MemoryKeyValue(lambda: 0.0, max_bytes=4000)
    for name in "abc":
        await cache.put(name, bytes(1000), 60)
    assert await cache.get("a") is not None
    await cache.put("d", bytes(1000), 60)
    assert [await cache.get(name) is not None for name in "abcd"] == [True, False, True, True]
    await cache.put("larger than all", bytes(5000), 60)
    assert [await cache.get(name) is not None for name in "abcd"] == [True, False, True, True]


# -- messages ----------------------------------------------------------------------------------------------------------


async def test_a_message_reaches_all_nodes_once(node: MakeNode) -> None:
    one, two = node(), node()
    heard: list[tuple[str, bytes]] = []
    await one.messages.subscribe("news", lambda message: heard.append(("one", message)))
    await two.messages.subscribe("news", lambda message: heard.append(("two", message)))
    await two.messages.subscribe("other", lambda message: heard.append(("other", message)))
    await one.messages.publish("news", b"\x00hello")

    async def both() -> bool:
        return len(heard) >= 2

    await until(both)
    await one.messages.publish("other", b"last")

    async def third() -> bool:
        return len(heard) >= 3

    await until(third)
    assert sorted(heard) == [("one", b"\x00hello"), ("other", b"last"), ("two", b"\x00hello")]


async def test_who_has_gone_hears_nothing_and_a_fault_of_one_receiver_is_its_own(node: MakeNode) -> None:
    one = node()
    heard: list[bytes] = []

    def broken(_: bytes) -> None:
        raise RuntimeError("a receiver's fault")

    await one.messages.subscribe("news", broken)
    leave = await one.messages.subscribe("news", heard.append)
    await one.messages.publish("news", b"1")
    leave()
    leave()
    await one.messages.publish("news", b"2")
    assert heard == [b"1"]


# -- leases ------------------------------------------------------------------------------------------------------------


async def test_one_of_many_has_a_lease(node: MakeNode) -> None:
    one, two = node(), node()
    took = await asyncio.gather(
        *((one if number % 2 else two).leases.acquire("job", f"owner {number}", 60) for number in range(20))
    )
    assert sum(took) == 1
    owner = f"owner {took.index(True)}"
    assert await one.leases.holder("job") == owner
    assert await two.leases.acquire("job", owner, 60), "who holds it may ask again"
    assert not await one.leases.renew("job", "another", 60)
    assert not await one.leases.release("job", "another")
    assert await two.leases.renew("job", owner, 60)
    assert await two.leases.release("job", owner)
    assert await one.leases.holder("job") is None
    assert await one.leases.acquire("job", "another", 60)


async def test_a_lease_that_is_not_renewed_is_free_again(node: MakeNode) -> None:
    one, two = node(), node()
    assert await one.leases.acquire("job", "dead", 0.05)
    await until(lambda: two.leases.acquire("job", "heir", 60))
    assert not await one.leases.renew("job", "dead", 60)
    assert await one.leases.holder("job") == "heir"


# -- rates -------------------------------------------------------------------------------------------------------------


async def test_all_nodes_count_as_one_and_each_who_is_counted_apart(node: MakeNode) -> None:
    one, two = node(), node()
    rate = Rate(10, 60)
    took = await asyncio.gather(*((one if n % 2 else two).rates.wait_s("a", rate) for n in range(15)))
    assert took.count(0.0) == 10
    assert all(0 < wait_s <= 60 for wait_s in took if wait_s)
    assert 0 < await two.rates.wait_s("a", rate) <= 60
    assert await two.rates.wait_s("b", rate) == 0
    assert await one.rates.wait_s("a", Rate(11, 61)) == 0, "another rate has a window of its own"


async def test_who_waits_as_told_is_let_in(node: MakeNode) -> None:
    rates, rate = node().rates, Rate(1, 1)
    assert await rates.wait_s("a", rate) == 0
    await asyncio.sleep(await rates.wait_s("a", rate) + 0.01)
    assert await rates.wait_s("a", rate) == 0


# -- Redis lost --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def nodes(server: RedisServer) -> AsyncIterator[tuple[Shared, Shared]]:
    one, two = open_shared(server.url, "n"), open_shared(server.url, "n")
    yield one, two
    await one.close()
    await two.close()


async def test_memory_takes_over_and_redis_is_taken_again(own_redis: RedisServer) -> None:
    async with nodes(own_redis) as (one, two):
        missed: list[int] = []
        heard: list[bytes] = []
        await two.messages.subscribe("news", heard.append, lambda: missed.append(1))
        await one.cache.put("key", b"in redis", 60)
        own_redis.kill()
        assert await one.cache.get("key") is None
        await one.cache.put("key", b"in memory", 60)
        assert await one.cache.get("key") == b"in memory"
        assert await one.leases.acquire("job", "one", 60)
        assert not await one.leases.acquire("job", "another", 60)
        assert await two.leases.acquire("job", "two", 60), "each node has its own meanwhile"
        own_redis.start()

        async def again() -> bool:
            await one.cache.put("shared", b"again", 60)
            return await two.cache.get("shared") == b"again" and bool(missed)

        await until(again)
        await one.messages.publish("news", b"after")

        async def delivered() -> bool:
            return b"after" in heard

        await until(delivered)


async def test_what_was_to_be_forgotten_while_redis_was_away_is_forgotten_before_it_is_used_again(
    own_redis: RedisServer,
) -> None:
    async with nodes(own_redis) as (one, two):
        await one.cache.put("old:1", b"old", 60)
        await one.cache.put("old", b"old", 60)
        own_redis.pause()
        started = time.monotonic()
        assert await one.cache.get("old:1") is None
        assert await one.cache.delete_prefix("old:") == 0
        assert await one.cache.delete("old") == 0
        assert time.monotonic() - started < 10, "a server that hangs is given up"
        own_redis.resume()

        async def back() -> bool:
            await one.cache.put("probe", b"1", 60)
            return await two.cache.get("probe") == b"1"

        await until(back)
        assert await two.cache.get_many(["old:1", "old"]) == [None, None]


def is_done_at_once(asking: Coroutine[Any, Any, object]) -> bool:
    """Whether it ends without waiting for anything."""
    try:
        asking.send(None)
    except StopIteration:
        return True
    asking.close()
    return False


async def test_of_a_redis_that_hangs_the_first_finds_out_and_nobody_else_waits(own_redis: RedisServer) -> None:
    async with nodes(own_redis) as (one, _):
        await one.cache.put("a", b"1", 60)
        own_redis.pause()
        asking: list[Awaitable[object]] = [
            *(one.cache.get(f"k{n}") for n in range(100)),
            *(one.rates.wait_s(f"k{n}", Rate(1, 60)) for n in range(100)),
            *(one.leases.acquire(f"k{n}", "me", 60) for n in range(100)),
            one.messages.publish("news", b"1"),
        ]
        tasks = {asyncio.ensure_future(ask) for ask in asking}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for _ in range(5):
            await asyncio.sleep(0)
        assert all(task.done() for task in tasks), "those who wait go on together with the first"
        assert not any(task.exception() for task in tasks)
        assert is_done_at_once(one.cache.get("a"))
        assert is_done_at_once(one.rates.wait_s("b", Rate(1, 60)))
        assert is_done_at_once(one.leases.acquire("b", "me", 60))
        own_redis.resume()

        async def back() -> bool:
            return await one.cache.get("a") == b"1"

        await until(back)


async def test_a_caller_that_is_cancelled_while_redis_hangs_is_cancelled(own_redis: RedisServer) -> None:
    async with nodes(own_redis) as (one, _):
        await one.cache.put("a", b"1", 60)
        own_redis.pause()
        asking = asyncio.ensure_future(one.cache.get("a"))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        own_redis.resume()


async def test_a_loop_that_is_held_up_has_lost_no_redis(redis_server: RedisServer) -> None:
    async with nodes(redis_server) as (one, two):
        await two.cache.put("held", b"1", 60)
        asking = [asyncio.ensure_future(one.cache.get("held")) for _ in range(20)]
        await asyncio.sleep(0)
        time.sleep(2 * PATIENCE_S)
        assert set(await asyncio.gather(*asking)) == {b"1"}
        assert await one.cache.get("held") == b"1"


async def test_a_redis_that_is_not_there_stops_nobody(own_redis: RedisServer) -> None:
    nowhere = open_shared(f"redis://127.0.0.1:{free_port()}/0", "n")
    heard: list[bytes] = []
    await nowhere.messages.subscribe("news", heard.append)
    await nowhere.messages.publish("news", b"here")
    await nowhere.cache.put("a", b"1", 60)
    assert await nowhere.cache.get("a") == b"1"
    assert heard == [b"here"]
    await nowhere.close()
