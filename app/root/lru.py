"""A mapping that is bounded by the size of its values: what was used longest ago leaves first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Values with their sizes (bytes, or 1 each to count them), at most `max_bytes` together. One that is larger by
    itself is not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None where it is not kept."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int = 1) -> None:
        """Keep a value of `size` bytes."""
        self.drop(key)
        if size > self.max_bytes:
            return
        self._items[key] = (value, size)
        self.bytes += size
        while self.bytes > self.max_bytes:
            self.drop(next(iter(self._items)))

    def items(self) -> Iterator[tuple[K, V]]:
        """All of them, those that were used last first."""
        return ((key, value) for key, (value, _) in reversed(self._items.items()))

    def drop(self, key: K) -> bool:
        """Keep it no more; whether it was kept."""
        found = self._items.pop(key, None)
        if found is None:
            return False
        self.bytes -= found[1]
        return True

    def drop_oldest_while(self, test: Callable[[V], bool]) -> None:
        """Forget those that were used longest ago for as long as they pass a test."""
        while self._items:
            key, (value, _) = next(iter(self._items.items()))
            if not test(value):
                return
            self.drop(key)

    def drop_where(self, test: Callable[[K], bool]) -> int:
        """Forget the keys that pass a test; how many."""
        gone = [key for key in self._items if test(key)]
        for key in gone:
            self.drop(key)
        return len(gone)
