"""One builder, however many ask; a failure holds for a back-off."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from heliograph.app.live.openings import LONGEST_WAIT_S, Openings
from heliograph.errors import InvalidError, SourceUnavailableError


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
    openings: Openings[int] = Openings(lambda: builder.now)
    waiting = [asyncio.ensure_future(openings.get("k", builder.make)) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # and the first who asked went away
    builder.go.set()
    assert set(await asyncio.gather(*waiting[1:])) == {1}
    assert builder.calls == 1


async def test_a_failure_is_everybodys_and_is_tried_again_after_a_wait_that_grows() -> None:
    builder = Builder()
    builder.error = SourceUnavailableError("gone")
    openings: Openings[int] = Openings(lambda: builder.now)
    found = await asyncio.gather(*(openings.get("k", builder.make) for _ in range(10)), return_exceptions=True)
    assert {type(one) for one in found} == {SourceUnavailableError}
    calls: list[tuple[float, int]] = []
    for _ in range(1200):
        builder.now += 0.1
        with pytest.raises(SourceUnavailableError):
            await openings.get("k", builder.make)
        if not calls or calls[-1][1] != builder.calls:
            calls.append((builder.now, builder.calls))
    waits = [round(later[0] - sooner[0], 1) for sooner, later in pairwise(calls)]
    assert waits[0] < waits[1] < waits[2]
    assert max(waits) <= LONGEST_WAIT_S + 0.2
    builder.error = None
    builder.now += LONGEST_WAIT_S + 1
    assert await openings.get("k", builder.make) == builder.calls


async def test_what_was_wrong_with_the_question_is_not_held_against_the_next_who_asks() -> None:
    builder = Builder()
    builder.error = InvalidError("no")
    openings: Openings[int] = Openings(lambda: builder.now)
    with pytest.raises(InvalidError):
        await openings.get("k", builder.make)
    builder.error = None
    assert await openings.get("k", builder.make) == 2


async def test_a_value_is_kept_for_its_life_and_forgotten_on_demand() -> None:
    builder = Builder()
    openings: Openings[int] = Openings(lambda: builder.now, life_s=1.0)
    assert [await openings.get("k", builder.make) for _ in range(3)] == [1, 1, 1]
    builder.now = 1.5
    assert await openings.get("k", builder.make) == 2
    openings.forget("k")
    assert await openings.get("k", builder.make) == 3
