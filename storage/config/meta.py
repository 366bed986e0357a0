"""Small facts about an installation as a whole, each a text under a key."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .tables import meta


class Meta:
    """Key and value; the last who writes a key is right."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """The value of a key, if it has one."""
        async with self._database.connect() as connection:
            found: str | None = await connection.scalar(select(meta.c.value).where(meta.c.key == key))
            return found

    async def put(self, key: str, value: str) -> None:
        """Set the value of a key, whether or not it has one."""
        async with self._database.begin() as connection:
            await put_fact(connection, key, value)


async def put_fact(connection: AsyncConnection, key: str, value: str) -> None:
    """Write a fact in a transaction, over what stood under the key."""
    insert_or_update = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert_or_update(meta).values(key=key, value=value)
    await connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": value}))


async def new_stamp(connection: AsyncConnection, key: str) -> None:
    """Write what no node has seen yet, in the transaction of a change that all nodes are to notice."""
    await put_fact(connection, key, uuid.uuid4().hex)
