"""Deleted dashboards: whole, with versions, annotations and stars, until they are brought back or gone for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import DuplicateError, NotFoundError
from .annotations import touch
from .dashboard_texts import keep
from .database import Database, batches
from .tables import (
    annotation_marks,
    dashboard_texts,
    dashboard_versions,
    dashboards,
    deleted_dashboards,
    deleted_versions,
    folders,
    homes,
    stars,
    users,
)

KEPT_MS: Final = 30 * 86_400_000
# Columns that a dashboard and a deleted one have in common.
SAME = [column.name for column in deleted_dashboards.c if column.name in dashboards.c]
VERSION = [column.name for column in dashboard_versions.c]
MARK = [column.name for column in annotation_marks.c if column.name not in ("id", "org_id", "dashboard_id")]


@dataclass(frozen=True, slots=True)
class Deleted:
    """A dashboard that was deleted. `id` names it among the deleted; times in ms UTC; `folder`: uid and title."""

    id: str
    dashboard_id: str
    title: str
    tags: tuple[str, ...]
    version: int
    folder_id: int | None
    folder: tuple[str, str] | None
    deleted_by: str
    deleted_at: int


class Trash:
    """The repository of deleted dashboards; what may be seen is decided by its callers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(
        self, org: int, *, since_ms: int, hidden_folders: Collection[int] = (), limit: int = 500
    ) -> Sequence[Deleted]:
        """Those deleted since then, the last first, but for those of hidden folders."""
        wanted = _listed(deleted_dashboards.c.org_id == org, deleted_dashboards.c.deleted_at >= since_ms)
        if hidden_folders:
            place = deleted_dashboards.c.folder_id
            wanted = wanted.where(or_(place.is_(None), place.not_in(hidden_folders)))
        order = (deleted_dashboards.c.deleted_at.desc(), deleted_dashboards.c.id)
        async with self._database.connect() as connection:
            return [_deleted(row) for row in await connection.execute(wanted.order_by(*order).limit(limit))]

    async def get(self, org: int, trash_id: str, *, since_ms: int) -> Deleted:
        """NotFoundError where there is none, or its time is over."""
        wanted = _listed(*_is(org, trash_id), deleted_dashboards.c.deleted_at >= since_ms)
        async with self._database.connect() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError("there is no such deleted dashboard: it was brought back, or is gone for good")
        return _deleted(row)

    async def restore(self, org: int, trash_id: str, *, dashboard_id: str = "") -> str:
        """Bring it back as it was, under its own id or another one; the id. Its folder, where that is still there.

        DuplicateError where a dashboard has the id by now, NotFoundError where it is not among the deleted.
        """
        try:
            async with self._database.begin() as connection:
                row = (await connection.execute(select(deleted_dashboards).where(*_is(org, trash_id)))).first()
                if row is None:
                    raise NotFoundError("there is no such deleted dashboard")
                public_id = dashboard_id or row.dashboard_id
                await self._bring(connection, row, public_id)
        except DuplicateError:
            raise DuplicateError(
                f"another dashboard has the id {public_id} by now: bring this one back under another id",
                path="$.dashboard_id",
            ) from None
        return str(public_id)

    async def _bring(self, connection: AsyncConnection, row: Any, public_id: str) -> None:
        """In a transaction: out of the deleted ones, with all that hung on it."""
        values = {name: getattr(row, name) for name in SAME} | {"dashboard_id": public_id}
        there = await connection.scalar(select(folders.c.id).where(folders.c.id == row.folder_id))
        await connection.execute(insert(dashboards).values(**values | {"folder_id": there}))
        await _move(connection, deleted_versions, dashboard_versions, row.id)
        if row.annotations:
            common = {"org_id": row.org_id, "dashboard_id": public_id}
            await connection.execute(insert(annotation_marks), [{**common, **mark} for mark in row.annotations])
            await touch(connection, row.org_id)
        for batch in batches(row.stars):
            people = await connection.scalars(select(users.c.id).where(users.c.id.in_(batch)))
            if rows := [{"user_id": person, "dashboard": row.id} for person in people]:
                await connection.execute(insert(stars), rows)
        await keep(connection, [(row.id, public_id, row.config)])
        await connection.execute(delete(deleted_dashboards).where(deleted_dashboards.c.id == row.id))

    async def purge(self, org: int, trash_id: str) -> None:
        """Delete it for good; NotFoundError where it is not there."""
        async with self._database.begin() as connection:
            if not await _purge(connection, *_is(org, trash_id)):
                raise NotFoundError("there is no such deleted dashboard")

    async def purge_before(self, before_ms: int) -> int:
        """Delete for good what was deleted before then, of all orgs; how many."""
        async with self._database.begin() as connection:
            return await _purge(connection, deleted_dashboards.c.deleted_at < before_ms)


