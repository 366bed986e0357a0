"""Every type of every SQL source: the kind of its column and the words of its value, each asked of the real server."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from fixtures.contexts import context_of, kinds_of
from fixtures.store import StoreProcess

from heliograph.datasources.frame import Field
from heliograph.datasources.sources.base import Source, SourceQuery
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.sqldriver import SqlDriverSource
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

SCOPE: Final = Scope(1, Role.EDITOR)
RANGE: Final = TimeRange(1_700_000_000_000, 1_700_000_300_000)
AT_0130: Final = 1_711_848_600_000.0  # 2024-03-31 01:30:00 UTC, ms
INFINITE: Final = float("inf")

# expression, kind of the column, value for reading
POSTGRESQL: Final[list[tuple[str, str, Any]]] = [
    ("1::int2", "number", 1.0),
    ("6951419298100303058::int8", "number", "6951419298100303058"),
    ("32198334098493770513452193445::numeric", "number", "32198334098493770513452193445"),
    ("12345678901234567890.5::numeric", "number", "12345678901234567890.5"),
    ("1.50::numeric(10,2)", "number", 1.5),
    ("'Infinity'::float8", "number", INFINITE),
    ("'-Infinity'::float8", "number", -INFINITE),
    ("0.1::float4", "number", pytest.approx(0.1, abs=1e-7)),
    ("'1234.50'::money", "number", 1234.5),
    ("4294967295::oid", "number", 4294967295.0),
    ("true", "boolean", True),
    ("NULL::bool", "boolean", None),
    ("'a'::text", "string", "a"),
    ("'a'::char(3)", "string", "a  "),
    ("'r'::\"char\"", "string", "r"),
    ("'b'::name", "string", "b"),
    ("'00112233-4455-6677-8899-aabbccddeeff'::uuid", "string", "00112233-4455-6677-8899-aabbccddeeff"),
    ("ARRAY[1.5]", "string", "{1.5}"),
    ("ARRAY['a', NULL]::text[]", "string", "{a,NULL}"),
    ("ARRAY[true, false]", "string", "{t,f}"),
    ("ARRAY['2024-01-01'::date]", "string", "{2024-01-01}"),
    ("ARRAY['00112233-4455-6677-8899-aabbccddeeff'::uuid]", "string", "{00112233-4455-6677-8899-aabbccddeeff}"),
    ("'\\x00ff'::bytea", "string", "\\x00ff"),
    ("'[1,10)'::int4range", "string", "[1,10)"),
    ("'{[1,3),[5,9)}'::int4multirange", "string", "{[1,3),[5,9)}"),
    ("B'0001'", "string", "0001"),
    ("point(1,2)", "string", "(1,2)"),
    ("box(point(0,0), point(1,1))", "string", "(1,1),(0,0)"),
    ("polygon('((0,0),(1,1),(2,0))')", "string", "((0,0),(1,1),(2,0))"),
    ("ROW(1, 'a', NULL)", "string", "(1,a,)"),
    ("'0/10'::pg_lsn", "string", "0/10"),
    ("'10.0.0.1'::inet", "string", "10.0.0.1"),
    ("'10.0.0.0/8'::cidr", "string", "10.0.0.0/8"),
    ("'08:00:2b:01:02:03'::macaddr", "string", "08:00:2b:01:02:03"),
    ("interval '1 month'", "string", "1 mon"),
    ("interval '26:00:00'", "string", "26:00:00"),
    ("interval '-1 second'", "string", "-00:00:01"),
    ("'24:00'::time", "string", "24:00:00"),
    ("'01:02:03.5+02'::timetz", "string", "01:02:03.5+02"),
    ("""'{"a": 1}'::json""", "string", '{"a": 1}'),
    ("""'{"a": [1.50]}'::jsonb""", "string", '{"a": [1.50]}'),
    ("to_tsvector('simple', 'a b')", "string", "'a':1 'b':2"),
    ("1::regtype::oid::regclass", "string", "1"),
    ("'2024-08-01'::date", "time", "2024-08-01"),
    ("'infinity'::date", "time", "infinity"),
    ("'-infinity'::date", "time", "-infinity"),
    ("'0044-03-15 BC'::date", "time", "0044-03-15 BC"),
    ("'12024-03-15'::date", "time", "12024-03-15"),
    ("'infinity'::timestamptz", "time", "infinity"),
    ("'-infinity'::timestamp", "time", "-infinity"),
    ("'0044-03-15 10:00:00.25 BC'::timestamp", "time", "0044-03-15 10:00:00.25 BC"),
    ("'20000-01-01 00:00:00+00'::timestamptz", "time", "20000-01-01 00:00:00+00"),
    ("'2024-03-31 01:30:00.123456+00'::timestamptz", "time", AT_0130 + 123),
    ("'2024-03-31 01:30:00'::timestamp", "time", AT_0130),
]
CLICKHOUSE: Final[list[tuple[str, str, Any]]] = [
    ("toUInt8(1)", "number", 1.0),
    ("toUInt64(18446744073709551615)", "number", "18446744073709551615"),
    ("toInt64(-6951419298100303058)", "number", "-6951419298100303058"),
    ("toInt128('170141183460469231731687303715884105727')", "number", "170141183460469231731687303715884105727"),
    ("toUInt256(5)", "number", 5.0),
    ("sum(toInt128(5))", "number", 5.0),
    ("toDecimal64('1.25', 4)", "number", 1.25),
    ("toDecimal128('12345678901234567890.5', 2)", "number", "12345678901234567890.50"),
    ("toDecimal256('32198334098493770513452193445', 0)", "number", "32198334098493770513452193445"),
    ("toFloat32(0.5)", "number", 0.5),
    ("1/0", "number", INFINITE),
    ("toBFloat16(1.5)", "number", 1.5),
    ("true", "boolean", True),
    ("INTERVAL 3 DAY", "number", 3.0),
    ("toDateTime('2024-03-31 01:30:00', 'UTC')", "time", AT_0130),
    ("toNullable(toDateTime('2024-03-31 01:30:00', 'UTC'))", "time", AT_0130),
    ("toLowCardinality(toDateTime('2024-03-31 01:30:00', 'UTC'))", "time", AT_0130),
    *((f"toDateTime64('2024-03-31 01:30:00.123456789', {n}, 'UTC')", "time", AT_0130 + cut)
      for n, cut in enumerate((0, 100, 120, 123, 123, 123, 123, 123, 123, 123))),
    ("toDate('2024-08-01')", "time", "2024-08-01"),
    ("toDate32('1925-01-01')", "time", "1925-01-01"),
    ("CAST('ok', 'Enum8(''ok'' = 1, ''bad'' = 2)')", "string", "ok"),
    ("CAST(NULL, 'Nullable(Enum16(''ok'' = 1, ''bad'' = 2))')", "string", None),
    ("toIPv4('10.0.0.1')", "string", "10.0.0.1"),
    ("toIPv6('::1')", "string", "::1"),
    ("toFixedString('abc', 3)", "string", "abc"),
    ("toLowCardinality('x')", "string", "x"),
    ("toUUID('00112233-4455-6677-8899-aabbccddeeff')", "string", "00112233-4455-6677-8899-aabbccddeeff"),
    ("unhex('41FF42')", "string", "A\ufffdB"),
    ("['a', 'b']", "string", '["a","b"]'),
    ("[toIPv6('::1')]", "string", '["::1"]'),
    ("[toDateTime('2024-03-31 01:30:00', 'UTC')]", "string", '["2024-03-31 01:30:00"]'),
    ("[toUInt64(18446744073709551615)]", "string", "[18446744073709551615]"),
    ("[toDecimal64('1.25', 2)]", "string", "[1.25]"),
    ("map('k', 1)", "string", '{"k":1}'),
    ("tuple(1, 'x')", "string", '[1,"x"]'),
    ("(1.5, 2.5)::Point", "string", "[1.5,2.5]"),
    ("CAST((1, 'x'), 'Tuple(a UInt8, b String)')", "string", '{"a":1,"b":"x"}'),
    ("NULL", "string", None),
]  # fmt: skip
SQLITE: Final[list[tuple[str, str, Any]]] = [
    ("1", "number", 1.0),
    ("9223372036854775807", "number", "9223372036854775807"),
    ("1.5", "number", 1.5),
    ("9e999", "number", INFINITE),
    ("'a'", "string", "a"),
    ("x'00ff'", "string", "00ff"),
    ("CAST(x'ff41' AS TEXT)", "string", "\ufffdA"),
    ("NULL", "string", None),
    ("'2024-03-31 01:30:00'", "string", "2024-03-31 01:30:00"),
]
# The name of a column, its value, the instant (ms) it stands for: None where it is a number.
EPOCHS: Final[list[tuple[str, str, float | None]]] = [
    ("time", "1711848600", AT_0130),
    ("time", "1711848600000", AT_0130),
    ("time", "1711848600000000", AT_0130),
    ("ts", "1711848600123456789", AT_0130 + 123),
    ("t", "21", None),
    ("ts", "0", None),
    ("value", "1711848600", None),
]


def ask(sql: str, **options: Any) -> SourceQuery:
    return SourceQuery(sql, RANGE, 60.0, 1000, SCOPE, query_id="q", options={"format": "table", **options})


async def lone_field(source: Source, sql: str) -> Field:
    (frame,) = (await source.query(ask(sql))).frames
    assert frame.is_table
    return frame.fields[0]


@pytest.fixture
async def postgresql(postgres_database: Callable[[], str]) -> AsyncIterator[Source]:
    stored = StoredSource("p", "P", "postgresql", postgres_database(), {"allow_superuser": True})
    source: Source = kinds_of(PostgresSource).make(stored)
    yield source
    await source.close()


@pytest.fixture
async def clickhouse(store: StoreProcess) -> AsyncIterator[Source]:
    stored = StoredSource("c", "C", "clickhouse", store.url, {"allow_superuser": True})
    source: Source = kinds_of(ClickHouseSource).make(stored)
    yield source
    await source.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Source]:
    sqlite3.connect(tmp_path / "some.db").close()
    stored = StoredSource("l", "L", "sqlalchemy", f"sqlite:///{tmp_path / 'some.db'}", provisioned=True)
    source = SqlDriverSource(stored, context_of(stored, drivers=["sqlite"]))
    yield source
    await source.close()


async def read(source: Source, rows: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for expression, _, _ in rows:
        try:
            field = await lone_field(source, f"SELECT {expression} AS v")
            found.append((expression, field.kind, field.readable[0]))
        except Exception as error:  # noqa: BLE001 - the row that fails is shown beside the others
            found.append((expression, type(error).__name__, str(error)))
    return found


async def test_postgresql_values_read_as_postgresql_writes_them(postgresql: Source) -> None:
    assert await read(postgresql, POSTGRESQL) == POSTGRESQL


async def test_clickhouse_values_read_as_its_json_has_them(clickhouse: Source) -> None:
    assert await read(clickhouse, CLICKHOUSE) == CLICKHOUSE


async def test_sqlite_values_keep_their_digits(sqlite: Source) -> None:
    assert await read(sqlite, SQLITE) == SQLITE


@pytest.fixture(params=["postgresql", "clickhouse", "sqlite"])
def source(request: pytest.FixtureRequest) -> Source:
    made: Source = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize(("name", "value", "instant"), EPOCHS)
async def test_a_number_is_a_time_by_its_name_and_its_size(
    source: Source, name: str, value: str, instant: float | None
) -> None:
    field = await lone_field(source, f"SELECT {value} AS {name}")
    assert (field.kind, field.values[0]) == (("number", float(value)) if instant is None else ("time", instant))


async def test_all_values_of_a_column_tell_the_unit_of_its_times(source: Source) -> None:
    rows = "SELECT 0 AS time UNION ALL SELECT NULL UNION ALL SELECT 1711848600000"
    field = await lone_field(source, f"SELECT time FROM ({rows}) AS q ORDER BY time DESC")
    assert AT_0130 in field.values


async def test_columns_of_one_name_are_all_there(postgresql: Source) -> None:
    (frame,) = (await postgresql.query(ask("SELECT 1 AS id, 2 AS id, ARRAY[3] AS id"))).frames
    assert [(field.name, field.readable) for field in frame.fields] == [("id", [1.0]), ("id", [2.0]), ("id", ["{3}"])]


async def test_labels_of_one_name_and_missing_ones_tell_series_apart(postgresql: Source) -> None:
    sql = (
        "SELECT '2024-01-01'::timestamptz AS time, 'a' AS id, 'b' AS id, 1.0 AS v "
        "UNION ALL SELECT '2024-01-01', 'c', 'b', 2.0 UNION ALL SELECT '2024-01-01', NULL, 'b', 3.0 "
        "UNION ALL SELECT '2024-01-01', '', 'b', 4.0"
    )
    answer = await postgresql.query(ask(sql, format="time_series"))
    found = {tuple(frame.labels.items()): frame.numbers[0].values.tolist() for frame in answer.frames}
    assert found == {
        (("id", "a"), ("id_2", "b")): [1.0],
        (("id", "c"), ("id_2", "b")): [2.0],
        (("id_2", "b"),): [3.0],
        (("id", ""), ("id_2", "b")): [4.0],
    }


async def test_truth_is_written_in_the_words_of_sql(source: Source) -> None:
    time = {
        "postgresql": "'2024-01-01'::timestamptz",
        "clickhouse": "toDateTime('2024-01-01 00:00:00')",
        "sqlalchemy": "'2024-01-01'",
    }[source.kind]
    answer = await source.query(ask(f"SELECT {time} AS time, 1 < 2 AS big, 1.5 AS v", format="time_series"))
    if source.kind == "postgresql":
        assert [dict(frame.labels) for frame in answer.frames] == [{"big": "true"}]
    else:
        assert {frame.name for frame in answer.frames} == {"big", "v"}  # their comparisons are numbers


async def test_options_keep_their_digits_and_leave_out_what_is_missing(source: Source) -> None:
    sql = "SELECT 9007199254740993 AS v UNION ALL SELECT NULL UNION ALL SELECT 2"
    options = await source.options(sql, RANGE, SCOPE)
    assert sorted(option.value for option in options) == ["2", "9007199254740993"]


async def test_an_infinite_number_is_an_option_in_words_that_are_not_pythons(postgresql: Source) -> None:
    sql = "SELECT 'Infinity'::float8 UNION ALL SELECT '-Infinity' ORDER BY 1"
    values = [option.value for option in await postgresql.options(sql, RANGE, SCOPE)]
    assert values == ["-Infinity", "Infinity"]
    (frame,) = (await postgresql.query(ask(f"SELECT '{values[0]}'::float8 AS v"))).frames
    assert frame.fields[0].values[0] == -INFINITE


async def test_days_are_options_as_sql_reads_them(postgresql: Source, clickhouse: Source) -> None:
    for source, sql in (
        (postgresql, "SELECT '2024-08-01'::date"),
        (clickhouse, "SELECT toDate('2024-08-01')"),
    ):
        assert [option.value for option in await source.options(sql, RANGE, SCOPE)] == ["2024-08-01"]


async def test_a_time_is_an_option_on_the_clock_on_which_its_column_reads_it(clickhouse: Source) -> None:
    inner = "SELECT toDateTime64('2024-08-01 15:00:00.25', 2, 'Asia/Tokyo') AS t"
    (option,) = await clickhouse.options(inner, RANGE, SCOPE)
    assert option.value == "2024-08-01 15:00:00.250"
    (frame,) = (await clickhouse.query(ask(f"SELECT count() AS n FROM ({inner}) WHERE t = '{option.value}'"))).frames
    assert frame.fields[0].values[0] == 1


async def test_an_infinite_time_has_no_point(postgresql: Source) -> None:
    sql = "SELECT 'infinity'::timestamptz AS time, 1.0 AS v UNION ALL SELECT '2024-01-01', 2.0"
    (frame,) = (await postgresql.query(ask(sql, format="time_series"))).frames
    assert frame.numbers[0].values.tolist() == [2.0]


async def test_tables_and_columns_are_looked_up_as_a_query_writes_them(
    postgresql: Source, clickhouse: Source, sqlite: Source, postgres_database: Callable[[], str], tmp_path: Path
) -> None:
    made = 'CREATE TABLE orders (ts {time}, "Shop" {text}, amount {number}); CREATE TABLE "Odd ""name" ("order" {text})'
    url = postgres_database()
    connection = await asyncpg.connect(url)
    await connection.execute(made.format(time="timestamptz", text="text", number="float8"))
    await connection.execute("CREATE SCHEMA shop; CREATE VIEW shop.daily AS SELECT 1 AS day")
    await connection.close()
    own = kinds_of(PostgresSource).make(StoredSource("p", "P", "postgresql", url, {"allow_superuser": True}))
    file = sqlite3.connect(tmp_path / "some.db")
    file.executescript(made.format(time="INTEGER", text="TEXT", number="REAL"))
    file.close()

    async def asked(source: Source, query: str) -> list[tuple[str, str]]:
        return [(one.value, one.text) for one in await source.options(query, RANGE, SCOPE)]

    odd = '"Odd ""name"'
    assert await asked(own, "tables()") == [(one, one) for one in (odd, "orders", "shop.daily")]
    assert await asked(own, "columns(orders)") == [
        ("ts", "timestamp with time zone"),
        ('"Shop"', "text"),
        ("amount", "double precision"),
    ]
    assert await asked(own, "columns(shop.Daily)") == [("day", "integer")]
    assert await asked(sqlite, " tables( ) ") == [(odd, odd), ("orders", "orders")]
    assert await asked(sqlite, "columns(orders)") == [("ts", "INTEGER"), ("Shop", "TEXT"), ("amount", "REAL")]
    for source in (own, sqlite):
        assert [(name, kind.lower()) for name, kind in await asked(source, f"columns({odd})")] == [('"order"', "text")]
    names = [value for value, _ in await asked(clickhouse, "tables()")]
    assert names
    assert not [name for name in names if name.startswith("system.")]
    table = next(name for name in names if name.endswith("samples"))
    assert ("value", "Float64") in await asked(clickhouse, f"columns({table})")
    await own.close()


async def test_columns_are_of_a_table_alone(source: Source) -> None:
    for text in ("", "a b", "a;b", "a.b.c", "'a'", "f()"):
        with pytest.raises(SourceError, match=r"columns\(\) takes a table"):
            await source.options(f"columns({text})", RANGE, SCOPE)
