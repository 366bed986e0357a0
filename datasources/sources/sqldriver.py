"""Other SQL databases by the drivers of SQLAlchemy, those alone that the operator lists in `sql_drivers`.

SQLAlchemy's drivers block, so each question runs in a thread of the source's own; one that is past its deadline, or
that nobody waits for any more, is stopped in the database. What may be read is what the file or the role gives.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from pydantic import Field
from sqlalchemy import URL, CursorResult, Engine, QueuePool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from ...errors import HeliographError, InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from ...pathless import pathless
from ...scope import Scope
from ...storage.config.datasources import StoredSource
from .. import frame as frames
from ..timerange import TimeRange
from .arrow_columns import decimal_field, exact_text, number_field
from .base import Health, SourceAnswer, SourceContext, SourceQuery, VariableOption
from .epochs import TIME_NAMES
from .sqlcatalogue import asked, named
from .sqlfill import answer_of_rows
from .sqloptions import options_of
from .sqlsource import SqlConfig, SqlSource
from .sqltext import read

OPTIONS_DEADLINE_S: Final = 10.0
MAX_VALUE_BYTES: Final = 16 * 2**20  # of one text or blob of SQLite
NUMBER_BYTES: Final = 8  # what counts for a value that is no text
LOOK_EVERY: Final = 10_000  # operations of SQLite's engine between two looks at whether to stop
Rows = tuple[Sequence[str], Sequence[Sequence[Any]]]


class SqlDriverConfig(SqlConfig):
    """Options of a source over another SQL driver."""

    max_connections: int = Field(5, ge=1, le=50, description="Connections that this server may hold.")


@dataclass(frozen=True, slots=True)
class Driver:
    """How a driver is opened read-only, and how what runs on one of its connections is stopped when a test says so."""

    dialect: str  # of sqlglot, with macros of time in `sqlselect`
    open: Callable[[URL, int], Engine]
    stop_when: Callable[[Any, Callable[[], bool]], None]


def _open_sqlite(url: URL, connections: int) -> Engine:
    if not url.database or url.database == ":memory:":
        raise InvalidError("the URL of a SQLite source: sqlite:////path/to/file.db", path="$.url")
    name = f"file:{quote(url.database)}?mode=ro"

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(name, uri=True, check_same_thread=False)
        made.execute("PRAGMA query_only = 1")
        made.text_factory = _readable
        made.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        made.set_authorizer(_reads_only)
        return made

    return create_engine("sqlite://", creator=connect, pool_size=connections, max_overflow=0, poolclass=QueuePool)


def _readable(text: bytes) -> str:
    """SQLite keeps texts as they came, also those that are no UTF-8."""
    return text.decode("utf-8", "replace")


READING: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION}
)
ACTING: Final = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
ASKED: Final = frozenset({"data_version", "read_uncommitted"})  # by full-text tables, and by SQLAlchemy
DESCRIBED: Final = "table_info"  # the columns of a table, which sqlite_master tells anyway
DESCRIBING: Final = {"name": "value", "type": "text"}  # what columns of its answer are to options


def _reads_only(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
    """SQLite asks for each thing that a statement would do, as its own parser reads it: reading alone is allowed."""
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if (second or "").lower() in ACTING else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        may = first == DESCRIBED or (first in ASKED and second is None)
        return sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _stop_sqlite(connection: Any, stopped: Callable[[], bool]) -> None:
    connection.set_progress_handler(stopped, LOOK_EVERY)


DRIVERS: Final[Mapping[str, Driver]] = {"sqlite": Driver("sqlite", _open_sqlite, _stop_sqlite)}


class SqlDriverSource(SqlSource):
    """Queries in SQL over a driver of DRIVERS that the operator allows; files only where the operator names them."""

    kind = "sqlalchemy"
    aliases = ("sqlite",)
    title = "Other SQL"
    icon = "▤"
    Config = SqlDriverConfig
    url_form = "sqlite:////path/to/file.db"
    language = "sqlite"
    _config: SqlDriverConfig

    def __init__(self, stored: StoredSource, context: SourceContext) -> None:
        self._parsing = context.parsing
        self._config = SqlDriverConfig.model_validate(dict(stored.options))
        try:
            self._url = make_url(stored.url)
        except ArgumentError:
            raise InvalidError("the URL of an SQL source: driver://…", path="$.url") from None
        name = self._url.drivername
        if name not in context.sql_drivers:
            raise InvalidError(f"the operator's sql_drivers does not name {name}", path="$.url")
        self._driver = DRIVERS[name]
        if not self._url.host:
            context.connector.for_operators("$.url", "a file of this server")
        self._engine = self._driver.open(self._url, self._config.max_connections)
        self._threads = ThreadPoolExecutor(self._config.max_connections, thread_name_prefix="sql")

    async def query(self, query: SourceQuery) -> SourceAnswer:
        if not isinstance(query.query, str):
            raise SourceError("an SQL source is asked in SQL")
        sql = await read(query.query, query.range, query.step_s, self._driver.dialect, self._parsing, query.scope.payer)
        names, rows = await self._fetch(sql, query.deadline_s)
        fields = await asyncio.to_thread(fields_of, names, rows)
        return await answer_of_rows(fields, query, self._driver.dialect, sql)

    async def options(self, query: str, range_: TimeRange, scope: Scope) -> Sequence[VariableOption]:
        """SQL with columns `value` and `text`, or one column for both; `tables()`, `columns(table)`."""
        dialect = self._driver.dialect
        sql = asked(query, dialect)
        is_own = sql is not query  # and no SELECT, which a person's has to be
        names, rows = await self._fetch(
            sql if is_own else await read(sql, range_, 60.0, dialect, self._parsing, scope.payer), OPTIONS_DEADLINE_S
        )
        called = [DESCRIBING.get(name, name) for name in names] if is_own else names
        return named(query, options_of(await asyncio.to_thread(fields_of, called, rows)), dialect)

    async def test(self) -> Health:
        started = perf_counter()
        try:
            await self._fetch("SELECT 1", OPTIONS_DEADLINE_S)
        except HeliographError as error:
            return Health(False, error.detail)
        return Health(True, f"{self._url.get_backend_name()} answers", (perf_counter() - started) * 1000)

    @property
    def dialect(self) -> str:
        return self._driver.dialect

    async def close(self) -> None:
        self._threads.shutdown(wait=False)
        await asyncio.to_thread(self._engine.dispose)

    async def _fetch(self, sql: str, deadline_s: float) -> Rows:
        stop = threading.Event()
        try:
            async with asyncio.timeout(deadline_s):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, self._run, sql, stop)
        except TimeoutError:
            raise SourceTimeoutError(f"stopped after {deadline_s:g} s") from None
        finally:
            stop.set()
        if len(found[1]) > self._config.max_rows:
            raise SourceError(f"the query answers more than {self._config.max_rows} rows")
        return found

    def _run(self, sql: str, stop: threading.Event) -> Rows:
        """In a thread: the names of the columns and the rows, one more than are allowed at most."""
        if stop.is_set():
            return (), ()
        try:
            with self._engine.connect() as connection:
                self._driver.stop_when(connection.connection.driver_connection, stop.is_set)
                found = connection.exec_driver_sql(sql)
                return tuple(found.keys()), self._rows(found)
        except OperationalError as error:
            reason = pathless(str(error.orig), sql)
            if "unable to open" in reason:
                raise SourceUnavailableError(f"the database does not open: {reason}", retry_after_s=10) from None
            raise SourceError(reason[:500]) from None
        except SQLAlchemyError as error:
            raise SourceError(pathless(str(getattr(error, "orig", error)).splitlines()[0], sql)[:500]) from None

    def _rows(self, found: CursorResult[Any]) -> Sequence[Sequence[Any]]:
        """The rows, one more than are allowed at most; SourceError past the limit of bytes."""
        rows: list[Sequence[Any]] = []
        left = self._config.max_bytes
        while len(rows) <= self._config.max_rows and (row := found.fetchone()) is not None:
            left -= sum(len(value) if isinstance(value, (str, bytes)) else NUMBER_BYTES for value in row)
            if left < 0:
                raise SourceError(f"the query answers more than {self._config.max_bytes} bytes")
            rows.append(row)
        return rows


def fields_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[frames.Field, ...]:
    """Typed columns of rows whose database tells no types: by their names and by what is in them."""
    return tuple(_field(name, [row[index] for row in rows]) for index, name in enumerate(names))


def _field(name: str, values: list[Any]) -> frames.Field:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, (int, Decimal)) for value in known):
        return decimal_field(name, values)
    if known and all(isinstance(value, (int, float, Decimal)) for value in known):
        floats = [math.nan if value is None else float(value) for value in values]
        return number_field(name, np.array(floats), [_exact(value) for value in values])
    if known and name.lower() in TIME_NAMES and all(_ms(value) is not None for value in known):
        return frames.Field.time([math.nan if (at := _ms(value)) is None else at for value in values], name)
    return frames.Field.string(name, [None if value is None else _text(value) for value in values])


def _exact(value: Any) -> str | None:
    """The digits of what is no float among floats, such as a large integer of SQLite."""
    return exact_text(value) if isinstance(value, (int, Decimal)) else None


def _ms(value: Any) -> float | None:
    """A time in ms: of a datetime, of a text in ISO 8601; None where it is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
