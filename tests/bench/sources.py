"""What the path of a query costs beside the bare client of each kind of source: the same small question, one after
another, without any cache. p50 and p99 of both, and the CPU of this process; `ratio` is how much of ours the bare
client takes.

Servers that cannot be had here are left out, and said on standard error.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiomysql
import asyncpg
import clickhouse_connect
import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures import mariadb, postgres, prometheus, search, store
from fixtures.contexts import context_of
from fixtures.product import free_port
from fixtures.sources import (
    Subject,
    clickhouse_subject,
    json_subject,
    mysql_subject,
    postgres_subject,
    prometheus_subject,
    search_subject,
    sqlite_subject,
)
from report import figure, report

from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import make_admission, make_proxy
from heliograph.app.settings import Settings
from heliograph.datasources.query.caches import make_caches
from heliograph.datasources.query.model import Query
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory

TIMES = int(os.environ.get("HELIOGRAPH_BENCH_QUERIES", "300"))
WARM = 20
Ask = Callable[[int], Awaitable[Any]]
Timed = tuple[float, float, float]


async def timed(ask: Ask) -> Timed:
    """p50, p99, and the CPU that one takes here in the mean, in ms."""
    for number in range(WARM):
        await ask(-1 - number)
    taken, used = [], time.process_time()
    for number in range(TIMES):
        started = time.perf_counter()
        await ask(number)
        taken.append((time.perf_counter() - started) * 1000)
    used = (time.process_time() - used) / TIMES * 1000
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98], used


@asynccontextmanager
async def ours(subject: Subject, text: Any) -> AsyncIterator[Ask]:
    """The product's path over the source; each question is another person's, so that none is cached."""
    kinds = SourceKinds(context_of)
    kinds.register(subject.kind, lambda stored, _: subject.make(stored))

    async def listing(_: int) -> list[Any]:
        return [subject.stored]

    sources = Sources(kinds, [], listing, time.time)
    caches = make_caches(in_memory(), time.time, counted=lambda _: None, joined=lambda _: None)
    settings, telemetry = Settings(), Telemetry()
    proxy = make_proxy(settings, sources, caches, telemetry, make_admission(settings, caches, telemetry))

    async def ask(number: int) -> None:
        scope = Scope(1, Role.EDITOR, data_scope=f"user:{number}")
        query = Query(text, subject.range, scope, "subject", interval_s=60.0)
        answer = await proxy.query(query)
        assert answer.inspect.cache == "miss"

    try:
        yield ask
    finally:
        await sources.close()
        await caches.close()


async def both(subject: Subject, text: Any, bare: Ask) -> tuple[Timed, Timed]:
    async with ours(subject, text) as ask:
        return await timed(ask), await timed(bare)


async def of_prometheus(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    server = prometheus.started(Path(stack.enter_context(tempfile.TemporaryDirectory())))
    stack.callback(server.stop)
    subject = await stack.enter_async_context(prometheus_subject(server))
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url))
    start, end = subject.range.from_ms / 1000, subject.range.to_ms / 1000

    async def bare(_: int) -> None:
        form = {"query": subject.series, "start": start, "end": end, "step": 60}
        (await client.post("/api/v1/query_range", data=form)).json()

    return await both(subject, subject.series, bare)


async def of_clickhouse(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = store.StoreProcess(folder, free_port()).start()
    stack.callback(server.stop)
    subject = await stack.enter_async_context(clickhouse_subject(server.url))
    client = await clickhouse_connect.get_async_client(dsn=server.url, autogenerate_session_id=False)
    stack.push_async_callback(client.close)
    text = "SELECT ts AS time, host, busy FROM cpu ORDER BY ts"

    async def bare(_: int) -> None:
        await client.query(text)

    return await both(subject, text, bare)


async def of_postgres(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    server = stack.enter_context(postgres.running_postgres())
    url = server.create("bench")
    subject = await stack.enter_async_context(postgres_subject(url))
    connection = await asyncpg.connect(url)
    stack.push_async_callback(connection.close)
    text = "SELECT ts AS time, host, busy FROM cpu ORDER BY ts"

    async def bare(_: int) -> None:
        await connection.fetch(text)

    return await both(subject, text, bare)


async def of_mysql(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    server = stack.enter_context(mariadb.running_mariadb())
    server.run("CREATE DATABASE bench")
    subject = await stack.enter_async_context(mysql_subject(server.url("bench")))
    connection = await aiomysql.connect(host="127.0.0.1", port=server.port, user="root", db="bench")
    stack.callback(connection.close)
    text = "SELECT ts AS time, host, busy FROM cpu ORDER BY ts"

    async def bare(_: int) -> None:
        async with connection.cursor() as cursor:
            await cursor.execute(text)
            await cursor.fetchall()

    return await both(subject, text, bare)


async def of_sqlite(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    subject = await stack.enter_async_context(sqlite_subject(Path(folder) / "cpu.db"))
    connection = sqlite3.connect(Path(folder) / "cpu.db")
    stack.callback(connection.close)
    text = "SELECT ts AS time, host, busy FROM cpu ORDER BY ts"

    async def bare(_: int) -> None:
        connection.execute(text).fetchall()

    return await both(subject, text, bare)


async def of_json(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    subject = await stack.enter_async_context(json_subject())
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=subject.stored.url))
    params = {"from": subject.range.from_ms, "to": subject.range.to_ms}

    async def bare(_: int) -> None:
        (await client.get("/cpu", params=params)).json()

    return await both(subject, subject.series, bare)


async def of_search(stack: AsyncExitStack) -> tuple[Timed, Timed]:
    server = search.started(search.OPENSEARCH)
    stack.callback(server.stop)
    subject = await stack.enter_async_context(search_subject(server))
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url))
    within = {"gte": subject.range.from_ms, "lte": subject.range.to_ms + 59_999, "format": "epoch_millis"}
    metric = {"m0": {"max": {"field": "busy"}}}
    by_time = {"date_histogram": {"field": "@timestamp", "fixed_interval": "60s", "min_doc_count": 1}, "aggs": metric}
    by_host = {"terms": {"field": "host", "size": 100, "order": {"_key": "asc"}}, "aggs": {"b": by_time}}
    body = {"size": 0, "query": {"range": {"@timestamp": within}}, "aggs": {"b": by_host}}
    index = subject.stored.options["index"]

    async def bare(_: int) -> None:
        json.loads((await client.post(f"/{index}/_search", json=body)).content)

    return await both(subject, subject.series, bare)


SOURCES: dict[str, Callable[[AsyncExitStack], Awaitable[tuple[Timed, Timed]]]] = {
    "prometheus": of_prometheus,
    "clickhouse": of_clickhouse,
    "json": of_json,
    "sqlite": of_sqlite,
    "mysql": of_mysql,
    "postgresql": of_postgres,
    "opensearch": of_search,
}


async def main() -> None:
    figures: dict[str, dict[str, Any]] = {}
    for name, measure in SOURCES.items():
        try:
            async with AsyncExitStack() as stack:
                own, bare = await measure(stack)
        except pytest.skip.Exception as reason:
            print(f"{name} is left out: {reason}", file=sys.stderr)
            continue
        for at, part in enumerate(("p50", "p99", "CPU")):
            figures[f"{name} {part}"] = figure(own[at], "ms", peer=bare[at])
            figures[f"{name} overhead {part}"] = figure(own[at] - bare[at], "ms")
    report("sources", figures)


if __name__ == "__main__":
    asyncio.run(main())
