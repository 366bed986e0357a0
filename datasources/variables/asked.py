"""The options of variables, asked once for all who open a dashboard, and remembered while a source is down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ...errors import HeliographError, InvalidError, SourceMissingError, SourceTimeoutError, SourceUnavailableError
from ...kept import Kept
from ...scope import Scope
from ..query.model import Answer, Query, Stage
from ..sources.base import VariableOption, unreadable
from ..sources.registry import Routed, Sources
from ..steps import round_interval
from ..timerange import TimeRange
from .builtins import builtins
from .chosen import Chosen
from .options import MAX_OPTIONS

FRESH_S = 15.0
EMPTY_FRESH_S: Final = 2.0  # what has no options may have some in a moment, as where a source has just begun again
MAX_BYTES = 64 * 2**20  # of all options that are kept
OPTION_BYTES = 250  # of one beside its text
DEADLINE_S: Final = 15.0
STEPS: Final = 1000  # of a range, which `$__interval` in a query of options is a step of
GRIDS: Final = 20  # a range is rounded outwards to this part of itself, so that those close to it share an answer
Key = tuple[int, str, str, int, str, TimeRange | None]


class VariableOptions:
    """Asks sources for options; equal questions at once are one, and an answer is good for FRESH_S seconds.

    `admission` is the stage of the query path that gives places at a source: options take theirs among them.
    """

    def __init__(self, sources: Sources, clock: Callable[[], float], admission: Stage) -> None:
        self._sources = sources
        self._admission = admission
        self._kept: Kept[Sequence[VariableOption]] = Kept(clock, _good_for_s, limit=MAX_BYTES, size=_bytes_of)

    async def sources(self, org: int, kind: str) -> Sequence[VariableOption]:
        """The data sources of a kind, by uid and name; SourceMissingError where there is none."""
        try:
            found = await self._sources.of_kind(org, kind)
        except InvalidError as error:
            raise SourceMissingError(error.detail) from None
        if not found:
            title = self._sources.title_of_kind(kind)
            raise SourceMissingError(
                f"there is no {title} data source: an admin adds one under Settings → Data sources"
            )
        return [VariableOption(one.uid, one.name or one.uid) for one in found]

    async def ask(
        self, datasource: str, template: str, values: Mapping[str, Chosen], range_: TimeRange, scope: Scope
    ) -> Sequence[VariableOption]:
        """The options of a query in which `values` are filled; those known last where the source does not answer."""
        routed = await self._sources.find(scope.org, datasource)
        rounded = _rounded(range_)
        known = {**_around(routed, range_, rounded, scope), **values}
        query = routed.source.filled_options(template, known)
        within = rounded if routed.source.options_use_range(query) else None
        key: Key = (scope.org, scope.data_scope, routed.stored.uid, routed.stored.revision, query, within)
        asked = TimeRange(rounded.from_ms, max(range_.to_ms, rounded.to_ms))
        try:
            return await self._kept.get(key, lambda: self._options(routed, query, asked, scope))
        except (SourceUnavailableError, SourceTimeoutError):
            last = self._kept.last(key)
            if last is None:
                raise
            return last

    async def _options(self, routed: Routed, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        found: list[VariableOption] = []

        async def asked(_: Query) -> Answer:
            found.extend(await routed.source.options(query, range_, scope))
            return Answer(())

        admitted = Query(query, range_, scope, datasource=routed.stored.uid, routed=routed)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await self._admission(admitted, asked)
        except HeliographError:
            raise
        except TimeoutError:
            raise SourceTimeoutError(f"stopped after {DEADLINE_S:g} s") from None
        except Exception as error:  # a fault of one variable is that variable's, and never the page's
            raise unreadable(routed.stored.uid, error) from error
        return found[:MAX_OPTIONS]


def _good_for_s(options: Sequence[VariableOption]) -> float:
    return FRESH_S if options else EMPTY_FRESH_S


def _bytes_of(options: Sequence[VariableOption]) -> int:
    return OPTION_BYTES + sum(OPTION_BYTES + len(one.value) + len(one.text) for one in options)


def _rounded(range_: TimeRange) -> TimeRange:
    """The range by which those who ask at about the same time ask the same; it never ends in the future."""
    grid_ms = int(FRESH_S * 1000)
    from_ms = range_.outwards(max(range_.span_ms // GRIDS, grid_ms)).from_ms
    return TimeRange(from_ms, max(range_.to_ms // grid_ms * grid_ms, from_ms))


def _around(routed: Routed, range_: TimeRange, rounded: TimeRange, scope: Scope) -> Mapping[str, Chosen]:
    """What stands for `$__range` and its like but what the source writes itself; bounds are those that it is asked."""
    least_s = routed.source.least_step_s
    step_s = least_s or round_interval(range_.span_ms / STEPS) / 1000
    own = builtins(range_, step_s, scope, least_s=least_s)
    bounds = builtins(rounded, step_s, scope)
    own |= {name: bounds[name] for name in ("__from", "__to")}
    return {name: values for name, values in own.items() if name not in routed.source.macros}
