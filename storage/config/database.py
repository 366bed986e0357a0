"""One config database: its engine, its transactions, its migrations; the one place that knows SQLAlchemy's errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import TypeVar

from sqlalchemy import event, insert, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ...errors import DuplicateError, HeliographError, InvalidError, ReadOnlyError, SettingsError, StartupError
from ...scope import DEFAULT_ORG
from .migrate import current_revision, head_revision, upgrade_schema
from .tables import meta, orgs

K = TypeVar("K")
SQLITE_WAIT_S = 10
DATA_EXCEPTION = "22"  # class of SQLSTATE: a value, not the database, is at fault
BATCH = 1000  # keys of a statement, of two columns at most: SQLite takes 32,766 parameters, PostgreSQL 32,767
UPGRADE_LOCK = 7_236_001  # any number that no other program over the same database uses
# Drivers by the dialect that an operator writes.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Database:
    """The config database behind `url`. Reads by `connect`, writes by `begin`; both raise our errors only."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self._engine = make_engine(self.url)
        # SQLite has one writer: waiting for it here is fair and keeps readers' connections free.
        self._writer = asyncio.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of one node."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading."""
        try:
            async with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise translate(error) from error
        except (OSError, TimeoutError) as error:
            raise ReadOnlyError("the config database does not answer", retry_after_s=5) from error

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed, on disk, when the block ends; nothing of it stands when the block raises."""
        if self._writer is not None:
            async with self._writer, self._begin() as connection:
                yield connection
        else:
            async with self._begin() as connection:
                yield connection

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                if self.is_sqlite:  # several processes write this file: who begins to write waits here alone
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        except SQLAlchemyError as error:
            raise translate(error) from error
        except (OSError, TimeoutError) as error:
            raise ReadOnlyError("the config database does not answer", retry_after_s=5) from error

    async def upgrade(self) -> str:
        """Bring the schema to this version's; the revision that stands then. Several nodes may call it at once."""
        try:
            async with self._engine.connect() as connection:
                if await connection.run_sync(current_revision) != head_revision():
                    await self._upgrade_alone(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StartupError(f"the config database cannot be upgraded: {first_line(error)}") from error
        with contextlib.suppress(DuplicateError):  # another node made it at the same moment
            await self._make_default_org()
        return head_revision()

    async def _upgrade_alone(self, connection: AsyncConnection) -> None:
        """Migrate while no other node does: who waited finds it done."""
        if self.is_sqlite:
            # A table is changed by a new one in its place: rows that refer to it are not to go with the old one. One
            # transaction holds all of it; SQLite's driver would begin it too late.
            await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.execute(text(f"SELECT pg_advisory_lock({UPGRADE_LOCK})"))
        try:
            await connection.run_sync(upgrade_schema)
            await connection.commit()
        finally:
            await connection.rollback()
            if self.is_sqlite:
                await connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            else:
                await connection.execute(text(f"SELECT pg_advisory_unlock({UPGRADE_LOCK})"))

    async def check_revision(self) -> None:
        """StartupError where the schema is not this version's: a cluster runs `heliograph db upgrade` first."""
        try:
            async with self._engine.connect() as connection:
                current = await connection.run_sync(current_revision)
        except (SQLAlchemyError, OSError) as error:
            raise StartupError(f"the config database does not answer: {first_line(error)}") from error
        if current != head_revision():
            raise StartupError("the config database has another schema: run `heliograph db upgrade`")

    async def ping(self) -> None:
        """Ask the database something small; ReadOnlyError where it is gone."""
        async with self.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def scrub(self) -> None:
        """Write SQLite's files anew, so that nothing of what was overwritten is left in them."""
        if self._writer is None:
            return
        async with self._writer, self.connect() as connection:
            whole = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                await whole.execute(text(statement))

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()

    async def _make_default_org(self) -> None:
        async with self.begin() as connection:
            if (await connection.execute(select(orgs.c.id).limit(1))).first() is None:
                await connection.execute(insert(orgs).values(id=DEFAULT_ORG, name="Main"))
                if not self.is_sqlite:
                    await connection.execute(text("SELECT setval(pg_get_serial_sequence('orgs', 'id'), 1)"))

    async def bind_secret(self, fingerprint: str, old: Collection[str] = ()) -> None:
        """Tie the database to a secret key by its fingerprint; SettingsError where another key made it, but for those
        that came before it."""
        try:
            await self._bind_secret(fingerprint, old)
        except DuplicateError:  # another process of this node, or another node, did at the same moment
            await self._bind_secret(fingerprint, old)

    async def _bind_secret(self, fingerprint: str, old: Collection[str]) -> None:
        async with self.begin() as connection:
            kept = (await connection.execute(select(meta.c.value).where(meta.c.key == "secret"))).scalar()
            if kept is None:
                await connection.execute(insert(meta).values(key="secret", value=fingerprint))
            elif kept in old:
                await connection.execute(update(meta).where(meta.c.key == "secret").values(value=fingerprint))
            elif kept != fingerprint:
                raise SettingsError(
                    "secret_key is not the one this config database was made with: all its nodes need the same one"
                )


def batches(ids: Iterable[K]) -> Iterator[list[K]]:
    """The ids, or other keys, in lists that a statement takes, whatever the database."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


def parse_url(url: str) -> URL:
    """The URL with the driver that we use; SettingsError for one that is none, or of another database."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("database_url: not a database URL") from None
    name = parsed.get_backend_name() if "+" in parsed.drivername else parsed.drivername
    if name not in DRIVERS:
        raise SettingsError(f"database_url: {name} is not supported: sqlite or postgresql")
    return parsed.set(drivername=DRIVERS[name])


def make_engine(url: URL) -> AsyncEngine:
    """The engine over a parsed URL: SQLite in WAL mode with every commit on disk. SettingsError without its driver."""
    try:
        if url.get_backend_name() != "sqlite":
            return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, pool_timeout=10)
        engine = create_async_engine(url, connect_args={"timeout": SQLITE_WAIT_S})
    except NoSuchModuleError:
        raise SettingsError("database_url: the driver is not installed") from None

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def translate(error: SQLAlchemyError) -> HeliographError:
    """SQLAlchemy's error as ours. Details go to the log with the cause, never to the person who asked."""
    if isinstance(error, IntegrityError):
        return DuplicateError("one with that name or id exists already")
    if sqlstate(error).startswith(DATA_EXCEPTION):
        return InvalidError("a value holds what the config database cannot keep")
    if isinstance(error, (OperationalError, DBAPIError)):
        return ReadOnlyError("the config database does not answer", retry_after_s=5)
    return HeliographError("the config database refused a statement of ours")


def sqlstate(error: SQLAlchemyError) -> str:
    """The five characters by which PostgreSQL names a fault; empty where there are none."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def first_line(error: BaseException) -> str:
    """What the driver says, without the statement and its parameters."""
    return (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]
