"""Single flight in the process: equal questions that are asked at the same time become one.

A waiter outlives the one that asked first; a cancelled caller cancels nobody else; when the last is gone the question
is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable

from ...joined import Joined
from .model import Answer, Next, Query
from .question import question

COUNTED = Callable[[str], None]


class SingleFlight:
    """Joins equal questions that are asked at the same time. `joined` counts those that did not go on themselves."""

    name = "single_flight"

    def __init__(self, joined: COUNTED) -> None:
        self._joined = joined
        self._flights: Joined[Answer] = Joined(abandon=True)

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (question(query), query.asked_range)
        if key in self._flights:
            self._joined("process")
        return await self._flights.ask(key, lambda: following(query))
