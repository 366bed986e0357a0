"""SQL for servers of others: the server's own answer to what was written, and nothing else of the server."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fixtures.contexts import kinds_of
from fixtures.hostile import MARK, attacks, canary_in, hostile
from fixtures.mariadb import Mariadb
from fixtures.postgres import Postgres

from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import counted_caches, make_admission
from heliograph.app.settings import Settings
from heliograph.datasources.query.admission import Admission
from heliograph.datasources.sources.base import Source, SourceAnswer, SourceQuery
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.clickhouse_grants import reaches_out
from heliograph.datasources.sources.mysql import MysqlSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.registry import Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.asked import VariableOptions
from heliograph.datasources.variables.chosen import Chosen
from heliograph.datasources.variables.interpolation import interpolate_query
from heliograph.errors import HeliographError, SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.metrics.client import MetricClient

SCOPE = Scope(1, Role.EDITOR)
HOUR_MS = 3_600_000
RANGE = TimeRange(1_722_492_000_000, 1_722_492_000_000 + 3 * HOUR_MS)  # 2024-08-01T06:00Z to 09:00Z
TRUST = {"allow_superuser": True}
DATA = Path(__file__).parents[1] / "data" / "sql"


def made_of(kind: type[Source], stored: StoredSource) -> Source:
    source: Source = kinds_of(kind).make(stored)
    return source


def ask(sql: str, **changes: Any) -> SourceQuery:
    return SourceQuery(sql, RANGE, 3600.0, 1000, SCOPE, "q", options={"format": "table"}, **changes)


def expressions(name: str) -> list[str]:
    return [line for line in (DATA / f"{name}.txt").read_text("utf-8").splitlines() if line.strip()]


@pytest.fixture
async def database(postgres_database: Callable[[], str]) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    url = postgres_database()
    connection = await asyncpg.connect(url)
    yield url, connection
    await connection.close()


async def cells(source: Source, sql: str) -> list[list[Any]]:
    (frame,) = (await source.query(ask(sql))).frames
    return [[str(value) for value in field.values.tolist()] for field in frame.fields]


def as_text(expression: str, cast: str) -> str:
    """The expression as a text: what stands before a FROM of its own is what is cast."""
    found, depth = len(expression), 0
    for at in range(len(expression)):
        depth += (expression[at] in "([{") - (expression[at] in ")]}")
        if depth == 0 and expression[at : at + 6] == " FROM ":
            found = at
            break
    return f"SELECT {cast.format(expression[:found] + chr(10))} AS v{expression[found:]}"


async def test_postgresql_answers_what_it_answers_to_the_text_itself(database: tuple[str, asyncpg.Connection]) -> None:
    url, connection = database
    await connection.execute("SET TimeZone = 'UTC'")
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, TRUST))
    refused = []
    for expression in expressions("postgres"):
        sql = as_text(expression, "({})::text")
        try:
            rows = await connection.fetch(sql)
        except asyncpg.PostgresError:  # not in this server's version
            refused.append(expression)
            continue
        got = await cells(source, sql)
        assert got[0] == [str(row[0]) for row in rows], expression
    assert len(refused) <= 5, refused
    await source.close()


async def test_clickhouse_answers_what_it_answers_to_the_text_itself(store: Any) -> None:
    client = MetricClient(store.url)
    source = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", store.url, TRUST))
    refused: list[str] = []
    for expression in expressions("clickhouse"):
        sql = f"SELECT toString((\n{expression}\n)) AS v" if " FROM " not in expression else f"SELECT {expression}"
        try:
            expected = (await client.query(f"SELECT toString(tuple(*)) AS v FROM ({sql})")).column("v").to_pylist()
        except SourceError:  # not in this version
            refused.append(expression)
            continue
        assert (await cells(source, f"SELECT toString(tuple(*)) AS v FROM ({sql})"))[0] == expected, expression
        await source.query(ask(sql))  # as it stands
    for sql in ("WITH x -> x * 2 AS dbl SELECT dbl(4) AS v", "FROM numbers(3) SELECT sum(number) AS v", "SELECT 1;;"):
        await source.query(ask(sql))
    assert len(refused) <= 5, refused
    await source.close()
    await client.close()


async def test_a_superuser_is_refused_with_the_sql_that_makes_a_fit_role(
    database: tuple[str, asyncpg.Connection],
) -> None:
    url, connection = database
    name = f"r{random.randrange(10**9)}"
    for grant in (
        "SUPERUSER",
        "IN ROLE pg_read_server_files",
        "IN ROLE pg_write_server_files NOINHERIT",
        "IN ROLE pg_execute_server_program",
    ):
        await connection.execute(f"CREATE ROLE {name} LOGIN {grant}")
        source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url.replace("postgres@", f"{name}@")))
        with pytest.raises(SourceError, match="GRANT SELECT"):
            await source.query(ask("SELECT 1 AS a"))
        assert not (await source.test()).ok
        await source.close()
        await connection.execute(f"DROP ROLE {name}")
    await connection.execute(f"CREATE ROLE {name} LOGIN")
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url.replace("postgres@", f"{name}@")))
    assert await cells(source, "SELECT 'fit' AS a") == [["fit"]]
    assert (await source.test()).message == "PostgreSQL answers"
    await source.close()
    await connection.execute(f"DROP ROLE {name}")


def test_a_user_of_clickhouse_that_reaches_out_of_its_tables_is_told_by_its_grants() -> None:
    assert reaches_out(["GRANT SELECT ON shop.* TO heliograph", "GRANT dictGet, SELECT(file, url) ON a.b TO h"]) == []
    assert reaches_out(["GRANT SELECT, FILE ON *.* TO h"]) == ["FILE"]
    assert reaches_out(["GRANT ALL ON *.* TO default WITH GRANT OPTION"]) == ["ALL"]
    assert reaches_out(["GRANT READ, WRITE ON URL TO h"]) == ["URL"]
    assert reaches_out(["GRANT ALL ON *.* TO h", "REVOKE SOURCES ON *.* FROM h"]) == []


async def test_a_user_of_clickhouse_that_reaches_out_of_its_tables_is_refused(store: Any) -> None:
    source = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", store.url))
    with pytest.raises(SourceError, match="GRANT SELECT"):
        await source.query(ask("SELECT 1 AS a"))
    await source.close()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
async def test_times_are_utc_whatever_zone_the_server_is_set_to(
    database: tuple[str, asyncpg.Connection], zone: str
) -> None:
    url, connection = database
    await connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET timezone = '{zone}'")
    await connection.execute(
        "CREATE TABLE ev (ts timestamp, tz timestamptz, d date, v int); INSERT INTO ev SELECT "
        "timestamp '2024-08-01' + n * interval '1 hour', timestamptz '2024-08-01 00:00Z' + n * interval '1 hour', "
        "date '2024-08-01', n FROM generate_series(0, 23) n"
    )
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, TRUST))
    for column in ("ts", "tz", '"ts"', "(tz + interval '0')", "ev.ts"):
        rows = await cells(source, f"SELECT v::text FROM ev WHERE $__timeFilter({column}) ORDER BY v")
        assert rows == [["6", "7", "8", "9"]]
        for bucket in (
            "$__bucket({})",
            "$__timeGroup({}, '1h')",
            "$__timeGroup({}, $__interval)",
            "$__timeGroup({}, '$__interval', NULL)",
        ):
            grouped = f"SELECT ({bucket.format(column)})::text AS t FROM ev WHERE $__timeFilter({column}) ORDER BY 1"
            assert (await cells(source, grouped))[0][0] == "2024-08-01 06:00:00+00"
    assert await cells(source, "SELECT count(*)::text FROM ev WHERE $__timeFilter(d)") == [["0"]]
    assert await cells(source, "SELECT ($__timeGroup(d, 1d))::text AS t FROM ev LIMIT 1") == [
        ["2024-08-01 00:00:00+00"]
    ]
    assert await cells(
        source, "SELECT '${__from:date:iso}' AS a, '$__interval' AS b, $__unixEpochFrom()::text AS c"
    ) == [["2024-08-01T06:00:00.000Z"], ["1h"], ["1722492000"]]
    assert await cells(
        source, "SELECT 'x' AS a WHERE $__unixEpochFilter(1722492001) AND $__timeFrom() < $__timeTo()"
    ) == [["x"]]
    with pytest.raises(SourceError, match=r"\$__nothing"):
        await source.query(ask("SELECT $__nothing(ts) FROM ev"))
    await source.close()


@pytest.mark.parametrize(
    "made",
    [
        "toDateTime({}, 'UTC')",
        "toDateTime64({}, 3, 'UTC')",
        "toDate({})",
        "toDate32({})",
        "toDateTime({}, 'Asia/Tokyo')",
    ],
)
@pytest.mark.parametrize(
    "bucket",
    [
        "$__bucket(d)",
        "$__timeGroup(d, 1h)",
        "$__timeGroup(`d`, $__interval)",
        "$__timeInterval(d)",
        "$__timeInterval_ms(d)",
        "$__timeGroup(d, '1d')",
    ],
)
async def test_every_type_of_time_of_clickhouse_is_grouped(store: Any, made: str, bucket: str) -> None:
    source = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", store.url, TRUST))
    inner = f"SELECT {made.format(chr(39) + '2024-08-01 06:00:00' + chr(39))} AS d"
    (found,) = await cells(source, f"SELECT toString(toUnixTimestamp({bucket})) AS t FROM ({inner})")
    start = 1_722_470_400 if "Date(" in made or "Date32" in made or "1d" in bucket else 1_722_492_000
    assert int(found[0]) == (start if "Tokyo" not in made else start - (32_400 if "1d" not in bucket else 86_400))
    kept = await cells(source, f"SELECT count() AS n FROM ({inner}) WHERE $__timeFilter(d)")
    assert kept == [["1.0" if start == 1_722_492_000 and "Tokyo" not in made else kept[0][0]]]
    await source.close()


async def test_nothing_that_a_query_does_stays(database: tuple[str, asyncpg.Connection]) -> None:
    url, connection = database
    heard: list[str] = []
    await connection.add_listener("canary", lambda *event: heard.append(event[-1]))
    await connection.execute(
        "CREATE FUNCTION calls() RETURNS void LANGUAGE sql AS $$ SELECT pg_notify('canary', 'x') $$; "
        "CREATE FUNCTION makes() RETURNS oid LANGUAGE sql AS 'SELECT lo_create(0)'"
    )
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, TRUST))
    for sql in ("SELECT calls()::text AS a", "SELECT makes()::text AS a"):
        with contextlib.suppress(SourceError):
            await source.query(ask(sql))
    assert await connection.fetchval("SELECT count(*) FROM pg_largeobject_metadata") == 0
    await connection.fetchval("SELECT 1")
    assert heard == []
    await source.close()


# ---- hostile statements -------------------------------------------------------------------------------------------

STATEMENTS = 700


def texts(answer: SourceAnswer) -> str:
    return answer.executed + repr([field.values.tolist() for frame in answer.frames for field in frame.fields])


async def test_hostile_statements_read_write_and_reach_nothing(
    database: tuple[str, asyncpg.Connection], postgres_server: Postgres
) -> None:
    """Even for a superuser, which a source takes only where it is told to."""
    url, connection = database
    heard: list[str] = []
    await connection.execute(
        "CREATE TABLE canary AS SELECT 1 AS a; CREATE SEQUENCE canary_seq; "
        "CREATE PROCEDURE calls() LANGUAGE sql AS 'DELETE FROM canary'"
    )
    await connection.add_listener("canary", lambda *event: heard.append(event[-1]))
    source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, TRUST))
    told = []
    with canary_in(postgres_server.directory / f"canary{random.randrange(10**9)}") as canary:
        for sql in hostile(attacks("postgres"), STATEMENTS, canary.places):
            with contextlib.suppress(HeliographError):
                told.append(texts(await source.query(ask(sql, deadline_s=2.0))))
        canary.unharmed(*told)
    assert [row["a"] for row in await connection.fetch("SELECT a FROM canary")] == [1]
    assert await connection.fetchval("SELECT is_called FROM canary_seq") is False
    made = "SELECT count(*) FROM pg_class WHERE relname IN ('other', 'made') OR relname LIKE 'canary_%'"
    assert await connection.fetchval(made) == 1
    assert await connection.fetchval("SELECT count(*) FROM pg_proc WHERE proname = 'made'") == 0
    assert await connection.fetchval("SELECT count(*) FROM pg_largeobject_metadata") == 0
    assert await connection.fetchval("SELECT count(*) FROM pg_extension WHERE extname = 'dblink'") == 0
    assert heard == []
    await source.close()


async def test_hostile_statements_read_write_and_reach_nothing_by_clickhouse(store: Any, tmp_path: Path) -> None:
    """Though the source's user may do all that a server can."""
    client = MetricClient(store.url)

    async def tables() -> set[str]:
        return set((await client.query("SHOW TABLES FROM default")).column("name").to_pylist())

    await client.command("CREATE OR REPLACE TABLE default.canary (name String) ENGINE = Memory")
    before = await tables()
    await client.command(f"INSERT INTO default.canary VALUES ('{MARK}')")
    source = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", store.url, TRUST))
    told = []
    with canary_in(tmp_path / "canary") as canary:
        for sql in attacks("clickhouse"):
            with pytest.raises(HeliographError):
                told.append(texts(await source.query(ask(hostile([sql], 1, canary.places)[0], deadline_s=2.0))))
        for sql in hostile(attacks("clickhouse"), STATEMENTS, canary.places):
            with contextlib.suppress(HeliographError):
                told.append(texts(await source.query(ask(sql, deadline_s=2.0))))
        canary.unharmed(*told)
    assert (await client.query("SELECT name FROM default.canary")).column("name").to_pylist() == [MARK]
    assert await tables() == before
    await client.command("DROP TABLE default.canary")
    await source.close()
    await client.close()


