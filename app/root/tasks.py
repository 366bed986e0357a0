"""Tasks in the background, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any


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
