"""Leases: who of several nodes does what only one may do, by the database's own clock.

A lease is an owner's until its time is over; each new owner raises its epoch. Work may be done twice, where an owner
does not know yet that its time is over; `hold` lets only one of them commit it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, and_, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .alert_tables import leases
from .database import Database

SQLITE_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
POSTGRES_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"


LONGEST_MS = 600_000  # of a lease: one that ends later was taken before the clock was set back, and is nobody's


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held. `progress_ms`: how far the work was done by whoever had it before; None: never."""

    name: str
    owner: str
    epoch: int
    until_ms: int
    progress_ms: int | None = None


class LeaseLostError(Exception):
    """Somebody else has the lease: what was done under it is not to be committed."""


class LeaseTable:
    """The leases of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now_ms(self) -> int:
        """What time it is for all nodes."""
        async with self._database.connect() as connection:
            found: int | None = await connection.scalar(select(self._now()))
            assert found is not None
            return found

    async def take(self, names: Collection[str], owner: str, for_ms: int) -> Sequence[Lease]:
        """Those of the leases that nobody holds, now this owner's, each with a new epoch.

        An owner is a node and a start of it, `node/start`: what another start of the same node holds is free too.
        """
        taken: list[Lease] = []
        node = owner.partition("/")[0] + "/"
        async with self._database.begin() as connection:
            now = self._now()
            for name in names:
                insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(leases)
                values = {"name": name, "owner": owner, "epoch": 1, "until_ms": now + for_ms}
                statement = insert.values(**values).on_conflict_do_update(
                    index_elements=[leases.c.name],
                    set_={"owner": owner, "epoch": leases.c.epoch + 1, "until_ms": now + for_ms},
                    where=or_(~_holds(now), leases.c.owner.startswith(node, autoescape=True)),
                )
                row = (await connection.execute(statement.returning(*leases.c))).first()
                if row is not None:
                    taken.append(Lease(row.name, row.owner, row.epoch, row.until_ms, row.progress_ms))
        return taken

    async def renew(self, held: Collection[Lease], for_ms: int, progress_ms: int | None = None) -> Sequence[Lease]:
        """Those that are still this owner's, until later; `progress_ms` says how far their work is done."""
        if not held:
            return []
        values: dict[str, object] = {"until_ms": self._now() + for_ms}
        if progress_ms is not None:
            values["progress_ms"] = progress_ms
        ours = or_(*(_is(lease) for lease in held))
        async with self._database.begin() as connection:
            rows = await connection.execute(update(leases).where(ours).values(**values).returning(*leases.c))
            return [Lease(row.name, row.owner, row.epoch, row.until_ms, row.progress_ms) for row in rows]

    async def release(self, held: Collection[Lease], progress_ms: int | None = None) -> None:
        """Give leases back, so that nobody need wait for their end."""
        if not held:
            return
        values: dict[str, object] = {"until_ms": 0}
        if progress_ms is not None:
            values["progress_ms"] = progress_ms
        async with self._database.begin() as connection:
            await connection.execute(update(leases).where(or_(*(_is(lease) for lease in held))).values(**values))

    async def owners(self, prefix: str) -> dict[str, str]:
        """Who holds each lease whose name begins so."""
        wanted = select(leases.c.name, leases.c.owner).where(
            leases.c.name.startswith(prefix, autoescape=True), _holds(self._now())
        )
        async with self._database.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(wanted)}

    async def progress(self, prefix: str) -> dict[str, int]:
        """How far the work under each lease whose name begins so is done, ms; those without any are left out."""
        named = leases.c.name.startswith(prefix, autoescape=True)
        wanted = select(leases.c.name, leases.c.progress_ms).where(named, leases.c.progress_ms.is_not(None))
        async with self._database.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(wanted)}

    def _now(self) -> ColumnElement[int]:
        text = SQLITE_NOW if self._database.is_sqlite else POSTGRES_NOW
        return literal_column(text, BigInteger)


async def hold(connection: AsyncConnection, lease: Lease) -> None:
    """In a transaction: nobody takes the lease before it ends. LeaseLostError where somebody has.

    It writes, so that SQLite too begins to write here.
    """
    held = await connection.execute(update(leases).where(_is(lease)).values(epoch=leases.c.epoch))
    if not held.rowcount:
        raise LeaseLostError(lease.name)


def _holds(now: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a lease is somebody's."""
    return leases.c.until_ms.between(now, now + LONGEST_MS)


def _is(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.epoch == lease.epoch)
