"""Equal questions that are asked at the same time are one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Joined(Generic[T]):
    """Those who ask for a key while it is being found wait for the same; who is cancelled cancels nobody else."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    async def ask(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(_awaited(find))
            task.add_done_callback(lambda done: self._found(key, done))
        return await asyncio.shield(task)

    def _found(self, key: Hashable, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # those who wait have it


async def _awaited(find: Callable[[], Awaitable[T]]) -> T:
    return await find()
