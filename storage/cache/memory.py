"""Cache, messages, leases and rates within one process: all there is without Redis, and what replaces a lost one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from ...lru import Lru
from .base import KeyValue, Leases, Messages, Rate, Rates, Receive
from .windows import Windows

log = structlog.get_logger(__name__)
MAX_BYTES = 64 * 2**20
ENTRY_BYTES = 200  # what an entry costs beside its key and value
Clock = Callable[[], float]


class MemoryKeyValue(KeyValue):
    """At most `max_bytes`, the least used leaving first. `clock` answers seconds and never goes back."""

    def __init__(self, clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._kept: Lru[str, tuple[bytes, float]] = Lru(max_bytes)

    async def get(self, key: str) -> bytes | None:
        found = self._kept.get(key)
        if found is None:
            return None
        if self._clock() >= found[1]:
            self._kept.drop(key)
            return None
        return found[0]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [await self.get(key) for key in keys]

    async def put(self, key: str, value: bytes, life_s: float) -> None:
        self._kept.put(key, (value, self._clock() + life_s), len(key) + len(value) + ENTRY_BYTES)

    async def delete(self, *keys: str) -> int:
        return sum([self._kept.drop(key) for key in keys])

    async def delete_prefix(self, prefix: str) -> int:
        return self._kept.drop_where(lambda key: key.startswith(prefix))

    async def close(self) -> None:
        """Nothing to give back."""


class MemoryMessages(Messages):
    """Calls receivers where messages are published."""

    def __init__(self) -> None:
        self._receivers: dict[str, dict[object, tuple[Receive, Callable[[], None] | None]]] = {}

    @property
    def channels(self) -> Sequence[str]:
        """The channels that somebody subscribed to, sorted."""
        return sorted(self._receivers)

    async def publish(self, channel: str, message: bytes, *, fleeting: bool = False) -> None:
        self.deliver(channel, message)

    def deliver(self, channel: str, message: bytes) -> None:
        """Give a message to all who subscribed in this process; the fault of one is logged and stops no other."""
        for receive, _ in tuple(self._receivers.get(channel, {}).values()):
            try:
                receive(message)
            except Exception:  # one receiver's fault keeps nothing from the others
                log.exception("a receiver failed", channel=channel)

    def tell_missed(self) -> None:
        """Messages may have been lost."""
        for receivers in tuple(self._receivers.values()):
            for _, missed in tuple(receivers.values()):
                if missed is not None:
                    missed()

    async def subscribe(
        self, channel: str, receive: Receive, missed: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        mark = object()
        self._receivers.setdefault(channel, {})[mark] = (receive, missed)

        def unsubscribe() -> None:
            receivers = self._receivers.get(channel, {})
            receivers.pop(mark, None)
            if not receivers:
                self._receivers.pop(channel, None)

        return unsubscribe

    async def close(self) -> None:
        self._receivers.clear()


class MemoryLeases(Leases):
    """Owner and end of each name. `clock` answers seconds and never goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}

    async def acquire(self, name: str, owner: str, life_s: float) -> bool:
        if self._holder(name) not in (None, owner):
            return False
        self._held[name] = (owner, self._clock() + life_s)
        return True

    async def renew(self, name: str, owner: str, life_s: float) -> bool:
        return self._holder(name) == owner and await self.acquire(name, owner, life_s)

    async def release(self, name: str, owner: str) -> bool:
        return self._holder(name) == owner and self._held.pop(name, None) is not None

    async def holder(self, name: str) -> str | None:
        return self._holder(name)

    async def close(self) -> None:
        self._held.clear()

    def _holder(self, name: str) -> str | None:
        held = self._held.get(name)
        if held is not None and self._clock() >= held[1]:
            del self._held[name]
            return None
        return held[0] if held is not None else None


class MemoryRates(Rates):
    """Counts in this process alone. `clock` answers seconds and never goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[Rate, Windows] = {}

    async def wait_s(self, who: str, rate: Rate) -> float:
        return self.wait_now_s(who, rate)

    def wait_now_s(self, who: str, rate: Rate) -> float:
        """The same, for those who cannot wait."""
        windows = self._windows.get(rate)
        if windows is None:
            windows = self._windows[rate] = Windows(rate.amount, rate.span_s)
        return windows.wait_s(who, self._clock())

    async def close(self) -> None:
        """Nothing to give back."""
