"""What was found a moment ago is still an answer; what is being found now is the answer of all who ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from .joined import Joined

T = TypeVar("T")
MAX_KEPT = 10_000


class Remembered(Generic[T]):
    """Values by key, each good for `life_s` seconds of `clock`; found once, however many ask at a time."""

    def __init__(self, clock: Callable[[], float], life_s: float, limit: int = MAX_KEPT) -> None:
        self._clock = clock
        self._life_s = life_s
        self._limit = limit
        self._kept: dict[Hashable, tuple[float, T]] = {}
        self._finding: Joined[T] = Joined()
        self._changes = 0

    async def get(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """What `find` gives, or gave a moment ago; its error is that of all who waited for it, and is not kept."""
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        changes = self._changes
        value = await self._finding.ask((key, changes), find)
        if changes == self._changes:  # else it may be from before the change
            if len(self._kept) >= self._limit:
                self._kept.clear()
            self._kept[key] = (self._clock() + self._life_s, value)
        return value

    def forget(self, key: Hashable) -> None:
        """It was changed: whoever asks from now on has it found anew."""
        self._changes += 1
        self._kept.pop(key, None)

    def clear(self) -> None:
        """All may have changed."""
        self._changes += 1
        self._kept.clear()
