"""Silences as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import NotFoundError, VersionConflictError
from .database import Database
from .notification_tables import silences

KEPT_MS = 5 * 86_400_000  # that a silence is shown after its end
MAX_SILENCES = 5000


@dataclass(frozen=True, slots=True)
class StoredSilence:
    """A silence; ms UTC. `ends_ms` is None where the alert alone ends it."""

    matchers: Sequence[str]
    starts_ms: int
    ends_ms: int | None
    comment: str
    ends_with_alert: bool = False
    created_by: str = ""
    id: int = 0
    version: int = 1
    updated_at: int = 0


class Silences:
    """The repository of silences."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, org: int, silence: StoredSilence) -> StoredSilence:
        """A new silence; those whose end is long past are forgotten."""
        over = silences.c.ends_ms < silence.updated_at - KEPT_MS
        async with self._database.begin() as connection:
            await connection.execute(delete(silences).where(silences.c.org_id == org, over))
            made = await connection.execute(
                insert(silences).values(org_id=org, **_values(silence)).returning(silences.c.id)
            )
            return replace(silence, id=made.scalar_one())

    async def get(self, org: int, silence_id: int) -> StoredSilence:
        """Ended ones too; NotFoundError."""
        wanted = select(silences).where(silences.c.org_id == org, silences.c.id == silence_id)
        async with self._database.connect() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError(f"there is no silence {silence_id}")
        return _silence(row)

    async def list(self, org: int) -> Sequence[StoredSilence]:
        """The newest first."""
        wanted = select(silences).where(silences.c.org_id == org).order_by(silences.c.id.desc()).limit(MAX_SILENCES)
        async with self._database.connect() as connection:
            return [_silence(row) for row in await connection.execute(wanted)]

    async def standing(self, now_ms: int) -> Mapping[int, Sequence[StoredSilence]]:
        """Those of all orgs that have not ended, by org."""
        wanted = select(silences).where(or_(silences.c.ends_ms.is_(None), silences.c.ends_ms > now_ms))
        found: dict[int, list[StoredSilence]] = {}
        async with self._database.connect() as connection:
            for row in await connection.execute(wanted):
                found.setdefault(row.org_id, []).append(_silence(row))
        return found

    async def update(self, org: int, silence: StoredSilence) -> StoredSilence:
        """Save one that was read at its version; VersionConflictError where another stands."""
        mine = (silences.c.org_id == org, silences.c.id == silence.id)
        made = replace(silence, version=silence.version + 1)
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(silences).where(*mine, silences.c.version == silence.version).values(**_values(made))
            )
            if not changed.rowcount:
                current = await connection.scalar(select(silences.c.version).where(*mine))
                if current is None:
                    raise NotFoundError(f"there is no silence {silence.id}")
                raise VersionConflictError("somebody else saved it first", current_version=current)
        return made


async def end_silences(connection: AsyncConnection, ids: Collection[int], now_ms: int) -> None:
    """End silences whose alerts have ended, in the transaction that writes down that they have."""
    if ids:
        await connection.execute(
            update(silences)
            .where(silences.c.id.in_(ids))
            .values(ends_ms=now_ms, version=silences.c.version + 1, updated_at=now_ms)
        )


def _values(one: StoredSilence) -> dict[str, Any]:
    return {
        "matchers": list(one.matchers),
        "starts_ms": one.starts_ms,
        "ends_ms": one.ends_ms,
        "ends_with_alert": one.ends_with_alert,
        "comment": one.comment,
        "created_by": one.created_by,
        "version": one.version,
        "updated_at": one.updated_at,
    }


def _silence(row: Row[Any]) -> StoredSilence:
    return StoredSilence(
        row.matchers,
        row.starts_ms,
        row.ends_ms,
        row.comment,
        row.ends_with_alert,
        row.created_by,
        row.id,
        row.version,
        row.updated_at,
    )
