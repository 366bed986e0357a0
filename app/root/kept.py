"""Asked once, kept a while: what was found is still an answer, and what is being found is that of all who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import HeliographError
from .joined import Joined
from .lru import Lru

T = TypeVar("T")
MAX_KEPT = 10_000
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0  # after a failure, doubled with each one in a row


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that holds until `until_s`, and how often it came in a row."""

    until_s: float
    error: Exception
    times: int


class Kept(Generic[T]):
    """Values by key, each good for a while; the least used leave first.

    `life_s`: seconds of `clock` for which a value is good, or a function of the value that says so (0: not at all).
    `limit`: how many are kept, or bytes where `size` gives those of a value. `abandon`: what nobody waits for any more
    is cancelled. `hold_failures`: what failed here (not by what was asked: errors below 500 are the asker's own) is
    not tried again before a back-off, and whoever asks meanwhile gets the same error at once.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        life_s: float | Callable[[T], float],
        *,
        limit: int = MAX_KEPT,
        size: Callable[[T], int] | None = None,
        abandon: bool = False,
        hold_failures: bool = False,
    ) -> None:
        self._clock = clock
        self._life_s = life_s
        self._size = size
        self._items: Lru[Hashable, tuple[float, T]] = Lru(limit)
        self._failures: Lru[Hashable, Failure] | None = Lru(MAX_KEPT) if hold_failures else None
        self._finding: Joined[T] = Joined(abandon=abandon, found=self._found)

    @property
    def bytes(self) -> int:
        """What is kept together, in the unit of `size`."""
        return self._items.bytes

    def at_hand(self, key: Hashable) -> T | None:
        """A value that is still good."""
        kept = self._items.get(key)
        return kept[1] if kept is not None and self._clock() < kept[0] else None

    def last(self, key: Hashable) -> T | None:
        """The value that was found last, however old, while there is room for it."""
        kept = self._items.get(key)
        return kept[1] if kept is not None else None

    def under_way(self, key: Hashable) -> bool:
        """Whether somebody waits for it at this moment."""
        return key in self._finding

    async def get(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """What `find` gives, or gave a moment ago; its error is that of all who waited for it."""
        kept = self._items.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        if self._failures is not None:
            failure = self._failures.get(key)
            if failure is not None and self._clock() < failure.until_s:
                raise failure.error.with_traceback(None)
        return await self._finding.ask(key, find)

    def put(self, key: Hashable, value: T) -> None:
        """Keep what was found now by another way."""
        life_s = self._life_s(value) if callable(self._life_s) else self._life_s
        if life_s > 0:
            self._items.put(key, (self._clock() + life_s, value), self._size(value) if self._size else 1)

    def resize(self, key: Hashable) -> None:
        """A value has grown or shrunk: count it anew."""
        kept = self._items.get(key)
        if kept is not None and self._size is not None:
            self._items.put(key, kept, self._size(kept[1]))

    def forget(self, key: Hashable) -> None:
        """It was changed: whoever asks from now on has it found anew."""
        self._finding.forget(key)
        self._items.drop(key)
        if self._failures is not None:
            self._failures.drop(key)

    def forget_where(self, test: Callable[[Hashable], bool]) -> None:
        """The same for all keys that pass a test."""
        self._finding.forget_where(test)
        self._items.drop_where(test)
        if self._failures is not None:
            self._failures.drop_where(test)

    def clear(self) -> None:
        """All may have changed."""
        self.forget_where(lambda _: True)

    async def close(self) -> None:
        """Stop all that is being found."""
        await self._finding.close()

    def _found(self, key: Hashable, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._failed(key, error)
            return
        if self._failures is not None:
            self._failures.drop(key)
        self.put(key, task.result())

    def _failed(self, key: Hashable, error: BaseException) -> None:
        asked_wrong = isinstance(error, HeliographError) and error.status < 500
        if self._failures is None or asked_wrong or not isinstance(error, Exception):
            return
        before = self._failures.get(key)
        times = before.times if before is not None else 0
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**times)
        self._failures.put(key, Failure(self._clock() + wait_s, error, times + 1), 1)
