"""What a database holds of a range of time: read once for each change of it, however many views ask at each tick."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...datasources.timerange import TimeRange
from ...kept import Kept

T = TypeVar("T")
MAX_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read over a range."""

    from_ms: int
    to_ms: int
    found: Sequence[T]

    def covers(self, range_: TimeRange) -> bool:
        """Whether all of a range was read."""
        return self.from_ms <= range_.from_ms and range_.to_ms <= self.to_ms


class RangesRead(Generic[T]):
    """Keeps what was read, for `life_s`, under a key that says of what it is and as of which change."""

    def __init__(self, clock: Callable[[], float], life_s: float = math.inf) -> None:
        self._read: Kept[Read[T]] = Kept(clock, life_s, limit=MAX_KEPT)

    async def of(
        self, key: tuple[Hashable, ...], range_: TimeRange, find: Callable[[TimeRange], Awaitable[Sequence[T]]]
    ) -> Sequence[T]:
        """What `find` finds of a range or of one that holds it: who asked wants the part that is theirs."""

        async def wide() -> Read[T]:
            # A range that moves on stays covered for a while.
            asked = TimeRange(range_.from_ms, range_.to_ms + range_.span_ms)
            return Read(asked.from_ms, asked.to_ms, await find(asked))

        whole = (*key, range_.span_ms.bit_length())  # others of about that span share what is read
        read = await self._read.get(whole, wide)
        if not read.covers(range_):
            self._read.forget(whole)
            read = await self._read.get(whole, wide)
        if not read.covers(range_):  # others asked for another range at the same moment
            read = await wide()
        return read.found
