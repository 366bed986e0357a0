"""Views made ready before anybody opens them: pinned ones for good, saved and much opened ones for their layouts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from ...errors import HeliographError
from ...tasks import ended
from .library import Key, Library
from .popularity import Popularity
from .suspects import Suspects
from .view import View

log = structlog.get_logger(__name__)
PATIENCE_S = 30.0
START_S = 10.0  # a start waits so long for its pinned views
MOST_OPENED = 20
MAX_WAITING = 500
PINNED_EVERY_S = 30.0
FLUSH_EVERY_S = 60.0
FIRST_OPENED_S = 1.0  # so long people who saved a dashboard have to open it themselves


class Warmer:
    """Opens views as a viewer without choices of his own would, one at a time, in the background.

    `open_view` gives the view of a dashboard as it opens by default, and whether the dashboard is pinned. `is_open`
    tells whether somebody has a view of that version open: what is saved is mostly looked at by who saved it, and the
    source is not to be asked twice.
    """

    def __init__(
        self,
        library: Library,
        popularity: Popularity,
        *,
        open_view: Callable[[Key], Awaitable[tuple[View, bool]]],
        clock: Callable[[], float],
        suspects: Suspects,
        is_open: Callable[[Key, int], bool],
    ) -> None:
        self._is_open = is_open
        self._library = library
        self._popularity = popularity
        self._open = open_view
        self._suspects = suspects
        self._clock = clock
        self._queue: dict[Key, None] = {}  # in order, each once
        self._pinned: dict[Key, View] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.ready = False  # the pinned views of the start have their data, or had their time

    def start(self) -> None:
        """Begin to open what many open."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End, and write down what was opened."""
        if self._task is None:
            return
        await ended(self._task)
        self._task = None
        with contextlib.suppress(HeliographError):
            await self._popularity.flush(self._clock())

    def ask(self, org: int, dashboard_id: str) -> None:
        """Have a dashboard's layouts compiled soon: it was saved."""
        if len(self._queue) < MAX_WAITING:
            self._queue[org, dashboard_id] = None
            self._wake.set()

    async def _run(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self._pin()
        self.ready = True
        with contextlib.suppress(HeliographError):
            for key in await self._popularity.most_opened(MOST_OPENED):
                self.ask(*key)
        pinned_s = flushed_s = self._clock()
        while True:
            await self._work_off()
            if self._clock() - pinned_s >= PINNED_EVERY_S:
                pinned_s = self._clock()
                await self._pin()
            if self._clock() - flushed_s >= FLUSH_EVERY_S:
                flushed_s = self._clock()
                with contextlib.suppress(HeliographError):
                    await self._popularity.flush(flushed_s)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PINNED_EVERY_S / 10):
                    await self._wake.wait()

    async def _work_off(self) -> None:
        if self._queue:
            await asyncio.sleep(FIRST_OPENED_S)
        while self._queue:
            key = next(iter(self._queue))
            del self._queue[key]
            await self._warm(key, unless_open=True)

    async def _pin(self) -> None:
        """Hold the views of pinned dashboards, and of no other."""
        try:
            wanted = set(await self._library.pinned())
        except HeliographError as error:
            log.warning("pinned dashboards cannot be read", error=error.detail)
            return
        for key in self._pinned.keys() - wanted:
            self._pinned.pop(key).pinned = False
        await asyncio.gather(*(self._warm(key) for key in sorted(wanted)))

    async def _warm(self, key: Key, *, unless_open: bool = False) -> None:
        """Open one and mark it meanwhile. What a former process died of is left out; what it may have died of waits."""
        try:
            stored, dashboard = await self._library.get(*key)
            if unless_open and not dashboard.pinned and self._is_open(key, stored.version):
                return
            version = (*key, stored.version)
            if self._suspects.left_out_since(version) is not None:
                return
            if version in self._suspects.suspect and self._suspects.under_way:
                self.ask(*key)  # alone, later
                return
            with self._suspects.opening(version):
                await self._open_one(key)
        except HeliographError as error:
            log.info("a dashboard cannot be warmed", dashboard=key[1], error=error.detail)
        except Exception:  # one dashboard that fails leaves the others warm; the log has the trace
            log.exception("warming failed", dashboard=key[1])

    async def _open_one(self, key: Key) -> None:
        view, pinned = await self._open(key)
        before = self._pinned.pop(key, None)
        if before is not None and before is not view:
            before.pinned = False
        view.pinned = pinned
        if pinned:
            self._pinned[key] = view
        await view.warm(PATIENCE_S)
