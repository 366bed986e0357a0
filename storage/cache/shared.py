"""What a process shares with other nodes, as one object: over Redis where its URL is set, else in memory."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .base import KeyValue, Leases, Messages, Rates
from .failover import FailoverKeyValue, FailoverLeases, FailoverMessages, FailoverRates, Link
from .memory import MemoryKeyValue, MemoryLeases, MemoryMessages, MemoryRates


@dataclass(frozen=True, slots=True)
class Shared:
    """`remote`: whether other nodes have a part in it."""

    cache: KeyValue
    messages: Messages
    leases: Leases
    rates: Rates
    here: MemoryRates  # what is counted in this process: all of `rates` where no other node has a part in it
    remote: bool = False

    async def close(self) -> None:
        """Close messages and leases first: they use what the cache is connected with."""
        await self.messages.close()
        await self.leases.close()
        await self.rates.close()
        await self.cache.close()


def in_memory() -> Shared:
    """For a node alone."""
    clock = time.monotonic
    rates = MemoryRates(clock)
    return Shared(MemoryKeyValue(clock), MemoryMessages(), MemoryLeases(clock), rates, rates)


def open_shared(redis_url: str, namespace: str) -> Shared:
    """Nothing is connected yet, and a Redis that is not there stops nobody from starting.

    `namespace` keeps installations apart that have one Redis.
    """
    if not redis_url:
        return in_memory()
    from .redis import (  # noqa: PLC0415 - where it is used
        RedisKeyValue,
        RedisLeases,
        RedisMessages,
        RedisRates,
        connected,
        ping,
    )

    client, prefix, memory = connected(redis_url), f"heliograph:{namespace}:", in_memory()
    link = Link(lambda: ping(client))
    return Shared(
        FailoverKeyValue(link, RedisKeyValue(client, prefix + "kv:"), memory.cache),
        FailoverMessages(link, RedisMessages(client, prefix + "ch:", lambda: link.up)),
        FailoverLeases(link, RedisLeases(client, prefix + "lease:"), memory.leases),
        FailoverRates(link, RedisRates(client, prefix + "rate"), memory.rates),
        memory.here,
        remote=True,
    )
