"""What files provision: dashboards and rules that are exactly what stands in the files, written all at once or not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .alert_tables import alert_rules
from .dashboard_texts import keep
from .dashboards import content
from .database import Database, batches
from .leases import Lease, hold
from .rules import NewRule, put_rules
from .tables import dashboard_versions, dashboards, folders
from .trash import throw_away
from .versions import version_of

DOCUMENTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FileDashboard:
    """A dashboard of a file. `text`: its document as JSON; `digest`: of that; `folder`: a uid, empty for the root."""

    dashboard_id: str
    text: str
    folder: str
    origin: str
    digest: str

    @property
    def config(self) -> dict[str, Any]:
        """The document, read anew each time: thousands of them are held as texts."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass(frozen=True, slots=True)
class FileRule:
    """A rule of a file, with the uid of its folder; the folder's id of `rule` is filled in as it is kept."""

    rule: NewRule
    folder: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that stands in files. `folders`: uid → title of those that are made where they are missing."""

    folders: Mapping[str, str] = field(default_factory=dict)
    dashboards: Sequence[FileDashboard] = ()
    rules: Sequence[FileRule] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """How many were written and how many went."""

    made: int = 0
    changed: int = 0
    gone: int = 0
    rules: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A dashboard or rule of a file whose id is one of people's, or of other files."""

    origin: str
    path: str
    detail: str


class IdsTakenError(Exception):
    """Nothing was written: ids of files are those of others."""

    def __init__(self, taken: Sequence[Taken]) -> None:
        super().__init__(f"{len(taken)} ids are taken")
        self.taken = taken


