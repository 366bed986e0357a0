"""Dashboards, with optimistic locking: a lost race is an error, never a silent overwrite."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Text, and_, cast, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import DuplicateError, ForbiddenError, NotFoundError, VersionConflictError
from ...lru import Lru
from .dashboard_pages import after, matching, seen, write_cursor
from .dashboard_rows import (
    FOLDED,
    STORED,
    SUMMARY,
    DashboardSummary,
    StoredDashboard,
    is_dashboard,
    stored_of,
    summary_of,
)
from .dashboard_texts import PanelTexts, keep, panel_hit, panel_texts
from .database import Database, batches
from .drafts import orphan_drafts
from .tables import dashboard_versions, dashboards, folders
from .trash import throw_away
from .versions import version_of

MAX_PAGE = 500
MAX_DESCRIPTION = 200
MAX_KNOWN_BYTES = 32 * 2**20  # what is known of documents without reading them
TUPLE_BYTES = 200  # of one panel's texts beside its characters, about
DOCUMENTS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What lists tell of a document."""

    description: str = ""
    panels: tuple[PanelTexts, ...] = ()

    @property
    def nbytes(self) -> int:
        """What it takes in memory, about."""
        return len(self.description) + sum(TUPLE_BYTES + len(one.title) + len(one.words) for one in self.panels)


