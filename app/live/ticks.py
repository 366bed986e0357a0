"""When a view ticks, and which range it shows since: the phase is the key's, so that all nodes tick at once."""

from __future__ import annotations

from collections.abc import Callable

from .key import ViewKey


class Ticks:
    """Of one view. What it shows stays the range of its last tick until it moves on; `at_ms` is when that was."""

    def __init__(self, key: ViewKey, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock
        self._phase_s = int(key.id[:8], 16) / 0xFFFFFFFF * key.refresh_s
        self.move()

    def move(self) -> None:
        """Show the range as it is now."""
        self.at_ms = int(self._clock() * 1000)
        self.range = self._key.range_at(self.at_ms)

    @property
    def window(self) -> tuple[int, int]:
        """The range, in ms."""
        return self.range.from_ms, self.range.to_ms

    @property
    def due_in_s(self) -> float:
        """How long it is to the next tick of a live view."""
        return self._key.refresh_s - (self._clock() - self._phase_s) % self._key.refresh_s

    @property
    def number(self) -> int | None:
        """Of the refresh that goes on now, the same on every node; None for a still view."""
        return int(self._clock() // self._key.refresh_s) if self._key.live else None
