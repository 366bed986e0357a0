"""The `store` role: the embedded metric store. chDB is loaded in this process alone."""

from __future__ import annotations

import os

from ...storage.metrics.process import serve_store
from ..process.lifeline import stop_event
from ..settings import Settings


async def run(settings: Settings) -> None:
    """Serve the store until told to stop."""
    port = int(os.environ["HELIOGRAPH_ROLE_STORE_PORT"])
    await serve_store(settings.data_dir, port, os.environ["HELIOGRAPH_ROLE_STORE_SECRET"], stop_event())
