"""Alert and recording rules, with optimistic locking: a lost race is an error, never a silent overwrite."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import DuplicateError, NotFoundError, VersionConflictError
from .alert_tables import alert_rules
from .database import Database, batches
from .meta import new_stamp
from .tables import folders, meta

STAMP = "alert-rules"
ALERT, RECORD = "alert", "record"


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to keep. `config` is its JSON document without id, folder and version; `position` is within its group.

    `origin`: the file that provisions it; empty where people made it.
    """

    rule_id: str
    title: str
    group: str
    config: Mapping[str, Any]
    kind: str = ALERT
    folder_id: int | None = None
    position: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule as it stands. Times in ms UTC; `folder` is the uid of the folder it lies in, empty for none."""

    org: int
    rule_id: str
    title: str
    group: str
    config: Mapping[str, Any]
    kind: str
    folder_id: int | None
    folder: str
    position: int
    origin: str
    version: int
    created_by: str
    updated_by: str
    created_at: int
    updated_at: int


COLUMNS = [*alert_rules.c, folders.c.uid.label("folder_uid")]
FOLDED = alert_rules.outerjoin(folders, folders.c.id == alert_rules.c.folder_id)
ORDER = (alert_rules.c.org_id, alert_rules.c.rule_group, alert_rules.c.position, alert_rules.c.id)


class Rules:
    """The repository of rules; what may be seen is decided by its callers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # By org: lists are asked for every few seconds, and thousands of documents take long to read.
        self._listed: dict[int, tuple[str, Sequence[StoredRule]]] = {}

    async def stamp(self) -> str:
        """What is another after each change of any rule, on whatever node it was made."""
        async with self._database.connect() as connection:
            return await connection.scalar(select(meta.c.value).where(meta.c.key == STAMP)) or ""

    async def create(self, org: int, rule: NewRule, *, by: str, now_ms: int) -> StoredRule:
        """Version 1 of a new rule; DuplicateError where the id is taken. An id is made where none is given."""
        rule_id = rule.rule_id or uuid.uuid4().hex[:12]
        try:
            async with self._database.begin() as connection:
                made = {"org_id": org, "rule_id": rule_id, "version": 1, "created_by": by, "created_at": now_ms}
                await connection.execute(insert(alert_rules).values(**made, **_values(rule, by, now_ms)))
                await new_stamp(connection, STAMP)
        except DuplicateError:
            raise DuplicateError(f"there is a rule with the id {rule_id} already", path="$.rule_id") from None
        return await self.get(org, rule_id)

    async def get(self, org: int, rule_id: str) -> StoredRule:
        """The version that stands; NotFoundError where there is none."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(*COLUMNS).select_from(FOLDED).where(_is(org, rule_id)))).first()
        if row is None:
            raise NotFoundError(f"there is no rule {rule_id}")
        return _stored(row)

    async def update(self, org: int, rule: NewRule, *, version: int, by: str, now_ms: int) -> StoredRule:
        """The next version, where `version` still stands; VersionConflictError where it does not."""
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(alert_rules)
                .where(_is(org, rule.rule_id), alert_rules.c.version == version)
                .values(version=version + 1, **_values(rule, by, now_ms))
                .returning(alert_rules.c.id)
            )
            if changed.first() is None:
                await self._refuse(connection, org, rule.rule_id, version)
            await new_stamp(connection, STAMP)
        return await self.get(org, rule.rule_id)

    async def delete(self, org: int, rule_id: str) -> None:
        """Delete a rule; what it evaluated to is ended by the evaluator. NotFoundError where there is none."""
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(alert_rules).where(_is(org, rule_id)).returning(alert_rules.c.id))
            if gone.first() is None:
                raise NotFoundError(f"there is no rule {rule_id}")
            await new_stamp(connection, STAMP)

    async def list(self, org: int, *, hidden_folders: Collection[int] = ()) -> Sequence[StoredRule]:
        """All rules of an org but those in hidden folders, in the order of groups and within them."""
        stamp = await self.stamp()
        kept = self._listed.get(org)
        if kept is None or kept[0] != stamp:
            kept = self._listed[org] = (stamp, await self._list(alert_rules.c.org_id == org))
        return [one for one in kept[1] if one.folder_id is None or one.folder_id not in hidden_folders]

    async def standing(self, keys: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], tuple[int, int | None]]:
        """Version and folder of each (org, rule_id) that is there."""
        columns = (alert_rules.c.org_id, alert_rules.c.rule_id)
        found: dict[tuple[int, str], tuple[int, int | None]] = {}
        async with self._database.connect() as connection:
            for batch in batches(keys):
                wanted = select(*columns, alert_rules.c.version, alert_rules.c.folder_id)
                rows = await connection.execute(wanted.where(tuple_(*columns).in_(batch)))
                found |= {(row[0], row[1]): (row[2], row[3]) for row in rows}
        return found

    async def everywhere(self) -> Sequence[StoredRule]:
        """The rules of all orgs."""
        return await self._list()

    async def _list(self, *conditions: ColumnElement[bool]) -> Sequence[StoredRule]:
        wanted = select(*COLUMNS).select_from(FOLDED).where(*conditions).order_by(*ORDER)
        async with self._database.connect() as connection:
            return [_stored(row) for row in await connection.execute(wanted)]

    async def replace(self, org: int, origin: str, rules: Sequence[NewRule], *, by: str, now_ms: int) -> int:
        """Make these, by their ids, all rules of an origin; how many were made, changed or taken away.

        DuplicateError where an id is that of a rule of another origin.
        """
        async with self._database.begin() as connection:
            return await put_rules(connection, org, rules, alert_rules.c.origin == origin, by=by, now_ms=now_ms)

    async def origins(self, org: int, *, by: str) -> frozenset[str]:
        """The files that rules of an org come of which `by` brought."""
        mine = (alert_rules.c.org_id == org, alert_rules.c.origin != "", alert_rules.c.created_by == by)
        wanted = select(alert_rules.c.origin).where(*mine).distinct()
        async with self._database.connect() as connection:
            return frozenset((await connection.scalars(wanted)).all())

    async def _refuse(self, connection: AsyncConnection, org: int, rule_id: str, version: int) -> None:
        current = await connection.scalar(select(alert_rules.c.version).where(_is(org, rule_id)))
        if current is None:
            raise NotFoundError(f"there is no rule {rule_id}")
        raise VersionConflictError(f"version {version} was read, version {current} stands", current_version=current)


async def put_rules(
    connection: AsyncConnection,
    org: int,
    rules: Sequence[NewRule],
    mine: ColumnElement[bool],
    *,
    by: str,
    now_ms: int,
) -> int:
    """In a transaction: make these, by their ids, all rules that are `mine`; how many were made, changed or taken away.

    DuplicateError where an id is that of a rule that is not.
    """
    found = await connection.execute(select(alert_rules).where(alert_rules.c.org_id == org, mine))
    there = {row.rule_id: row for row in found}
    gone = there.keys() - {rule.rule_id for rule in rules}
    for batch in batches(there[rule_id].id for rule_id in gone):
        await connection.execute(delete(alert_rules).where(alert_rules.c.id.in_(batch)))
    made = {"org_id": org, "version": 1, "created_by": by, "created_at": now_ms}
    new = [
        {**made, "rule_id": rule.rule_id, **_values(rule, by, now_ms)} for rule in rules if rule.rule_id not in there
    ]
    if new:
        await connection.execute(insert(alert_rules), new)
    others = [rule for rule in rules if rule.rule_id in there and not _same(there[rule.rule_id], rule)]
    for rule in others:
        row = there[rule.rule_id]
        values = _values(rule, by, now_ms)
        await connection.execute(
            update(alert_rules).where(alert_rules.c.id == row.id).values(version=row.version + 1, **values)
        )
    changed = len(gone) + len(new) + len(others)
    if changed:
        await new_stamp(connection, STAMP)
    return changed


def _is(org: int, rule_id: str) -> ColumnElement[bool]:
    return and_(alert_rules.c.org_id == org, alert_rules.c.rule_id == rule_id)


def _values(rule: NewRule, by: str, now_ms: int) -> dict[str, Any]:
    return {
        "folder_id": rule.folder_id,
        "kind": rule.kind,
        "title": rule.title,
        "rule_group": rule.group,
        "position": rule.position,
        "config": dict(rule.config),
        "origin": rule.origin,
        "updated_by": by,
        "updated_at": now_ms,
    }


def _same(row: Row[Any], rule: NewRule) -> bool:
    values = _values(rule, row.updated_by, row.updated_at)
    return all(getattr(row, name) == value for name, value in values.items())


def _stored(row: Row[Any]) -> StoredRule:
    return StoredRule(
        org=row.org_id,
        rule_id=row.rule_id,
        title=row.title,
        group=row.rule_group,
        config=row.config,
        kind=row.kind,
        folder_id=row.folder_id,
        folder=row.folder_uid or "",
        position=row.position,
        origin=row.origin,
        version=row.version,
        created_by=row.created_by,
        updated_by=row.updated_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
