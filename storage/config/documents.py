"""JSON documents with a version, one of an org or many by name: policies, inhibitions, mute timings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, select, update

from ...errors import DuplicateError, NotFoundError, VersionConflictError
from .database import Database


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is kept. Version 0: nobody has saved one yet."""

    config: Any
    version: int = 0
    name: str = ""
    updated_by: str = ""
    updated_at: int = 0


class Documents:
    """One document of each org."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    async def get(self, org: int) -> Document | None:
        """None where nobody has saved one yet."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(self._table).where(self._table.c.org_id == org))).first()
        return _document(row) if row is not None else None

    async def all(self) -> Mapping[int, Document]:
        """Those of all orgs."""
        async with self._database.connect() as connection:
            return {row.org_id: _document(row) for row in await connection.execute(select(self._table))}

    async def put(self, org: int, config: Any, *, version: int, by: str, now_ms: int) -> Document:
        """Save what was read at a version, 0 where there was none; VersionConflictError where another stands."""
        made = Document(config, version + 1, updated_by=by, updated_at=now_ms)
        await _saved(self._database, self._table, (self._table.c.org_id == org,), {"org_id": org}, made)
        return made


class NamedDocuments:
    """Many documents of each org, by name."""

    def __init__(self, database: Database, table: Table, called: str) -> None:
        self._database = database
        self._table = table
        self._called = called

    async def list(self, org: int) -> Sequence[Document]:
        """In the order of their names."""
        wanted = select(self._table).where(self._table.c.org_id == org).order_by(self._table.c.name)
        async with self._database.connect() as connection:
            return [_document(row) for row in await connection.execute(wanted)]

    async def all(self) -> Mapping[int, Sequence[Document]]:
        """Those of all orgs."""
        found: dict[int, list[Document]] = {}
        async with self._database.connect() as connection:
            for row in await connection.execute(select(self._table)):
                found.setdefault(row.org_id, []).append(_document(row))
        return found

    async def get(self, org: int, name: str) -> Document:
        """NotFoundError."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(self._table).where(*self._is(org, name)))).first()
        if row is None:
            raise NotFoundError(f"there is no {self._called} {name}")
        return _document(row)

    async def create(self, org: int, name: str, config: Any, *, by: str, now_ms: int) -> Document:
        """A new document; DuplicateError where the name is taken."""
        made = Document(config, 1, name, by, now_ms)
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(self._table).values(org_id=org, name=name, **_values(made)))
        except DuplicateError:
            raise DuplicateError(f"there is a {self._called} {name} already", path="$.name") from None
        return made

    async def update(self, org: int, name: str, config: Any, *, version: int, by: str, now_ms: int) -> Document:
        """Save what was read at a version; VersionConflictError where another stands, NotFoundError where none does."""
        made = Document(config, version + 1, name, by, now_ms)
        await _saved(self._database, self._table, self._is(org, name), None, made)
        return made

    async def delete(self, org: int, name: str) -> None:
        """NotFoundError."""
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(self._table).where(*self._is(org, name)))
            if not gone.rowcount:
                raise NotFoundError(f"there is no {self._called} {name}")

    def _is(self, org: int, name: str) -> tuple[ColumnElement[bool], ...]:
        return (self._table.c.org_id == org, self._table.c.name == name)


async def _saved(
    database: Database, table: Table, mine: Sequence[ColumnElement[bool]], key: Mapping[str, Any] | None, made: Document
) -> None:
    """Write a document over the version before it; `key`: make the first one under it."""
    before = made.version - 1
    try:
        async with database.begin() as connection:
            changed = await connection.execute(
                update(table).where(*mine, table.c.version == before).values(**_values(made))
            )
            if changed.rowcount:
                return
            current = await connection.scalar(select(table.c.version).where(*mine))
            if current is None and key is None:
                raise NotFoundError("it is not there any more")
            if current is not None or before:
                raise VersionConflictError("somebody else saved it first", current_version=current or 0)
            await connection.execute(insert(table).values(**(key or {}), **_values(made)))
    except DuplicateError:
        raise VersionConflictError("somebody else saved it first", current_version=1) from None


def _values(one: Document) -> dict[str, Any]:
    return {
        "config": one.config,
        "version": one.version,
        "updated_by": one.updated_by,
        "updated_at": one.updated_at,
    }


def _document(row: Row[Any]) -> Document:
    return Document(row.config, row.version, getattr(row, "name", ""), row.updated_by, row.updated_at)
