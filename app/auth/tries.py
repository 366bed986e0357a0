"""Tries to log in: how often an account failed, and from where it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import RateLimitedError
from ...lru import Lru

FREE_FAILURES = 30  # of an account in a row, from wherever; then each waits longer than the one before
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
FORGET_S = 3600.0
MAX_ACCOUNTS, MAX_KNOWN = 20_000, 50_000


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
