"""Who may ask a source now, who waits and who is turned away: events in, decisions out, no I/O.

So many questions are under way at once, so many wait. Those that wait go by priority, then by arrival. Where all places
are taken, one of higher priority takes that of the one who came last of the lowest.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Literal

from .model import Priority

Verdict = Literal["run", "wait", "refuse"]


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """One that waits; the first in order is the next to go."""

    rank: int
    arrival: int
    ticket: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one that arrived, and who loses its place to it."""

    verdict: Verdict
    displaced: int | None = None


@dataclass(slots=True)
class Gate:
    """The state of one source: how many are under way, and who waits."""

    max_running: int
    max_waiting: int
    running: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    arrivals: int = 0

    def arrive(self, ticket: int, priority: Priority) -> Decision:
        """One comes."""
        self.arrivals += 1
        if self.running < self.max_running:
            self.running += 1
            return Decision("run")
        one = Waiting(-priority, self.arrivals, ticket)
        if len(self.waiting) < self.max_waiting:
            insort(self.waiting, one)
            return Decision("wait")
        if not self.waiting or self.waiting[-1].rank <= one.rank:
            return Decision("refuse")
        displaced = self.waiting.pop()
        insort(self.waiting, one)
        return Decision("wait", displaced.ticket)

    def end(self) -> int | None:
        """One that was under way has ended; who goes in its place."""
        if self.waiting:
            return self.waiting.pop(0).ticket
        self.running -= 1
        return None

    def leave(self, ticket: int) -> bool:
        """One stops waiting by itself; whether it was still waiting."""
        before = len(self.waiting)
        self.waiting = [one for one in self.waiting if one.ticket != ticket]
        return len(self.waiting) < before

    @property
    def is_idle(self) -> bool:
        """Whether nobody is in it or before it."""
        return not self.running and not self.waiting