ACTS = (
    "DELIMITER //\nCREATE PROCEDURE calls() BEGIN DELETE FROM canary; END //\n"
    "CREATE FUNCTION acts() RETURNS int BEGIN DELETE FROM canary; RETURN 1; END //\nDELIMITER "
)


async def test_hostile_statements_read_write_and_reach_nothing_by_mysql(
    mariadb: Mariadb, mariadb_database: Callable[[], str]
) -> None:
    """Even as root, who may read and write the server's files."""
    url = mariadb_database()
    name = url.rpartition("/")[2]
    tables = ["CREATE TABLE canary ENGINE=InnoDB AS SELECT 1 AS a", "CREATE SEQUENCE canary_seq"]
    mariadb.run(*tables, ACTS, database=name)
    log_file = mariadb.run("SELECT @@global.general_log_file")
    source = made_of(MysqlSource, StoredSource("m", "M", "mysql", url, TRUST))
    told = []
    with canary_in(mariadb.folder / f"canary{random.randrange(10**9)}") as canary:
        assert MARK in mariadb.run(f"SELECT load_file('{canary.folder / 'file'}')"), "root may"
        for sql in hostile(attacks("mysql"), STATEMENTS, canary.places):
            with contextlib.suppress(HeliographError):
                told.append(texts(await source.query(ask(sql, deadline_s=2.0))))
        canary.unharmed(*told)
    assert mariadb.run("SELECT a FROM canary", database=name) == "1\n"
    assert mariadb.run("SELECT next_not_cached_value FROM canary_seq", database=name) == "1\n"
    assert mariadb.run("SHOW TABLES", database=name).split() == ["canary", "canary_seq"]
    assert mariadb.run("SELECT @@global.general_log_file") == log_file
    for made in ("routines WHERE routine_name", "events WHERE event_name", "plugins WHERE plugin_name"):
        assert mariadb.run(f"SELECT count(*) FROM information_schema.{made} IN ('made', 'CONNECT')") == "0\n", made
    assert mariadb.run("SELECT count(*) FROM mysql.servers") == "0\n"
    await source.close()


