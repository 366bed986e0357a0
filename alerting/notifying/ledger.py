"""Writes down how tries to deliver went: in one transaction for all that end at about the same time."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from ...errors import HeliographError
from ...storage.config.notifications import Delivery, Notifications

log = structlog.get_logger(__name__)
TOGETHER_S: Final = 0.005  # for those that end as the first does
CLOSE_S: Final = 3.0


class Ledger:
    """Where a transaction fails, what it was about is sent once more, under the same key."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._ended: list[tuple[Delivery, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, after: Delivery) -> None:
        """Once it returns, it is written down or never will be."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((after, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def close(self) -> None:
        """What has ended is written down where that takes no longer than a moment."""
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=CLOSE_S)
            self._writing.cancel()

    async def _write_all(self) -> None:
        await asyncio.sleep(TOGETHER_S)
        while self._ended:
            several, self._ended = self._ended, []
            try:
                await self._notifications.tried(*(after for after, _ in several))
            except HeliographError as error:
                log.warning("deliveries cannot be written down", count=len(several), error=error.detail)
            finally:
                for _, done in several:
                    if not done.done():
                        done.set_result(None)
