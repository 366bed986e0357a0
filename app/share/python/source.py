"""Data of one's own as a data source, so that it passes the same query path as any other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from ....datasources.frame import Frame
from ....datasources.sources.base import Health, LongText, Source, SourceAnswer, SourceQuery, VariableOption
from ....datasources.sources.tables import frames_of
from ....datasources.timerange import TimeRange
from ....declared import Spec
from ....errors import HeliographError, SourceError
from ....scope import Scope
from .data import UID, Moment, Own


class NoConfig(Spec):
    """Nothing to configure."""


class OwnSource(Source):
    """`{"data": n}` asks for the n-th of a dashboard's own data. A function runs in a thread, once a question."""

    kind = UID
    title = "Python"
    icon = "🐍"
    Config: ClassVar[type[BaseModel]] = NoConfig
    url_form = ""
    built_in = True
    language = "json"
    example = '{"data": 0}'
    rows = True

    def __init__(self, own: Sequence[Own]) -> None:
        self._own = own

    async def query(self, query: SourceQuery) -> SourceAnswer:
        number = query.query.get("data") if isinstance(query.query, Mapping) else None
        if not isinstance(number, int) or not 0 <= number < len(self._own):
            raise SourceError("this data is in the process that made it, and not here")
        return SourceAnswer(await asyncio.to_thread(self._frames, self._own[number], query))

    def _frames(self, own: Own, query: SourceQuery) -> tuple[Frame, ...]:
        try:
            table = own.table(Moment.of(query.range, query.step_s))
        except HeliographError as error:
            raise SourceError(error.detail) from None
        except Exception as error:  # noqa: BLE001 - whatever a person's function raises is its panel's fault alone
            raise SourceError(f"{type(error).__name__}: {error}") from None
        frames = frames_of(table, legend=query.legend, options=query.options)
        return tuple(_within(frame, query.range) for frame in frames)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        raise SourceError("data of one's own has no options for variables")

    async def test(self) -> Health:
        return Health(ok=True, message="in this process")

    def chunkable(self, query: SourceQuery) -> bool | LongText:
        return False

    async def close(self) -> None:
        """Nothing is open."""


def _within(frame: Frame, range_: TimeRange) -> Frame:
    """The rows of a series that lie in the range; a table has all of its rows."""
    time: Any = frame.time
    if not frame.is_series or time is None:
        return frame
    start, end = time.values.searchsorted(range_.from_ms), time.values.searchsorted(range_.to_ms, "right")
    return frame.cut(int(start), int(end))
