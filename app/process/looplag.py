"""Watches the event loop from a thread: measures how late it is, and where it stands when it is stuck."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from time import perf_counter

import structlog

log = structlog.get_logger(__name__)
PERIOD_S = 0.25
STALL_S = 0.02
LOG_ABOVE_S = 0.1


class LoopWatch:
    """Asks the loop for a sign of life each PERIOD_S and hands the lateness, in seconds, to `observe`.

    A stall longer than LOG_ABOVE_S is logged with the stack on which the loop's thread stood.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, observe: Callable[[float], None]) -> None:
        self._loop = loop
        self._observe = observe
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop-watch", daemon=True)
        self._loop_thread = threading.get_ident()

    def start(self) -> None:
        """Call on the loop's own thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread that watches."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _watch(self) -> None:
        while not self._stop.wait(PERIOD_S):
            alive = threading.Event()
            asked = perf_counter()
            try:
                self._loop.call_soon_threadsafe(alive.set)
            except RuntimeError:  # the loop is closed
                return
            stack = "" if alive.wait(STALL_S) else self._stack()
            while not alive.wait(1.0):
                if self._stop.is_set():
                    return
            lag_s = perf_counter() - asked
            self._observe(lag_s)
            if lag_s > LOG_ABOVE_S:
                log.warning("loop stalled", lag_ms=round(lag_s * 1000), stack=stack)

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)
        return "".join(traceback.format_stack(frame, limit=60)) if frame else ""
