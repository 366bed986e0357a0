"""A ClickHouse server as a data source, over HTTP: read-only, limited, cancelled with us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from time import monotonic, perf_counter

from pydantic import Field

from ...errors import HeliographError, SourceError
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from .. import frame as frames
from ..timerange import TimeRange
from .base import Health, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .clickhouse_grants import FIT, Due, reaches_out
from .clickhouse_http import ClickHouseHttp
from .clickhouse_types import TypedReader
from .http import HttpOptions, source_http
from .sqlcatalogue import asked, named
from .sqlfill import answer_of_rows
from .sqloptions import options_of
from .sqlsource import SqlConfig, SqlSource
from .sqltext import read

OPTIONS_DEADLINE_S = 10


class ClickHouseConfig(SqlConfig, HttpOptions):
    """Options of a ClickHouse source; its secrets are `password` and `token`."""

    max_rows: int = Field(100_000, ge=1, le=10_000_000, description="A query that answers more rows is refused.")
    max_memory_bytes: int = Field(4_000_000_000, ge=1_000_000, description="Memory that one query may use.")
    allow_superuser: bool = Field(
        False, description="Take a user that may read files, addresses and other servers; a provisioned source may."
    )


class ClickHouseSource(SqlSource):
    """Queries in SQL; what they may read is what the user may."""

    kind = "clickhouse"
    secrets = ("password", "token")
    title = "ClickHouse"
    icon = "▥"
    Config = ClickHouseConfig
    url_form = "http://user@clickhouse:8123"
    language = "sql"
    _config: ClickHouseConfig

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._parsing = context.parsing
        self._config = ClickHouseConfig.model_validate(dict(stored.options))
        self._trusted = self._config.allow_superuser or stored.provisioned
        self._due = Due(monotonic)
        address = stored.url.partition("?")[0]
        http = source_http("ClickHouse", replace(stored, url=address), self._config, context.connector)
        self._client = ClickHouseHttp(http)
        self._reader = TypedReader(monotonic)

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if not isinstance(query.query, str):
            raise SourceError("a ClickHouse source is asked in SQL")
        sql = await read(query.query, query.range, query.step_s, "clickhouse", self._parsing, query.scope.payer)
        fields = await self._fetch(sql, query.query, query.deadline_s, query.query_id)
        return await answer_of_rows(fields, query, "clickhouse", sql)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """SQL with columns `value` and `text`, or one column for both; `tables()`, `columns(table)`."""
        sql = await read(asked(query, "clickhouse"), range_, 60.0, "clickhouse", self._parsing, scope.payer)
        return named(query, options_of(await self._fetch(sql, query, OPTIONS_DEADLINE_S)), "clickhouse")

    async def test(self) -> Health:
        started = perf_counter()
        try:
            await self._client.query(
                "SELECT 1 AS one", settings=self._limits(OPTIONS_DEADLINE_S), deadline_s=OPTIONS_DEADLINE_S
            )
            latency_ms = (perf_counter() - started) * 1000
            said = await self._reaches_out()
            if not self._trusted:
                await self._check_user()
        except HeliographError as error:
            return Health(False, error.detail)
        warning = f". Warning: the user may {', '.join(said)}; use one that may only read" if said else ""
        return Health(True, f"ClickHouse answers{warning}", latency_ms)

    @property
    def dialect(self) -> str:
        return "clickhouse"

    async def close(self) -> None:
        await self._client.close()

    async def _reaches_out(self) -> list[str]:
        table = await self._client.query(
            "SHOW GRANTS", settings=self._limits(OPTIONS_DEADLINE_S), deadline_s=OPTIONS_DEADLINE_S
        )
        return reaches_out(str(one) for column in table.columns[:1] for one in column.to_pylist())

    async def _check_user(self) -> None:
        """SourceError with the SQL that makes a fit user, where this one may read from elsewhere than its tables."""
        if said := await self._reaches_out():
            raise SourceError(
                f"the user may {', '.join(said)}; make one that may only read: {FIT} "
                "or set the option allow_superuser of this source"
            )
        self._due.done()

    async def _fetch(self, sql: str, text: str, deadline_s: float, query_id: str = "") -> tuple[frames.Field, ...]:
        if not self._trusted and self._due:
            await self._check_user()
        ask = partial(self._client.query, deadline_s=deadline_s)
        return await self._reader.read(
            ask,
            sql,
            known_as=text,
            settings=self._limits(deadline_s),
            query_id=query_id,
            max_bytes=self._config.max_bytes,
        )

    def _limits(self, deadline_s: float) -> dict[str, float]:
        return {
            "max_execution_time": deadline_s,
            "max_result_rows": self._config.max_rows,
            "max_result_bytes": self._config.max_bytes,
            "max_memory_usage": self._config.max_memory_bytes,
            "cancel_http_readonly_queries_on_client_close": 1,
            "readonly": 1,
        }
