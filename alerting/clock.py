"""What time it is for all nodes: that of the database they have in common, whatever the clock of this one says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class CommonClock:
    """`steady`: seconds that only go on, from whenever they count; `wall`: what this node takes for the time.

    `known` is set once the database's time is; until then it is this node's.
    """

    def __init__(self, steady: Callable[[], float], wall: Callable[[], float]) -> None:
        self.steady = steady
        self.known = asyncio.Event()
        self._offset_s = wall() - steady()

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.steady() + self._offset_s

    def now_ms(self) -> int:
        """The time that all nodes agree on, in ms."""
        return int(self() * 1000)

    def set(self, now_ms: int, asked_s: float) -> None:
        """The database said what time it is; it was asked at `asked_s` of the steady clock."""
        self._offset_s = now_ms / 1000 - (asked_s + self.steady()) / 2
        self.known.set()