# ---- values are literals ------------------------------------------------------------------------------------------

HOSTILE_VALUES = [
    "it's", "\\", "\\'", "\\' union all select 'pwned' -- ", "' or 1=1 -- ", '"', '\\"', "''", "*/", "/*", "--", "#",
    "{#", "\n", "\r\n' or '1'='1", "$$", "$q$", "\u2019", "\u2018", "${x}", "$__from", "[[x]]", "E'", "%",
    "%s", ":a",     "\u2028",    "é\u0301", "a,b", "`", "]",
]  # fmt: skip
PLACES = {
    "${x:sqlstring}": "{}", "${x:singlequote}": "{}", "$x": "{}", "'$x'": "{}", "'a${x}b'": "a{}b", "[[x]]": "{}",
    "'${x:csv}'": "{}", "'${x:sqlstring}'": "{}", "/* it's */ $x": "{}", "'it''s' || $x": "it's{}",
    "-- it's\n $x": "{}",    "/* $x ' */ $x": "{}", "-- $x\n $x": "{}", "'--' || $x": "--{}",
}  # fmt: skip
OF_POSTGRES = {
    "E'$x'": "{}",
    "E'\\'' || $x": "'{}",
    "/* /* ' */ ' */ $x": "{}",
    "$q$it's$q$ || $x": "it's{}",
    "U&'a' || $x": "a{}",
}
OF_CLICKHOUSE = {"# it's\n $x": "{}", "'\\'' || $x": "'{}", "$$it's$$ || $x": "it's{}", "{# it's #}\n$x": None}


