"""What nodes share besides the databases: cached bytes, messages, leases, rates. None of it may be relied upon.

An implementation whose server does not answer raises LostError, which `failover` turns into work without it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Receive = Callable[[bytes], None]


class LostError(Exception):
    """The server behind an implementation does not answer."""


class KeyValue(ABC):
    """Bytes by key, each for a while. Any of them may be gone at any time."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The value, or None."""

    @abstractmethod
    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values in the order of the keys, in one round trip."""

    @abstractmethod
    async def put(self, key: str, value: bytes, life_s: float) -> None:
        """Keep a value for `life_s` seconds at most; one that is there already is replaced."""

    @abstractmethod
    async def delete(self, *keys: str) -> int:
        """Forget keys; how many were there."""

    @abstractmethod
    async def delete_prefix(self, prefix: str) -> int:
        """Forget all keys that begin so; how many there were."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections. Idempotent."""


class Messages(ABC):
    """Messages between nodes, to all who listen at that moment, the sender's own receivers included.

    A message may be lost while a connection is: who needs certainty looks at the truth again, or says what is to be
    done when something may have been missed.
    """

    @abstractmethod
    async def publish(self, channel: str, message: bytes, *, fleeting: bool = False) -> None:
        """Send to all receivers of a channel. Those of this node have it when this returns.

        `fleeting`: worth nothing later, so that it is not kept for nodes that cannot be reached now.
        """

    @abstractmethod
    async def subscribe(
        self, channel: str, receive: Receive, missed: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        """Have `receive` called with each message from now on; what ends that. It must be quick and not raise.

        `missed` is called after messages may have been lost.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give back connections. Idempotent."""


class Leases(ABC):
    """Names that one owner at a time holds, until it releases them or does not renew them in time."""

    @abstractmethod
    async def acquire(self, name: str, owner: str, life_s: float) -> bool:
        """Hold a name for `life_s` seconds; False where another holds it. Who holds it already renews it."""

    @abstractmethod
    async def renew(self, name: str, owner: str, life_s: float) -> bool:
        """Hold on for `life_s` seconds from now; False where the owner does not hold it any more."""

    @abstractmethod
    async def release(self, name: str, owner: str) -> bool:
        """Let go; False where the owner did not hold it."""

    @abstractmethod
    async def holder(self, name: str) -> str | None:
        """Who holds a name, or None."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections. Idempotent."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in any window of so many seconds."""

    amount: int
    span_s: int


class Rates(ABC):
    """How often each of many has done something of late."""

    @abstractmethod
    async def wait_s(self, who: str, rate: Rate) -> float:
        """0 where one more stays within the rate, and is counted; else the seconds until it does."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections. Idempotent."""
