"""The built-in metric store as a data source: structured queries over series, and guarded SQL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic, perf_counter
from typing import Any

from pydantic import ValidationError

from ...declared import Spec
from ...errors import HeliographError, SourceError
from ...faults import said
from ...scope import VIEW, Scope
from ...storage.metrics.client import MetricClient
from ...storage.metrics.ladder import LADDER_S, choose, step_on_ladder
from ...storage.metrics.reader import MetricReader, Reading, Selection
from ...storage.metrics.schema import DATABASE
from ...storage.metrics.statements import READ_ONLY
from ..buckets import Buckets
from ..parsing import Parsing
from ..timerange import TimeRange
from .base import Formatted, Health, Source, SourceAnswer, SourceQuery, VariableOption
from .clickhouse_types import TypedReader
from .sqlfill import answer_of_rows
from .sqloptions import options_of
from .sqlsource import TIME_MACROS
from .sqltext import guarded, has_macros, in_pieces
from .store_frames import ending, joined_frames
from .store_query import StoreQuery

OPTIONS = re.compile(
    r"^\s*(?P<name>metrics|label_values|label_names)\(\s*(?:(?P<metric>[\w:]+)\s*,\s*)?(?P<label>[\w:.-]*)\s*\)\s*$"
)
LOOKUP = re.compile(r"^\s*(?:metrics|label_values|label_names)\(")  # whatever stands in it: it never becomes SQL
MAX_ROWS = 100_000
SERIES_AT_ONCE = 100  # more than that are joined off the loop
TOTALS = frozenset({"sum", "count"})  # what is less in a bucket that is not over


class StoreConfig(Spec):
    """The built-in store takes no options."""


class StoreSource(Source):
    """Structured queries and SQL over the metric store; SQL only as the guard renders it, on a read-only connection."""

    kind = "store"
    title = "Built-in store"
    icon = "◆"
    Config = StoreConfig
    Query = StoreQuery
    Target = Formatted
    url_form = ""
    built_in = True
    language = "sql"
    example = '{"metric": "node_load1"}'
    macros = TIME_MACROS
    rows = True

    def __init__(self, client: MetricClient, reader: MetricReader, parsing: Parsing) -> None:
        self._client = client
        self._reader = reader
        self._parsing = parsing
        self._rows = TypedReader(monotonic)

    @property
    def least_step_s(self) -> float:
        return float(LADDER_S[0])

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if isinstance(query.query, str):
            return await self._sql(query, query.query)
        return await self._structured(query, query.query)

    def options_language(self, query: str) -> str:
        return "text" if LOOKUP.match(query) else self.language

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """`metrics()`, `label_names()`, `label_values(label)`, these also of one metric, or SQL: its first column."""
        match = OPTIONS.match(query)
        if match is None:
            sql = await self._parsing.run(scope.payer, guarded, query, range_, 60.0, scope.org, DATABASE)
            ask = partial(self._client.query, person=person_of(scope))
            known_as = f"{scope.org} {query}"
            return options_of(await self._rows.read(ask, sql, known_as=known_as, settings=READ_ONLY))
        if match["name"] == "metrics":
            values = list(await self._reader.metrics(scope.org))
        elif match["name"] == "label_values" and match["label"]:
            values = list(await self._reader.label_values(scope.org, match["label"], match["metric"] or ""))
        elif match["name"] == "label_names":
            values = list(await self._reader.label_names(scope.org, match["label"]))
        else:
            raise SourceError("label_values(label), label_values(metric, label), label_names(metric) or metrics()")
        return [VariableOption(value, value) for value in values]

    async def test(self) -> Health:
        started = perf_counter()
        try:
            await self._client.query("SELECT 1 AS one", settings=READ_ONLY)
        except HeliographError as error:
            return Health(False, error.detail)
        return Health(True, "The store answers", (perf_counter() - started) * 1000)

    def parses(self, text: str) -> bool:
        return has_macros(text)

    def chunkable(self, query: SourceQuery) -> bool:
        """Structured queries are: a bucket depends on the samples before its end. Top ones are chosen of a whole.

        Not where the range begins before the tier that has this step, nor where the store has no such step.
        """
        if isinstance(query.query, str):
            return in_pieces(query.query, "clickhouse", query.step_s)
        now_ms = self._reader.now_ms()
        same = choose(query.step_s, query.range.from_ms, now_ms) == choose(query.step_s, now_ms, now_ms)
        return same and step_on_ladder(query.step_s) == query.step_s and not query.query.get("top")

    def opens(self, query: SourceQuery) -> bool:
        return not isinstance(query.query, str)

    def settles_s(self, query: SourceQuery) -> float:
        """A bucket of SQL is named by its start, one of a structured query by its end."""
        return super().settles_s(query) + (query.step_s if isinstance(query.query, str) else 0.0)

    @property
    def max_rows(self) -> int:
        return MAX_ROWS

    async def close(self) -> None:
        """The client belongs to the process."""

    async def _sql(self, query: SourceQuery, text: str) -> SourceAnswer:
        sql = await self._parsing.run(
            query.scope.payer, guarded, text, query.range, query.step_s, query.scope.org, DATABASE
        )
        limits = {"max_execution_time": query.deadline_s, "max_result_rows": MAX_ROWS, **READ_ONLY}
        ask = partial(self._client.query, person=person_of(query.scope))
        known_as = f"{query.scope.org} {text}"
        fields = await self._rows.read(ask, sql, known_as=known_as, settings=limits, query_id=query.query_id)
        return await answer_of_rows(fields, query, "clickhouse", sql)

    async def _structured(self, query: SourceQuery, document: Mapping[str, Any]) -> SourceAnswer:
        try:
            wanted = StoreQuery.model_validate(dict(document))
            picks, expression = wanted.picks(), wanted.expression()
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise SourceError(f"{where}: {said(fault)}") from None
        range_, open_ms = self._whole_buckets(query)

        async def reading_of(selection: Selection) -> Reading:
            return await self._reader.read(
                query.scope.org,
                selection,
                range_.from_ms,
                range_.to_ms,
                query.step_s,
                query_id=query.query_id if len(picks) == 1 else "",
                deadline_s=query.deadline_s,
            )

        readings = await asyncio.gather(*(reading_of(pick.selection()) for pick in picks.values()))
        read = {name: one.series for name, one in zip(picks, readings, strict=True)}
        if open_ms:
            read = {name: tuple(ending(one, open_ms) for one in series) for name, series in read.items()}
        if sum(map(len, read.values())) > SERIES_AT_ONCE:
            made = await asyncio.to_thread(joined_frames, wanted, expression, read, query.legend)
        else:
            made = joined_frames(wanted, expression, read, query.legend)
        totals = any(pick.over in TOTALS and not pick.rate for pick in picks.values())
        open_end = Buckets(query.step_s * 1000, open_ms) if open_ms and totals else None
        return SourceAnswer(made, executed="\n".join(one.sql for one in readings), buckets=open_end)

    def _whole_buckets(self, query: SourceQuery) -> tuple[TimeRange, int]:
        """The range, and 0; of an instant within a bucket the bucket, and the instant up to which that is known."""
        range_ = query.range
        _, step_s = choose(query.step_s, range_.from_ms, self._reader.now_ms())
        if range_.span_ms or range_.to_ms % (step_s * 1000) == 0:
            return range_, 0
        end_ms = range_.outwards(step_s * 1000).to_ms
        return TimeRange(end_ms, end_ms), range_.to_ms


def person_of(scope: Scope) -> str:
    """In whose turn the store runs a statement: that of a dashboard, for which there are workers, or of a person."""
    return f"{VIEW}/{scope.payer}" if scope.principal == VIEW else scope.payer
