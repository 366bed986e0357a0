"""Single flight in the process: equal questions that are asked at the same time become one.

A waiter outlives the one that asked first; a cancelled caller cancels nobody else; when the last is gone the question
is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from .model import Answer, Next, Query
from .question import question

COUNTED = Callable[[str], None]


@dataclass(slots=True)
class Flight:
    """One question under way and how many wait for it."""

    task: asyncio.Task[Answer]
    waiters: int = 0


class SingleFlight:
    """Joins equal questions that are asked at the same time. `joined` counts those that did not go on themselves."""

    name = "single_flight"

    def __init__(self, joined: COUNTED) -> None:
        self._joined = joined
        self._flights: dict[Hashable, Flight] = {}

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (question(query), query.range)
        flight = self._flights.get(key)
        if flight is None:
            task = asyncio.ensure_future(following(query))
            flight = self._flights[key] = Flight(task)
            task.add_done_callback(lambda done: self._landed(key, done))
        else:
            self._joined("process")
        return await self._wait(key, flight)

    async def _wait(self, key: Hashable, flight: Flight) -> Answer:
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if flight.waiters == 0 and not flight.task.done():
                self._flights.pop(key, None)
                flight.task.cancel()

    def _landed(self, key: Hashable, task: asyncio.Future[Answer]) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # its waiters have it; without any, nobody need hear of it
