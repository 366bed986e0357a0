"""Snapshots: views as they were at an instant, whole, to be looked at with no source behind them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select

from ...errors import InvalidError, NotFoundError
from .dashboard_ids import inner_id
from .database import Database
from .share_tables import alive, snapshots
from .tables import dashboards

ID_BYTES = 24


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """What is known of a snapshot beside its data: `maker` as people call them, `size` in bytes, times in ms UTC."""

    id: str
    org: int
    dashboard_id: str
    title: str
    maker: str
    created_by: str
    created_at: int
    expires_ms: int | None
    size: int


@dataclass(frozen=True, slots=True)
class SnapshotData:
    """What its page begins with, as JSON, and the bytes of its parts, packed."""

    boot: str
    parts: bytes


HEADS = (
    snapshots.c.id,
    snapshots.c.org_id,
    dashboards.c.dashboard_id.label("dashboard_id"),
    snapshots.c.title,
    snapshots.c.maker,
    snapshots.c.created_by,
    snapshots.c.created_at,
    snapshots.c.expires_ms,
    snapshots.c.size,
)
PLACED = snapshots.join(dashboards, dashboards.c.id == snapshots.c.dashboard)


class Snapshots:
    """The repository of snapshots. Its id is all that one needs to look at one; it goes with its dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, org: int, dashboard_id: str, data: SnapshotData, *, title: str, maker: str, by: str, now_ms: int,
        expires_ms: int | None, most: int,
    ) -> SnapshotEntry:  # fmt: skip
        """A new snapshot; NotFoundError, InvalidError where the org has `most` already. Those that are over go."""
        snapshot_id = secrets.token_urlsafe(ID_BYTES)
        size = len(data.boot) + len(data.parts)
        async with self._database.begin() as connection:
            internal = await inner_id(connection, org, dashboard_id)
            await connection.execute(delete(snapshots).where(snapshots.c.expires_ms <= now_ms))
            if (await connection.scalar(select(func.count()).where(snapshots.c.org_id == org)) or 0) >= most:
                raise InvalidError(f"there are {most} snapshots: delete some")
            await connection.execute(
                insert(snapshots).values(
                    id=snapshot_id, org_id=org, dashboard=internal, title=title, maker=maker, created_by=by,
                    created_at=now_ms, expires_ms=expires_ms, size=size, boot=data.boot, parts=data.parts,
                )
            )  # fmt: skip
        return SnapshotEntry(snapshot_id, org, dashboard_id, title, maker, by, now_ms, expires_ms, size)

    async def find(self, snapshot_id: str, now_ms: int) -> SnapshotEntry:
        """The snapshot of that id; NotFoundError where there is none, or where it is over."""
        async with self._database.connect() as connection:
            wanted = select(*HEADS).select_from(PLACED).where(snapshots.c.id == snapshot_id, alive(snapshots, now_ms))
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError("there is no such snapshot: it was deleted, it is over, or it never was")
        return _entry(row)

    async def data(self, snapshot_id: str) -> SnapshotData:
        """Its data; NotFoundError."""
        async with self._database.connect() as connection:
            wanted = select(snapshots.c.boot, snapshots.c.parts).where(snapshots.c.id == snapshot_id)
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError("there is no such snapshot")
        return SnapshotData(row.boot, row.parts)

    async def list(self, org: int, dashboard_id: str, now_ms: int) -> Sequence[SnapshotEntry]:
        """The snapshots of a dashboard that are not over, the newest first."""
        wanted = (
            select(*HEADS)
            .select_from(PLACED)
            .where(snapshots.c.org_id == org, dashboards.c.dashboard_id == dashboard_id, alive(snapshots, now_ms))
            .order_by(snapshots.c.created_at.desc(), snapshots.c.id)
        )
        async with self._database.connect() as connection:
            return [_entry(row) for row in await connection.execute(wanted)]

    async def delete(self, org: int, snapshot_id: str) -> None:
        """NotFoundError where it is gone already."""
        mine = (snapshots.c.org_id == org, snapshots.c.id == snapshot_id)
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(snapshots).where(*mine).returning(snapshots.c.id))
            if gone.first() is None:
                raise NotFoundError("there is no such snapshot")


def _entry(row: Any) -> SnapshotEntry:
    return SnapshotEntry(
        row.id,
        row.org_id,
        row.dashboard_id,
        row.title,
        row.maker,
        row.created_by,
        row.created_at,
        row.expires_ms,
        row.size,
    )
