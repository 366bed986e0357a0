"""The query proxy: the one way to a data source, a list of stages `async (query, next) -> answer`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from time import perf_counter

from .model import Answer, Next, Query, Stage

# Milliseconds of each stage of the query that this task asks, without those of the stages behind it.
_timings: ContextVar[dict[str, float] | None] = ContextVar("timings", default=None)


class QueryProxy:
    """Asks queries through its stages, in their order; the last of them answers."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._ask = compose(stages)

    async def query(self, query: Query) -> Answer:
        """The answer; SourceError, SourceTimeoutError, SourceUnavailableError, InvalidError where there is none."""
        timings: dict[str, float] = {}
        token = _timings.set(timings)
        try:
            answer = await self._ask(query)
        finally:
            _timings.reset(token)
        return replace(answer, inspect=replace(answer.inspect, stages_ms=timings))

    async def gather(self, queries: Sequence[Query]) -> list[Answer | BaseException]:
        """All answers, concurrently; where one has none, its error stands in its place."""
        return await asyncio.gather(*(self.query(query) for query in queries), return_exceptions=True)


def compose(stages: Sequence[Stage]) -> Next:
    """The stages as one function."""

    async def nothing_left(_: Query) -> Answer:
        raise RuntimeError("no stage answered")

    ask: Next = nothing_left
    for stage in reversed(stages):
        ask = _bound(stage, ask)
    return ask


def _bound(stage: Stage, following: Next) -> Next:
    name = str(getattr(stage, "name", None) or getattr(stage, "__name__", type(stage).__name__))

    async def timed_following(query: Query) -> Answer:
        started = perf_counter()
        try:
            return await following(query)
        finally:
            timings = _timings.get()
            if timings is not None:
                timings[name] = timings.get(name, 0.0) - (perf_counter() - started) * 1000

    async def run(query: Query) -> Answer:
        started = perf_counter()
        try:
            return await stage(query, timed_following)
        finally:
            timings = _timings.get()
            if timings is not None:
                timings[name] = timings.get(name, 0.0) + (perf_counter() - started) * 1000

    return run
