"""Making something slow once however many ask for it at a time; a failure is theirs too, and holds for a back-off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...errors import HeliographError

T = TypeVar("T")
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
MAX_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What came of the last making, good until `until_s`: a value, or an error and how often it came in a row."""

    until_s: float
    value: T | None = None
    error: Exception | None = None
    failures: int = 0


class Openings(Generic[T]):
    """One builder for each key, however many ask. A value is kept for `life_s` seconds.

    What fails here (not by what was asked for: errors below 500 are the asker's own) is not tried again before a
    back-off, which grows with each failure; whoever asks meanwhile gets the same error at once. A caller who is
    cancelled cancels nobody else.
    """

    def __init__(self, clock: Callable[[], float], life_s: float = 0.0) -> None:
        self._clock = clock
        self._life_s = life_s
        self._making: dict[Hashable, asyncio.Task[T]] = {}
        self._kept: dict[Hashable, Kept[T]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` gives, or gave a moment ago."""
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept.until_s:
            if kept.error is not None:
                raise kept.error.with_traceback(None)
            assert kept.value is not None
            return kept.value
        task = self._making.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_awaited(make))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(task)

    def forget(self, key: Hashable) -> None:
        """What is kept for the key is not good any more."""
        self._kept.pop(key, None)

    def _made(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._making.pop(key, None)
        before = self._kept.pop(key, None)
        if task.cancelled():
            return
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        error = task.exception()
        if error is None:
            if self._life_s > 0:
                self._kept[key] = Kept(self._clock() + self._life_s, task.result())
        elif isinstance(error, Exception) and not (isinstance(error, HeliographError) and error.status < 500):
            failures = before.failures if before is not None else 0
            wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**failures)
            self._kept[key] = Kept(self._clock() + wait_s, error=error, failures=failures + 1)

    async def close(self) -> None:
        """Stop all that is being made."""
        tasks = tuple(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _awaited(make: Callable[[], Awaitable[T]]) -> T:
    return await make()
