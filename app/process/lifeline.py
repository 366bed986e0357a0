"""When to stop: on SIGTERM or SIGINT, and when the parent at the other end of standard input is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys


def stop_event() -> asyncio.Event:
    """An event that is set by SIGTERM or SIGINT, and by the end of standard input where that is a parent's pipe."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    if "HELIOGRAPH_ROLE_CHILD" in os.environ and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        _watch_parent(loop, event)
    return event


def _watch_parent(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    descriptor = sys.stdin.fileno()

    def readable() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            event.set()

    loop.add_reader(descriptor, readable)