class Dashboards:
    """The repository of dashboards; what may be seen is decided by its callers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # By org, dashboard and when it was saved: a list is not to read whole documents each time.
        self._told: Lru[tuple[int, str, int], Told] = Lru(MAX_KNOWN_BYTES)

    async def create(
        self,
        org: int,
        config: Mapping[str, Any],
        *,
        by: str,
        now_ms: int,
        dashboard_id: str | None = None,
        folder_id: int | None = None,
        message: str = "",
    ) -> StoredDashboard:
        """Version 1 of a new dashboard; DuplicateError where the id is taken. An id is made where none is given."""
        public_id = dashboard_id or uuid.uuid4().hex[:12]
        internal = str(uuid.uuid4())
        try:
            async with self._database.begin() as connection:
                await connection.execute(
                    insert(dashboards).values(
                        id=internal,
                        org_id=org,
                        dashboard_id=public_id,
                        folder_id=folder_id,
                        version=1,
                        created_by=by,
                        created_at=now_ms,
                        **content(config, by, now_ms),
                    )
                )
                first = version_of(internal, 1, config, by=by, now_ms=now_ms, message=message)
                await connection.execute(insert(dashboard_versions).values(**first))
                await keep(connection, [(internal, public_id, config)])
        except DuplicateError:
            raise DuplicateError(
                f"there is a dashboard with the id {public_id} already", path="$.dashboard_id"
            ) from None
        return await self.get(org, public_id)

    async def get(self, org: int, dashboard_id: str) -> StoredDashboard:
        """The version that stands; NotFoundError where there is none."""
        async with self._database.connect() as connection:
            row = (
                await connection.execute(select(*STORED).select_from(FOLDED).where(is_dashboard(org, dashboard_id)))
            ).first()
        if row is None:
            raise NotFoundError(f"there is no dashboard {dashboard_id}")
        return stored_of(row)

    async def update(
        self,
        org: int,
        dashboard_id: str,
        config: Mapping[str, Any],
        *,
        version: int,
        by: str,
        now_ms: int,
        message: str = "",
    ) -> StoredDashboard:
        """The next version, where `version` still stands; VersionConflictError where it does not.

        ForbiddenError where a file provisions it.
        """
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(dashboards)
                .where(is_dashboard(org, dashboard_id), dashboards.c.version == version, dashboards.c.origin == "")
                .values(version=version + 1, **content(config, by, now_ms))
                .returning(dashboards.c.id)
            )
            internal = changed.scalar()
            if internal is None:
                await self._refuse(connection, org, dashboard_id, version)
            following = version_of(internal, version + 1, config, by=by, now_ms=now_ms, message=message)
            await connection.execute(insert(dashboard_versions).values(**following))
            await keep(connection, [(internal, dashboard_id, config)], anew=True)
        return await self.get(org, dashboard_id)

    async def _refuse(self, connection: AsyncConnection, org: int, dashboard_id: str, version: int) -> None:
        """Say why that version could not be followed by another."""
        _, origin, current = await _standing(connection, org, dashboard_id)
        refuse_of_file(origin)
        raise VersionConflictError(f"version {version} was read, version {current} stands", current_version=current)

    async def delete(self, org: int, dashboard_id: str, *, by: str, now_ms: int) -> None:
        """Put a dashboard with its versions and annotations among the deleted ones.

        NotFoundError where there is none, ForbiddenError where a file provisions it.
        """
        async with self._database.begin() as connection:
            internal, origin, _ = await _standing(connection, org, dashboard_id)
            refuse_of_file(origin)
            await orphan_drafts(connection, org, dashboard_id)
            await throw_away(connection, [internal], by=by, now_ms=now_ms)

    async def list(
        self,
        org: int,
        *,
        query: str = "",
        tag: str = "",
        limit: int = 100,
        cursor: str = "",
        hidden_folders: Collection[int] = (),
        folder: str = "",
        sources: Collection[str] = (),
        newest_first: bool = False,
    ) -> tuple[Sequence[DashboardSummary], str | None]:
        """One page in the order of titles, or of what was changed last, and the cursor of the next, or None.

        Each word of `query` is looked for in titles, ids, descriptions, tags, and what panels are called and say,
        whatever its case. `folder`: the uid of the only one that is listed; empty: all. `sources`: all that a data
        source is called by which is asked.
        """
        conditions = [dashboards.c.org_id == org, *matching(query, tag, sources), *seen(hidden_folders)]
        if folder:
            conditions.append(folders.c.uid == folder)
        if cursor:
            conditions.append(after(cursor, newest_first))
        limit = max(1, min(limit, MAX_PAGE))
        page = (
            select(*SUMMARY)
            .select_from(FOLDED)
            .where(and_(*conditions))
            .order_by(dashboards.c.updated_at.desc() if newest_first else dashboards.c.title, dashboards.c.dashboard_id)
            .limit(limit + 1)
        )
        async with self._database.connect() as connection:
            rows = (await connection.execute(page)).all()
        items = await self._described(org, [summary_of(row) for row in rows[:limit]], query)
        more = len(rows) > limit
        if not more:
            return items, None
        last = items[-1]
        return items, write_cursor(last.updated_at if newest_first else last.title, last.dashboard_id)

    async def named(
        self, org: int, dashboard_ids: Sequence[str], *, hidden_folders: Collection[int] = ()
    ) -> Sequence[DashboardSummary]:
        """Those of these that are there, and in no hidden folder, in the order of titles."""
        found: list[DashboardSummary] = []
        async with self._database.connect() as connection:
            for batch in batches(dashboard_ids):
                conditions = [dashboards.c.org_id == org, dashboards.c.dashboard_id.in_(batch), *seen(hidden_folders)]
                wanted = select(*SUMMARY).select_from(FOLDED).where(and_(*conditions))
                found += [summary_of(row) for row in await connection.execute(wanted)]
        return sorted(found, key=lambda one: (one.title, one.dashboard_id))

    async def move(self, org: int, dashboard_id: str, folder_id: int | None) -> None:
        """Put a dashboard into another folder; None is the root. Its version stays: what it shows is the same.

        ForbiddenError where a file provisions it.
        """
        async with self._database.begin() as connection:
            internal, origin, _ = await _standing(connection, org, dashboard_id)
            refuse_of_file(origin)
            await connection.execute(update(dashboards).where(dashboards.c.id == internal).values(folder_id=folder_id))

    async def _described(self, org: int, items: Sequence[DashboardSummary], query: str) -> Sequence[DashboardSummary]:
        """The same with what their documents say: descriptions, and the panels that hold what was searched for."""
        told = await self._tell(org, items)
        return [_with(one, told[one.dashboard_id], query) for one in items]

    async def _tell(self, org: int, items: Sequence[DashboardSummary]) -> Mapping[str, Told]:
        """What each of them says, by its id: read once for each that was saved."""
        found = {one.dashboard_id: self._told.get((org, one.dashboard_id, one.updated_at)) for one in items}
        unknown = [dashboard_id for dashboard_id, told in found.items() if told is None]
        columns = (dashboards.c.dashboard_id, dashboards.c.updated_at, dashboards.c.config)
        for start in range(0, len(unknown), DOCUMENTS_AT_ONCE):
            some = unknown[start : start + DOCUMENTS_AT_ONCE]
            wanted = select(*columns).where(dashboards.c.org_id == org, dashboards.c.dashboard_id.in_(some))
            async with self._database.connect() as connection:
                for row in await connection.execute(wanted):
                    told = found[row[0]] = Told(
                        str(row[2].get("description", ""))[:MAX_DESCRIPTION], panel_texts(row[2])
                    )
                    self._told.put((org, row[0], row[1]), told, told.nbytes)
        return {dashboard_id: told or Told() for dashboard_id, told in found.items()}

    async def current_versions(self, keys: Iterable[tuple[int, str]]) -> Mapping[tuple[int, str], int]:
        """The version that stands for each (org, dashboard_id); those that are gone are not in the answer."""
        wanted = list(keys)
        if not wanted:
            return {}
        columns = (dashboards.c.org_id, dashboards.c.dashboard_id)
        async with self._database.connect() as connection:
            rows = await connection.execute(select(*columns, dashboards.c.version).where(tuple_(*columns).in_(wanted)))
            return {(row[0], row[1]): row[2] for row in rows}

    async def folders_of(self, org: int, dashboard_ids: Collection[str]) -> Mapping[str, int | None]:
        """The folder of each dashboard that is there; None is the root."""
        columns = (dashboards.c.dashboard_id, dashboards.c.folder_id)
        wanted = select(*columns).where(dashboards.c.org_id == org, dashboards.c.dashboard_id.in_(dashboard_ids))
        async with self._database.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(wanted)}

    async def places(self, keys: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], int | None]:
        """The folder of each (org, dashboard_id) that is there; None is the root."""
        columns = (dashboards.c.org_id, dashboards.c.dashboard_id)
        found: dict[tuple[int, str], int | None] = {}
        async with self._database.connect() as connection:
            for batch in batches(keys):
                wanted = select(*columns, dashboards.c.folder_id).where(tuple_(*columns).in_(batch))
                found |= {(row[0], row[1]): row[2] for row in await connection.execute(wanted)}
        return found

    async def pinned(self) -> Sequence[tuple[int, str]]:
        """(org, dashboard_id) of the dashboards whose views are always held."""
        wanted = select(dashboards.c.org_id, dashboards.c.dashboard_id).where(
            cast(dashboards.c.config, Text).like('%"pinned": true%')
        )
        async with self._database.connect() as connection:
            return [(row[0], row[1]) for row in await connection.execute(wanted)]

    async def count_by_folder(self, org: int) -> Mapping[int | None, int]:
        """How many dashboards lie in each folder; None is the root."""
        counted = select(dashboards.c.folder_id, func.count()).where(dashboards.c.org_id == org)
        async with self._database.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(counted.group_by(dashboards.c.folder_id))}

    async def tags(self, org: int, hidden_folders: Collection[int] = ()) -> Mapping[str, int]:
        """Each tag with how many dashboards have it, but for those in hidden folders."""
        counts: dict[str, int] = {}
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(dashboards.c.tags).where(dashboards.c.org_id == org, *seen(hidden_folders))
            )
            for (tags,) in rows:
                for tag in tags:
                    counts[tag] = counts.get(tag, 0) + 1
        return dict(sorted(counts.items()))


def refuse_of_file(origin: str) -> None:
    """ForbiddenError where a file provisions a dashboard: it changes there alone."""
    if origin:
        raise ForbiddenError(f"this dashboard is the file's {origin}: change it there, or save a copy")


def _with(one: DashboardSummary, told: Told, query: str) -> DashboardSummary:
    """A dashboard of a list with what its document says."""
    own = (one.dashboard_id, one.title, told.description, *one.tags)
    return replace(one, description=told.description, hit=panel_hit(query, own, told.panels))


async def _standing(connection: AsyncConnection, org: int, dashboard_id: str) -> tuple[str, str, int]:
    """The inner id, the origin and the version of a dashboard; NotFoundError."""
    wanted = select(dashboards.c.id, dashboards.c.origin, dashboards.c.version).where(is_dashboard(org, dashboard_id))
    row = (await connection.execute(wanted)).first()
    if row is None:
        raise NotFoundError(f"there is no dashboard {dashboard_id}")
    return row.id, row.origin, row.version


def content(config: Mapping[str, Any], by: str, now_ms: int) -> dict[str, Any]:
    """The columns that a save writes, whoever saves."""
    return {
        "title": config["title"],
        "tags": list(config.get("tags", [])),
        "config": dict(config),
        "updated_by": by,
        "updated_at": now_ms,
    }
