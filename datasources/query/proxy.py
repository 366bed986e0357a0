"""The query proxy: the one way to a data source, a list of stages `async (query, next) -> answer`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import pairwise
from time import perf_counter

from ..working import Working
from .model import Answer, Next, Query, Stage

# Seconds in each stage of the query that this task asks, with those in the stages behind it.
_spent: ContextVar[list[float] | None] = ContextVar("spent", default=None)


class QueryProxy:
    """Asks queries through its stages, in their order; the last of them answers. `working`: where what is done with
    answers is worked out."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.working = Working()
        self._names = [_name(stage) for stage in stages]
        self._ask = compose(stages)

    async def query(self, query: Query) -> Answer:
        """The answer; SourceError, SourceTimeoutError, SourceUnavailableError, InvalidError where there is none."""
        spent = [0.0] * (len(self._names) + 1)
        token = _spent.set(spent)
        try:
            answer = await self._ask(query)
        finally:
            _spent.reset(token)
        return answer.but(inspect=answer.inspect.but(stages_ms=self._own_ms(spent)))

    async def gather(self, queries: Sequence[Query]) -> list[Answer | BaseException]:
        """All answers, concurrently; where one has none, its error stands in its place."""
        if len(queries) != 1:
            return await asyncio.gather(*(self.query(query) for query in queries), return_exceptions=True)
        try:
            return [await self.query(queries[0])]
        except Exception as error:  # noqa: BLE001 - as of several: it stands in the answer's place
            return [error]

    def _own_ms(self, spent: Sequence[float]) -> dict[str, float]:
        """Milliseconds by the names of the stages that were passed, each without those behind it."""
        found: dict[str, float] = {}
        for name, (whole, behind) in zip(self._names, pairwise(spent), strict=True):
            if whole:
                found[name] = found.get(name, 0.0) + (whole - behind) * 1000
        return found


def compose(stages: Sequence[Stage]) -> Next:
    """The stages as one function."""

    async def nothing_left(_: Query) -> Answer:
        raise RuntimeError("no stage answered")

    ask: Next = nothing_left
    for number, stage in reversed([*enumerate(stages)]):
        ask = _bound(number, stage, ask)
    return ask


def _bound(number: int, stage: Stage, following: Next) -> Next:
    async def run(query: Query) -> Answer:
        started = perf_counter()
        try:
            return await stage(query, following)
        finally:
            spent = _spent.get()
            if spent is not None:
                spent[number] += perf_counter() - started

    return run


def _name(stage: Stage) -> str:
    return str(getattr(stage, "name", None) or getattr(stage, "__name__", type(stage).__name__))
