"""The stages that keep sources and this server from too much: places at a source, its rate, the size of answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ...errors import OverloadedError, SourceError
from ...storage.cache.base import Rate, Rates
from ..downsample import thin
from .gate import Gate
from .model import Answer, Next, Priority, Query

SHED = Callable[[str], None]  # counts one that was turned away, by reason
LONGEST_WAIT_S = 30.0
SMOOTHING = 0.2  # the weight of the newest duration in their mean


@dataclass(frozen=True, slots=True)
class Limits:
    """What one source is asked at once, how many wait for it, how often, and how much an answer may hold."""

    max_running: int = 20
    max_waiting: int = 500
    max_series: int = 10_000
    max_points: int = 2_000_000

    @property
    def max_of_one(self) -> int:
        """Of what a source is asked at once, how much may be one asker's: three quarters."""
        return max(1, self.max_running * 3 // 4)


@dataclass(slots=True)
class Places:
    """One source's gate with those who wait before it; `mean_s` of the questions that it answered."""

    gate: Gate
    mean_s: float = 0.1
    tickets: dict[int, asyncio.Future[None]] = field(default_factory=dict)

    def retry_after_s(self) -> float:
        """About when a place will be free: as long as those before take."""
        rounds = (len(self.gate.waiting) + 1) / self.gate.max_running
        return min(max(rounds * self.mean_s, 1.0), LONGEST_WAIT_S)


class Admission:
    """Lets so many questions to a source at once; alerts before dashboards, dashboards before free queries."""

    name = "admission"

    def __init__(self, limits: Limits, rate: Rate | None, rates: Rates, clock: Callable[[], float], shed: SHED) -> None:
        self._limits = limits
        self._rate = rate
        self._rates = rates
        self._clock = clock
        self._shed = shed
        self._places: dict[tuple[int, str], Places] = {}
        self._numbers = 0

    async def __call__(self, query: Query, following: Next) -> Answer:
        key = (query.scope.org, query.datasource)
        await self._check_rate(key, query.priority)
        places = self._places.get(key)
        if places is None:
            limits = self._limits
            places = self._places[key] = Places(Gate(limits.max_running, limits.max_waiting, limits.max_of_one))
        async with self._place(places, query):
            started_s = self._clock()
            answer = await following(query)
            places.mean_s += SMOOTHING * (self._clock() - started_s - places.mean_s)
        return answer

    async def _check_rate(self, key: tuple[int, str], priority: Priority) -> None:
        """The rate of a source holds over all nodes. Alerts are counted, and asked all the same."""
        if self._rate is None:
            return
        wait_s = await self._rates.wait_s(f"source/{key[0]}/{key[1]}", self._rate)
        if wait_s > 0 and priority is not Priority.ALERT:
            self._shed("source_rate")
            raise OverloadedError("this data source is asked too often", retry_after_s=wait_s)

    @asynccontextmanager
    async def _place(self, places: Places, query: Query) -> AsyncIterator[None]:
        self._numbers += 1
        ticket = self._numbers
        decision = places.gate.arrive(ticket, query.priority, query.scope.payer)
        if decision.displaced is not None:
            waiter = places.tickets.pop(decision.displaced)
            if not waiter.done():
                waiter.set_exception(self._refused(places, query.datasource))
        if decision.verdict == "refuse":
            raise self._refused(places, query.datasource)
        if decision.verdict == "wait":
            await self._wait(places, ticket, query.scope.payer)
        try:
            yield
        finally:
            self._end(places, query.scope.payer)

    async def _wait(self, places: Places, ticket: int, who: str) -> None:
        future = places.tickets[ticket] = asyncio.get_running_loop().create_future()
        try:
            await future
        except asyncio.CancelledError:
            places.tickets.pop(ticket, None)
            # It may have been given a place in the very moment in which it was cancelled.
            if not places.gate.leave(ticket) and future.done() and not future.cancelled() and not future.exception():
                self._end(places, who)
            raise

    def _end(self, places: Places, who: str) -> None:
        """The next one goes; those that were cancelled a moment ago give their place on."""
        while (following := places.gate.end(who)) is not None:
            waiter = places.tickets.pop(following.ticket)
            if not waiter.done():
                waiter.set_result(None)
                return
            who = following.who

    def _refused(self, places: Places, datasource: str) -> OverloadedError:
        self._shed("source_queue")
        return OverloadedError(
            f"too many queries wait for the data source {datasource}", retry_after_s=places.retry_after_s()
        )


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Answers with too much in them are refused; series with more points than were asked are thinned by M4."""

    limits: Limits
    shed: SHED
    name: str = "limits"

    async def __call__(self, query: Query, following: Next) -> Answer:
        answer = await following(query)
        if len(answer.frames) > self.limits.max_series:
            self.shed("series")
            raise SourceError(f"{len(answer.frames)} series are more than the {self.limits.max_series} allowed")
        answer = downsampled(query, answer)
        points = sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in answer.frames)
        if points > self.limits.max_points:
            self.shed("points")
            raise SourceError(f"{points} points are more than the {self.limits.max_points} allowed")
        return answer


def downsampled(query: Query, answer: Answer) -> Answer:
    """Series with more points than were asked, thinned; those that keep to the step of the query have as many as that
    gives."""
    if query.instant or query.whole or query.step_s <= 0:
        return answer
    by_step = round(query.range.span_ms / 1000 / query.step_s) + 2  # one within the last step
    if all(frame.rows <= max(query.max_points, by_step) for frame in answer.frames):
        return answer
    frames = tuple(
        thin(frame, query.max_points) if frame.rows > max(query.max_points, by_step) else frame
        for frame in answer.frames
    )
    points = sum(frame.rows * max(len(frame.fields) - 1, 1) for frame in frames)
    return answer.but(frames=frames, has_parts=False, inspect=answer.inspect.but(points_returned=points))
