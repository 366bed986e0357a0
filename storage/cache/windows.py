"""How often something may happen in a moving window of time, counted in this process."""

from __future__ import annotations

from collections import deque

SWEEP_ABOVE = 10_000  # names known, above which those whose windows have passed are forgotten


class Windows:
    """The times at which each was let in, as long as they count; `amount` in any `span_s` seconds."""

    def __init__(self, amount: int, span_s: float) -> None:
        self._amount = amount
        self._span_s = span_s
        self._entries: dict[str, deque[float]] = {}

    def wait_s(self, who: str, now_s: float) -> float:
        """0 where one is let in, and counted; else the seconds until the next one is."""
        entries = self._entries.get(who)
        if entries is None:
            self._sweep(now_s)
            entries = self._entries[who] = deque(maxlen=self._amount)
        if len(entries) == self._amount and entries[0] > now_s - self._span_s:
            return entries[0] + self._span_s - now_s
        entries.append(now_s)
        return 0.0

    def _sweep(self, now_s: float) -> None:
        if len(self._entries) >= SWEEP_ABOVE:
            horizon = now_s - self._span_s
            self._entries = {who: entries for who, entries in self._entries.items() if entries[-1] > horizon}