class Provisioned:
    """The repository of what files bring."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, org: int, wanted: Wanted, *, lease: Lease, by: str, now_ms: int) -> Changes:
        """Make these all that files bring, under a lease; what is not among them goes to the deleted ones.

        IdsTakenError where an id is not theirs, LeaseLostError where somebody else brings files by now. Only
        rules that `by` made are taken for those of files.
        """
        async with self._database.begin() as connection:
            await hold(connection, lease)
            taken = [
                *await _dashboards_of_others(connection, org, wanted.dashboards),
                *await _rules_of_others(connection, org, wanted.rules, by),
            ]
            if taken:
                raise IdsTakenError(taken)
            places = await _folders(connection, org, wanted.folders)
            found = await self._put_dashboards(connection, org, wanted.dashboards, places, by, now_ms)
            rules = [replace(one.rule, folder_id=places.get(one.folder)) for one in wanted.rules]
            mine = alert_rules.c.created_by == by
            changed = await put_rules(connection, org, rules, mine, by=by, now_ms=now_ms)
            return replace(found, rules=changed)

    async def _put_dashboards(  # noqa: PLR0917 - of one transaction
        self,
        connection: AsyncConnection,
        org: int,
        wanted: Sequence[FileDashboard],
        places: Mapping[str, int],
        by: str,
        now_ms: int,
    ) -> Changes:
        names = ("id", "dashboard_id", "folder_id", "version", "origin", "origin_digest")
        mine = select(*(dashboards.c[name] for name in names)).where(
            dashboards.c.org_id == org, dashboards.c.origin != ""
        )
        there = {row.dashboard_id: row for row in await connection.execute(mine)}
        gone = [there[one].id for one in there.keys() - {one.dashboard_id for one in wanted}]
        await throw_away(connection, gone, by=by, now_ms=now_ms)
        new = [one for one in wanted if one.dashboard_id not in there]
        for start in range(0, len(new), DOCUMENTS_AT_ONCE):
            await _make(connection, org, new[start : start + DOCUMENTS_AT_ONCE], places, by, now_ms)
        changed = 0
        for one in wanted:
            row = there.get(one.dashboard_id)
            if row is None:
                continue
            place = places.get(one.folder)
            if row.origin_digest != one.digest:
                await _change(connection, row, one, by, now_ms)
            if (row.origin, row.folder_id) != (one.origin, place):
                moved = update(dashboards).where(dashboards.c.id == row.id)
                await connection.execute(moved.values(origin=one.origin, folder_id=place))
            changed += (row.origin_digest, row.origin, row.folder_id) != (one.digest, one.origin, place)
        return Changes(len(new), changed, len(gone))


async def _make(  # noqa: PLR0917 - of one transaction
    connection: AsyncConnection,
    org: int,
    new: Sequence[FileDashboard],
    places: Mapping[str, int],
    by: str,
    now_ms: int,
) -> None:
    """Insert dashboards with their first versions."""
    inner = [str(uuid.uuid4()) for _ in new]
    made = {"org_id": org, "version": 1, "created_by": by, "created_at": now_ms}
    rows = [
        {**made, **_values(one, by, now_ms), "id": internal, "dashboard_id": one.dashboard_id}
        | {"folder_id": places.get(one.folder), "origin": one.origin}
        for internal, one in zip(inner, new, strict=True)
    ]
    await connection.execute(insert(dashboards), rows)
    versions = [version_of(row["id"], 1, row["config"], by=by, now_ms=now_ms) for row in rows]
    await connection.execute(insert(dashboard_versions), versions)
    await keep(connection, [(row["id"], row["dashboard_id"], row["config"]) for row in rows])


async def _change(connection: AsyncConnection, row: Any, one: FileDashboard, by: str, now_ms: int) -> None:
    """The next version of a dashboard whose file holds something else by now."""
    values = _values(one, by, now_ms)
    await connection.execute(
        update(dashboards).where(dashboards.c.id == row.id).values(version=row.version + 1, **values)
    )
    version = version_of(row.id, row.version + 1, values["config"], by=by, now_ms=now_ms)
    await connection.execute(insert(dashboard_versions).values(**version))
    await keep(connection, [(row.id, one.dashboard_id, values["config"])], anew=True)


def _values(one: FileDashboard, by: str, now_ms: int) -> dict[str, Any]:
    return {**content(one.config, by, now_ms), "origin_digest": one.digest}


async def _folders(connection: AsyncConnection, org: int, wanted: Mapping[str, str]) -> dict[str, int]:
    """The id of each folder by its uid, made where it is missing; a title that people gave stays."""
    found = await connection.execute(select(folders.c.uid, folders.c.id).where(folders.c.org_id == org))
    places = {row.uid: row.id for row in found}
    for uid, title in wanted.items():
        if uid not in places:
            made = insert(folders).values(org_id=org, uid=uid, title=title).returning(folders.c.id)
            places[uid] = await connection.scalar(made)
    return {uid: places[uid] for uid in wanted}


async def _dashboards_of_others(connection: AsyncConnection, org: int, wanted: Sequence[FileDashboard]) -> list[Taken]:
    origins = {one.dashboard_id: one.origin for one in wanted}
    theirs = (dashboards.c.org_id == org, dashboards.c.origin == "")
    return await _taken(connection, dashboards.c.dashboard_id, theirs, origins, "a dashboard that people made")


async def _rules_of_others(connection: AsyncConnection, org: int, wanted: Sequence[FileRule], by: str) -> list[Taken]:
    origins = {one.rule.rule_id: one.rule.origin for one in wanted}
    theirs = (alert_rules.c.org_id == org, alert_rules.c.created_by != by)
    return await _taken(connection, alert_rules.c.rule_id, theirs, origins, "a rule that is not of these files")


async def _taken(
    connection: AsyncConnection,
    column: Column[str],
    theirs: Sequence[ColumnElement[bool]],
    origins: Mapping[str, str],
    what: str,
) -> list[Taken]:
    """Which of the ids, each with the file that it stands in, are those of others."""
    found: list[Taken] = []
    for batch in batches(origins):
        for one in await connection.scalars(select(column).where(*theirs, column.in_(batch))):
            detail = f"{what} has the id {one}: delete it, or give this one another id"
            found.append(Taken(origins[one], f"$.{column.name}", detail))
    return found
