"""Equal questions that are asked at the same time are one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Finding(Generic[T]):
    """What is being found, and those who wait for it."""

    task: asyncio.Task[T]
    waiters: list[asyncio.Future[T]] = field(default_factory=list)


class Joined(Generic[T]):
    """Those who ask for a key while it is being found wait for the same; who is cancelled cancels nobody else."""

    def __init__(self) -> None:
        self._finding: dict[Hashable, Finding[T]] = {}

    async def ask(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        finding = self._finding.get(key)
        if finding is None:
            finding = self._finding[key] = Finding(asyncio.ensure_future(_awaited(find)))
            finding.task.add_done_callback(lambda done: self._found(key, done))
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        finding.waiters.append(waiter)
        return await waiter

    def _found(self, key: Hashable, task: asyncio.Task[T]) -> None:
        hand_on(task, self._finding.pop(key).waiters)


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
