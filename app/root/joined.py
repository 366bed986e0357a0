"""Equal questions that are asked at the same time are one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")
Found = Callable[[Hashable, asyncio.Task[T]], None]


@dataclass(slots=True, eq=False)
class Finding(Generic[T]):
    """What is being found, and those who wait for it."""

    task: asyncio.Task[T]
    waiters: set[asyncio.Future[T]] = field(default_factory=set)


class Joined(Generic[T]):
    """Those who ask for a key while it is being found wait for the same; who is cancelled cancels nobody else.

    `abandon`: what nobody waits for any more is cancelled. `found` is told of each finding that ended, with its task,
    before those who wait; not of one that was forgotten meanwhile.
    """

    def __init__(self, *, abandon: bool = False, found: Found[T] | None = None) -> None:
        self._abandon = abandon
        self._tell = found
        self._finding: dict[Hashable, Finding[T]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Whether it is being found at this moment."""
        return key in self._finding

    async def ask(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """What `find` gives, or what is being found for the key already; its errors are those of all who wait."""
        finding = self._finding.get(key)
        if finding is None:
            finding = self._finding[key] = Finding(asyncio.ensure_future(_awaited(find)))
            finding.task.add_done_callback(partial(self._ended, key, finding))
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        finding.waiters.add(waiter)
        try:
            return await waiter
        finally:
            finding.waiters.discard(waiter)
            if self._abandon and not finding.waiters and not finding.task.done():
                self._drop(key, finding)
                finding.task.cancel()

    def forget(self, key: Hashable) -> None:
        """Who asks from now on has it found anew; those who wait already get what is on its way."""
        self._finding.pop(key, None)

    def forget_where(self, test: Callable[[Hashable], bool]) -> None:
        """The same for all keys that pass a test."""
        for key in [key for key in self._finding if test(key)]:
            self.forget(key)

    async def close(self) -> None:
        """Stop all that is being found."""
        tasks = [finding.task for finding in self._finding.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: Hashable, finding: Finding[T], task: asyncio.Task[T]) -> None:
        if self._drop(key, finding) and self._tell is not None:
            self._tell(key, task)
        hand_on(task, finding.waiters)

    def _drop(self, key: Hashable, finding: Finding[T]) -> bool:
        """Take it from those under way; whether it was the current one of its key."""
        if self._finding.get(key) is not finding:
            return False
        del self._finding[key]
        return True


def hand_on(task: asyncio.Task[T], waiters: Iterable[asyncio.Future[T]]) -> None:
    """Tell all who still wait how a task ended. Thousands may: a future each is the least that it costs."""
    error = None if task.cancelled() else task.exception()
    for waiter in waiters:
        if waiter.done():
            continue
        if task.cancelled():
            waiter.cancel()
        elif error is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(task.result())


async def _awaited(find: Callable[[], Awaitable[T]]) -> T:
    return await find()
