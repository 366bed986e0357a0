"""SQL sources over real servers: PostgreSQL, and ClickHouse's protocol as the store speaks it."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from fixtures.contexts import kinds_of
from fixtures.postgres import Postgres
from fixtures.product import free_port

from heliograph.datasources.frame import Frame
from heliograph.datasources.joining import Piece, join
from heliograph.datasources.sources.base import Source, SourceQuery
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError, SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.metrics.client import MetricClient

SCOPE = Scope(1, Role.EDITOR)
RANGE = TimeRange(1_700_000_000_000 // 60_000 * 60_000, 1_700_000_000_000 // 60_000 * 60_000 + 300_000)
CREATE_PG = """
CREATE TABLE cpu (ts timestamptz, host text, busy float8, cores int);
INSERT INTO cpu SELECT to_timestamp({start} + n), 'host ' || (n % 2), n, 4 FROM generate_series(0, 299) AS n;
"""


def made_of(kind: type[Source], stored: StoredSource) -> Source:
    source: Source = kinds_of(kind).make(stored)
    return source


def ask(sql: str, **changes: Any) -> SourceQuery:
    return SourceQuery(sql, RANGE, 60.0, 1000, SCOPE, query_id="q", **changes)


@pytest.fixture(params=["postgresql", "clickhouse"])
async def source(request: pytest.FixtureRequest) -> AsyncIterator[Source]:
    """A source with a table `cpu`: a sample a second, of two hosts in turn."""
    start = RANGE.from_ms // 1000
    made: Source
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgres_database")
        url = make()
        connection = await asyncpg.connect(url)
        await connection.execute(CREATE_PG.format(start=start))
        await connection.close()
        made = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, {"allow_superuser": True}))
    else:
        url = request.getfixturevalue("store").url
        client = MetricClient(url)
        await client.command("CREATE DATABASE IF NOT EXISTS shop")
        await client.command("DROP TABLE IF EXISTS default.cpu")
        await client.command(
            "CREATE TABLE default.cpu (ts DateTime64(3, 'UTC'), host String, busy Float64, cores Int32) "
            "ENGINE = MergeTree ORDER BY ts"
        )
        await client.command(
            f"INSERT INTO default.cpu SELECT fromUnixTimestamp64Milli({RANGE.from_ms} + number * 1000), "
            "concat('host ', toString(number % 2)), number, 4 FROM numbers(300)"
        )
        await client.close()
        made = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", url, {"allow_superuser": True}))
    yield made
    await made.close()


async def test_long_rows_become_series(source: Source) -> None:
    sql = (
        "SELECT $__bucket(ts) AS time, host, max(busy) AS busy FROM cpu WHERE $__timeFilter(ts) "
        "GROUP BY time, host ORDER BY time"
    )
    answer = await source.query(ask(sql))
    assert [frame.name for frame in answer.frames] == ["host 0", "host 1"]
    time = answer.frames[0].time
    assert time is not None
    assert time.values.tolist() == [RANGE.from_ms + minute * 60_000 for minute in range(5)]
    assert answer.frames[0].numbers[0].values.tolist() == [58, 118, 178, 238, 298]
    assert "$__" not in answer.executed


async def test_a_table_stays_a_table_where_it_is_wanted(source: Source) -> None:
    answer = await source.query(ask("SELECT host, count(*) AS n FROM cpu GROUP BY host ORDER BY host"))
    (frame,) = answer.frames
    assert [column.kind for column in frame.fields] == ["string", "number"]
    timed = await source.query(ask("SELECT ts, busy FROM cpu LIMIT 2", options={"format": "table"}))
    assert len(timed.frames) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE cpu",
        "SELECT 1; DROP TABLE cpu",
        "INSERT INTO cpu (cores) VALUES (1)",
        "DELETE FROM cpu",
        "SELECT * INTO other FROM cpu",
        "selec 1",
        "SELECT nope FROM cpu",
        "",
    ],
)
async def test_anything_but_a_select_that_stands_is_refused(source: Source, sql: str) -> None:
    with pytest.raises(SourceError):
        await source.query(ask(sql))


async def test_a_test_says_whether_it_answers(source: Source) -> None:
    health = await source.test()
    assert health.ok
    if isinstance(source, PostgresSource):
        assert "the role is a superuser" in health.message


async def test_postgresql_reads_only_even_through_functions(postgres_database: Callable[[], str]) -> None:
    url = postgres_database()
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, {"allow_superuser": True}))
    connection = await asyncpg.connect(url)
    await connection.execute(
        "CREATE TABLE kept (a int); "
        "CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS 'INSERT INTO kept VALUES (1) RETURNING a'"
    )
    with pytest.raises(SourceError, match="read-only"):
        await source.query(ask("SELECT sneak()"))
    assert await connection.fetchval("SELECT count(*) FROM kept") == 0
    await connection.close()
    await source.close()


@pytest.mark.parametrize("time", ["4713-01-01 BC", "99999-01-01"])
async def test_a_time_of_any_year_is_a_point(postgres_database: Callable[[], str], time: str) -> None:
    source = made_of(
        PostgresSource, StoredSource("p", "P", "postgresql", postgres_database(), {"allow_superuser": True})
    )
    (frame,) = (await source.query(ask(f"SELECT '{time}'::timestamptz AS time, 1.5 AS v"))).frames
    assert (frame.is_series, frame.rows) == (True, 1)
    await source.close()


async def test_more_rows_than_allowed_are_refused(postgres_database: Callable[[], str]) -> None:
    source = made_of(
        PostgresSource,
        StoredSource("p", "P", "postgresql", postgres_database(), {"max_rows": 10, "allow_superuser": True}),
    )
    with pytest.raises(SourceError, match="more than 10 rows"):
        await source.query(ask("SELECT * FROM generate_series(1, 11)"))
    await source.close()


@pytest.mark.parametrize(
    "sql", ["SELECT repeat('x', 1000000) AS t", "SELECT n, n AS m FROM generate_series(1, 20000) n"]
)
async def test_more_bytes_than_allowed_are_refused(postgres_database: Callable[[], str], sql: str) -> None:
    source = made_of(
        PostgresSource,
        StoredSource("p", "P", "postgresql", postgres_database(), {"max_bytes": 100_000, "allow_superuser": True}),
    )
    for _ in range(2):
        with pytest.raises(SourceError, match="more than 100000 bytes") as caught:
            await source.query(ask(sql))
        assert type(caught.value) is SourceError
    for _ in range(3):  # the limit is that of a query, not of a connection
        (frame,) = (await source.query(ask("SELECT repeat('x', 60000) AS t"))).frames
        assert frame.rows == 1
    await source.close()


async def test_no_more_than_the_limit_of_bytes_is_held(postgres_database: Callable[[], str]) -> None:
    source = made_of(
        PostgresSource,
        StoredSource("p", "P", "postgresql", postgres_database(), {"max_bytes": 1_000_000, "allow_superuser": True}),
    )
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="more than 1000000 bytes"):
            await source.query(ask("SELECT repeat('x', 100000000) AS t"))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
        await source.close()


async def test_clickhouse_answers_no_more_bytes_than_allowed(store: Any) -> None:
    source = made_of(
        ClickHouseSource,
        StoredSource("c", "C", "clickhouse", store.url, {"max_bytes": 100_000, "allow_superuser": True}),
    )
    with pytest.raises(SourceError, match="more than 100000 bytes"):
        await source.query(ask("SELECT repeat('x', 1000000) AS t"))
    with pytest.raises(SourceError, match="max bytes"):
        await source.query(ask("SELECT number AS n FROM numbers(100000)"))
    (frame,) = (await source.query(ask("SELECT repeat('x', 60000) AS t"))).frames
    assert frame.rows == 1
    await source.close()


async def test_a_postgresql_that_is_gone_or_refuses_is_unavailable(postgres_server: Postgres) -> None:
    for url in (
        f"postgresql://x@127.0.0.1:{free_port()}/d",
        f"postgresql://nobody_here@127.0.0.1:{postgres_server.port}/x",
    ):
        source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, {"allow_superuser": True}))
        with pytest.raises((SourceUnavailableError, SourceError)):
            await source.query(ask("SELECT 1"))
        assert not (await source.test()).ok
        await source.close()


def test_a_url_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(InvalidError):
        made_of(PostgresSource, StoredSource("p", "P", "postgresql", "http://x"))
    with pytest.raises(InvalidError):
        made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", "file:///etc/passwd"))


@pytest.mark.parametrize("cut", [1, 2, 4])
async def test_pieces_joined_equal_the_whole(source: Source, cut: int) -> None:
    sql = (
        "SELECT $__bucket(ts) AS time, host, max(busy) AS most, count(*) AS n FROM cpu "
        "WHERE $__timeFilter(ts) AND NOT (host = 'host 1' AND busy > 150) GROUP BY time, host ORDER BY time"
    )
    step_ms = 60_000
    whole = ask(sql)
    assert source.chunkable(whole)
    assert not source.chunkable(replace(whole, query=sql + " LIMIT 3"))
    middle_ms = RANGE.from_ms + cut * step_ms
    ranges = [TimeRange(RANGE.from_ms, middle_ms - step_ms), TimeRange(middle_ms, RANGE.to_ms)]
    pieces = [
        Piece(own.from_ms, own.to_ms + step_ms, (await source.query(replace(whole, range=own))).frames)
        for own in ranges
    ]
    expected = (await source.query(whole)).frames
    assert [told(frame) for frame in join(pieces)] == [told(frame) for frame in expected]


def told(frame: Frame) -> object:
    return (frame.name, frame.labels, [(one.name, one.values.tolist()) for one in frame.fields])
