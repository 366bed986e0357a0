"""Questions that come close to each other are asked as one."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

import pytest

from heliograph.errors import NotFoundError
from heliograph.gathered import Gathered


class Doubling:
    """Answers numbers, and remembers what came together."""

    def __init__(self) -> None:
        self.asked: list[tuple[Hashable, list[int]]] = []
        self.may = asyncio.Event()
        self.stopped = 0

    async def __call__(self, kind: Hashable, numbers: Sequence[int]) -> Sequence[int]:
        self.asked.append((kind, list(numbers)))
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if 0 in numbers:
            raise NotFoundError("zero")
        return [2 * one for one in numbers]


async def sent(doubling: Doubling, times: int) -> None:
    async with asyncio.timeout(10):
        while len(doubling.asked) < times:
            await asyncio.sleep(0.001)


async def test_each_gets_its_own_answer_and_a_kind_is_asked_once() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.001, at_most=100)
    doubling.may.set()
    asking = [gathered.ask(kind, number) for kind in "ab" for number in (1, 2, 1)]
    assert list(await asyncio.gather(*asking)) == [2, 4, 2, 2, 4, 2]
    assert doubling.asked == [("a", [1, 2, 1]), ("b", [1, 2, 1])]
    assert await gathered.ask("a", 5) == 10


async def test_what_is_heavy_enough_waits_for_nothing() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=3600, at_most=10)
    doubling.may.set()
    async with asyncio.timeout(10):
        assert sum(await asyncio.gather(gathered.ask("a", 1, 4), gathered.ask("a", 2, 6))) == 6


async def test_who_leaves_stops_it_only_where_nobody_else_waits() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.001, at_most=100)
    first, second = (asyncio.ensure_future(gathered.ask("a", number)) for number in (1, 2))
    await sent(doubling, 1)
    first.cancel()
    await asyncio.sleep(0)
    doubling.may.set()
    assert await second == 4
    doubling.may.clear()
    alone = asyncio.ensure_future(gathered.ask("a", 3))
    await sent(doubling, 2)
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    await asyncio.sleep(0)
    assert doubling.stopped == 1


async def test_who_leaves_before_it_is_sent_is_not_asked_for() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.01, at_most=100)
    doubling.may.set()
    gone, stays = (asyncio.ensure_future(gathered.ask("a", number)) for number in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4
    assert doubling.asked == [("a", [2])]


async def test_an_error_is_that_of_all_who_wait_and_of_nobody_later() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.001, at_most=100)
    doubling.may.set()
    found = await asyncio.gather(gathered.ask("a", 0), gathered.ask("a", 1), return_exceptions=True)
    assert [type(one) for one in found] == [NotFoundError, NotFoundError]
    assert await gathered.ask("a", 1) == 2


async def test_what_comes_while_others_are_answered_goes_together_once_they_are() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.001, behind_s=3600, at_most=100)
    first = asyncio.ensure_future(gathered.ask("a", 1))
    await sent(doubling, 1)
    later = [asyncio.ensure_future(gathered.ask("a", number)) for number in (2, 3)]
    other = asyncio.ensure_future(gathered.ask("b", 4))
    await sent(doubling, 2)
    assert doubling.asked == [("a", [1]), ("b", [4])]
    doubling.may.set()
    async with asyncio.timeout(10):
        assert await asyncio.gather(first, *later, other) == [2, 4, 6, 8]
    assert doubling.asked[2:] == [("a", [2, 3])]


async def test_what_comes_behind_a_failure_or_a_slow_answer_is_asked_all_the_same() -> None:
    doubling = Doubling()
    gathered = Gathered(doubling, within_s=0.001, behind_s=0.002, at_most=100)
    slow = asyncio.ensure_future(gathered.ask("a", 0))
    await sent(doubling, 1)
    later = asyncio.ensure_future(gathered.ask("a", 1))
    await sent(doubling, 2)
    doubling.may.set()
    with pytest.raises(NotFoundError):
        await slow
    assert await later == 2
    assert await gathered.ask("a", 3) == 6