@pytest.mark.parametrize("kind", ["postgres", "clickhouse"])
async def test_a_value_reads_back_as_itself_wherever_it_stands(kind: str, request: pytest.FixtureRequest) -> None:
    source: Source
    if kind == "postgres":
        url = request.getfixturevalue("postgres_database")()
        source = made_of(PostgresSource, StoredSource("p", "P", "postgresql", url, TRUST))
    else:
        store = request.getfixturevalue("store").url
        source = made_of(ClickHouseSource, StoredSource("c", "C", "clickhouse", store, TRUST))
    places = PLACES | (OF_POSTGRES if kind == "postgres" else OF_CLICKHOUSE)
    for template, expected in places.items():
        for value in HOSTILE_VALUES:
            text = interpolate_query(f"SELECT {template} AS a", {"x": Chosen((value,), single=True)}, source.language)
            if expected is None:
                with pytest.raises(SourceError):
                    await source.query(ask(text))
                continue
            assert await cells(source, text) == [[expected.format(value)]], (template, value)
    await source.close()


def admission() -> Admission:
    """One that lets in as production does."""
    settings, telemetry = Settings(), Telemetry()
    return make_admission(settings, counted_caches(in_memory(), time.time, telemetry), telemetry)


async def test_the_options_of_a_variable_are_those_of_its_range(database: tuple[str, asyncpg.Connection]) -> None:
    url, connection = database
    await connection.execute(
        "CREATE TABLE ev AS SELECT timestamptz '2024-08-01 00:00Z' + n * interval '1 hour' AS tz, n::text AS id "
        "FROM generate_series(0, 23) n"
    )
    stored = StoredSource("p", "P", "postgresql", url, TRUST)

    async def listing(_: int) -> list[StoredSource]:
        return [stored]

    sources = Sources(kinds_of(PostgresSource), (), listing, time.time)
    options = VariableOptions(sources, time.time, admission())
    ranged = "SELECT id FROM ev WHERE $__timeFilter(tz) ORDER BY tz"
    for first in (0, 6, 0):
        from_ms = RANGE.from_ms + (first - 6) * HOUR_MS
        found = await options.ask("p", ranged, {}, TimeRange(from_ms, from_ms + 2 * HOUR_MS), SCOPE)
        assert [option.value for option in found] == [str(first), str(first + 1), str(first + 2)]
    plain = "SELECT id FROM ev ORDER BY tz LIMIT 1"
    assert not made_of(PostgresSource, stored).options_use_range(plain)
    await sources.close()
