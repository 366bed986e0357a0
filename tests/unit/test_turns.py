"""Turns shared out by who asks: fair in time, bounded in room, given back by those who leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from heliograph.errors import OverloadedError, RateLimitedError
from heliograph.turns import FairTurns, Room


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def turns_of(room: Room, clock: Callable[[], float] | None = None) -> FairTurns:
    return FairTurns(room, "many wait", "many of yours wait", clock or Clock())


class Desk:
    """Notes who was served; each turn takes as long as it says on the clock."""

    def __init__(self, room: Room) -> None:
        self.clock = Clock()
        self.turns = turns_of(room, self.clock)
        self.served: list[str] = []
        self.under_way: list[str] = []
        self.most = 0

    async def one(self, who: str, takes_s: float = 0.0, until: asyncio.Event | None = None, weight: int = 1) -> str:
        async with self.turns.turn(who, weight):
            self.served.append(who)
            self.under_way.append(who)
            self.most = max(self.most, len(self.under_way))
            await (until.wait() if until is not None else asyncio.sleep(0))
            self.clock.now_s += takes_s
            self.under_way.remove(who)
            return who


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def held(desk: Desk, who: str, *waiting: tuple[str, float]) -> tuple[asyncio.Event, list[asyncio.Task[str]]]:
    """Somebody who has a turn until the event, and those who wait, in that order."""
    first = asyncio.Event()
    tasks = [asyncio.create_task(desk.one(who, until=first))]
    await settled()
    tasks += [asyncio.create_task(desk.one(name, takes_s)) for name, takes_s in waiting]
    await settled()
    return first, tasks


async def test_those_who_wait_are_served_in_turn_whoever_came_first() -> None:
    desk = Desk(Room())
    first, tasks = await held(desk, "a", *[("a", 0.0)] * 4, ("b", 0.0), ("c", 0.0))
    first.set()
    await asyncio.gather(*tasks)
    assert desk.served == ["a", "b", "c", "a", "a", "a", "a"]


async def test_who_takes_long_has_fewer_turns_and_who_was_away_has_not_saved_any_up() -> None:
    desk = Desk(Room())
    first, tasks = await held(desk, "slow", *[("slow", 10.0)] * 3, *[("quick", 1.0)] * 6)
    first.set()
    await asyncio.gather(*tasks)
    assert desk.served[:8] == ["slow", *["quick"], "slow", *["quick"] * 5]
    first, tasks = await held(desk, "slow", ("slow", 10.0), ("slow", 10.0), ("new", 10.0), ("new", 10.0))
    first.set()
    await asyncio.gather(*tasks)
    assert desk.served[-4:] == ["new", "slow", "new", "slow"]


async def test_one_has_so_many_at_once_and_leaves_the_others_theirs() -> None:
    desk, until = Desk(Room(at_once=2)), asyncio.Event()
    busy = [asyncio.create_task(desk.one("busy", until=until)) for _ in range(5)]
    await settled()
    assert desk.under_way == ["busy"]
    async with asyncio.timeout(5):
        assert [await desk.one("other") for _ in range(3)] == ["other"] * 3
    assert desk.under_way == ["busy"]
    until.set()
    await asyncio.gather(*busy)
    assert desk.most == 2


async def test_who_has_too_many_waiting_is_told_so_and_who_has_none_gets_room_from_the_one_that_has_most() -> None:
    desk = Desk(Room(waiting=16, waiting_of_one=8))
    first, tasks = await held(desk, "busy", *[(f"p{n // 8}", 0.0) for n in range(16)])
    with pytest.raises(RateLimitedError, match="of yours") as refused:
        await desk.one("p0")
    assert refused.value.retry_after_s
    late = asyncio.create_task(desk.one("late"))
    await settled()
    first.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await late == "late"
    assert sum(isinstance(result, RateLimitedError) for result in results) == 1
    assert desk.turns.waiting == 0


async def test_where_each_has_one_waiting_nobody_loses_theirs_to_one_more() -> None:
    desk = Desk(Room(waiting=4, waiting_of_one=2))
    first, tasks = await held(desk, "busy", *[(f"p{n}", 0.0) for n in range(4)])
    with pytest.raises(OverloadedError, match="many wait"):
        await desk.one("one more")
    first.set()
    assert await asyncio.gather(*tasks) == ["busy", "p0", "p1", "p2", "p3"]


async def test_what_is_heavy_takes_more_of_the_room() -> None:
    desk = Desk(Room(waiting=10, waiting_of_one=5))
    first, tasks = await held(desk, "busy")
    tasks.append(asyncio.create_task(desk.one("a", weight=4)))
    await settled()
    with pytest.raises(RateLimitedError):
        await desk.one("a", weight=2)
    first.set()
    assert await asyncio.gather(*tasks) == ["busy", "a"]


async def test_who_waits_too_long_goes_without() -> None:
    turns = turns_of(Room(within_s=0.01))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(turns.turn("a"))
        with pytest.raises(OverloadedError):
            await stack.enter_async_context(turns.turn("b"))
        with pytest.raises(RateLimitedError):
            await stack.enter_async_context(turns.turn("a"))
    async with asyncio.timeout(5), turns.turn("b"):
        assert turns.waiting == 0


async def test_one_who_leaves_while_waiting_or_as_it_is_their_turn_blocks_nobody() -> None:
    desk = Desk(Room())
    first, (holder, leaver, stayer) = await held(desk, "a", ("a", 0.0), ("a", 0.0))
    leaver.cancel()
    first.set()
    await asyncio.gather(holder, stayer)
    first, (holder, leaver, stayer) = await held(desk, "a", ("b", 0.0), ("c", 0.0))
    first.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # b has its turn by now, and does not know it yet
    leaver.cancel()
    async with asyncio.timeout(5):
        assert [await holder, await stayer] == ["a", "c"]
        assert await desk.one("d") == "d"


async def test_all_that_one_made_are_one_share_and_leave_one_turn_to_others() -> None:
    desk, until = Desk(Room(at_once=4, of_one=3)), asyncio.Event()
    busy = [asyncio.create_task(desk.one(f"7|d{n}", until=until)) for n in range(50)]
    await settled()
    assert sorted(desk.under_way) == ["7|d0", "7|d1", "7|d2"]
    async with asyncio.timeout(5):
        assert [await desk.one("8|d") for _ in range(3)] == ["8|d"] * 3
    until.set()
    assert len(await asyncio.gather(*busy)) == 50


async def test_turns_go_from_maker_to_maker_and_from_dashboard_to_dashboard_of_each() -> None:
    desk = Desk(Room())
    first, tasks = await held(
        desk, "x", *[("7|a", 1.0)] * 3, *[(f"7|{one}", 1.0) for one in "bcd"], *[("8|a", 1.0)] * 3
    )
    first.set()
    await asyncio.gather(*tasks)
    assert desk.served[1:7] == ["7|a", "8|a", "7|b", "8|a", "7|c", "8|a"]
    assert desk.served[7:] == ["7|d", "7|a", "7|a"]


async def test_who_has_nothing_waiting_gets_room_from_the_maker_of_many_that_have_one_each() -> None:
    desk = Desk(Room(waiting=16, waiting_of_one=8))
    first, tasks = await held(desk, "busy", *[(f"7|d{n}", 0.0) for n in range(16)])
    late = asyncio.create_task(desk.one("8|d"))
    await settled()
    first.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await late == "8|d"
    assert sum(isinstance(result, RateLimitedError) for result in results) == 1
    assert desk.turns.waiting == 0
