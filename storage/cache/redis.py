"""Cache, messages, leases and rates in Redis or Valkey. All that goes wrong there leaves as LostError."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, cast

import redis.asyncio as redis
import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisError

from ...tasks import ended
from .base import KeyValue, Leases, LostError, Messages, Rate, Rates, Receive
from .memory import MemoryMessages

log = structlog.get_logger(__name__)
CONNECT_S = 0.5
ANSWER_S = 2.5  # a loop that is held up for a second is no lost server
MAX_CONNECTIONS = 50
CONFIRMED_S = 1.0
LISTEN_S = 0.5  # how soon a listener sees that the link was found lost by others
AGAIN_S = 0.5
LEAST_WAIT_S = 0.001
SCAN_COUNT = 1000
ACQUIRE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
RELEASE = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])"


def connected(url: str) -> redis.Redis:
    """A client with short patience: one that waits for a dead server is slower than none."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=ANSWER_S,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 1),  # a connection that a restarted server has dropped is made anew
    )
    return redis.Redis.from_pool(pool)


@contextlib.asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Faults of the server or the way to it as LostError."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise LostError(type(error).__name__) from error


async def ping(client: redis.Redis) -> None:
    """LostError where it does not answer."""
    async with translated():
        await cast(Any, client.ping())


class RedisKeyValue(KeyValue):
    """Keys below a prefix of this installation's."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def get(self, key: str) -> bytes | None:
        async with translated():
            return cast("bytes | None", await self._client.get(self._prefix + key))

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        async with translated():
            return cast("list[bytes | None]", await self._client.mget([self._prefix + key for key in keys]))

    async def put(self, key: str, value: bytes, life_s: float) -> None:
        try:
            async with translated():
                await self._client.set(self._prefix + key, value, px=max(1, int(life_s * 1000)))
        except LostError as error:
            if not isinstance(error.__cause__, OutOfMemoryError):
                raise
            log.warning("redis is full", detail="set maxmemory-policy allkeys-lru")

    async def delete(self, *keys: str) -> int:
        if not keys:
            return 0
        async with translated():
            return int(await self._client.unlink(*(self._prefix + key for key in keys)))

    async def delete_prefix(self, prefix: str) -> int:
        pattern = "".join("\\" + char if char in "*?[]^\\" else char for char in self._prefix + prefix) + "*"
        gone = 0
        async with translated():
            found: list[bytes] = []
            async for key in self._client.scan_iter(match=pattern, count=SCAN_COUNT):
                found.append(key)
                if len(found) >= SCAN_COUNT:
                    gone += int(await self._client.unlink(*found))
                    found = []
            if found:
                gone += int(await self._client.unlink(*found))
        return gone

    async def close(self) -> None:
        await self._client.aclose()


class RedisLeases(Leases):
    """Each change of a lease is one script, which Redis runs whole; ends are by Redis' clock."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def acquire(self, name: str, owner: str, life_s: float) -> bool:
        return await self._run(ACQUIRE, name, owner, str(max(1, int(life_s * 1000))))

    async def renew(self, name: str, owner: str, life_s: float) -> bool:
        return await self._run(RENEW, name, owner, str(max(1, int(life_s * 1000))))

    async def release(self, name: str, owner: str) -> bool:
        return await self._run(RELEASE, name, owner)

    async def holder(self, name: str) -> str | None:
        async with translated():
            found = cast("bytes | None", await self._client.get(self._prefix + name))
        return found.decode() if found is not None else None

    async def close(self) -> None:
        await self._client.aclose()

    async def _run(self, script: str, name: str, *arguments: str) -> bool:
        async with translated():
            return bool(await cast(Any, self._client.eval(script, 1, self._prefix + name, *arguments)))


class RedisMessages(Messages):
    """Receivers of this node are called directly, those of others through Redis by one listening task.

    `is_up` tells the listener that others found the link lost, so that it does not wait on a dead connection.
    """

    def __init__(self, client: redis.Redis, prefix: str, is_up: Callable[[], bool] = lambda: True) -> None:
        self._client = client
        self._prefix = prefix
        self._is_up = is_up
        self._node = uuid.uuid4().bytes
        self._local = MemoryMessages()
        self._listener: asyncio.Task[None] | None = None
        self._pubsub: Any = None
        self._confirmed: dict[str, asyncio.Event] = {}

    async def publish(self, channel: str, message: bytes, *, fleeting: bool = False) -> None:
        self.deliver(channel, message)
        await self.send(channel, message)

    def deliver(self, channel: str, message: bytes) -> None:
        """To the receivers of this node alone."""
        self._local.deliver(channel, message)

    async def send(self, channel: str, message: bytes) -> None:
        """To the other nodes alone."""
        async with translated():
            await self._client.publish(self._prefix + channel, self._node + message)

    async def subscribe(
        self, channel: str, receive: Receive, missed: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        """Where Redis is lost the receivers of this node have messages all the same, the others when it is back."""
        unsubscribe = await self._local.subscribe(channel, receive, missed)
        if channel not in self._confirmed:
            confirmed = self._confirmed[channel] = asyncio.Event()
            if self._listener is None:
                self._listener = asyncio.get_running_loop().create_task(self._listen_for_ever())
            elif self._pubsub is not None:
                with contextlib.suppress(LostError):
                    async with translated():
                        await self._pubsub.subscribe(self._prefix + channel)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(confirmed.wait(), CONFIRMED_S)
        return unsubscribe

    async def close(self) -> None:
        await ended(self._listener)
        self._listener = None
        await self._local.close()
        await self._client.aclose()

    async def _listen_for_ever(self) -> None:
        first = True
        while True:
            try:
                async with translated():
                    await self._listen(again=not first)
            except LostError:
                first = False
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, *, again: bool) -> None:
        """Deliver messages until the connection is lost."""
        if not self._is_up():
            return
        async with self._client.pubsub() as pubsub:
            self._pubsub = pubsub
            try:
                await pubsub.subscribe(*(self._prefix + channel for channel in tuple(self._confirmed)))
                while self._is_up():
                    found = await pubsub.get_message(timeout=LISTEN_S)
                    if found is None:
                        continue
                    channel = found["channel"].decode().removeprefix(self._prefix)
                    if found["type"] == "message" and found["data"][:16] != self._node:
                        self._local.deliver(channel, found["data"][16:])
                    elif found["type"] == "subscribe":
                        if again:
                            again = False
                            self._local.tell_missed()
                        self._confirmed.setdefault(channel, asyncio.Event()).set()
                raise LostError("the link is lost")
            finally:
                self._pubsub = None


class RedisRates(Rates):
    """Moving windows by the library `limits`, whose scripts Redis runs whole."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        options: dict[str, Any] = {"connection_pool": client.connection_pool, "implementation": "redispy"}
        self._limiter = MovingWindowRateLimiter(RedisStorage("async+redis://", key_prefix=prefix, **options))

    async def wait_s(self, who: str, rate: Rate) -> float:
        item = RateLimitItemPerSecond(rate.amount, rate.span_s)
        async with translated():
            if await self._limiter.hit(item, who):
                return 0.0
            window = await self._limiter.get_window_stats(item, who)
        return max(window.reset_time - time.time(), LEAST_WAIT_S)

    async def close(self) -> None:
        await self._client.aclose()
