"""Tries to log in: how many, from where, on whom; and turns of the costly check of a password, shared out fairly."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ...errors import OverloadedError, RateLimitedError
from ...lru import Lru

FREE_FAILURES = 30  # of an account in a row, from wherever; then each waits longer than the one before
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
FORGET_S = 3600.0
MAX_ACCOUNTS, MAX_KNOWN = 20_000, 50_000
WAITING, WAITING_OF_PLACE = 64, 8
RETRY_AFTER_S = 3.0


@dataclass(frozen=True, slots=True)
class Failed:
    """How often in a row a login failed, and when it did last."""

    times: int
    at_s: float


class Accounts:
    """Slows the guessing of one account from all over: each failure past the free ones doubles the wait.

    The right person is not shut out by it: a place from which they logged in before is not slowed.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed: Lru[str, Failed] = Lru(MAX_ACCOUNTS)
        self._known: Lru[tuple[str, str], bool] = Lru(MAX_KNOWN)

    def check(self, login: str, place: str) -> None:
        """RateLimitedError, with the seconds to wait, where the account is tried too often from places not its own."""
        failed = self._failed.get(login)
        if failed is None or failed.times < FREE_FAILURES or self._known.get((login, place)):
            return
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failed.times - FREE_FAILURES, 20))
        left_s = failed.at_s + wait_s - self._clock()
        if left_s > 0:
            raise RateLimitedError("this account is tried very often at this moment", retry_after_s=left_s)

    def failed(self, login: str) -> None:
        """A wrong password for this login: past the free ones, the next try waits longer."""
        before, now_s = self._failed.get(login), self._clock()
        times = before.times if before is not None and now_s - before.at_s < FORGET_S else 0
        self._failed.put(login, Failed(times + 1, now_s), 1)

    def succeeded(self, login: str, place: str) -> None:
        """The right password, from this place: other places that fail do not make it wait."""
        self._failed.drop(login)
        self._known.put((login, place), True, 1)


class FairTurns:
    """One at a time; who waits is served place by place, so that none shuts others out. Lives on the event loop."""

    def __init__(self, waiting: int = WAITING, of_place: int = WAITING_OF_PLACE) -> None:
        self._most = waiting
        self._of_place = of_place
        self._busy = False
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        """Wait for a turn; OverloadedError where the place has too many waiting, or all have."""
        await self._enter(place)
        try:
            yield
        finally:
            self._next()

    async def _enter(self, place: str) -> None:
        if not self._busy:
            self._busy = True
            return
        mine = self._waiting.get(place)
        if mine is not None and len(mine) >= self._of_place:
            raise full()
        if sum(map(len, self._waiting.values())) >= self._most:
            self._make_room(place)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(place, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._next()
            raise

    def _make_room(self, place: str) -> None:
        """A place that has nobody waiting takes the last turn of the one that has most."""
        crowded = max(self._waiting, key=lambda one: len(self._waiting[one]))
        if place in self._waiting or len(self._waiting[crowded]) < 2:
            raise full()
        self._waiting[crowded].pop().set_exception(full())

    def _next(self) -> None:
        while self._waiting:
            place, turns = next(iter(self._waiting.items()))
            turn = turns.popleft()
            if turns:
                self._waiting.move_to_end(place)
            else:
                del self._waiting[place]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False


def full() -> OverloadedError:
    """The error for who comes while as many log in as may at once."""
    return OverloadedError("many people log in at this moment", retry_after_s=RETRY_AFTER_S)
