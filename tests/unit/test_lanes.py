"""Workers of the store, shared out by who asks: people among each other, and dashboards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from heliograph.errors import RateLimitedError
from heliograph.storage.metrics.lanes import OF_DASHBOARD, OF_PERSON, WAITING_OF_ONE, Lanes


@pytest.fixture
async def lanes() -> AsyncIterator[Lanes]:
    made = Lanes()
    yield made
    made.shutdown()


@pytest.mark.parametrize(("greedy", "other", "most"), [("1/user:7", "1/user:8", OF_PERSON),
                                                       ("view/1/view/a", "view/1/view/b", OF_DASHBOARD)])  # fmt: skip
async def test_whoever_asks_much_waits_for_their_own(lanes: Lanes, greedy: str, other: str, most: int) -> None:
    held: list[str] = []

    async def hold(who: str, until: asyncio.Event) -> None:
        async with lanes.person(who, lambda: False) as pool:
            assert pool is (lanes.dashboards if who.startswith("view/") else lanes.people)
            held.append(who)
            await until.wait()

    async with asyncio.timeout(10), AsyncExitStack() as stack:
        until = asyncio.Event()
        tasks = [asyncio.create_task(hold(greedy, until)) for _ in range(most + WAITING_OF_ONE)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert held == [greedy] * most
        with pytest.raises(RateLimitedError):
            await stack.enter_async_context(lanes.person(greedy, lambda: False))
        await stack.enter_async_context(lanes.person(other, lambda: False))
        until.set()
        await asyncio.gather(*tasks)


async def test_whoever_went_takes_no_worker(lanes: Lanes) -> None:
    with pytest.raises(asyncio.CancelledError):
        async with lanes.person("1/user:7", lambda: True):
            raise AssertionError
    async with asyncio.timeout(10), lanes.person("1/user:7", lambda: False):
        pass
