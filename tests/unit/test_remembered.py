"""What was found a moment ago, and what is being found now."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.remembered import Remembered


class Finder:
    """Counts how often it is asked; answers once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        asked = self.asked
        await self.may.wait()
        return asked


async def test_however_many_ask_one_finds_and_it_holds_for_its_life() -> None:
    now, find = [10.0], Finder()
    remembered: Remembered[int] = Remembered(lambda: now[0], 1.0)
    find.may.set()
    assert await asyncio.gather(*(remembered.get("a", find) for _ in range(50))) == [1] * 50
    now[0] = 10.9
    assert await remembered.get("a", find) == 1
    now[0] = 11.1
    assert await remembered.get("a", find) == 2


async def test_what_was_being_found_as_it_changed_is_not_kept_nor_given_to_those_who_ask_after() -> None:
    find = Finder()
    remembered: Remembered[int] = Remembered(lambda: 0.0, 1.0)
    before = asyncio.create_task(remembered.get("a", find))
    await asyncio.sleep(0)
    remembered.forget("a")
    after = asyncio.create_task(remembered.get("a", find))
    await asyncio.sleep(0)
    find.may.set()
    assert (await before, await after) == (1, 2)
    assert await remembered.get("a", find) == 2
    remembered.clear()
    assert await remembered.get("a", find) == 3


async def test_an_error_is_that_of_all_who_waited_and_is_not_kept() -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise LookupError("none")

    remembered: Remembered[int] = Remembered(lambda: 0.0, 1.0, limit=2)
    found = await asyncio.gather(*(remembered.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [LookupError] * 3
    find = Finder()
    find.may.set()
    assert await remembered.get("a", find) == 1
    with pytest.raises(LookupError):
        await remembered.get("b", fail)


async def test_no_more_is_kept_than_the_limit() -> None:
    find = Finder()
    find.may.set()
    remembered: Remembered[int] = Remembered(lambda: 0.0, 1.0, limit=2)
    for key in "abc":
        await remembered.get(key, find)
    assert await remembered.get("a", find) == 4, "all made way when the third came"
