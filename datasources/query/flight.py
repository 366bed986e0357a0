"""Single flight and cache in the process: each distinct question is asked once, whoever asks and however many.

A waiter outlives the one that asked first; a cancelled caller cancels nobody else; when the last is gone the question
is cancelled at its source. Answers are kept while they are fresh, and the last good one for when the source is down.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

from ...storage.errors import SourceTimeoutError, SourceUnavailableError
from .model import Answer, Next, Query

COUNTED = Callable[[str], None]
STILL_AFTER_S = 120  # a range that ended longer ago than this does not change any more
STILL_LIFE_S = 3600.0
LAST_GOOD_S = 86_400.0


def question(query: Query) -> tuple[Hashable, ...]:
    """What makes two questions the same, without where in time they lie: org, data scope, source and revision, text."""
    return (
        query.scope.data_key,
        query.datasource,
        query.revision,
        _stable(query.query),
        query.legend,
        _stable(query.options),
        query.step_s,
        query.max_points,
        query.zone,
        query.instant,
        query.ref,
    )


def _stable(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


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


@dataclass(slots=True)
class Kept:
    at_s: float
    until_s: float
    answer: Answer


@dataclass(slots=True)
class Memory:
    """Answers by key, the least used leaving first once their values are more than `max_values`."""

    max_values: int
    kept: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    values: int = 0

    def get(self, key: Hashable) -> Kept | None:
        found = self.kept.get(key)
        if found is not None:
            self.kept.move_to_end(key)
        return found

    def put(self, key: Hashable, item: Kept) -> None:
        self.drop(key)
        self.kept[key] = item
        self.values += size(item.answer)
        while self.values > self.max_values and self.kept:
            self.drop(next(iter(self.kept)))

    def drop(self, key: Hashable) -> None:
        found = self.kept.pop(key, None)
        if found is not None:
            self.values -= size(found.answer)

    def clear(self, test: Callable[[Hashable], bool]) -> int:
        gone = [key for key in self.kept if test(key)]
        for key in gone:
            self.drop(key)
        return len(gone)


def size(answer: Answer) -> int:
    """The values of an answer: rows times columns, at least one."""
    return 1 + sum(frame.rows * len(frame.fields) for frame in answer.frames)


class AnswerCache:
    """Keeps whole answers: those of moving ranges for a step, those of the past for an hour."""

    name = "cache"

    def __init__(self, clock: Callable[[], float], counted: COUNTED, max_values: int = 20_000_000) -> None:
        self._clock = clock
        self._counted = counted
        self._memory = Memory(max_values)

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (question(query), query.range)
        now = self._clock()
        found = self._memory.get(key)
        if found is not None and now < found.until_s:
            self._counted("hit")
            return replace(found.answer, inspect=replace(found.answer.inspect, cache="hit", points_fetched=0))
        self._counted("miss")
        answer = await following(query)
        if not answer.partial and answer.stale_age_s is None:
            self._memory.put(key, Kept(now, now + self._life_s(query, now), answer))
        return answer

    def _life_s(self, query: Query, now_s: float) -> float:
        if query.range.to_ms / 1000 < now_s - STILL_AFTER_S - query.step_s:
            return STILL_LIFE_S
        return max(0.5, min(query.step_s, 60.0) / 2)

    def flush(self, org: int, datasource: str = "") -> int:
        """Forget the answers of an org, of one data source or of all; how many."""
        return self._memory.clear(lambda key: _belongs(key, org, datasource))


def _belongs(key: Any, org: int, datasource: str) -> bool:
    scope, source = key[0][0], key[0][1]
    return bool(scope[0] == org and (not datasource or source == datasource))


class LastGood:
    """Answers with what was known last while a source is down, and says how old it is."""

    name = "last_good"

    def __init__(self, clock: Callable[[], float], max_values: int = 10_000_000) -> None:
        self._clock = clock
        self._memory = Memory(max_values)

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (question(query), query.range.span_ms)
        try:
            answer = await following(query)
        except (SourceUnavailableError, SourceTimeoutError):
            found = self._memory.get(key)
            if found is None or self._clock() > found.until_s:
                raise
            age_s = self._clock() - found.at_s
            inspect = replace(found.answer.inspect, cache="stale", points_fetched=0)
            return replace(found.answer, stale_age_s=age_s, inspect=inspect)
        now = self._clock()
        if answer.stale_age_s is None:
            self._memory.put(key, Kept(now, now + LAST_GOOD_S, answer))
        return answer
