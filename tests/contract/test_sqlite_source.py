"""What is SQLite's own of a source over another SQL driver: who may open which file, and that it is read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.contexts import context_of

from heliograph.app.configuration import load_settings
from heliograph.app.settings import SQL_DRIVERS
from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.sqldriver import DRIVERS, SqlDriverSource
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError, SettingsError, SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

START_S = 1_700_000_040
RANGE = TimeRange(START_S * 1000, START_S * 1000 + 120_000)


def make(stored: StoredSource, drivers: Sequence[str] = ("sqlite",)) -> SqlDriverSource:
    return SqlDriverSource(stored, context_of(stored, drivers=drivers))


def ask(sql: str) -> SourceQuery:
    return SourceQuery(sql, RANGE, 60.0, 1000, Scope(1, Role.EDITOR), query_id="q")


@pytest.fixture
def stored(tmp_path: Path) -> StoredSource:
    path = tmp_path / "100% sure #1.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cpu (seconds INTEGER, iso TEXT, busy REAL, note)")
    for n in range(3):
        at = START_S + 60 * n
        connection.execute(
            "INSERT INTO cpu SELECT ?, datetime(?, 'unixepoch'), ?, ?",
            (at, at, n / 2 if n else None, [None, "a:b %s", b"\x00\xff"][n]),
        )
    connection.commit()
    connection.close()
    return StoredSource("s", "S", "sqlite", f"sqlite:///{path}", provisioned=True)


@pytest.mark.parametrize("column", ["seconds", "iso"])
async def test_times_are_seconds_or_texts(stored: StoredSource, column: str) -> None:
    source = make(stored)
    bucketed = f"SELECT $__bucket({column}) AS time, count(*) AS n FROM cpu WHERE $__timeFilter({column}) GROUP BY time"
    for sql in (bucketed, f"SELECT {column} AS time, 1 AS n FROM cpu ORDER BY 1"):
        (frame,) = (await source.query(ask(sql))).frames
        assert frame.time is not None
        assert frame.time.values.tolist() == [RANGE.from_ms + 60_000 * n for n in range(3)]
        assert frame.numbers[0].values.tolist() == [1, 1, 1]
    await source.close()


async def test_nulls_blobs_and_what_drivers_take_for_parameters_are_texts(stored: StoredSource) -> None:
    source = make(stored)
    (frame,) = (await source.query(ask("SELECT busy, note, 'a:b ? %s' AS odd FROM cpu ORDER BY seconds"))).frames
    busy, note, odd = frame.fields
    assert busy.values.tolist()[1:] == [0.5, 1.0]
    assert busy.values[0] != busy.values[0]
    assert note.values.tolist() == [None, "a:b %s", "00ff"]
    assert odd.values.tolist() == ["a:b ? %s"] * 3
    await source.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM cpu",
        "SELECT 1; DELETE FROM cpu",
        "PRAGMA query_only = 0",
        "ATTACH '/etc/passwd' AS x",
        "SELECT load_extension('x')",
        "SELECT length(hex(zeroblob(100000000)))",
        "VACUUM INTO '/tmp/copy.db'",
    ],
)
async def test_nothing_but_reading_is_allowed(stored: StoredSource, sql: str) -> None:
    source = make(stored)
    with pytest.raises(SourceError):
        await source.query(ask(sql))
    (frame,) = (await source.query(ask("SELECT count(*) AS n FROM cpu"))).frames
    assert frame.numbers[0].values.tolist() == [3]
    await source.close()


@pytest.mark.parametrize(
    "sql", ["SELECT hex(zeroblob(100000)) AS t", "SELECT a.iso FROM cpu a, cpu b, cpu c, cpu d, cpu e"]
)
async def test_more_bytes_than_allowed_are_refused(stored: StoredSource, sql: str) -> None:
    source = make(replace(stored, options={"max_bytes": 2000}))
    with pytest.raises(SourceError, match="more than 2000 bytes"):
        await source.query(ask(sql))
    (frame,) = (await source.query(ask("SELECT hex(zeroblob(900)) AS t"))).frames
    assert frame.rows == 1
    await source.close()


def test_a_driver_is_opened_only_where_the_operator_names_it_and_a_file_only_where_he_names_that(
    stored: StoredSource,
) -> None:
    with pytest.raises(InvalidError, match="sql_drivers does not name sqlite"):
        make(stored, drivers=())
    with pytest.raises(InvalidError, match="sql_drivers does not name mysql"):
        make(replace(stored, url="mysql://root@db/x"))
    with pytest.raises(InvalidError, match=r"heliograph\.toml"):
        make(replace(stored, provisioned=False))
    for url in ("sqlite://", "sqlite:///:memory:", "no url"):
        with pytest.raises(InvalidError):
            make(replace(stored, url=url))


def test_the_setting_takes_the_drivers_that_there_are() -> None:
    assert set(SQL_DRIVERS) == set(DRIVERS)
    assert load_settings(environ={"HELIOGRAPH_SQL_DRIVERS": "sqlite"}).sql_drivers == ("sqlite",)
    with pytest.raises(SettingsError, match="sql_drivers: oracle is none of"):
        load_settings(environ={"HELIOGRAPH_SQL_DRIVERS": "oracle"})
