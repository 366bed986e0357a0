"""Two server processes over one Valkey and one PostgreSQL: what is asked of both reaches the source once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
from fixtures import redis as redis_fixtures
from fixtures.postgres import SLOWLY, Postgres
from fixtures.product import Product, ProductMaker
from fixtures.redis import RedisServer

pytestmark = pytest.mark.timeout(300)
REQUESTS = 500
SLOW_S = 4
FROM, TO = "2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z"
numbers = itertools.count(1)


@dataclass
class Nodes:
    one: Product
    two: Product
    redis: RedisServer
    source_url: str
    headers: dict[str, str]


@dataclass
class Watch:
    """Counts, at the source itself, how often a text was run: each run of its backends that was seen active."""

    url: str
    text: str
    runs: set[tuple[int, Any]] = field(default_factory=set)

    async def __aenter__(self) -> Watch:
        self.connection = await asyncpg.connect(self.url)
        self.task = asyncio.ensure_future(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.connection.close()

    async def _look(self) -> None:
        looking = (
            "SELECT pid, query_start FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE $1 AND pid <> $2"
        )
        own = self.connection.get_server_pid()
        while True:
            for row in await self.connection.fetch(looking, f"%{self.text}%", own):
                self.runs.add((row["pid"], row["query_start"]))
            await asyncio.sleep(0.05)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.runs) < count:
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def nodes(
    make_product: ProductMaker, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nodes]:
    directory: Path = tmp_path_factory.mktemp("one-question")
    redis = redis_fixtures.started()
    source = postgres_server.create("one_question_source")
    asyncio.run(prepare(source))
    config = directory / "heliograph.toml"
    options = "options = { allow_superuser = true }"
    config.write_text(f'[[datasources]]\nuid = "pg"\ntype = "postgresql"\nurl = "{source}"\n{options}\n')
    shared = {
        "HELIOGRAPH_CONFIG": str(config),
        "HELIOGRAPH_DATABASE_URL": postgres_server.create("one_question_config"),
        "HELIOGRAPH_REDIS_URL": redis.url,
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
    }
    upgraded = Product(directory / "upgrade", environment=shared).command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    one = make_product(**shared)
    two = make_product(**shared, HELIOGRAPH_METRICS_URL=(one.data_dir / "store.url").read_text().strip())
    yield Nodes(one, two, redis, source, {"Authorization": f"Bearer {one.token('admin')}"})
    for node in (two, one):
        node.stop()
    redis.kill()


async def prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(SLOWLY)
    await connection.close()


def slow() -> tuple[str, dict[str, Any]]:
    """A text that nobody asked before, and the request for it."""
    mark = f"mark_{next(numbers)}"
    sql = f"SELECT '{mark}' AS mark, slowly({SLOW_S}) AS slept"
    return mark, {"datasource": "pg", "query": sql, "from": FROM, "to": TO}


async def ask(client: httpx.AsyncClient, node: Product, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"{node.url}/api/v1/query", json=body)


def client_of(nodes: Nodes) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=REQUESTS, max_keepalive_connections=REQUESTS)
    return httpx.AsyncClient(headers=nodes.headers, timeout=120, limits=limits)


async def test_five_hundred_equal_requests_to_two_nodes_are_one_query_at_the_source(nodes: Nodes) -> None:
    mark, body = slow()
    async with client_of(nodes) as client, Watch(nodes.source_url, mark) as watch:
        asking = [ask(client, (nodes.one, nodes.two)[number % 2], body) for number in range(REQUESTS)]
        replies = await asyncio.gather(*asking)
        assert {reply.status_code for reply in replies} == {200}
        assert {reply.json()["rows"][0][0] for reply in replies} == {mark}
        assert len(watch.runs) == 1


async def test_a_cache_that_is_flushed_on_one_node_is_flushed_on_both(nodes: Nodes) -> None:
    mark, body = slow()
    async with client_of(nodes) as client, Watch(nodes.source_url, mark) as watch:
        for node in (nodes.one, nodes.two):
            assert (await ask(client, node, body)).status_code == 200
        assert len(watch.runs) == 1
        flushed = await client.delete(f"{nodes.one.url}/api/v1/cache", params={"datasource": "pg"})
        assert flushed.json()["dropped"] >= 1
        assert (await ask(client, nodes.two, body)).status_code == 200
        assert len(watch.runs) == 2


async def test_a_leader_that_is_killed_in_flight_costs_one_more_query_and_all_others_answer(nodes: Nodes) -> None:
    mark, body = slow()
    async with client_of(nodes) as client, Watch(nodes.source_url, mark) as watch:
        leading = asyncio.ensure_future(ask(client, nodes.one, body))
        await watch.until(1)
        others = [asyncio.ensure_future(ask(client, nodes.two, body)) for _ in range(REQUESTS // 2)]
        await asyncio.sleep(0.5)
        assert nodes.one.process is not None
        (view,) = (child for child in psutil.Process(nodes.one.process.pid).children() if "view" in child.cmdline()[-1])
        view.kill()
        with pytest.raises(httpx.HTTPError):
            await leading
        assert {reply.status_code for reply in await asyncio.gather(*others)} == {200}
        assert len(watch.runs) == 2
    await asyncio.to_thread(nodes.one.wait_until_ready)


async def test_redis_killed_and_back_the_service_goes_on(nodes: Nodes) -> None:
    async with client_of(nodes) as client:
        for change in (lambda: None, nodes.redis.kill, nodes.redis.start):
            change()
            for node in (nodes.one, nodes.two):
                reply = await ask(client, node, {**slow()[1], "query": f"SELECT {next(numbers)} AS n"})
                assert reply.status_code == 200, reply.text
