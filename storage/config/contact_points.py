"""Contact points: to whom alerts are told. Secrets are encrypted at rest and decrypted only for the connection."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Row, delete, insert, select, update

from ...errors import DuplicateError, NotFoundError, StartupError, VersionConflictError
from .database import Database
from .datasources import StoredSource
from .notification_tables import contact_points


class ContactPoints:
    """The repository of contact points, each kept as any configured connection is; `revision` is its version.

    `keys` are Fernet keys, the first one encrypts.
    """

    def __init__(self, database: Database, keys: Sequence[bytes]) -> None:
        self._database = database
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    async def create(self, org: int, contact: StoredSource, *, by: str, now_ms: int) -> StoredSource:
        """A new contact point; DuplicateError where the uid is taken."""
        values = {"org_id": org, "uid": contact.uid, "version": 1, **self._values(contact, by, now_ms)}
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(contact_points).values(**values))
        except DuplicateError:
            raise DuplicateError(f"there is a contact point {contact.uid} already", path="$.contact_point_id") from None
        return await self.get(org, contact.uid)

    async def get(self, org: int, uid: str) -> StoredSource:
        """With its secrets in clear text; NotFoundError."""
        async with self._database.connect() as connection:
            wanted = select(contact_points).where(contact_points.c.org_id == org, contact_points.c.uid == uid)
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise NotFoundError(f"there is no contact point {uid}")
        return self._contact(row)

    async def list(self, org: int) -> Sequence[StoredSource]:
        """In the order of their names."""
        wanted = select(contact_points).where(contact_points.c.org_id == org).order_by(contact_points.c.name)
        async with self._database.connect() as connection:
            return [self._contact(row) for row in await connection.execute(wanted)]

    async def update(self, org: int, contact: StoredSource, *, version: int, by: str, now_ms: int) -> StoredSource:
        """Change all of it but the uid; VersionConflictError where another version stands."""
        mine = (contact_points.c.org_id == org, contact_points.c.uid == contact.uid)
        values = {"version": version + 1, **self._values(contact, by, now_ms)}
        async with self._database.begin() as connection:
            changed = await connection.execute(
                update(contact_points).where(*mine, contact_points.c.version == version).values(**values)
            )
            if not changed.rowcount:
                current = await connection.scalar(select(contact_points.c.version).where(*mine))
                if current is None:
                    raise NotFoundError(f"there is no contact point {contact.uid}")
                raise VersionConflictError("somebody else saved it first", current_version=current)
        return await self.get(org, contact.uid)

    async def delete(self, org: int, uid: str) -> None:
        """NotFoundError."""
        async with self._database.begin() as connection:
            gone = await connection.execute(
                delete(contact_points).where(contact_points.c.org_id == org, contact_points.c.uid == uid)
            )
            if not gone.rowcount:
                raise NotFoundError(f"there is no contact point {uid}")

    async def encrypt_anew(self) -> None:
        """Encrypt all secrets with the first key."""
        async with self._database.begin() as connection:
            for row in (await connection.execute(select(contact_points).where(contact_points.c.secrets != ""))).all():
                anew = self._encrypted(self._contact(row).secrets)
                await connection.execute(
                    update(contact_points).where(contact_points.c.id == row.id).values(secrets=anew)
                )

    def _encrypted(self, secrets: Mapping[str, str]) -> str:
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""

    def _values(self, contact: StoredSource, by: str, now_ms: int) -> dict[str, Any]:
        return {
            "name": contact.name,
            "type": contact.type,
            "url": contact.url,
            "options": dict(contact.options),
            "secrets": self._encrypted(contact.secrets),
            "updated_by": by,
            "updated_at": now_ms,
        }

    def _contact(self, row: Row[Any]) -> StoredSource:
        try:
            secrets = json.loads(self._fernet.decrypt(row.secrets.encode())) if row.secrets else {}
        except InvalidToken:
            raise StartupError("secrets of contact points were encrypted with another secret_key") from None
        return StoredSource(row.uid, row.name, row.type, row.url, row.options, secrets, revision=row.version)