async def throw_away(connection: AsyncConnection, internals: Collection[str], *, by: str, now_ms: int) -> None:
    """In a transaction: put dashboards, by their inner ids, among the deleted ones. Their ids are free again."""
    for batch in batches(internals):
        rows = (await connection.execute(select(dashboards).where(dashboards.c.id.in_(batch)))).all()
        marks = await _marks(connection, rows)
        starred = await connection.execute(select(stars).where(stars.c.dashboard.in_(batch)))
        people: dict[str, list[int]] = {}
        for star in starred:
            people.setdefault(star.dashboard, []).append(star.user_id)
        made = [
            {name: getattr(row, name) for name in SAME}
            | {"annotations": marks.get((row.org_id, row.dashboard_id), []), "stars": people.get(row.id, [])}
            | {"deleted_by": by, "deleted_at": now_ms}
            for row in rows
        ]
        if made:
            await connection.execute(insert(deleted_dashboards), made)
        for row in rows:
            await _move(connection, dashboard_versions, deleted_versions, row.id)
            gone = (annotation_marks.c.org_id == row.org_id, annotation_marks.c.dashboard_id == row.dashboard_id)
            await connection.execute(delete(annotation_marks).where(*gone))
        for table in (stars, homes, dashboard_texts):
            await connection.execute(delete(table).where(table.c.dashboard.in_(batch)))
        await connection.execute(delete(dashboards).where(dashboards.c.id.in_(batch)))


async def _marks(connection: AsyncConnection, rows: Sequence[Any]) -> Mapping[tuple[int, str], list[dict[str, Any]]]:
    """The annotations of dashboards, by org and id, as they are kept."""
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    names = {row.dashboard_id for row in rows}
    for one in await connection.execute(select(annotation_marks).where(annotation_marks.c.dashboard_id.in_(names))):
        kept = {name: getattr(one, name) for name in MARK}
        found.setdefault((one.org_id, one.dashboard_id), []).append(kept)
    return found


async def _move(connection: AsyncConnection, source: Table, target: Table, internal: str) -> None:
    """The versions of a dashboard from one table to the other."""
    columns = [source.c[name] for name in VERSION]
    chosen = select(*columns).where(source.c.dashboard == internal)
    await connection.execute(insert(target).from_select(VERSION, chosen))
    await connection.execute(delete(source).where(source.c.dashboard == internal))


async def _purge(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> int:
    found = list(await connection.scalars(select(deleted_dashboards.c.id).where(*conditions)))
    for batch in batches(found):
        await connection.execute(delete(deleted_versions).where(deleted_versions.c.dashboard.in_(batch)))
        await connection.execute(delete(deleted_dashboards).where(deleted_dashboards.c.id.in_(batch)))
    return len(found)


def _is(org: int, trash_id: str) -> tuple[ColumnElement[bool], ...]:
    return (deleted_dashboards.c.org_id == org, deleted_dashboards.c.id == trash_id)


def _listed(*conditions: ColumnElement[bool]) -> Any:
    names = ("id", "dashboard_id", "title", "tags", "version", "folder_id", "deleted_by", "deleted_at")
    return (
        select(
            *(deleted_dashboards.c[name] for name in names),
            folders.c.uid.label("folder_uid"),
            folders.c.title.label("folder_title"),
        )
        .select_from(deleted_dashboards.outerjoin(folders, folders.c.id == deleted_dashboards.c.folder_id))
        .where(and_(*conditions))
    )


def _deleted(row: Any) -> Deleted:
    folder = (row.folder_uid, row.folder_title) if row.folder_uid is not None else None
    return Deleted(
        row.id,
        row.dashboard_id,
        row.title,
        tuple(row.tags),
        row.version,
        row.folder_id,
        folder,
        row.deleted_by,
        row.deleted_at,
    )
