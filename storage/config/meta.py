"""Small facts about an installation as a whole, each a text under a key."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from .database import Database
from .tables import meta


class Meta:
    """Key and value; the last who writes a key is right."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        async with self._database.connect() as connection:
            found: str | None = await connection.scalar(select(meta.c.value).where(meta.c.key == key))
            return found

    async def put(self, key: str, value: str) -> None:
        async with self._database.begin() as connection:
            changed = await connection.execute(update(meta).where(meta.c.key == key).values(value=value))
            if not changed.rowcount:
                await connection.execute(insert(meta).values(key=key, value=value))
