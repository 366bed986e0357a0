"""Draws density for the view role: points in, counts out. datashader loads once there may be something to draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import numpy as np
import psutil
import structlog

from ...errors import OverloadedError
from ...tasks import ended
from ..http.framed import buffer_of, pack, unpack
from .canvas import Canvas
from .handler import WorkHandler

log = structlog.get_logger(__name__)
# Loading and compiling take all that a core has for seconds, and memory: that is done where a dashboard that is opened
# may be drawn so, once nobody else needs that core, at the latest after a rush; at once where a picture is waited for.
WARM_AFTER_S = 20.0
LOOK_EVERY_S = 1.0
IDLE_CORES = 0.9
MAX_WAITING = 16


class Drawer:
    """Draws in one thread, one after the other; the first drawing waits until datashader is there."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="draw")
        self._warming: asyncio.Future[None] | None = None
        self._quiet: asyncio.Task[None] | None = None
        self._waiting = 0

    def expect(self) -> None:
        """There may be something to draw: load datashader in quiet, once however often this is said."""
        if self._quiet is None:
            idle_cores()
            self._quiet = asyncio.get_running_loop().create_task(self.warm_in_quiet(idle_cores))

    async def warm_in_quiet(
        self, idle_cores: Callable[[], float], look_every_s: float = LOOK_EVERY_S, latest_s: float = WARM_AFTER_S
    ) -> None:
        """Load datashader once a core has nothing else to do, at the latest after so many seconds."""
        for _ in range(int(latest_s / look_every_s)):
            await asyncio.sleep(look_every_s)
            if idle_cores() >= IDLE_CORES:
                break
        await self.warm_quietly()

    async def warm_quietly(self) -> None:
        """Load datashader for whoever comes; what is wrong stands in the log."""
        try:
            await self.warm()
        except Exception:  # whatever is wrong with these libraries, the rest of the role goes on without them
            log.exception("density cannot be drawn")

    @property
    def busy(self) -> bool:
        """Whether its thread is at work, which cannot be told to stop."""
        return self._waiting > 0 or (self._warming is not None and not self._warming.done())

    @property
    def ready(self) -> bool:
        """Whether all is loaded that drawing needs."""
        return self._warming is not None and self._warming.done() and self._warming.exception() is None

    async def warm(self) -> None:
        """Load datashader, once however many ask."""
        if self._warming is None:
            self._warming = asyncio.get_running_loop().run_in_executor(self._pool, load)
        await asyncio.shield(self._warming)

    async def draw(self, message: bytes) -> bytes:
        """Counts for a message of a canvas and points; OverloadedError where too many wait."""
        if self._waiting >= MAX_WAITING:
            raise OverloadedError("too many pictures wait to be drawn", retry_after_s=5)
        self._waiting += 1
        try:
            await self.warm()
            return await asyncio.get_running_loop().run_in_executor(self._pool, drawn, message)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Whatever is being drawn ends with the process."""
        await ended(self._quiet)
        self._pool.shutdown(wait=False, cancel_futures=True)


def idle_cores() -> float:
    """How many cores of this machine had nothing to do since the last call; of the first one nothing is known."""
    return (psutil.cpu_count() or 1) * (1 - psutil.cpu_percent() / 100)


def load() -> None:
    """Load and compile what draws, which takes seconds."""
    started = perf_counter()
    from .raster import warm  # noqa: PLC0415 - takes seconds

    warm()
    log.info("drawing ready", after_s=round(perf_counter() - started, 1))


def drawn(message: bytes) -> bytes:
    """The counts of one message; MalformedError, InvalidError."""
    from .raster import rasterised  # noqa: PLC0415 - loaded by now

    head, (x, y, lengths, lone) = unpack(message)
    indices = (np.frombuffer(one, np.int64) for one in (lengths, lone))
    counts = rasterised(Canvas.of(head), np.frombuffer(x), np.frombuffer(y), *indices)
    return pack({"shape": counts.shape}, [buffer_of(counts)])


class DrawingHandler(WorkHandler):
    """Base of what needs the one who draws."""

    def initialize(self, secret: str, drawer: Drawer | None = None) -> None:
        super().initialize(secret)
        assert drawer is not None
        self.drawer = drawer


class DrawHandler(DrawingHandler):
    """`POST /density`"""

    async def answer(self) -> bytes:
        return await self.drawer.draw(self.request.body)


class ExpectHandler(DrawingHandler):
    """`POST /expect`: there may be something to draw. Answers at once."""

    async def answer(self) -> bytes:
        self.drawer.expect()
        return b""


class WakeHandler(DrawingHandler):
    """`POST /wake`: there will be something to draw soon. Answers when all is loaded."""

    async def answer(self) -> bytes:
        await self.drawer.warm_quietly()
        return b""


def routes(drawer: Drawer, secret: str) -> list[Any]:
    """Drawing a picture, and loading what draws."""
    own: dict[str, Any] = {"secret": secret, "drawer": drawer}
    return [(r"/density", DrawHandler, own), (r"/expect", ExpectHandler, own), (r"/wake", WakeHandler, own)]
