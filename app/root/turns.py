"""Turns at what few can do at once, shared out by who asks: what waits of one holds back nobody else's.

Start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996): who had the least time of those who wait is next.
What somebody made (dashboards, rules) are askers of their own, and together one: turns go from one maker to the next,
and there from one dashboard to the next.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from .errors import OverloadedError, RateLimitedError
from .scope import maker_of

RETRY_AFTER_S: Final = 3.0
LEAST_S: Final = 0.01  # what a turn counts as where the clock saw none of it


@dataclass(frozen=True, slots=True)
class Room:
    """`at_once` turns are under way, `of_one` of them of one asker; those that wait weigh at most so much, all together
    and of one asker. `within_s`: how long one waits. All that somebody made leave one turn to others, where there are
    several."""

    at_once: int = 1
    of_one: int = 1
    waiting: int = 64
    waiting_of_one: int = 8
    within_s: float | None = None

    @property
    def of_maker(self) -> int:
        """Turns under way of all that one made."""
        return max(self.of_one, self.at_once - 1)


@dataclass(slots=True, eq=False)
class _Waiter:
    granted: asyncio.Future[None]
    weight: int


@dataclass(slots=True)
class _Had:
    """Each one's time, on a scale on which `now_s` is that of who came last."""

    seconds: dict[str, float] = field(default_factory=dict)
    now_s: float = 0.0

    def place(self, who: str) -> float:
        """Who has asked for nothing lately comes level with those who do: time is not saved up."""
        return max(self.now_s, self.seconds.get(who, 0.0))

    def grant(self, who: str) -> None:
        self.now_s = self.place(who)

    def add(self, who: str, until_s: float) -> None:
        self.seconds[who] = max(self.place(who), until_s)

    def forget(self) -> None:
        """What says nothing any more."""
        self.seconds = {one: had_s for one, had_s in self.seconds.items() if had_s > self.now_s}


class FairTurns:
    """Lives on the event loop. `all_of`, `yours`: what is said where all wait, or too many of one asker's own."""

    def __init__(self, room: Room, all_of: str, yours: str, clock: Callable[[], float] = monotonic) -> None:
        self._room = room
        self._all_of = all_of
        self._yours = yours
        self._clock = clock
        self._running: Counter[str] = Counter()
        self._running_of_maker: Counter[str] = Counter()
        self._waiting: dict[str, deque[_Waiter]] = {}
        self._makers = _Had()
        self._within: dict[str, _Had] = {}  # of each maker: what each that they made had

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def turn(self, who: str, weight: int = 1) -> AsyncIterator[None]:
        """Wait for a turn. RateLimitedError where this asker has too many of their own, OverloadedError where all
        have, or nobody's ended in time."""
        await self._entered(who, weight)
        began, (of_maker, own) = self._clock(), self._place(who)
        try:
            yield
        finally:
            took_s = max(self._clock() - began, LEAST_S)
            self._makers.add(maker_of(who), of_maker + took_s)
            self._own(who).add(who, own + took_s)
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
            raise self._yours_wait() if self._running[who] else self._all_wait() from None
        except asyncio.CancelledError:
            self._give_up(who, waiter)
            raise

    def _check(self, who: str, weight: int) -> None:
        """Whether there is room to wait in; one who has nothing waiting takes it from the one who has most."""
        own = sum(waiter.weight for waiter in self._waiting.get(who, ()))
        if own + weight > self._room.waiting_of_one:
            raise self._yours_wait()
        weights: Counter[str] = Counter()
        for one, line in self._waiting.items():
            weights[maker_of(one)] += sum(waiter.weight for waiter in line)
        over = sum(weights.values()) + weight - self._room.waiting
        if over <= 0:
            return
        crowded, most = weights.most_common(1)[0]
        if maker_of(who) in weights or most <= weight or self._lines(crowded).total() < 2:
            raise self._all_wait()
        while over > 0 and (lines := self._lines(crowded)).total() > 1:
            over -= self._turn_away(max(reversed(lines), key=lines.__getitem__))
        if over > 0:
            raise self._all_wait()

    def _lines(self, maker: str) -> Counter[str]:
        """How many wait of each that somebody made."""
        return Counter({one: len(line) for one, line in self._waiting.items() if maker_of(one) == maker})

    def _turn_away(self, who: str) -> int:
        """The last of a line gives its room up; how much that was."""
        last = self._waiting[who].pop()
        if not self._waiting[who]:
            del self._waiting[who]
        if not last.granted.done():
            last.granted.set_exception(self._yours_wait())
        return last.weight

    def _has_room(self, who: str) -> bool:
        return (
            self._running.total() < self._room.at_once
            and self._running[who] < self._room.of_one
            and self._running_of_maker[maker_of(who)] < self._room.of_maker
        )

    def _own(self, who: str) -> _Had:
        return self._within.setdefault(maker_of(who), _Had())

    def _place(self, who: str) -> tuple[float, float]:
        """Whose turn is next is who has the least."""
        return self._makers.place(maker_of(who)), self._own(who).place(who)

    def _grant(self, who: str) -> None:
        self._makers.grant(maker_of(who))
        self._own(who).grant(who)
        self._running[who] += 1
        self._running_of_maker[maker_of(who)] += 1

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
        for counts, name in ((self._running, who), (self._running_of_maker, maker_of(who))):
            counts[name] -= 1
            if not counts[name]:
                del counts[name]
        while (following := self._following()) is not None:
            line = self._waiting[following]
            waiter = line.popleft()
            if not line:
                del self._waiting[following]
            if not waiter.granted.done():
                self._grant(following)
                waiter.granted.set_result(None)
        self._forget()

    def _forget(self) -> None:
        """What says nothing of those who come."""
        if not self._running:
            self._makers, self._within = _Had(), {}
            return
        self._makers.forget()
        busy = {*map(maker_of, self._waiting), *self._running_of_maker, *self._makers.seconds}
        self._within = {maker: had for maker, had in self._within.items() if maker in busy}
        for had in self._within.values():
            had.forget()

    def _following(self) -> str | None:
        """Whose turn is next: of those who wait and may have one more, who has had the least."""
        return min(filter(self._has_room, self._waiting), key=self._place, default=None)

    def _yours_wait(self) -> RateLimitedError:
        return RateLimitedError(self._yours, retry_after_s=RETRY_AFTER_S)

    def _all_wait(self) -> OverloadedError:
        return OverloadedError(self._all_of, retry_after_s=RETRY_AFTER_S)
