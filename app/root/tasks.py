"""Tasks in the background, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def ended(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks, all at once, and wait until they have ended; None is one that never began.

    What a task failed with before is raised.
    """
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    for task in running:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def to_its_end(work: asyncio.Future[T], stop: Callable[[], object] | None = None) -> T:
    """What comes of work that goes on without whoever waits: who is cancelled waits for its end all the same.

    `stop` tells it to end soon, where it can be told.
    """
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        if stop is not None:
            stop()
        await asyncio.gather(work, return_exceptions=True)
        raise
