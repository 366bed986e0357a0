"""One node beside others: what several need in common, said before anything starts wrong."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog

from ..errors import HeliographError, SettingsError
from ..storage.config.nodes import Node, Nodes
from ..tasks import ended
from .settings import STORE_USER, Settings

log = structlog.get_logger(__name__)
BEAT_S = 10.0


def store_name(metrics_url: str) -> str:
    """What tells two metric stores apart: an embedded store by its secret, whatever address it is reached at."""
    parts = urlsplit(metrics_url)
    if parts.username != STORE_USER:
        return "server"
    return "embedded:" + hashlib.blake2b((parts.password or "").encode(), digest_size=8).hexdigest()


def missing(settings: Settings) -> list[str]:
    """What a node over PostgreSQL lacks to be one of several; `metrics_url` is judged by `beside`."""
    lacks = []
    if not settings.secret_key.get_secret_value():
        lacks.append("secret_key: the same on all nodes; others made with another key do not start")
    if not settings.redis_url.get_secret_value():
        lacks.append("redis_url: without it each node asks every question itself")
    return lacks


def check(node: Node, others: list[Node]) -> None:
    """SettingsError where another node has its metrics elsewhere: people would see other data on each node."""
    if any(other.store != node.store for other in others):
        raise SettingsError(
            "metrics_url: another node of this database has its metrics in another store; several nodes need one "
            "ClickHouse server, or the content of one node's store.url as metrics_url of the others"
        )


@asynccontextmanager
async def among_others(nodes: Nodes, settings: Settings, clock: Callable[[], float]) -> AsyncIterator[None]:
    """Be known to the other nodes of this database for as long as the block runs."""

    def me() -> Node:
        return Node(node_id, store_name(settings.metrics_url.get_secret_value()), shares_redis, clock())

    node_id, shares_redis = secrets.token_hex(8), bool(settings.redis_url.get_secret_value())
    others = await nodes.others(node_id, clock())
    check(me(), others)
    for lack in missing(settings):
        log.warning("for several nodes", missing=lack, other_nodes=len(others))
    await nodes.beat(me())
    beating = asyncio.create_task(_beat_for_ever(nodes, me))
    try:
        yield
    finally:
        await ended(beating)
        with contextlib.suppress(HeliographError):  # it is forgotten soon anyway
            await nodes.leave(node_id)


async def _beat_for_ever(nodes: Nodes, me: Callable[[], Node]) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        with contextlib.suppress(HeliographError):  # the database is away: readyz says so
            await nodes.beat(me())
