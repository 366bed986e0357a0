"""Who follows a view, and what is written to all of them: the same bytes, a slice of the audience at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

# So many are written to in one go, some 3 ms: ten thousand at once would hold the loop up for a tenth of a second.
SLICE = 256
# A frame is 15 µs of work for each: with so long a pause for each, frames are a twentieth of a core at most.
WAIT_S_EACH = 0.0003


class Follower(Protocol):
    """A socket, as a view sees it."""

    wants: frozenset[int]
    # Whether it knows ticks by their number: one may reach it after a snapshot that holds it already. Others are
    # written to at once.
    numbered: bool
    # Whether it came by a link: what is said beside panels is none of its business.
    guest: bool

    def push(self, frame: bytes) -> None:
        """Write a whole WebSocket frame. Never waits."""

    def leave(self, message: Mapping[str, Any], reason: str) -> None:
        """Tell it this as the last, and close; `reason` is a metric's label."""


class Audience:
    """The followers of one view. Frames reach each of them in the order of `tell`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.members: set[Follower] = set()
        self.said_s = 0.0  # when all were written to last
        self._clock = clock
        self._frame = b""
        self._at_once: set[Follower] = set()
        self._guests: set[Follower] = set()
        self._to_guests = b""
        self._rest: list[Follower] = []
        self._next: asyncio.Handle | None = None
        self._done: Callable[[], None] = _nothing

    def add(self, follower: Follower) -> None:
        """Write to it from the next frame on."""
        self.members.add(follower)
        if not follower.numbered:
            self._at_once.add(follower)
        if follower.guest:
            self._guests.add(follower)

    def discard(self, follower: Follower) -> None:
        """Write nothing more to it."""
        self.members.discard(follower)
        self._at_once.discard(follower)
        self._guests.discard(follower)

    @property
    def has_guests(self) -> bool:
        """Whether somebody came by a link."""
        return bool(self._guests)

    def wants(self) -> frozenset[int]:
        """The panels that somebody is near."""
        # Most pages are near the same panels: the few different sets are joined, not ten thousand.
        return frozenset[int]().union(*{follower.wants for follower in self.members})

    @property
    def worth_waiting_s(self) -> float:
        """For how long a frame to all waits for more to go with it, where there is more to come."""
        return len(self.members) * WAIT_S_EACH

    def tell(self, frame: bytes, done: Callable[[], None] | None = None, to_guests: bytes = b"") -> None:
        """Write a frame to all: to a first slice now, to the others as the loop has time; then call `done`.

        `to_guests`: what those who came by a link get in its place.
        """
        self.finish()
        self._to_guests = to_guests
        self.said_s = self._clock()
        self._frame, self._done = frame, done or _nothing
        self._rest = [*(self.members - self._at_once), *self._at_once]
        self._write(max(SLICE, len(self._at_once)))

    def finish(self) -> None:
        """Write what is left of a frame now: all have heard of what was drawn before anything else is drawn."""
        if self._next is not None:
            self._next.cancel()
            self._write(len(self._rest))

    def _write(self, count: int) -> None:
        now = self._rest[-count:]
        del self._rest[-count:]
        for follower in now:
            other = self._to_guests and follower in self._guests
            follower.push(self._to_guests if other else self._frame)
        if self._rest:
            self._next = asyncio.get_running_loop().call_soon(self._write, SLICE)
        else:
            self._next = None
            self._done()


def _nothing() -> None:
    """Nobody waits for the last."""
