"""What time it is for all nodes: that of the database they have in common, whatever the clock of this one says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

BACK_S: Final = 1.0  # beyond what the answers of a database leave open


class CommonClock:
    """`steady`: seconds that only go on, from whenever they count; `wall`: what this node takes for the time.

    `known` is set once the database's time is; until then it is this node's. `turns`: how often somebody set the clock
    of the database back since: what was planned by it before holds no more.
    """

    def __init__(self, steady: Callable[[], float], wall: Callable[[], float]) -> None:
        self.steady = steady
        self.known = asyncio.Event()
        self.turns = 0
        self._offset_s = wall() - steady()
        self._doubt_s = 0.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.steady() + self._offset_s

    def now_ms(self) -> int:
        """The time that all nodes agree on, in ms."""
        return int(self() * 1000)

    def set(self, now_ms: int, asked_s: float) -> None:
        """The database said what time it is; it was asked at `asked_s` of the steady clock."""
        answered_s = self.steady()
        offset_s, doubt_s = now_ms / 1000 - (asked_s + answered_s) / 2, (answered_s - asked_s) / 2
        if self.known.is_set() and offset_s < self._offset_s - BACK_S - doubt_s - self._doubt_s:
            self.turns += 1
        self._offset_s, self._doubt_s = offset_s, doubt_s
        self.known.set()
