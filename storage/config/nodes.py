"""The nodes over one config database: each says every few seconds that it lives, and where its metrics are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from .database import Database
from .tables import meta

PREFIX = "node:"
ALIVE_S = 30.0
FORGOTTEN_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the others see it. `store` names where its metrics are: equal on nodes that share them."""

    id: str
    store: str
    shares_redis: bool
    seen_s: float


class Nodes:
    """Who is alive over this database, by the nodes' own clocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, node: Node) -> None:
        """Say that a node lives; those that have been silent for a day are forgotten."""
        value = json.dumps({"store": node.store, "shares_redis": node.shares_redis, "seen_s": node.seen_s})
        async with self._database.begin() as connection:
            rows = (await connection.execute(select(meta).where(meta.c.key.startswith(PREFIX)))).all()
            old = [row.key for row in rows if node.seen_s - json.loads(row.value)["seen_s"] > FORGOTTEN_S]
            await connection.execute(delete(meta).where(meta.c.key.in_([*old, PREFIX + node.id])))
            await connection.execute(insert(meta).values(key=PREFIX + node.id, value=value))

    async def leave(self, node_id: str) -> None:
        """This node stops: others count it no more."""
        async with self._database.begin() as connection:
            await connection.execute(delete(meta).where(meta.c.key == PREFIX + node_id))

    async def others(self, node_id: str, now_s: float) -> list[Node]:
        """The other nodes that were heard of within ALIVE_S."""
        async with self._database.connect() as connection:
            rows = (await connection.execute(select(meta).where(meta.c.key.startswith(PREFIX)))).all()
        found = [_node(row.key.removeprefix(PREFIX), json.loads(row.value)) for row in rows]
        return [one for one in found if one.id != node_id and now_s - one.seen_s < ALIVE_S]


def _node(node_id: str, value: Mapping[str, object]) -> Node:
    seen = value["seen_s"]
    assert isinstance(seen, float)
    return Node(node_id, str(value["store"]), bool(value["shares_redis"]), seen)
