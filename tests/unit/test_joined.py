"""Equal questions at the same time are one."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.errors import NotFoundError
from heliograph.joined import Joined


async def test_those_who_ask_at_once_wait_for_one_finding_and_later_ones_for_their_own() -> None:
    found, may, joined = 0, asyncio.Event(), Joined[int]()

    async def find() -> int:
        nonlocal found
        found += 1
        await may.wait()
        return found

    asking = [asyncio.ensure_future(joined.ask("a", find)) for _ in range(20)]
    other = asyncio.ensure_future(joined.ask("b", find))
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    may.set()
    assert set(await asyncio.gather(*asking[1:])) == {2}
    assert await other == 2
    assert await joined.ask("a", find) == 3


async def test_an_error_reaches_all_who_wait_and_the_next_one_tries_again() -> None:
    joined = Joined[int]()
    tries = 0

    async def find() -> int:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        raise NotFoundError("no")

    results = await asyncio.gather(*(joined.ask("a", find) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in results] == [NotFoundError] * 3
    with pytest.raises(NotFoundError):
        await joined.ask("a", find)
    assert tries == 2
