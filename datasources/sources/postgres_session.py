"""What stands around a query of PostgreSQL: a role that is fit for it, and a transaction that leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from ...errors import SourceError

JUDGED_FOR_S: Final = 60.0
# What an answer depends on that a server, a database or a role may have set otherwise.
SESSION: Final = """
SET LOCAL statement_timeout = {timeout_ms}; SET LOCAL lock_timeout = {timeout_ms}; SET LOCAL TimeZone = 'UTC';
SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex'
"""
# Membership counts, used or not: whoever may take a role on has what it may.
RISKS: Final = """
SELECT current_user::text AS role,
    coalesce(bool_or(rolsuper), false) AS superuser,
    coalesce(bool_or(rolname = 'pg_read_server_files'), false) AS reads,
    coalesce(bool_or(rolname = 'pg_write_server_files'), false) AS writes,
    coalesce(bool_or(rolname = 'pg_execute_server_program'), false) AS programs
FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(current_user, oid, 'member')
"""
SAID: Final = {
    "superuser": "is a superuser",
    "reads": "may read the server's files",
    "writes": "may write the server's files",
    "programs": "may run programs on the server",
}
FIT: Final = (
    "CREATE ROLE heliograph LOGIN PASSWORD '…'; GRANT USAGE ON SCHEMA public TO heliograph; "
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO heliograph;"
)


@asynccontextmanager
async def asking(connection: Any, deadline_s: float) -> AsyncIterator[None]:
    """A fresh read-only transaction in UTC with its own time limit, rolled back whatever comes of it."""
    transaction = connection.transaction(readonly=True)
    await transaction.start()
    try:
        await connection.execute(SESSION.format(timeout_ms=int(deadline_s * 1000)))
        yield
    finally:
        await transaction.rollback()


async def risks(connection: Any) -> Sequence[str]:
    """What the role of a connection may do beyond reading."""
    row = await connection.fetchrow(RISKS)
    return [text for name, text in SAID.items() if row[name]]


class FitRole:
    """Whether the role of a source may only read; looked at once in JUDGED_FOR_S seconds, as it may be given more."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._judged_s = -JUDGED_FOR_S

    async def check(self, connection: asyncpg.Connection) -> None:
        """SourceError with the SQL that makes a fit role, where this one is none."""
        if self._clock() - self._judged_s < JUDGED_FOR_S:
            return
        if said := await risks(connection):
            raise SourceError(
                f"the role {', '.join(said)}; make one that may only read: {FIT} "
                "or set the option allow_superuser of this source"
            )
        self._judged_s = self._clock()
