"""Who may use the engine when: lanes with workers of their own, so that no one's statements keep another's waiting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from ...turns import FairTurns, Room

WRITERS, READERS, DASHBOARDS, PEOPLE = 2, 6, 4, 6  # workers of each lane
OF_PERSON, OF_DASHBOARD = 2, 3  # statements that one has under way
WAITING, WAITING_OF_ONE = 1000, 200  # statements, of all and of one
# Of all statements of people together: each has its part.
PEOPLE_BYTES = 2_400_000_000
PEOPLE_ROWS, PEOPLE_RESULT_BYTES, PEOPLE_S = 1_000_000, 200_000_000, 60.0
VIEW = "view/"  # begins the name of a dashboard that asks for all who watch it


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
        self._of_dashboards, self._of_people = fair(DASHBOARDS, OF_DASHBOARD), fair(PEOPLE, OF_PERSON)

    @asynccontextmanager
    async def person(self, who: str, gone: Callable[[], bool]) -> AsyncIterator[ThreadPoolExecutor]:
        """Room for one more statement of a person or a dashboard: RateLimitedError where too many of theirs wait,
        OverloadedError where too many do."""
        turns, pool = (self._of_dashboards, self.dashboards) if who.startswith(VIEW) else (self._of_people, self.people)
        async with turns.turn(who):
            if gone():
                raise asyncio.CancelledError
            yield pool

    def shutdown(self) -> None:
        """Begin nothing that waits; what runs goes on to its end."""
        for pool in (self.writers, self.readers, self.dashboards, self.people):
            pool.shutdown(cancel_futures=True)


def fair(workers: int, of_one: int) -> FairTurns:
    """Turns at so many workers."""
    room = Room(at_once=workers, of_one=of_one, waiting=WAITING, waiting_of_one=WAITING_OF_ONE)
    return FairTurns(room, "too many statements wait in the store", "too many statements of yours wait in the store")
