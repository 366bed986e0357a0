"""Who may ask a source now, who waits and who is turned away: events in, decisions out, no I/O.

So many questions are under way at once, a part of them of one asker; so many wait. Those that wait go by priority,
then those of whoever has the fewest under way, then by arrival. Where all places are taken, one of higher priority
takes that of the last of the lowest; among equals one takes that of whoever has most waiting.

What somebody made (dashboards, rules) are askers of their own, and together one: first it counts who is behind them.
All of theirs together leave one place to others.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from ...scope import maker_of
from .model import Priority

Verdict = Literal["run", "wait", "refuse"]


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """One that waits; the first in order is the next to go."""

    rank: int
    arrival: int
    ticket: int = field(compare=False)
    who: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one that arrived, and who loses its place to it."""

    verdict: Verdict
    displaced: int | None = None


@dataclass(slots=True)
class Gate:
    """The state of one source: how many are under way, and who waits. `max_of_one`: of those under way; 0: all."""

    max_running: int
    max_waiting: int
    max_of_one: int = 0
    running: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    arrivals: int = 0
    running_of: Counter[str] = field(default_factory=Counter)
    running_of_maker: Counter[str] = field(default_factory=Counter)

    def arrive(self, ticket: int, priority: Priority, who: str = "") -> Decision:
        """One comes."""
        self.arrivals += 1
        if self.running < self.max_running and self._has_room(who):
            self._begin(who)
            return Decision("run")
        one = Waiting(-priority, self.arrivals, ticket, who)
        if len(self.waiting) < self.max_waiting:
            insort(self.waiting, one)
            return Decision("wait")
        displaced = self._weaker(one)
        if displaced is None:
            return Decision("refuse")
        self.waiting.remove(displaced)
        insort(self.waiting, one)
        return Decision("wait", displaced.ticket)

    def _weaker(self, one: Waiting) -> Waiting | None:
        """Who loses a place to one that comes; None: nobody."""
        if not self.waiting or self.waiting[-1].rank < one.rank:
            return None
        lowest = [other for other in self.waiting if other.rank == self.waiting[-1].rank]
        if lowest[0].rank > one.rank:
            return lowest[-1]
        makers = Counter(maker_of(other.who) for other in lowest)
        crowded, most = makers.most_common(1)[0]
        if makers[maker_of(one.who)] + 1 >= most:
            crowded = maker_of(one.who)  # among their own
        counts = Counter(other.who for other in lowest if maker_of(other.who) == crowded)
        if not counts or (maker_of(one.who) == crowded and counts[one.who] + 1 >= max(counts.values())):
            return None
        return next(other for other in reversed(lowest) if counts[other.who] == max(counts.values()))

    def end(self, who: str = "") -> Waiting | None:
        """One that was under way has ended, of that asker; who goes in its place."""
        self.running -= 1
        for counts, name in ((self.running_of, who), (self.running_of_maker, maker_of(who))):
            counts[name] -= 1
            if not counts[name]:
                del counts[name]
        return self._next()

    def _next(self) -> Waiting | None:
        may = [one for one in self.waiting if self._has_room(one.who)]
        if not may:
            return None
        first = min(may, key=self._place)
        self.waiting.remove(first)
        self._begin(first.who)
        return first

    def _begin(self, who: str) -> None:
        self.running += 1
        self.running_of[who] += 1
        self.running_of_maker[maker_of(who)] += 1

    def _place(self, one: Waiting) -> tuple[int, int, int, int]:
        return (one.rank, self.running_of_maker[maker_of(one.who)], self.running_of[one.who], one.arrival)

    def _has_room(self, who: str) -> bool:
        most = self.max_of_one or self.max_running
        of_maker = max(most, self.max_running - 1)
        return self.running_of[who] < most and self.running_of_maker[maker_of(who)] < of_maker

    def leave(self, ticket: int) -> bool:
        """One stops waiting by itself; whether it was still waiting."""
        before = len(self.waiting)
        self.waiting = [one for one in self.waiting if one.ticket != ticket]
        return len(self.waiting) < before

    @property
    def is_idle(self) -> bool:
        """Whether nobody is in it or before it."""
        return not self.running and not self.waiting
