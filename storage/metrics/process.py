"""The `store` role: opens the data, makes the schema, answers on loopback, and says where in `store.url`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from tornado.httpserver import HTTPServer

from .engine import Engine
from .front import MAX_BODY_BYTES, make_application
from .lanes import Lanes
from .schema import calm_merges, statements
from .whereabouts import write_url

log = structlog.get_logger(__name__)


async def serve_store(data_dir: Path, port: int, secret: str, stop: asyncio.Event, *, announce: bool = True) -> None:
    """Serve until `stop` is set, and say where unless that is said. StartupError where another process has the data."""
    engine = await asyncio.to_thread(open_engine, data_dir / "store")
    lanes = Lanes()
    server = HTTPServer(make_application(engine, secret, lanes), max_buffer_size=MAX_BODY_BYTES)
    server.listen(port, "127.0.0.1")
    if announce:
        write_url(data_dir, port, secret)
    log.info("store ready", port=port)
    await stop.wait()
    server.stop()
    await server.close_all_connections()
    await asyncio.to_thread(lanes.shutdown)
    await asyncio.to_thread(engine.close)


def open_engine(path: Path) -> Engine:
    """The engine with its schema made, and set up for small parts."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = Engine(path)
    for statement in (*statements(), *calm_merges()):
        engine.run(statement)
    return engine
