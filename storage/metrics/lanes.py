"""Who may use the engine when: lanes with workers of their own, so that no one's statements keep another's waiting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

WRITERS, READERS, DASHBOARDS, PEOPLE = 2, 6, 4, 6  # workers of each lane
AT_ONCE = 2  # statements that one person has under way
# Of all statements of people together: each has its part.
PEOPLE_BYTES = 2_400_000_000
PEOPLE_ROWS, PEOPLE_RESULT_BYTES, PEOPLE_S = 1_000_000, 200_000_000, 60.0
VIEW = "view"  # who asks for all that watch a dashboard


def people_settings(given: Mapping[str, str], cores: int | None = None) -> dict[str, str]:
    """The settings of a person's statement: those given for the answer's form, limits of ours, no writing."""
    form = {key: value for key, value in given.items() if key.startswith("output_format_")}
    threads = max((cores or os.cpu_count() or 1) // PEOPLE, 1)
    return {
        **form,
        "max_threads": str(threads),
        "max_memory_usage": str(PEOPLE_BYTES // PEOPLE),
        "max_execution_time": str(_least(given.get("max_execution_time"), PEOPLE_S)),
        "max_result_rows": str(int(_least(given.get("max_result_rows"), PEOPLE_ROWS))),
        "max_result_bytes": str(int(_least(given.get("max_result_bytes"), PEOPLE_RESULT_BYTES))),
        "priority": "10",  # waits, block by block, while the product's own statements run
        "readonly": "1",
    }


def _least(given: str | None, most: float) -> float:
    try:
        value = float(given or most)
    except ValueError:
        return most
    return min(value, most) if value > 0 else most


class Lanes:
    """The workers of one engine. `lane(…)` waits until there is room, and is the pool to run in."""

    def __init__(self) -> None:
        self.writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="write")
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self.dashboards = ThreadPoolExecutor(DASHBOARDS, thread_name_prefix="dashboard")
        self.people = ThreadPoolExecutor(PEOPLE, thread_name_prefix="people")
        self._persons: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def person(self, who: str, gone: Callable[[], bool]) -> AsyncIterator[ThreadPoolExecutor]:
        """Room for one more statement of a person; of a dashboard there is room as long as workers are."""
        if who == VIEW:
            yield self.dashboards
            return
        room, users = self._persons.get(who, (asyncio.Semaphore(AT_ONCE), 0))
        self._persons[who] = (room, users + 1)
        try:
            async with room:
                if gone():
                    raise asyncio.CancelledError
                yield self.people
        finally:
            room, users = self._persons.pop(who)
            if users > 1:
                self._persons[who] = (room, users - 1)

    def shutdown(self) -> None:
        """Begin nothing that waits; what runs goes on to its end."""
        for pool in (self.writers, self.readers, self.dashboards, self.people):
            pool.shutdown(cancel_futures=True)
