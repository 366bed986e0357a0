"""The options of query variables, asked once for all who open a dashboard, and remembered while a source is down."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ...errors import HeliographError, SourceTimeoutError, SourceUnavailableError
from ...scope import Scope
from ..sources.base import VariableOption, unreadable
from ..sources.registry import Routed, Sources
from ..timerange import TimeRange
from .interpolation import Variables

FRESH_S = 15.0
MAX_KEPT = 5000
MAX_OPTIONS = 10_000
GRIDS: Final = 20  # a range is rounded outwards to this part of itself, so that those close to it share an answer
Key = tuple[int, str, str, int, str, TimeRange | None]


@dataclass(frozen=True, slots=True)
class Kept:
    at_s: float
    options: Sequence[VariableOption]


class VariableOptions:
    """Asks sources for options; equal questions at once are one, and an answer is good for FRESH_S seconds."""

    def __init__(self, sources: Sources, clock: Callable[[], float]) -> None:
        self._sources = sources
        self._clock = clock
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._asking: dict[Key, asyncio.Task[Sequence[VariableOption]]] = {}

    async def ask(
        self, datasource: str, template: str, values: Variables, range_: TimeRange, scope: Scope
    ) -> Sequence[VariableOption]:
        """The options of a query in which `values` are filled; those known last where the source does not answer."""
        routed = await self._sources.find(scope.org, datasource)
        query = routed.source.filled_options(template, values)
        rounded = range_.outwards(max(range_.span_ms // GRIDS, int(FRESH_S * 1000)))
        within = rounded if routed.source.options_use_range(query) else None
        key = (scope.org, scope.data_scope, routed.stored.uid, routed.stored.revision, query, within)
        kept = self._kept.get(key)
        if kept is not None and self._clock() - kept.at_s < FRESH_S:
            return kept.options
        task = self._asking.get(key)
        if task is None:
            task = asyncio.ensure_future(_options(routed, query, rounded, scope))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._answered(key, done))
        try:
            return await asyncio.shield(task)
        except (SourceUnavailableError, SourceTimeoutError):
            if kept is None:
                raise
            return kept.options

    def _answered(self, key: Key, task: asyncio.Future[Sequence[VariableOption]]) -> None:
        self._asking.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = Kept(self._clock(), list(task.result())[:MAX_OPTIONS])
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


async def _options(routed: Routed, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
    try:
        return await routed.source.options(query, range_, scope)
    except HeliographError:
        raise
    except Exception as error:  # a fault of one variable is that variable's, and never the page's
        raise unreadable(routed.stored.uid, error) from error
