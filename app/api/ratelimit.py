"""How many requests a user may send: in a moving window, counted in Redis for all nodes, else in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from limits import RateLimitItem
from limits import parse as parse_limit
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ...datasources.query.windows import Windows
from ...storage.errors import RateLimitedError

log = structlog.get_logger(__name__)
ANSWERS_WITHIN_S = 0.5  # a Redis that takes longer counts as down
AGAIN_AFTER_S = 2.0
KEY_PREFIX = "heliograph:rate"


class RateLimit:
    """The limit of each user over all nodes that share a Redis; while it is down each process counts alone."""

    def __init__(self, text: str, redis_url: str, clock: Callable[[], float]) -> None:
        self._limit: RateLimitItem = parse_limit(text)
        self._clock = clock
        self._windows = Windows(self._limit.amount, self._limit.get_expiry())
        self._pool = _pool(redis_url) if redis_url else None
        self._storage = _storage(self._pool) if self._pool else None
        self._again_s = 0.0

    async def check(self, who: str) -> None:
        """RateLimitedError, with the seconds to wait, for more requests than are allowed."""
        wait_s = await self._wait_s(who)
        if wait_s > 0:
            raise RateLimitedError(f"more than {self._limit}", retry_after_s=wait_s)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def _wait_s(self, who: str) -> float:
        now_s = self._clock()
        if self._storage is None or now_s < self._again_s:
            return self._windows.wait_s(who, now_s)
        try:
            return await self._shared_wait_s(self._storage, who)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("requests are counted without Redis", error=str(error))
            self._again_s = now_s + AGAIN_AFTER_S
            return self._windows.wait_s(who, now_s)

    async def _shared_wait_s(self, storage: RedisStorage, who: str) -> float:
        limiter = MovingWindowRateLimiter(storage)
        if await limiter.hit(self._limit, who):
            return 0.0
        window = await limiter.get_window_stats(self._limit, who)
        return max(window.reset_time - self._clock(), 0.001)


def _pool(url: str) -> ConnectionPool:
    # A connection from before a restart is made anew, once.
    return ConnectionPool.from_url(
        url, socket_timeout=ANSWERS_WITHIN_S, socket_connect_timeout=ANSWERS_WITHIN_S, retry=Retry(NoBackoff(), 1)
    )


def _storage(pool: ConnectionPool) -> RedisStorage:
    """The library's own storage over redis-py's async client."""
    options: dict[str, Any] = {"connection_pool": pool, "implementation": "redispy", "key_prefix": KEY_PREFIX}
    return RedisStorage("async+redis://", **options)
