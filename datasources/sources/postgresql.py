"""PostgreSQL as a data source, by asyncpg: each query in a fresh read-only transaction with its own time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic, perf_counter
from typing import Any

import asyncpg
from pydantic import Field

from ...errors import SourceError, SourceTimeoutError, SourceUnavailableError
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from .. import frame as frames
from ..timerange import TimeRange
from .base import Health, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .postgres_address import PostgresAddress
from .postgres_meter import Meter, MeteredConnection
from .postgres_session import FitRole, asking, risks
from .postgres_types import count_times, fields_of, readable
from .sqlcatalogue import asked, named
from .sqlfill import answer_of_rows
from .sqloptions import options_of
from .sqlsource import SqlConfig, SqlSource
from .sqltext import read

OPTIONS_DEADLINE_S = 10.0


class PostgresConfig(SqlConfig):
    """Options of a PostgreSQL source; its secret is `password`."""

    max_connections: int = Field(5, ge=1, le=50, description="Connections that this server may hold.")
    allow_superuser: bool = Field(
        False, description="Take a role that is a superuser, or may read files or run programs on the server."
    )


class PostgresSource(SqlSource):
    """Queries in SQL; what they may read is what the role may."""

    kind = "postgresql"
    aliases = ("sql", "postgres")
    secrets = ("password",)
    title = "PostgreSQL"
    icon = "⛁"
    Config = PostgresConfig
    url_form = "postgresql://user@postgres:5432/database"
    language = "postgres"
    _config: PostgresConfig

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._parsing = context.parsing
        self._config = PostgresConfig.model_validate(dict(stored.options))
        self._connector = context.connector
        self._address = PostgresAddress.of(stored.url, context.connector)
        self._password = stored.secrets.get("password")
        self._pool: asyncpg.Pool | None = None
        self._connecting = asyncio.Lock()
        self._role = FitRole(monotonic)

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if not isinstance(query.query, str):
            raise SourceError("a PostgreSQL source is asked in SQL")
        sql = await read(query.query, query.range, query.step_s, "postgres", self._parsing, query.scope.payer)
        fields = await self._fetch(sql, query.deadline_s)
        return await answer_of_rows(fields, query, "postgres", sql)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """SQL with columns `value` and `text`, or one column for both; `tables()`, `columns(table)`."""
        sql = await read(asked(query, "postgres"), range_, 60.0, "postgres", self._parsing, scope.payer)
        return named(query, options_of(await self._fetch(sql, OPTIONS_DEADLINE_S)), "postgres")

    async def test(self) -> Health:
        """Connect and look at the role: one that may do more than read is said."""
        started = perf_counter()
        try:
            await self._fetch("SELECT 1", OPTIONS_DEADLINE_S)
            assert self._pool is not None
            async with self._pool.acquire(timeout=OPTIONS_DEADLINE_S) as connection:
                said = await risks(connection)
        except (SourceError, SourceUnavailableError, SourceTimeoutError) as error:
            return Health(False, error.detail)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            return Health(False, "PostgreSQL does not answer")
        latency_ms = (perf_counter() - started) * 1000
        warning = f". Warning: the role {', '.join(said)}; use one that may only read" if said else ""
        return Health(True, f"PostgreSQL answers{warning}", latency_ms)

    @property
    def dialect(self) -> str:
        return "postgres"

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _fetch(self, sql: str, deadline_s: float) -> tuple[frames.Field, ...]:
        meter: Meter | None = None
        try:
            pool = await self._connected()
            async with pool.acquire(timeout=deadline_s) as connection, asking(connection, deadline_s):
                meter = connection.meter
                meter.allow(self._config.max_bytes)
                if not self._config.allow_superuser:
                    await self._role.check(connection)
                statement = await connection.prepare(sql)
                names = [attribute.name for attribute in statement.get_attributes()]
                statement = await readable(connection, statement, sql)
                rows = await (await statement.cursor()).fetch(self._config.max_rows + 1)
                told = statement.get_attributes()
        except (asyncpg.QueryCanceledError, TimeoutError) as error:
            raise SourceTimeoutError(f"PostgreSQL stopped the query after {deadline_s:g} s") from error
        except (
            asyncpg.InterfaceError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
            OSError,
        ) as error:
            if meter is not None and meter.passed:
                raise SourceError(f"the query answers more than {self._config.max_bytes} bytes") from None
            raise SourceUnavailableError("PostgreSQL does not answer", retry_after_s=10) from error
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise SourceUnavailableError("PostgreSQL refuses the role or its password", retry_after_s=60) from error
        except asyncpg.PostgresError as error:
            raise SourceError(str(error).splitlines()[0][:500]) from error
        except (OverflowError, ValueError) as error:  # the driver reads values: years 1 to 9999 alone are times to it
            raise SourceError(f"a value of the answer cannot be read: {error}"[:500]) from error
        if len(rows) > self._config.max_rows:
            raise SourceError(f"the query answers more than {self._config.max_rows} rows")
        return await asyncio.to_thread(fields_of, names, told, rows)

    async def _connected(self) -> asyncpg.Pool:
        async with self._connecting:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    connect=self._connect,
                    min_size=0,
                    max_size=self._config.max_connections,
                    timeout=10,
                    statement_cache_size=0,
                    connection_class=MeteredConnection,
                    init=count_times,
                )
            return self._pool

    async def _connect(self, *_: Any, **driver: Any) -> asyncpg.Connection:
        """As the pool asks for each new connection: its addresses are looked up and judged anew."""
        return await self._address.connected(self._connector, self._password, **driver)
