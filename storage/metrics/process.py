"""The `store` role: opens the data, makes the schema, answers on loopback, and says where in `store.url`."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog
from tornado.httpserver import HTTPServer

from .engine import Engine
from .front import MAX_BODY_BYTES, WORKERS, make_application
from .schema import statements

log = structlog.get_logger(__name__)


async def serve_store(data_dir: Path, port: int, secret: str, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. StartupError where another process has the data."""
    engine = await asyncio.to_thread(open_engine, data_dir / "store")
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="query")
    server = HTTPServer(make_application(engine, secret, pool), max_buffer_size=MAX_BODY_BYTES)
    server.listen(port, "127.0.0.1")
    write_url(data_dir / "store.url", f"http://heliograph:{secret}@127.0.0.1:{port}/")
    log.info("store ready", port=port)
    await stop.wait()
    server.stop()
    await server.close_all_connections()
    await asyncio.to_thread(pool.shutdown, cancel_futures=True)
    await asyncio.to_thread(engine.close)


def open_engine(path: Path) -> Engine:
    """The engine with its schema made."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = Engine(path)
    for statement in statements():
        engine.run(statement)
    return engine


def write_url(path: Path, url: str) -> None:
    """Write the store's URL for this user's eyes alone; it is whole at any moment."""
    unfinished = path.with_suffix(".tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(url + "\n")
    unfinished.rename(path)
