"""MySQL's dialect and session against a real server: types, digits, zones, values as literals, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import pytest
from fixtures.certificates import certificate
from fixtures.contexts import context_of
from fixtures.mariadb import Mariadb

from heliograph.datasources.frame import Field
from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.mysql import MysqlSource
from heliograph.datasources.sources.sqlselect import judged
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import HeliographError, InvalidError, SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

SCOPE: Final = Scope(1, Role.EDITOR)
RANGE: Final = TimeRange(1_700_000_000_000, 1_700_000_300_000)
AT_0130: Final = 1_711_848_600_000.0  # 2024-03-31 01:30:00 UTC, ms

# expression, kind of the column, value for reading
TYPES: Final[list[tuple[str, str, Any]]] = [
    ("CAST(1 AS SIGNED)", "number", 1.0),
    ("6951419298100303058", "number", "6951419298100303058"),
    ("18446744073709551615", "number", "18446744073709551615"),
    ("-9223372036854775808", "number", "-9223372036854775808"),
    ("12345678901234567890.50", "number", "12345678901234567890.50"),
    ("CAST('32198334098493770513452193445' AS DECIMAL(40))", "number", "32198334098493770513452193445"),
    ("CAST(1.50 AS DECIMAL(10,2))", "number", 1.5),
    ("1.5e10", "number", 1.5e10),
    ("CAST(0.25 AS FLOAT)", "number", 0.25),
    ("true", "number", 1.0),
    ("b'101'", "string", "0x05"),
    ("bits", "number", 5.0),
    ("flag", "number", 1.0),
    ("year", "number", 2024.0),
    ("choice", "string", "ok"),
    ("several", "string", "a,b"),
    ("document", "string", '{"a": 1.10}'),
    ("address", "string", "::1"),
    ("own", "string", "00112233-4455-6677-8899-aabbccddeeff"),
    ("'ä€😀'", "string", "ä€😀"),
    ("'007'", "string", "007"),
    ("x'00FF'", "string", "0x00FF"),
    ("CAST('a' AS BINARY(3))", "string", "0x610000"),
    ("raw", "string", "0xDEADBEEF"),
    ("POINT(1, 2)", "string", "0x000000000101000000000000000000F03F0000000000000040"),
    ("TIME'26:00:00.5'", "string", "26:00:00.5"),
    ("TIME'-01:02:03'", "string", "-01:02:03"),
    ("DATE'2024-08-01'", "time", "2024-08-01"),
    ("zero_day", "time", "0000-00-00"),
    ("zero_time", "time", "0000-00-00 00:00:00"),
    ("TIMESTAMP'2024-03-31 01:30:00.123456'", "time", AT_0130 + 123),
    ("stamp", "time", AT_0130),
    ("FROM_UNIXTIME(1711848600)", "time", AT_0130),
    ("TIMESTAMP'1969-12-31 23:59:59.999'", "time", -1.0),
    ("TIMESTAMP'9999-12-31 23:59:59'", "time", 253_402_300_799_000.0),
]
MISSING: Final = ("SIGNED", "DECIMAL(10,2)", "DOUBLE", "CHAR", "DATE", "DATETIME", "TIME", "BINARY")
KINDS: Final = (
    "CREATE TABLE kinds (bits bit(8), flag boolean, year year, choice enum('ok','bad'), several set('a','b','c'), "
    "document json, address inet6, own uuid, raw blob, zero_day date, zero_time datetime, stamp timestamp)"
)
FILLED: Final = (
    "INSERT INTO kinds VALUES (b'101', true, 2024, 'ok', 'a,b', '{\"a\": 1.10}', '::1', "
    "'00112233-4455-6677-8899-aabbccddeeff', x'DEADBEEF', '0000-00-00', '0000-00-00', '2024-03-31 01:30:00')"
)


def source_of(url: str, **options: Any) -> MysqlSource:
    stored = StoredSource("m", "M", "mysql", url, {"allow_superuser": True, **options})
    return MysqlSource(stored, context_of(stored))


@pytest.fixture(scope="module")
def database(mariadb: Mariadb, mariadb_database: Callable[[], str]) -> str:
    url = mariadb_database()
    name = url.rpartition("/")[2]
    mariadb.run("SET sql_mode = ''", "SET time_zone = '+00:00'", KINDS, FILLED, database=name)
    mariadb.run("SET GLOBAL time_zone = '-05:00'", "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
    return url


@pytest.fixture
async def source(database: str) -> AsyncIterator[MysqlSource]:
    made = source_of(database)
    yield made
    await made.close()


async def rows(source: MysqlSource, sql: str, **more: Any) -> list[Field]:
    query = SourceQuery(sql, RANGE, 60.0, 1000, SCOPE, "q", options={"format": "table"}, **more)
    (frame,) = (await source.query(query)).frames
    return list(frame.fields)


@pytest.mark.parametrize(("expression", "kind", "value"), TYPES)
async def test_a_type_is_read_as_the_server_writes_it(
    source: MysqlSource, expression: str, kind: str, value: Any
) -> None:
    (field,) = await rows(source, f"SELECT {expression} AS v FROM kinds")
    assert (field.kind, field.readable) == (kind, [value])


@pytest.mark.parametrize("kind", MISSING)
async def test_null_is_missing(source: MysqlSource, kind: str) -> None:
    (field,) = await rows(source, f"SELECT CAST(NULL AS {kind}) AS v")
    (value,) = field.readable
    assert value is None or value != value  # noqa: PLR0124 - a missing number


@pytest.mark.parametrize(
    "value", ["a' or '1'='1", 'a"b', "a\\", "\\' or 1=1 -- ", "\n", "\x00", "ä€😀", "*/", "`", "", "$__from"]
)
@pytest.mark.parametrize(
    "place", ["$x", "'$x'", '"$x"', "${x:singlequote}", "${x:doublequote}", "${x:sqlstring}", "concat('', $x)"]
)
async def test_a_value_is_a_literal_whatever_the_server_is_set_to(source: MysqlSource, value: str, place: str) -> None:
    text = source.filled(f"SELECT {place} AS v -- it's\n, 1 AS one", {"x": Chosen([value], single=True)})
    assert isinstance(text, str)
    found = await rows(source, text)
    assert [field.name for field in found] == ["v", "one"]
    assert found[0].readable == [value]


async def test_several_values_are_a_list(source: MysqlSource) -> None:
    text = source.filled("SELECT 'b' IN ($x) AS yes, `${x}` AS name FROM (SELECT 1 AS `a,b`) t", {"x": ("a", "b")})
    assert [field.readable for field in await rows(source, str(text))] == [[1.0], [1.0]]


async def test_macros_of_time_take_every_type_of_time(source: MysqlSource) -> None:
    at = "2023-11-14 22:13:20"  # the range begins here
    for column in (f"TIMESTAMP'{at}'", f"CAST('{at}' AS DATETIME(6))", "FROM_UNIXTIME(1700000000)"):
        (inside, bucket) = await rows(source, f"SELECT $__timeFilter({column}) AS a, $__bucket({column}) AS b")
        assert (inside.readable, bucket.readable) == ([1.0], [1_699_999_980_000.0])
    early, widths = "TIMESTAMP'1969-12-31 23:59:59.5'", "$__timeGroup(%s, 1m) AS m, $__timeGroup(%s, 1d) AS d"
    found = await rows(source, f"SELECT {widths % (early, early)}")
    assert [field.readable for field in found] == [[-60_000.0], [-86_400_000.0]]
    epoch = f"$__timeEpoch(TIMESTAMP'{at}')"
    text = f"SELECT {epoch}, $__unixEpochGroup(1700000059, 1m) AS g, $__timeFrom() AS f"
    found = await rows(source, text)
    assert [field.readable for field in found] == [[1_700_000_000_000.0], [1_700_000_040.0], [1_700_000_000_000.0]]


REFUSED: Final = [
    "SELECT sleep(10)",
    "SELECT `sleep`(10)",
    "SELECT SLEEP /**/ (10)",
    "SELECT benchmark(1000000000, md5('a'))",
    "SELECT load_file('/etc/passwd')",
    "SELECT get_lock('a', 10)",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO DUMPFILE '/tmp/x'",
    "SELECT 1 INTO @a",
    "SELECT @a := 1",
    "SELECT 1; DROP TABLE kinds",
    "SELECT /*!50000 sleep(10) */",
    "SELECT /*M! sleep(10) */",
    "SELECT /*+ SET_VAR(sql_mode='') */ 1",
    "SELECT * FROM kinds FOR UPDATE",
    "SELECT * FROM kinds LOCK IN SHARE MODE",
    "SELECT * FROM kinds PROCEDURE ANALYSE()",
    "SELECT NEXT VALUE FOR s",
    "SELECT nextval(s)",
    "SELECT last_insert_id(5)",
    "INSERT INTO kinds VALUES ()",
    "UPDATE kinds SET flag = 0",
    "DELETE FROM kinds",
    "CALL x()",
    "SET GLOBAL time_zone = 'UTC'",
    "KILL 1",
    "SHUTDOWN",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE kinds",
    "HANDLER kinds OPEN",
    "DO sleep(1)",
    "BEGIN NOT ATOMIC SELECT sleep(1); END",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_acts_or_waits_is_refused(sql: str) -> None:
    with pytest.raises(SourceError):
        judged(sql, "mysql")


ALLOWED: Final = [
    "SELECT 1",
    "(SELECT 1) UNION (SELECT 2)",
    "WITH a AS (SELECT 1 AS b) SELECT b FROM a",
    "SELECT `into`, 'sleep(1)', \"get_lock('a')\" FROM (SELECT 1 AS `into`) t",
    "SELECT 5--1, 1 # sleep(1)\n",
    "SELECT sleep FROM (SELECT 1 AS sleep) t;",
    "SELECT a.`for` FROM (SELECT 1 AS `for`) a",
]


@pytest.mark.parametrize("sql", ALLOWED)
async def test_questions_are_answered(source: MysqlSource, sql: str) -> None:
    assert await rows(source, sql)


async def test_nothing_is_written_even_where_a_function_would(
    mariadb: Mariadb, database: str, source: MysqlSource
) -> None:
    name = database.rpartition("/")[2]
    mariadb.run(
        "CREATE TABLE told (a int)",
        "DELIMITER //\nCREATE FUNCTION tell() RETURNS int BEGIN INSERT INTO told VALUES (1); RETURN 1; END //\n"
        "DELIMITER ",
        database=name,
    )
    with pytest.raises(SourceError, match=r"(?i)read.only"):
        await rows(source, "SELECT tell()")
    assert mariadb.run("SELECT count(*) FROM told", database=name) == "0\n"
    assert (await rows(source, "SELECT 1 AS one"))[0].readable == [1.0]


async def test_a_user_who_may_more_than_read_is_refused(mariadb: Mariadb, database: str) -> None:
    name = database.rpartition("/")[2]
    grants = {
        "reader": f"GRANT SELECT ON {name}.* TO {{}}",
        "filer": "GRANT FILE ON *.* TO {}",
        "supers": "GRANT SUPER ON *.* TO {}",
        "everything": "GRANT ALL ON *.* TO {}",
    }
    for user, grant in grants.items():
        mariadb.run(f"CREATE USER {user}@'%'", grant.format(f"{user}@'%'"))
    mariadb.run(
        "CREATE ROLE writers", "GRANT FILE ON *.* TO writers", "CREATE USER member@'%'", "GRANT writers TO member@'%'"
    )
    mariadb.run(f"GRANT SELECT ON {name}.* TO member@'%'")
    for user in ("filer", "supers", "everything", "member"):
        source = source_of(mariadb.url("", user), allow_superuser=False)
        with pytest.raises(SourceError, match="only read"):
            await rows(source, "SELECT 1 AS one")
        await source.close()
    source = source_of(mariadb.url(name, "reader"), allow_superuser=False)
    assert (await rows(source, "SELECT flag FROM kinds"))[0].readable == [1.0]
    health = await source.test()
    assert health.ok
    assert health.message.startswith("MariaDB 1")
    assert "Warning" not in health.message
    await source.close()


async def test_refused_credentials_and_strange_urls_are_told(mariadb: Mariadb) -> None:
    source = source_of(mariadb.url("", "nobody_known"))
    with pytest.raises(SourceUnavailableError, match="refuses"):
        await rows(source, "SELECT 1")
    await source.close()
    for url in (
        "mysql://127.0.0.1/x",
        "mysql:///x",
        "mysql://u@h/d?local_infile=1",
        "mysql://u@h:x/d",
        "postgresql://u@h/d",
    ):
        with pytest.raises(InvalidError) as refused:
            source_of(url)
        assert refused.value.path == "$.url"


async def test_limits_of_bytes_and_rows_leave_the_connection_good(source: MysqlSource, database: str) -> None:
    small = source_of(database, max_bytes=1000)
    with pytest.raises(SourceError, match="more than 1000 bytes"):
        await rows(small, "SELECT repeat('x', 2000) AS a")
    assert (await rows(small, "SELECT 1 AS one"))[0].readable == [1.0]
    await small.close()
    with pytest.raises(HeliographError):
        await rows(source, "SELECT nope")
    assert (await rows(source, "SELECT 1 AS one"))[0].readable == [1.0]


async def test_tables_and_columns_are_looked_up_as_a_query_writes_them(database: str, source: MysqlSource) -> None:
    tables = {one.value for one in await source.options("tables()", RANGE, SCOPE)}
    assert "kinds" in tables
    assert not [one for one in tables if one.startswith(("mysql.", "information_schema."))]
    columns = {one.value: one.text for one in await source.options("columns(kinds)", RANGE, SCOPE)}
    assert (columns["flag"], columns["`choice`" if "`choice`" in columns else "choice"]) == ("tinyint", "enum")
    schema = database.rpartition("/")[2]
    assert {one.value for one in await source.options(f"columns(`{schema}`.kinds)", RANGE, SCOPE)} == set(columns)
    assert await source.options("columns(`it's \\`)", RANGE, SCOPE) == []


CIPHER: Final = (
    "SELECT VARIABLE_VALUE AS cipher FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'"
)


async def cipher_over(url: str, **options: Any) -> str:
    """What the server says of how its connection to a source with these options is kept from others."""
    stored = StoredSource("m", "M", "mysql", url, {"allow_superuser": True, **options})
    source = MysqlSource(stored, context_of(stored))
    try:
        query = SourceQuery(CIPHER, RANGE, 60.0, 100, SCOPE, "q", options={"format": "table"})
        (frame,) = (await source.query(query)).frames
        return str(frame.fields[0].values[0])
    finally:
        await source.close()


async def test_tls_is_off_taken_or_checked_against_the_authority_as_the_source_says(
    mariadb: Mariadb, mariadb_database: Callable[[], str], tmp_path: Path
) -> None:
    url = mariadb_database()
    named = url.replace("127.0.0.1", "localhost")
    assert await cipher_over(url, tls="off") == ""
    assert await cipher_over(url, tls="require") != "", "whoever answers"
    for one in (url, named):
        assert await cipher_over(one, tls="verify", ca_file=mariadb.ca_file) != ""
    other, _ = certificate(tmp_path, "other")
    for options in ({"ca_file": other}, {}):
        with pytest.raises(HeliographError, match="certificate is not trusted"):
            await cipher_over(url, tls="verify", **options)
    with pytest.raises(HeliographError, match="TLS"):
        await cipher_over(url, tls="verify", ca_file="/nowhere/ca.pem")
    mariadb.run(
        "CREATE USER IF NOT EXISTS secured@'127.0.0.1' REQUIRE SSL", "GRANT SELECT ON *.* TO secured@'127.0.0.1'"
    )
    secured = url.replace("root@", "secured@")
    assert await cipher_over(secured, tls="verify", ca_file=mariadb.ca_file) != ""
    with pytest.raises(HeliographError):
        await cipher_over(secured, tls="off")
