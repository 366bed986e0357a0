"""Reading what people wrote, whose cost their text decides: in one thread, by turns of who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

from ..tasks import to_its_end
from ..turns import FairTurns, Room

P = ParamSpec("P")
T = TypeVar("T")
# A text takes some ms, the worst that is allowed two seconds; a page may have many.
ROOM: Final = Room(at_once=1, waiting=2000, waiting_of_one=500, within_s=30.0)


class Parsing:
    """One thread, so that the loop has to share its interpreter with no more than that, and no other work waits."""

    def __init__(self) -> None:
        self._turns = FairTurns(ROOM, "too many queries wait to be read", "too many queries of yours wait to be read")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read")

    async def run(self, who: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What the work comes to, in the turn of `who`; its own errors, RateLimitedError where too much of theirs
        waits, OverloadedError where too much does."""
        async with self._turns.turn(who):
            reading = asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **named))
            return await to_its_end(reading)
