"""Configured data sources. Secrets are encrypted at rest and decrypted only for the connection itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Row, delete, insert, select, update

from ...errors import DuplicateError, NotFoundError, StartupError
from .database import Database
from .tables import datasources


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A configured data source. `revision` rises with each change and is part of every cache key."""

    uid: str
    name: str
    type: str
    url: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    default: bool = False
    revision: int = 1
    provisioned: bool = False


async def without_secrets(database: Database, org: int) -> Sequence[StoredSource]:
    """The data sources of an org that people made, by name: for who has no keys."""
    async with database.connect() as connection:
        rows = await connection.execute(
            select(datasources).where(datasources.c.org_id == org).order_by(datasources.c.name)
        )
        return [_of(row, {}) for row in rows]


def _of(row: Row[Any], secrets: Mapping[str, str]) -> StoredSource:
    return StoredSource(row.uid, row.name, row.type, row.url, row.options, secrets, row.is_default, row.revision)


class DataSources:
    """The repository of data sources made by people; `keys` are Fernet keys, the first one encrypts."""

    def __init__(self, database: Database, keys: Sequence[bytes]) -> None:
        self._database = database
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    async def create(self, org: int, source: StoredSource, *, by: str, now_ms: int) -> StoredSource:
        """A new data source; DuplicateError where the uid is taken."""
        try:
            async with self._database.begin() as connection:
                await self._clear_default(connection, org, source)
                await connection.execute(
                    insert(datasources).values(
                        org_id=org, uid=source.uid, revision=1, **self._values(source, by, now_ms)
                    )
                )
        except DuplicateError:
            raise DuplicateError(f"there is a data source {source.uid} already", path="$.uid") from None
        return await self.get(org, source.uid)

    async def get(self, org: int, uid: str) -> StoredSource:
        """With its secrets in clear text; NotFoundError."""
        async with self._database.connect() as connection:
            row = (
                await connection.execute(
                    select(datasources).where(datasources.c.org_id == org, datasources.c.uid == uid)
                )
            ).first()
        if row is None:
            raise NotFoundError(f"there is no data source {uid}")
        return self._source(row)

    async def list(self, org: int) -> Sequence[StoredSource]:
        """All of an org by name, with their secrets in clear text."""
        async with self._database.connect() as connection:
            rows = await connection.execute(
                select(datasources).where(datasources.c.org_id == org).order_by(datasources.c.name)
            )
            return [self._source(row) for row in rows]

    async def update(self, org: int, source: StoredSource, *, by: str, now_ms: int) -> StoredSource:
        """Change all of it but the uid; the revision rises."""
        async with self._database.begin() as connection:
            await self._clear_default(connection, org, source)
            changed = await connection.execute(
                update(datasources)
                .where(datasources.c.org_id == org, datasources.c.uid == source.uid)
                .values(revision=datasources.c.revision + 1, **self._values(source, by, now_ms))
                .returning(datasources.c.id)
            )
            if changed.first() is None:
                raise NotFoundError(f"there is no data source {source.uid}")
        return await self.get(org, source.uid)

    async def delete(self, org: int, uid: str) -> None:
        """NotFoundError."""
        async with self._database.begin() as connection:
            gone = await connection.execute(
                delete(datasources)
                .where(datasources.c.org_id == org, datasources.c.uid == uid)
                .returning(datasources.c.id)
            )
            if gone.first() is None:
                raise NotFoundError(f"there is no data source {uid}")

    async def rewrite(self, change: Callable[[StoredSource], StoredSource]) -> None:
        """Store what `change` makes of each source whose URL, options or secrets it changes, for good: what stood
        there before is nowhere in the files of the database any more."""
        changed = False
        async with self._database.begin() as connection:
            for row in (await connection.execute(select(datasources))).all():
                before = self._source(row)
                after = change(before)
                if (after.url, after.options, after.secrets) == (before.url, before.options, before.secrets):
                    continue
                values = self._values(after, row.updated_by, row.updated_at)
                await connection.execute(
                    update(datasources)
                    .where(datasources.c.id == row.id, datasources.c.revision == row.revision)
                    .values(revision=datasources.c.revision + 1, **values)
                )
                changed = True
        if changed:
            await self._database.scrub()

    async def encrypt_anew(self) -> None:
        """Encrypt all secrets with the first key."""
        async with self._database.begin() as connection:
            rows = (await connection.execute(select(datasources).where(datasources.c.secrets != ""))).all()
            for row in rows:
                secrets = self._source(row).secrets
                anew = self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode()
                await connection.execute(update(datasources).where(datasources.c.id == row.id).values(secrets=anew))

    async def _clear_default(self, connection: Any, org: int, source: StoredSource) -> None:
        if source.default:
            await connection.execute(
                update(datasources)
                .where(datasources.c.org_id == org, datasources.c.type == source.type)
                .values(is_default=False)
            )

    def _values(self, source: StoredSource, by: str, now_ms: int) -> dict[str, Any]:
        secret = self._fernet.encrypt(json.dumps(dict(source.secrets)).encode()).decode() if source.secrets else ""
        return {
            "name": source.name,
            "type": source.type,
            "url": source.url,
            "options": dict(source.options),
            "secrets": secret,
            "is_default": source.default,
            "updated_by": by,
            "updated_at": now_ms,
        }

    def _source(self, row: Row[Any]) -> StoredSource:
        try:
            secrets = json.loads(self._fernet.decrypt(row.secrets)) if row.secrets else {}
        except InvalidToken:
            raise StartupError(f"the secrets of data source {row.uid} were encrypted with another secret_key") from None
        return _of(row, secrets)
