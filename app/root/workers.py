"""Threads of their own for work whose cost who asks decides, done by turns of who asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from .tasks import to_its_end
from .turns import FairTurns, Room

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """As many threads as the room has turns: no other work waits for them. `all_of`, `yours`: as of `FairTurns`."""

    def __init__(self, room: Room, name: str, all_of: str, yours: str) -> None:
        self._turns = FairTurns(room, all_of, yours)
        self._threads = ThreadPoolExecutor(room.at_once, thread_name_prefix=name)

    async def run(self, who: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What the work comes to, in the turn of `who`; its own errors, RateLimitedError where too much of theirs
        waits, OverloadedError where too much does."""
        async with self._turns.turn(who):
            # A thread cannot be told to stop: the turn of who goes ends with it.
            working = asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **named))
            return await to_its_end(working)

    async def run_stoppable(self, who: str, work: Callable[[Callable[[], bool]], T]) -> T:
        """The same of work that asks now and then whether it is to stop: it is once nobody waits for it any more."""
        stop = threading.Event()
        async with self._turns.turn(who):
            working = asyncio.get_running_loop().run_in_executor(self._threads, work, stop.is_set)
            return await to_its_end(working, stop.set)
