"""Tries to log in: slowed by account without shutting its owner out, and served place by place."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.app.auth.addresses import network_of
from heliograph.app.auth.tries import FREE_FAILURES, LONGEST_WAIT_S, WAITING, WAITING_OF_PLACE, Accounts, FairTurns
from heliograph.errors import OverloadedError, RateLimitedError


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def failed(accounts: Accounts, times: int) -> None:
    for _ in range(times):
        accounts.failed("mira")


def test_each_failure_past_the_free_ones_doubles_the_wait_up_to_a_longest() -> None:
    clock = Clock()
    accounts, waits = Accounts(clock), []
    failed(accounts, FREE_FAILURES - 1)
    accounts.check("mira", "192.0.2.1")
    for _ in range(12):
        accounts.failed("mira")
        with pytest.raises(RateLimitedError) as refused:
            accounts.check("mira", "192.0.2.1")
        waits.append(refused.value.retry_after_s)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S
    accounts.check("noor", "192.0.2.1")
    clock.now_s += LONGEST_WAIT_S
    accounts.check("mira", "192.0.2.1")


def test_who_logged_in_from_a_place_before_is_not_slowed_there() -> None:
    accounts = Accounts(Clock())
    accounts.succeeded("mira", "198.51.100.7")
    failed(accounts, FREE_FAILURES + 5)
    accounts.check("mira", "198.51.100.7")
    with pytest.raises(RateLimitedError):
        accounts.check("mira", "192.0.2.1")


async def test_places_are_served_in_turn() -> None:
    turns, served = FairTurns(), []
    first = asyncio.Event()

    async def one(place: str, until: asyncio.Event | None = None) -> None:
        async with turns.turn(place):
            served.append(place)
            if until is not None:
                await until.wait()

    tasks = [asyncio.create_task(one("a", first))]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(one("a")) for _ in range(4)]
    tasks += [asyncio.create_task(one("b")), asyncio.create_task(one("c"))]
    await asyncio.sleep(0)
    first.set()
    await asyncio.gather(*tasks)
    assert served == ["a", "a", "b", "c", "a", "a", "a"]


async def test_a_place_that_has_nobody_waiting_gets_room_from_the_one_that_has_most() -> None:
    turns, first = FairTurns(), asyncio.Event()

    async def one(place: str, until: asyncio.Event | None = None) -> str:
        async with turns.turn(place):
            if until is not None:
                await until.wait()
            return place

    tasks = [asyncio.create_task(one("busy", first))]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(one(f"p{n // WAITING_OF_PLACE}")) for n in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await one("p0")
    assert refused.value.retry_after_s
    late = asyncio.create_task(one("right person"))
    await asyncio.sleep(0)
    first.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await late == "right person"
    assert sum(isinstance(result, OverloadedError) for result in results) == 1


async def test_one_who_leaves_while_waiting_blocks_nobody() -> None:
    turns, first = FairTurns(), asyncio.Event()

    async def one(until: asyncio.Event | None = None) -> None:
        async with turns.turn("a"):
            if until is not None:
                await until.wait()

    holder = asyncio.create_task(one(first))
    await asyncio.sleep(0)
    leaver, stayer = asyncio.create_task(one()), asyncio.create_task(one())
    await asyncio.sleep(0)
    leaver.cancel()
    first.set()
    await asyncio.gather(holder, stayer)
    async with asyncio.timeout(5):
        await one()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_household_is_one_asker(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
