"""What was found a moment ago, and what is being found now."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from heliograph.errors import InvalidError, SourceUnavailableError
from heliograph.kept import LONGEST_WAIT_S, Kept


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
    kept: Kept[int] = Kept(lambda: now[0], 1.0)
    find.may.set()
    assert await asyncio.gather(*(kept.get("a", find) for _ in range(50))) == [1] * 50
    now[0] = 10.9
    assert await kept.get("a", find) == 1
    now[0] = 11.1
    assert await kept.get("a", find) == 2


async def test_what_was_being_found_as_it_changed_is_not_kept_nor_given_to_those_who_ask_after() -> None:
    find = Finder()
    kept: Kept[int] = Kept(lambda: 0.0, 1.0)
    before = asyncio.create_task(kept.get("a", find))
    await asyncio.sleep(0)
    kept.forget("a")
    after = asyncio.create_task(kept.get("a", find))
    await asyncio.sleep(0)
    find.may.set()
    assert (await before, await after) == (1, 2)
    assert await kept.get("a", find) == 2
    kept.clear()
    assert await kept.get("a", find) == 3


async def test_an_error_is_that_of_all_who_waited_and_is_not_kept() -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise LookupError("none")

    kept: Kept[int] = Kept(lambda: 0.0, 1.0, limit=2)
    found = await asyncio.gather(*(kept.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [LookupError] * 3
    find = Finder()
    find.may.set()
    assert await kept.get("a", find) == 1
    with pytest.raises(LookupError):
        await kept.get("b", fail)


async def test_no_more_is_kept_than_the_limit() -> None:
    find = Finder()
    find.may.set()
    kept: Kept[int] = Kept(lambda: 0.0, 1.0, limit=2)
    for key in "abc":
        await kept.get(key, find)
    assert await kept.get("b", find) == 2, "one that was used lately stays"
    assert await kept.get("a", find) == 4, "the one used longest ago made way"


class Builder:
    """Makes a number each time, slowly, or fails with what it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls = 0
        self.error: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()

    async def make(self) -> int:
        self.calls += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return self.calls


async def test_many_who_ask_at_once_get_what_one_builder_made() -> None:
    builder = Builder()
    builder.go.clear()
    kept: Kept[int] = Kept(lambda: builder.now, 0.0, hold_failures=True)
    waiting = [asyncio.ensure_future(kept.get("k", builder.make)) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # and the first who asked went away
    builder.go.set()
    assert set(await asyncio.gather(*waiting[1:])) == {1}
    assert builder.calls == 1


async def test_a_failure_is_everybodys_and_is_tried_again_after_a_wait_that_grows() -> None:
    builder = Builder()
    builder.error = SourceUnavailableError("gone")
    kept: Kept[int] = Kept(lambda: builder.now, 0.0, hold_failures=True)
    found = await asyncio.gather(*(kept.get("k", builder.make) for _ in range(10)), return_exceptions=True)
    assert {type(one) for one in found} == {SourceUnavailableError}
    calls: list[tuple[float, int]] = []
    for _ in range(1200):
        builder.now += 0.1
        with pytest.raises(SourceUnavailableError):
            await kept.get("k", builder.make)
        if not calls or calls[-1][1] != builder.calls:
            calls.append((builder.now, builder.calls))
    waits = [round(later[0] - sooner[0], 1) for sooner, later in pairwise(calls)]
    assert waits[0] < waits[1] < waits[2]
    assert max(waits) <= LONGEST_WAIT_S + 0.2
    builder.error = None
    builder.now += LONGEST_WAIT_S + 1
    assert await kept.get("k", builder.make) == builder.calls


async def test_what_was_wrong_with_the_question_is_not_held_against_the_next_who_asks() -> None:
    builder = Builder()
    builder.error = InvalidError("no")
    kept: Kept[int] = Kept(lambda: builder.now, 0.0, hold_failures=True)
    with pytest.raises(InvalidError):
        await kept.get("k", builder.make)
    builder.error = None
    assert await kept.get("k", builder.make) == 2


async def test_a_value_is_kept_for_its_life_and_forgotten_on_demand() -> None:
    builder = Builder()
    kept: Kept[int] = Kept(lambda: builder.now, 1.0, hold_failures=True)
    assert [await kept.get("k", builder.make) for _ in range(3)] == [1, 1, 1]
    builder.now = 1.5
    assert await kept.get("k", builder.make) == 2
    kept.forget("k")
    assert await kept.get("k", builder.make) == 3
