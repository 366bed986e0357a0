"""MySQL and MariaDB as a data source, by aiomysql: each query in a fresh read-only transaction with a time limit."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic, perf_counter
from typing import Any, Final, Literal

import aiomysql
import pymysql
from pydantic import Field

from ...errors import HeliographError, SourceError, SourceTimeoutError, SourceUnavailableError
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from .. import frame as frames
from ..timerange import TimeRange
from .base import Health, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .http import Tls
from .mysql_session import MysqlAddress, MysqlConnection, connected
from .mysql_types import fields_of
from .sqlcatalogue import asked, named
from .sqlfill import answer_of_rows
from .sqloptions import options_of
from .sqlsource import SqlConfig, SqlSource
from .sqltext import read

OPTIONS_DEADLINE_S: Final = 10.0
KILL_WITHIN_S: Final = 5.0
ROWS_AT_ONCE: Final = 100  # read before others on the loop have their turn
JUDGED_FOR_S: Final = 60.0
STOPPED: Final = frozenset({1969, 3024, 1317})  # out of time, by MariaDB and MySQL; killed
REFUSED: Final = frozenset({1044, 1045, 1698})
AWAY: Final = frozenset({1040, 1053, 1077, 1079, 1203, 1226, 2003, 2006, 2013, 2055})
FIT: Final = "CREATE USER heliograph IDENTIFIED BY '…'; GRANT SELECT ON shop.* TO heliograph;"


class MysqlConfig(SqlConfig):
    """Options of a MySQL or MariaDB source; its secret is `password`."""

    max_connections: int = Field(5, ge=1, le=50, description="Connections that this server may hold.")
    allow_superuser: bool = Field(
        False, description="Take a user who may administer the server or read and write its files."
    )
    tls: Literal["off", "require", "verify"] = Field(
        "off", description="Whether the connection is encrypted, and whether the server's certificate is checked."
    )
    ca_file: str = Field("", description="File of the authority (PEM) that signed the server's certificate.")
    cert_file: str = Field("", description="File of this client's certificate (PEM).")
    key_file: str = Field("", description="File of the key to it (PEM), unless the certificate's file holds it.")


class MysqlSource(SqlSource):
    """Queries in SQL; what they may read is what the user may."""

    kind = "mysql"
    aliases = ("mariadb",)
    secrets = ("password",)
    trust_options = ("tls", "ca_file")
    title = "MySQL"
    icon = "⛃"
    Config = MysqlConfig
    url_form = "mysql://user@mysql:3306/database"
    language = "mysql"
    _config: MysqlConfig

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._parsing = context.parsing
        self._config = MysqlConfig.model_validate(dict(stored.options))
        self._connector = context.connector
        self._address = MysqlAddress.of(stored.url)
        self._password = stored.secrets.get("password", "")
        self._places = asyncio.Semaphore(self._config.max_connections)
        self._idle: list[MysqlConnection] = []
        self._judged_s = -JUDGED_FOR_S
        self._killing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if not isinstance(query.query, str):
            raise SourceError("a MySQL source is asked in SQL")
        sql = await read(query.query, query.range, query.step_s, "mysql", self._parsing, query.scope.payer)
        fields = await self._fetch(sql, query.deadline_s)
        return await answer_of_rows(fields, query, "mysql", sql)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """SQL with columns `value` and `text`, or one column for both; `tables()`, `columns(table)`."""
        sql = await read(asked(query, "mysql"), range_, 60.0, "mysql", self._parsing, scope.payer)
        return named(query, options_of(await self._fetch(sql, OPTIONS_DEADLINE_S)), "mysql")

    async def test(self) -> Health:
        """Connect and look at the user: one who may do more than read is said."""
        started = perf_counter()
        try:
            await self._fetch("SELECT 1", OPTIONS_DEADLINE_S)
            async with _translated(OPTIONS_DEADLINE_S), self._connection() as connection:
                risks, version = await connection.risks(), connection.version
        except HeliographError as error:
            return Health(False, error.detail)
        warning = f". Warning: the user has {', '.join(risks)}; use one that may only read" if risks else ""
        return Health(True, f"{version} answers{warning}", (perf_counter() - started) * 1000)

    @property
    def dialect(self) -> str:
        return "mysql"

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        await asyncio.gather(*self._killing, return_exceptions=True)

    async def _fetch(self, sql: str, deadline_s: float) -> tuple[frames.Field, ...]:
        async with _translated(deadline_s), self._connection() as connection:
            await self._check(connection)
            async with connection.asking(deadline_s):
                told, rows = await self._rows(connection, sql)
        return await asyncio.to_thread(fields_of, told, rows)

    async def _rows(self, connection: MysqlConnection, sql: str) -> tuple[Sequence[Any], list[Any]]:
        """The rows as they come, so that no more are held than are allowed; SourceError past the limits."""
        rows: list[Any] = []
        left = self._config.max_bytes
        cursor = await connection.driver.cursor(aiomysql.SSCursor)
        await cursor.execute(sql)
        told = cursor._result.fields
        while some := await cursor.fetchmany(ROWS_AT_ONCE):
            rows += some
            left -= sum(len(value) for row in some for value in row if value is not None)
            if len(rows) > self._config.max_rows:
                raise SourceError(f"the query answers more than {self._config.max_rows} rows")
            if left < 0:
                raise SourceError(f"the query answers more than {self._config.max_bytes} bytes")
            await asyncio.sleep(0)
        await cursor.close()
        return told, rows

    async def _check(self, connection: MysqlConnection) -> None:
        """SourceError for a user who may do more than read, unless that is allowed; looked at once in JUDGED_FOR_S."""
        now = monotonic()
        if self._config.allow_superuser or now - self._judged_s < JUDGED_FOR_S:
            return
        risks = await connection.risks()
        if risks:
            raise SourceError(f"the user has {', '.join(risks)}: use one that may only read, as by {FIT}")
        self._judged_s = now

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[MysqlConnection]:
        """One that is free, or a new one; what broke off in the middle is killed at the server and closed."""
        async with self._places:
            connection = self._free() or await self._connect()
            try:
                yield connection
            except pymysql.err.MySQLError as error:
                if error.args and error.args[0] in AWAY:
                    connection.close()
                else:  # the server refused a statement, no more
                    self._idle.append(connection)
                raise
            except BaseException:  # a cancel too leaves a statement that runs
                self._kill(connection)
                raise
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def _free(self) -> MysqlConnection | None:
        """An idle connection that the server has not closed meanwhile."""
        while self._idle:
            found = self._idle.pop()
            reader = found.driver._reader
            if reader is not None and not reader.at_eof() and not reader.eof_received:
                return found
            found.close()
        return None

    async def _connect(self) -> MysqlConnection:
        config = self._config
        tls = Tls(config.ca_file, config.cert_file, config.key_file) if config.tls != "off" else None
        return await connected(self._address, self._password, self._connector, tls, verified=config.tls == "verify")

    def _kill(self, connection: MysqlConnection) -> None:
        """A server notices that a client has gone when it wants to write; so it is told over another connection."""
        connection.close()
        task = asyncio.get_running_loop().create_task(self._killed(connection.number))
        self._killing.add(task)
        task.add_done_callback(self._killing.discard)

    async def _killed(self, number: int) -> None:
        with suppress(HeliographError, pymysql.err.MySQLError, OSError, TimeoutError):
            async with asyncio.timeout(KILL_WITHIN_S):
                connection = await self._connect()
                try:
                    await connection.run(f"KILL {number}")
                finally:
                    connection.close()


@asynccontextmanager
async def _translated(deadline_s: float) -> AsyncIterator[None]:
    """The driver's errors, and the deadline's, as ours."""
    try:
        async with asyncio.timeout(deadline_s):
            yield
    except TimeoutError as error:
        raise SourceTimeoutError(f"MySQL did not answer within {deadline_s:g} s") from error
    except pymysql.err.MySQLError as error:
        code = error.args[0] if error.args else 0
        if code in STOPPED:
            raise SourceTimeoutError(f"MySQL stopped the query after {deadline_s:g} s") from error
        if code in REFUSED:
            raise SourceUnavailableError("MySQL refuses the user or the password", retry_after_s=60) from error
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            why = error.__cause__.verify_message
            raise SourceUnavailableError(f"MySQL's certificate is not trusted: {why}", retry_after_s=60) from error
        if code in AWAY or isinstance(error, pymysql.err.InterfaceError):
            raise SourceUnavailableError("MySQL does not answer", retry_after_s=10) from error
        raise SourceError(str(error.args[-1] if error.args else error).splitlines()[0][:500]) from error
    except (OSError, asyncio.IncompleteReadError) as error:
        raise SourceUnavailableError("MySQL does not answer", retry_after_s=10) from error
