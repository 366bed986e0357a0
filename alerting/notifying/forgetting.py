"""Forgets what happened, and what was told of it, once it is older than people want to see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from ...errors import HeliographError
from ...storage.config.alert_history import AlertHistory
from ...storage.config.notifications import Notifications

log = structlog.get_logger(__name__)
EVERY_S: Final = 3600.0
PAUSE_S: Final = 0.2  # between two batches, so that those who write get in between


class Forgetting:
    """`kept_ms`: how old what is shown may be. Each node may do it: what is gone is gone."""

    def __init__(
        self, history: AlertHistory, notifications: Notifications, now_ms: Callable[[], int], kept_ms: int
    ) -> None:
        self._history = history
        self._notifications = notifications
        self._now_ms = now_ms
        self._kept_ms = kept_ms

    async def run(self) -> None:
        """Forget for as long as the task runs."""
        while True:
            try:
                await self.forget()
            except HeliographError as error:
                log.warning("old alerts cannot be forgotten", error=error.detail)
            except Exception as error:  # the next turn may do; the log has the trace
                log.error("forgetting old alerts failed", exc_info=error)
            await asyncio.sleep(EVERY_S)

    async def forget(self) -> None:
        """All that is too old now."""
        before_ms = self._now_ms() - self._kept_ms
        await self._notifications.forget(before_ms)
        left = True
        while left:
            left = bool(await self._history.forget(before_ms))
            await asyncio.sleep(PAUSE_S)
