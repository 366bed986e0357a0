"""Redis with memory behind it: when Redis is lost memory takes over at once, and Redis is taken again when it is back.

What that costs is queries, never correctness: what was to be forgotten meanwhile is forgotten before Redis is used
again, and what was said meanwhile is said then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import structlog

from ...tasks import ended
from .base import KeyValue, Leases, LostError, Messages, Rate, Rates, Receive

if TYPE_CHECKING:
    from .redis import RedisMessages  # its library is loaded where there is a Redis alone

log = structlog.get_logger(__name__)
T = TypeVar("T")
PROBE_S = 1.0
LOOK_S = 0.1
PATIENCE_S = 1.0  # without any answer while some are waited for
MAX_PENDING = 10_000


class Link:
    """Whether Redis answers. Once a call fails nobody calls until a probe has answered and `on_back` has run.

    One that takes calls and answers none of them for PATIENCE_S is lost too, and all who wait for it go on at once.
    """

    def __init__(self, probe: Callable[[], Awaitable[None]], probe_s: float = PROBE_S) -> None:
        self.up = True
        self.on_back: list[Callable[[], Awaitable[None]]] = []
        self._probe = probe
        self._probe_s = probe_s
        self._returning: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Timeout] = set()
        self._answers = 0
        self._watching: asyncio.Task[None] | None = None

    async def run(self, there: Callable[[], Awaitable[T]], here: Callable[[], Awaitable[T]]) -> T:
        """What Redis answers to one request, else what memory does."""
        if self.up:
            try:
                async with asyncio.timeout(None) as patience:
                    return await self._answer(there, patience)
            except (LostError, TimeoutError) as error:
                self.lost(str(error) or "it hangs")
        return await here()

    async def run_long(self, there: Callable[[], Awaitable[T]], here: Callable[[], Awaitable[T]]) -> T:
        """The same for work of many requests, each of which has the patience of its connection."""
        if self.up:
            try:
                return await there()
            except LostError as error:
                self.lost(str(error))
        return await here()

    def lost(self, reason: str) -> None:
        """Redis does not answer: memory takes over, whoever waits for Redis waits no more, and coming back begins."""
        if self.up:
            self.up = False
            log.warning("redis lost", reason=reason, effect="memory takes over")
            loop = asyncio.get_running_loop()
            for patience in self._waiting:
                patience.reschedule(loop.time())
            self._returning = loop.create_task(self._return())

    async def close(self) -> None:
        """End the tasks that watch Redis and wait for it."""
        await ended(self._returning, self._watching)

    async def _answer(self, there: Callable[[], Awaitable[T]], patience: asyncio.Timeout) -> T:
        self._waiting.add(patience)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch())
        try:
            answer = await there()
            self._answers += 1
            return answer
        finally:
            self._waiting.discard(patience)

    async def _watch(self) -> None:
        """See that answers come while some are waited for. A look that comes late does not count: the loop was held up,
        and answers may lie unread."""
        loop = asyncio.get_running_loop()
        silent = 0
        while self._waiting and self.up:
            answers, began_s = self._answers, loop.time()
            await asyncio.sleep(LOOK_S)
            if self._answers != answers:
                silent = 0
            elif loop.time() - began_s < 2 * LOOK_S:
                silent += 1
            if silent * LOOK_S >= PATIENCE_S and self._waiting:
                self.lost("it hangs")

    async def _return(self) -> None:
        while not self.up:
            await asyncio.sleep(self._probe_s)
            with contextlib.suppress(LostError):
                await self._probe()
                for work in self.on_back:
                    await work()
                self.up = True
                log.info("redis is back")


class FailoverKeyValue(KeyValue):
    """Deletions go to both; those that Redis did not get are made up for before it is used again."""

    def __init__(self, link: Link, there: KeyValue, here: KeyValue) -> None:
        self._link = link
        self._there = there
        self._here = here
        self._pending: dict[tuple[bool, str], None] = {}  # (whether a prefix, key), in order
        link.on_back.append(self._catch_up)

    async def get(self, key: str) -> bytes | None:
        return await self._link.run(lambda: self._there.get(key), lambda: self._here.get(key))

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return await self._link.run(lambda: self._there.get_many(keys), lambda: self._here.get_many(keys))

    async def put(self, key: str, value: bytes, life_s: float) -> None:
        await self._link.run(lambda: self._there.put(key, value, life_s), lambda: self._here.put(key, value, life_s))

    async def delete(self, *keys: str) -> int:
        here = await self._here.delete(*keys)
        return here + await self._link.run(
            lambda: self._there.delete(*keys), lambda: self._later(*((False, key) for key in keys))
        )

    async def delete_prefix(self, prefix: str) -> int:
        here = await self._here.delete_prefix(prefix)
        return here + await self._link.run_long(
            lambda: self._there.delete_prefix(prefix), lambda: self._later((True, prefix))
        )

    async def close(self) -> None:
        await self._link.close()
        await self._there.close()
        await self._here.close()

    async def _later(self, *deletions: tuple[bool, str]) -> int:
        self._pending.update(dict.fromkeys(deletions))
        if len(self._pending) > MAX_PENDING:
            self._pending = {(True, ""): None}
        return 0

    async def _catch_up(self) -> None:
        while self._pending:
            is_prefix, key = next(iter(self._pending))
            await (self._there.delete_prefix(key) if is_prefix else self._there.delete(key))
            self._pending.pop((is_prefix, key), None)


class FailoverMessages(Messages):
    """Receivers of this node always have a message at once; the others have it when Redis is back."""

    def __init__(self, link: Link, there: RedisMessages) -> None:
        self._link = link
        self._there = there
        self._pending: list[tuple[str, bytes]] = []
        link.on_back.append(self._catch_up)

    async def publish(self, channel: str, message: bytes, *, fleeting: bool = False) -> None:
        self._there.deliver(channel, message)
        later = _nothing if fleeting else lambda: self._later(channel, message)
        await self._link.run(lambda: self._there.send(channel, message), later)

    async def subscribe(
        self, channel: str, receive: Receive, missed: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        return await self._there.subscribe(channel, receive, missed)

    async def close(self) -> None:
        await self._there.close()

    async def _later(self, channel: str, message: bytes) -> None:
        self._pending = [*self._pending[-MAX_PENDING:], (channel, message)]

    async def _catch_up(self) -> None:
        while self._pending:
            await self._there.send(*self._pending[0])
            self._pending.pop(0)


class FailoverLeases(Leases):
    """Without Redis each node has leases of its own: what they guard may run once a node."""

    def __init__(self, link: Link, there: Leases, here: Leases) -> None:
        self._link = link
        self._there = there
        self._here = here

    async def acquire(self, name: str, owner: str, life_s: float) -> bool:
        return await self._link.run(
            lambda: self._there.acquire(name, owner, life_s), lambda: self._here.acquire(name, owner, life_s)
        )

    async def renew(self, name: str, owner: str, life_s: float) -> bool:
        return await self._link.run(
            lambda: self._there.renew(name, owner, life_s), lambda: self._here.renew(name, owner, life_s)
        )

    async def release(self, name: str, owner: str) -> bool:
        here = await self._here.release(name, owner)
        return here or await self._link.run(
            lambda: self._there.release(name, owner), lambda: self._here.release(name, owner)
        )

    async def holder(self, name: str) -> str | None:
        return await self._link.run(lambda: self._there.holder(name), lambda: self._here.holder(name))

    async def close(self) -> None:
        await self._there.close()
        await self._here.close()


class FailoverRates(Rates):
    """Without Redis each node counts alone."""

    def __init__(self, link: Link, there: Rates, here: Rates) -> None:
        self._link = link
        self._there = there
        self._here = here

    async def wait_s(self, who: str, rate: Rate) -> float:
        return await self._link.run(lambda: self._there.wait_s(who, rate), lambda: self._here.wait_s(who, rate))

    async def close(self) -> None:
        await self._there.close()
        await self._here.close()


async def _nothing() -> None:
    """What is worth nothing later is lost."""
