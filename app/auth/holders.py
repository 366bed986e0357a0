"""Who goes on by what right, so that all of them are looked after at once and end with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Holders(Generic[T, K]):
    """Sockets by what they go on by, such as the name of a credential, in the order in which they came."""

    def __init__(self) -> None:
        self._rights: dict[T, K] = {}
        self._held: Counter[K] = Counter()

    def __len__(self) -> int:
        return len(self._rights)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rights)

    def add(self, holder: T, right: K) -> None:
        """It holds this right from now on."""
        self._rights[holder] = right
        self._held[right] += 1

    def discard(self, holder: T) -> None:
        """It is gone; nothing where it was not there."""
        right = self._rights.pop(holder, None)
        if right is not None:
            self._held[right] -= 1
            if not self._held[right]:
                del self._held[right]

    def rights(self) -> frozenset[K]:
        """All that anybody goes on by."""
        return frozenset(self._held)

    def of(self, rights: Collection[K]) -> tuple[tuple[T, K], ...]:
        """Those who go on by one of these."""
        return tuple((holder, right) for holder, right in self._rights.items() if right in rights) if rights else ()
