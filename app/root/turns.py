"""Turns at what few can do at once, shared out by who asks: what waits of one holds back nobody else's.

Start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996): whoever has had the least time among those who wait is next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from .errors import OverloadedError, RateLimitedError

RETRY_AFTER_S: Final = 3.0
LEAST_S: Final = 0.01  # what a turn counts as where the clock saw none of it


@dataclass(frozen=True, slots=True)
class Room:
    """`at_once` turns are under way, `of_one` of them of one asker; those that wait weigh at most so much, all together
    and of one asker. `within_s`: how long one waits."""

    at_once: int = 1
    of_one: int = 1
    waiting: int = 64
    waiting_of_one: int = 8
    within_s: float | None = None


@dataclass(slots=True, eq=False)
class _Waiter:
    granted: asyncio.Future[None]
    weight: int


class FairTurns:
    """Lives on the event loop. `all_of`, `yours`: what is said where all wait, or too many of one asker's own."""

    def __init__(self, room: Room, all_of: str, yours: str, clock: Callable[[], float] = monotonic) -> None:
        self._room = room
        self._all_of = all_of
        self._yours = yours
        self._clock = clock
        self._running: dict[str, int] = {}
        self._waiting: dict[str, deque[_Waiter]] = {}
        self._had_s: dict[str, float] = {}  # each one's time, on a scale on which `_now_s` is that of who came last
        self._now_s = 0.0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def turn(self, who: str, weight: int = 1) -> AsyncIterator[None]:
        """Wait for a turn. RateLimitedError where this asker has too many of their own, OverloadedError where all
        have, or nobody's ended in time."""
        await self._entered(who, weight)
        began, place = self._clock(), self._place(who)
        try:
            yield
        finally:
            self._had_s[who] = max(self._place(who), place + max(self._clock() - began, LEAST_S))
            self._leave(who)

    async def _entered(self, who: str, weight: int) -> None:
        if not self._waiting.get(who) and self._has_room(who):
            self._grant(who)
            return
        self._check(who, weight)
        waiter = _Waiter(asyncio.get_running_loop().create_future(), weight)
        self._waiting.setdefault(who, deque()).append(waiter)
        try:
            async with asyncio.timeout(self._room.within_s):
                await waiter.granted
        except TimeoutError:
            self._give_up(who, waiter)
            raise self._own() if self._running.get(who) else self._full() from None
        except asyncio.CancelledError:
            self._give_up(who, waiter)
            raise

    def _check(self, who: str, weight: int) -> None:
        """Whether there is room to wait in; one who has nothing waiting takes it from the one who has most."""
        weights = {one: sum(waiter.weight for waiter in line) for one, line in self._waiting.items()}
        if weights.get(who, 0) + weight > self._room.waiting_of_one:
            raise self._own()
        over = sum(weights.values()) + weight - self._room.waiting
        if over <= 0:
            return
        crowded = max(weights, key=lambda one: weights[one])
        if who in weights or weights[crowded] <= weight or len(self._waiting[crowded]) < 2:
            raise self._full()
        while over > 0 and len(self._waiting[crowded]) > 1:
            last = self._waiting[crowded].pop()
            over -= last.weight
            if not last.granted.done():
                last.granted.set_exception(self._own())
        if over > 0:
            raise self._full()

    def _has_room(self, who: str) -> bool:
        at_once = sum(self._running.values())
        return at_once < self._room.at_once and self._running.get(who, 0) < self._room.of_one

    def _place(self, who: str) -> float:
        """Who has asked for nothing lately comes level with those who do: time is not saved up."""
        return max(self._now_s, self._had_s.get(who, 0.0))

    def _grant(self, who: str) -> None:
        self._now_s = self._place(who)
        self._running[who] = self._running.get(who, 0) + 1

    def _give_up(self, who: str, waiter: _Waiter) -> None:
        """One waits no more; it may have been given its turn in the very moment in which it went."""
        line = self._waiting.get(who, deque())
        if waiter in line:
            line.remove(waiter)
            if not line:
                del self._waiting[who]
        elif waiter.granted.done() and not waiter.granted.cancelled() and waiter.granted.exception() is None:
            self._leave(who)

    def _leave(self, who: str) -> None:
        self._running[who] -= 1
        if not self._running[who]:
            del self._running[who]
        while (following := self._following()) is not None:
            line = self._waiting[following]
            waiter = line.popleft()
            if not line:
                del self._waiting[following]
            if not waiter.granted.done():
                self._grant(following)
                waiter.granted.set_result(None)
        if not self._running:
            self._had_s, self._now_s = {}, 0.0
        else:
            self._had_s = {one: had_s for one, had_s in self._had_s.items() if had_s > self._now_s}

    def _following(self) -> str | None:
        """Whose turn is next: of those who wait and may have one more, who has had the least."""
        return min(filter(self._has_room, self._waiting), key=self._place, default=None)

    def _own(self) -> RateLimitedError:
        return RateLimitedError(self._yours, retry_after_s=RETRY_AFTER_S)

    def _full(self) -> OverloadedError:
        return OverloadedError(self._all_of, retry_after_s=RETRY_AFTER_S)
