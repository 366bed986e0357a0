"""The `store` role: the embedded metric store. chDB is loaded in this process alone, which sees its folder alone."""

from __future__ import annotations

import os

from ...storage.metrics.process import serve_store
from ..process.lifeline import stop_event
from ..settings import Settings
from .cages import STORE_PORT, STORE_SECRET


async def run(settings: Settings) -> None:
    """Serve the store until told to stop. Where it answers was written before it was caged."""
    port = int(os.environ[STORE_PORT])
    await serve_store(settings.data_dir, port, os.environ.pop(STORE_SECRET), stop_event(), announce=False)
