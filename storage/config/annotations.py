"""Annotations that people and programs made: instants and regions with a text and tags."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Text, cast, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import NotFoundError
from .database import Database
from .meta import new_stamp
from .tables import annotation_marks, meta

MAX_ANNOTATIONS = 1000


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark on time axes; ms UTC, `end_ms == time_ms` for an instant. No dashboard: it shows on all."""

    time_ms: int
    end_ms: int
    text: str
    tags: tuple[str, ...] = ()
    dashboard_id: str | None = None
    created_by: str = ""
    id: int = 0


COLUMNS = (
    annotation_marks.c.time_ms,
    annotation_marks.c.end_ms,
    annotation_marks.c.text,
    annotation_marks.c.tags,
    annotation_marks.c.dashboard_id,
    annotation_marks.c.created_by,
    annotation_marks.c.id,
)


class Annotations:
    """The repository of annotations."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writes: dict[int, int] = {}

    def writes(self, org: int) -> int:
        """How often this process changed the annotations of an org."""
        return self._writes.get(org, 0)

    async def stamp(self, org: int) -> str:
        """What is another after each change of an org's annotations, on whatever node it was made."""
        async with self._database.connect() as connection:
            return await connection.scalar(select(meta.c.value).where(meta.c.key == _stamp_key(org))) or ""

    async def _changed(self, connection: AsyncConnection, org: int) -> None:
        """Write a new stamp, in the transaction of the change."""
        await touch(connection, org)
        self._writes[org] = self._writes.get(org, 0) + 1

    async def create(self, org: int, annotation: Annotation) -> Annotation:
        """Store a new one; it comes back with its id."""
        async with self._database.begin() as connection:
            new_id = await connection.scalar(
                insert(annotation_marks)
                .values(
                    org_id=org,
                    dashboard_id=annotation.dashboard_id,
                    time_ms=annotation.time_ms,
                    end_ms=annotation.end_ms,
                    text=annotation.text,
                    tags=list(annotation.tags),
                    created_by=annotation.created_by,
                )
                .returning(annotation_marks.c.id)
            )
            await self._changed(connection, org)
        assert new_id is not None
        return replace(annotation, id=new_id)

    async def find(
        self,
        org: int,
        from_ms: int,
        to_ms: int,
        *,
        dashboard_id: str | None = None,
        tags: Sequence[str] = (),
        any_tag: bool = False,
    ) -> Sequence[Annotation]:
        """Those that touch the range, the newest MAX_ANNOTATIONS, in the order of time; with all of the tags, or any.

        With a dashboard: those on it and those on all dashboards.
        """
        conditions = [
            annotation_marks.c.org_id == org,
            annotation_marks.c.time_ms <= to_ms,
            annotation_marks.c.end_ms >= from_ms,
        ]
        if dashboard_id is not None:
            conditions.append(
                or_(annotation_marks.c.dashboard_id == dashboard_id, annotation_marks.c.dashboard_id.is_(None))
            )
        if tags:
            # Kept as JSON: a tag stands in it as JSON writes it, in ASCII or not.
            written = [
                or_(*(cast(annotation_marks.c.tags, Text).contains(text, autoescape=True) for text in _as_json(tag)))
                for tag in tags
            ]
            conditions += [or_(*written)] if any_tag else written
        newest = select(*COLUMNS).where(*conditions).order_by(annotation_marks.c.time_ms.desc()).limit(MAX_ANNOTATIONS)
        async with self._database.connect() as connection:
            rows = (await connection.execute(newest)).all()
        found = [Annotation(row[0], row[1], row[2], tuple(row[3]), row[4], row[5], row[6]) for row in reversed(rows)]
        enough = any if any_tag else all
        return [one for one in found if not tags or enough(tag in one.tags for tag in tags)]

    async def get(self, org: int, annotation_id: int) -> Annotation:
        """NotFoundError."""
        async with self._database.connect() as connection:
            row = (
                await connection.execute(
                    select(*COLUMNS).where(annotation_marks.c.org_id == org, annotation_marks.c.id == annotation_id)
                )
            ).first()
        if row is None:
            raise NotFoundError("there is no such annotation")
        return Annotation(row[0], row[1], row[2], tuple(row[3]), row[4], row[5], row[6])

    async def update(self, org: int, annotation: Annotation) -> Annotation:
        """Store its times, text and tags; its dashboard and author stay. NotFoundError."""
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(annotation_marks)
                .where(annotation_marks.c.org_id == org, annotation_marks.c.id == annotation.id)
                .values(
                    time_ms=annotation.time_ms,
                    end_ms=annotation.end_ms,
                    text=annotation.text,
                    tags=list(annotation.tags),
                )
                .returning(annotation_marks.c.id)
            )
            if changed.first() is None:
                raise NotFoundError("there is no such annotation")
            await self._changed(connection, org)
        return await self.get(org, annotation.id)

    async def delete(self, org: int, annotation_id: int) -> None:
        """NotFoundError."""
        async with self._database.begin() as connection:
            gone = await connection.execute(
                delete(annotation_marks)
                .where(annotation_marks.c.org_id == org, annotation_marks.c.id == annotation_id)
                .returning(annotation_marks.c.id)
            )
            if gone.first() is None:
                raise NotFoundError("there is no such annotation")
            await self._changed(connection, org)


async def touch(connection: AsyncConnection, org: int) -> None:
    """Write a new stamp, in the transaction that changes annotations of an org."""
    await new_stamp(connection, _stamp_key(org))


def _stamp_key(org: int) -> str:
    return f"annotations:{org}"


def _as_json(tag: str) -> set[str]:
    return {json.dumps(tag), json.dumps(tag, ensure_ascii=False)}
