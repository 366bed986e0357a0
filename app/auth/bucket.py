"""How many of something a second: a bucket of tokens that fills again."""

from __future__ import annotations

from collections.abc import Callable

BURST_S = 2.0


class Bucket:
    """Lets `rate` through a second, and as many as `burst_s` seconds bring at once after a rest."""

    def __init__(self, rate: float, clock: Callable[[], float], burst_s: float = BURST_S) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = self._most = max(1.0, rate * burst_s)
        self._at_s = clock()

    def take(self) -> bool:
        """Whether one more may pass now."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def owe(self, amount: float) -> float:
        """Let so many pass at once; the seconds to wait before the next."""
        self._fill()
        self._tokens -= amount
        return max(0.0, -self._tokens / self._rate)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._most, self._tokens + max(0.0, now - self._at_s) * self._rate)
        self._at_s = now
