"""Who holds a private session on this node: from the page that asks for one until its socket has closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import TooManySessionsError

WAIT_S = 30.0  # for the socket of a page
RETRY_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class PlaceLimits:
    """How many private sessions a node has, and one person on it."""

    sessions: int
    per_user: int


@dataclass(frozen=True, slots=True)
class _Place:
    who: str
    until_s: float | None  # None: its socket is open


class Places:
    """The places of this node. A page reserves one, its socket takes it; one that is never taken is free again."""

    def __init__(self, limits: PlaceLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._held: dict[object, _Place] = {}
        self._holders: Counter[str] = Counter()

    def __len__(self) -> int:
        self._expire()
        return len(self._held)

    def reserve(self, session: str, who: str) -> None:
        """Hold a place for a page's socket, for WAIT_S seconds; TooManySessionsError past a limit."""
        self._check(who)
        self._hold(session, _Place(who, self._clock() + WAIT_S))

    def take(self, socket: object, session: str, who: str) -> None:
        """The socket of a session came: it has the page's place, else one of its own; TooManySessionsError."""
        self.free(session)
        self._check(who)
        self._hold(socket, _Place(who, None))

    def free(self, holder: object) -> None:
        """Give a place back; nothing where there is none."""
        place = self._held.pop(holder, None)
        if place is not None:
            self._holders[place.who] -= 1
            if not self._holders[place.who]:
                del self._holders[place.who]

    def _hold(self, holder: object, place: _Place) -> None:
        self._held[holder] = place
        self._holders[place.who] += 1

    def _check(self, who: str) -> None:
        self._expire()
        if self._holders[who] >= self._limits.per_user:
            sessions = f"{self._limits.per_user} private session{'s' if self._limits.per_user > 1 else ''}"
            raise TooManySessionsError(
                f"you have {sessions} open already: close the tab of one", retry_after_s=RETRY_AFTER_S
            )
        if len(self._held) >= self._limits.sessions:
            raise TooManySessionsError(
                "as many people explore on this server as it has room for", retry_after_s=RETRY_AFTER_S
            )

    def _expire(self) -> None:
        now_s = self._clock()
        for holder, place in tuple(self._held.items()):
            if place.until_s is not None and place.until_s <= now_s:
                self.free(holder)
