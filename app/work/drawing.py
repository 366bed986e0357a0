"""Draws density for the view role: points in, counts out, over HTTP on loopback. datashader loads in the background."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import numpy as np
import structlog
from tornado import web
from tornado.httpserver import HTTPServer

from ...storage.errors import HeliographError, OverloadedError, UnauthenticatedError
from ..framed import buffer_of, pack, unpack
from ..problem import problem
from .address import SECRET_HEADER, WorkAddress
from .canvas import Canvas

log = structlog.get_logger(__name__)
MAX_BODY_BYTES = 2**29
# Loading and compiling take all that a core has for seconds: after the rush of a start, unless somebody waits for it.
WARM_AFTER_S = 20.0
MAX_WAITING = 16


class Drawer:
    """Draws in one thread, one after the other; the first drawing waits until datashader is there."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="draw")
        self._warming: asyncio.Future[None] | None = None
        self._waiting = 0

    async def warm_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.warm()
        except Exception:  # whatever is wrong with these libraries, the rest of the role goes on without them
            log.exception("density cannot be drawn")

    @property
    def busy(self) -> bool:
        """Whether its thread is at work, which cannot be told to stop."""
        return self._waiting > 0 or (self._warming is not None and not self._warming.done())

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

    def close(self) -> None:
        """Whatever is being drawn ends with the process."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def load() -> None:
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


class DrawHandler(web.RequestHandler):
    """`POST /density`"""

    def initialize(self, drawer: Drawer, secret: str) -> None:
        self._drawer = drawer
        self._secret = secret

    async def post(self) -> None:
        try:
            given = self.request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                raise UnauthenticatedError("this is for the view role alone")
            body = await self._drawer.draw(self.request.body)
        except HeliographError as error:
            self.set_status(error.status)
            self.finish(problem(error, ""))
            return
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(body)


@asynccontextmanager
async def drawing(address: WorkAddress) -> AsyncIterator[Drawer]:
    """Answer on loopback while the context lasts."""
    drawer = Drawer()
    own: dict[str, Any] = {"drawer": drawer, "secret": address.secret}
    application = web.Application([(r"/density", DrawHandler, own)], log_function=lambda _handler: None)
    server = HTTPServer(application, max_buffer_size=MAX_BODY_BYTES, max_body_size=MAX_BODY_BYTES)
    server.listen(address.port, "127.0.0.1")
    warming = asyncio.create_task(drawer.warm_after(WARM_AFTER_S))
    try:
        yield drawer
    finally:
        warming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await warming
        server.stop()
        drawer.close()
        await server.close_all_connections()
