"""The panels of a view on their way: each asked once at a time, whoever wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

from .outcome import Outcome


class Asking:
    """`find` asks one panel; what came of it waits here until it is taken. `arrived` is told where nobody waits.

    `known`: what asking a panel would come to, where that is at hand.
    """

    def __init__(
        self,
        find: Callable[[int], Awaitable[Outcome]],
        arrived: Callable[[], None],
        known: Callable[[int], Outcome | None],
    ) -> None:
        self._find = find
        self._known = known
        self._arrived = arrived
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._found: dict[int, Outcome] = {}
        self._patient = 0  # how many wait and will take what arrives
        self._held: asyncio.TimerHandle | None = None  # ends the time in which somebody will come for what arrives

    def start(self, panel_ids: Iterable[int]) -> None:
        """Have panels asked that are not on their way already."""
        if self._begin(panel_ids):
            self.arrive()

    def _begin(self, panel_ids: Iterable[int]) -> bool:
        """The same; whether something was at hand, and waits to be taken."""
        arrived = False
        for panel_id in panel_ids:
            if panel_id in self._tasks:
                continue
            known = self._known(panel_id)
            if known is not None:
                self._found[panel_id] = known
                arrived = True
            else:
                self._tasks[panel_id] = asyncio.get_running_loop().create_task(self._ask(panel_id))
        return arrived

    async def wait(
        self, panel_ids: Collection[int], patience_s: float, also: Collection[asyncio.Task[None]] = ()
    ) -> None:
        """Have panels asked and wait for them a while, and for what else is on its way; the slow ones arrive later."""
        self._begin(panel_ids)
        waiting = [*(self._tasks[panel_id] for panel_id in panel_ids if panel_id in self._tasks), *also]
        if waiting:
            self._patient += 1
            try:
                await asyncio.wait(waiting, timeout=patience_s)
            except asyncio.CancelledError:
                asyncio.get_running_loop().call_soon(self.arrive)  # who gives up takes nothing any more
                raise
            finally:
                self._patient -= 1

    def ahead(self, panel_ids: Collection[int], patience_s: float) -> None:
        """Have panels asked for somebody who will come for them: so long nobody is told of what arrives."""
        if not panel_ids:
            return
        self._release()
        self._patient += 1
        self._held = asyncio.get_running_loop().call_later(patience_s, self._come_too_late)
        self._begin(panel_ids)

    def _come_too_late(self) -> None:
        self._release()
        if self._found:
            self.arrive()

    def _release(self) -> None:
        if self._held is not None:
            self._held.cancel()
            self._held = None
            self._patient -= 1

    @property
    def is_busy(self) -> bool:
        """Whether a panel is on its way."""
        return bool(self._tasks)

    @property
    def has_found(self) -> bool:
        """Whether something arrived that nobody took."""
        return bool(self._found)

    def take(self) -> dict[int, Outcome]:
        """What arrived since it was taken last, by panel."""
        found, self._found = self._found, {}
        return found

    def arrive(self) -> None:
        """Something arrived: tell, where nobody waits who will take it."""
        if not self._patient:
            self._arrived()

    def stop(self) -> list[asyncio.Task[None]]:
        """End what is on its way; the tasks that are on their way out."""
        self._release()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        self._tasks.clear()
        return tasks

    def forget(self, panel_ids: Iterable[int]) -> None:
        """What these panels were asked is of no use any more: neither what is on its way nor what arrived."""
        for panel_id in panel_ids:
            self._found.pop(panel_id, None)
            task = self._tasks.pop(panel_id, None)
            if task is not None:
                task.cancel()

    async def _ask(self, panel_id: int) -> None:
        try:
            self._found[panel_id] = await self._find(panel_id)
        finally:
            if self._tasks.get(panel_id) is asyncio.current_task():  # another one may have taken its place
                del self._tasks[panel_id]
        self.arrive()
