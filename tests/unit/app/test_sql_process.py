"""SQL over answers, in the process that runs it: what it answers, and that nothing is in its reach."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest
from fixtures.product import free_port

from heliograph.app.http.framed import pack, unpack
from heliograph.app.live.sql_client import SqlClient
from heliograph.app.process.work_address import WorkAddress
from heliograph.app.work.answering import answering
from heliograph.app.work.applications import Applications
from heliograph.app.work.sql import PROCESS, SqlDesk
from heliograph.datasources.expressions.sql_tables import arrow_of
from heliograph.datasources.frame import Field, Frame
from heliograph.errors import HeliographError, RateLimitedError

pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'heliograph[work]'")
HOSTS = Frame((Field.string("host", ["a", "b"]), Field.number("value", [1.0, 2.0])), ref="A", is_table=True)


@pytest.fixture
async def desk() -> AsyncIterator[SqlDesk]:
    """The process as the work role starts it."""
    made = SqlDesk()
    yield made
    await made.close()


async def ask(desk: SqlDesk, sql: str, **tables: list[Frame]) -> Any:
    """The rows, or the words of what is wrong."""
    given = arrow_of(tables or {"A": [HOSTS]})
    message = pack({"sql": sql, "tables": list(given)}, [memoryview(one) for one in given.values()])
    try:
        head, buffers = unpack(await desk.run(message, "user:1"))
    except HeliographError as error:
        return error.detail
    if "error" in head:
        return head["error"]
    return pa.ipc.open_stream(bytes(buffers[0])).read_all().to_pylist()


async def test_targets_are_tables(desk: SqlDesk) -> None:
    other = Frame.series([0.0, 1000.0], [4.0, np.nan], labels={"host": "a"})
    found = await ask(
        desk, "SELECT host, a.value / b.value AS share, b.time FROM A a JOIN B b USING (host)", A=[HOSTS], B=[other]
    )
    assert [(row["host"], row["share"], row["time"].timestamp()) for row in found if row["share"]] == [("a", 0.25, 0)]
    assert [row["share"] for row in found][1] is None


HOSTILE = (
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_metadata('{file}')",
    "COPY A TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}'",
    "ATTACH '{folder}/other.db' AS other",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "SET enable_external_access = true",
    "RESET memory_limit",
    "SET threads = 8",
    "SELECT getenv('HOME')",
    "CREATE TABLE B AS SELECT 1",
    "DROP VIEW A",
    "INSERT INTO A VALUES ('x', 1)",
    "CALL pragma_version()",
    "CHECKPOINT",
    "SELECT 1; SELECT 2",
    "SELECT * FROM query('COPY A TO ''{folder}/out.csv''')",
    "SELECT * FROM query_table('{file}')",
    "SELECT * FROM duckdb_secrets()",
    "CREATE SECRET (TYPE s3)",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT * FROM sniff_csv('{file}')",
    "USE A",
    "",
)


async def test_nothing_is_in_its_reach(desk: SqlDesk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n", "utf-8")
    for sql in HOSTILE:
        found = await ask(desk, sql.format(file=secret, folder=tmp_path))
        assert isinstance(found, str), sql
        assert "hunter2" not in found, sql
        assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"], sql
    assert await ask(desk, "SELECT count(*) AS n FROM A") == [{"n": 2}]


TELLING = (
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM read_xlsx('a')",
    "SELECT * FROM sqlite_scan('a', 'b')",
    "SELECT * FROM delta_scan('x')",
    "SELECT current_setting('home_directory'), current_setting('secret_directory')",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM read_csv('x.csv')",
)


async def test_nothing_tells_of_folders_of_this_machine(desk: SqlDesk) -> None:
    own = {str(Path.home()), str(Path.cwd()), sys.prefix, tempfile.gettempdir()} - {"/"}
    for sql in TELLING:
        found = str(await ask(desk, sql))
        assert not [path for path in own if path in found], (sql, found)
        assert not re.search(r"/\.duckdb|linux_amd64", found), (sql, found)


async def test_what_has_no_end_is_stopped_and_the_next_is_answered(desk: SqlDesk) -> None:
    endless = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t) SELECT count(*) FROM t, A"
    assert re.search("took longer|memory", await ask(desk, endless))
    assert await ask(desk, "SELECT count(*) AS n FROM A") == [{"n": 2}]


LIMITS = (
    ("SELECT range AS n FROM range(200000), A", "more than 100000 rows"),
    ("SELECT repeat('x', 600000000) AS x", "memory|took longer"),
    ("SELECT list(range) FROM range(150000000)", "memory|took longer"),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "nested|depth"),
    ("SELECT nope FROM A", "nope"),
)


async def test_limits_have_words(desk: SqlDesk) -> None:
    for sql, words in LIMITS:
        found = await ask(desk, sql)
        assert isinstance(found, str), sql
        assert re.search(words, found), (sql, found)
    assert await ask(desk, "SELECT count(*) AS n FROM A") == [{"n": 2}]


GROWING = (
    "SELECT range(5000000) AS r FROM range(100), A",
    "WITH RECURSIVE t(s, n) AS (SELECT repeat('x', 1000000), 1 UNION ALL SELECT s || s, n + 1 FROM t WHERE n < 30) "
    "SELECT length(s) FROM t, A",
    "SELECT reservoir_quantile(i, 0.5, 1000000000) FROM range(1000000) t(i), A",
    "SELECT length(string_agg(repeat('x', 1000000), '')) FROM range(3000), A",
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's bound on data is Linux's")
@pytest.mark.parametrize("sql", GROWING)
async def test_no_statement_takes_more_memory_than_its_process_may(desk: SqlDesk, sql: str) -> None:
    assert await ask(desk, "SELECT count(*) AS n FROM A") == [{"n": 2}]
    (process,) = (one for one in psutil.Process().children() if one.cmdline()[-1:] == [PROCESS])
    asking, most = asyncio.create_task(ask(desk, sql)), 0
    while not asking.done():
        with contextlib.suppress(psutil.Error):
            most = max(most, process.memory_info().rss)
        await asyncio.sleep(0.01)
    assert re.search("memory", str(asking.result())), asking.result()
    assert most < 1.3e9
    assert await ask(desk, "SELECT count(*) AS n FROM A") == [{"n": 2}]


async def test_every_setting_of_the_database_stands(desk: SqlDesk) -> None:
    names = ("enable_external_access", "lock_configuration", "threads", "autoload_known_extensions", "temp_directory")
    columns = ", ".join(f"current_setting('{name}') AS {name}" for name in names)
    [found] = await ask(desk, f"SELECT {columns} FROM A LIMIT 1")
    assert list(found.values()) == [False, True, 1, False, ""]


async def test_the_view_role_asks_in_the_turn_of_who_asks_it() -> None:
    """Over the work role's own server: whose statements are too many is told so, and others are answered."""
    own = WorkAddress(free_port(), "secret")
    async with answering(own, Applications(own, "")):
        client, given = SqlClient(own), arrow_of({"A": [HOSTS]})
        endless = "SELECT sum(sin(n.range)) FROM range(1000000000000) n, A"
        many = [asyncio.create_task(client.run(endless, given, "1/user:7")) for _ in range(60)]
        done, _ = await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        assert isinstance(done.pop().exception(), RateLimitedError)
        rows = await client.run("SELECT count(*) AS n FROM A", given, "1/user:8")
        assert pa.ipc.open_stream(rows).read_all().to_pylist() == [{"n": 2}]
        for task in many:
            task.cancel()
        await asyncio.gather(*many, return_exceptions=True)
        await client.close()
