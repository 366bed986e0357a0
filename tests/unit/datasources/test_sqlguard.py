"""SQL that people wrote: what passes, and a corpus of what must not."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from heliograph.datasources.sources.sqlguard import MAX_SQL, guard
from heliograph.datasources.sources.sqlmacros import expand
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError

RANGE = TimeRange(1_000_000, 2_000_000)

GOOD = [
    "select $__bucket(ts) as t, avg(value) v from samples where $__timeFilter(ts) group by t order by t",
    "with a as (select * from samples) select count() from a",
    "select s.name, count() c from series s group by name limit 5",
    "select number from numbers(5)",
    "select quantile(0.9)(value), countIf(value > 3), argMax(value, ts) from samples",
    "select labels['mode'] m, max(value) from samples join series on series.id = samples.series group by m",
    "select 1 union all select 2",
    "select toStartOfInterval(ts, $__interval) t, max(value) from samples where ts > $__from group by t",
    "select max(value) over (partition by series order by ts rows between 1 preceding and current row) from samples",
    "select value from samples where series in (select id from series where name like 'a%')",
    "select 'drop table samples; file(''/etc/passwd'')' as harmless",
    "select 'Température, “so”' as `Température`",
    "select leftPad('a', 5), arrayMap((x, y) -> x + y, [1], [2]), sumIf(value, value > 1) from samples",
    "select x from samples final array join [1, 2] as x limit 2 by series",
    "select inf, -nan, 1e3, 0x1F, (1,), [1][1], (1, 2).1, - -1, not (1 or 0) and 1 not in (2)",
    "select distinct on (series) value from samples order by all limit 3",
    "select number % 2 as a, count() from numbers(5) group by grouping sets ((a), ()) order by a",
    "select number % 2 as a, number % 3 as b, count() from numbers(5) group by cube(a, b)",
    "select a, b, count() from (select 1 as a, 2 as b) group by a, b with rollup with totals",
    "select n, n * 2 as m from numbers(3) order by number with fill from 0 to 9 interpolate (n, m as m + 1)",
    "select name regexp 'a', not name regexp 'b', name is distinct from 'c' from series",
    "select number from numbers(3) union all select * from generate_series(1, 3)",
]

AS_FUNCTIONS = {
    "1 ? 2 : 3": "if(1, 2, 3)",
    "(a = 1 ? a : b) + 1": "(if(`a` = 1, `a`, `b`)) + 1",
    "trim(both 'x' from 'xax')": "trimBoth('xax', 'x')",
    "trim(leading 'x' from a)": "trimLeft(`a`, 'x')",
    "trim(a)": "trim(`a`)",
    "substring('abc' from 2)": "substring('abc', 2)",
    "substring('abc' from 2 for 1)": "substring('abc', 2, 1)",
    "position('b' in lower(a))": "position(lower(`a`), 'b')",
    "position(a, 'b')": "position(`a`, 'b')",
    "date_add(day, 1, a)": "plus(`a`, toIntervalDay(1))",
    "timestamp_sub(hour, b, a)": "minus(`a`, toIntervalHour(`b`))",
    "dateAdd(a, interval 1 day)": "dateAdd(`a`, INTERVAL '1' DAY)",
}

HOSTILE = [
    "select file('/etc/passwd')",
    "select * from file('/etc/passwd')",
    "select * from file('/etc/passwd', 'LineAsString', 'line String')",
    "select 1 into outfile '/tmp/x'",
    "select 1; drop table samples",
    "select 1; select 2",
    "select 1 /* ; */; drop table samples -- x",
    "select 1 settings max_threads = 1",
    "select 1 format JSON",
    "select * from (select 1 settings readonly = 0)",
    "select * from url('http://169.254.169.254/', 'CSV')",
    "select * from s3('https://b/x.csv')",
    "select * from s3Cluster('c', 'https://b/x.csv')",
    "select * from remote('other:9000', 'db', 't')",
    "select * from remoteSecure('other:9000', 'db', 't')",
    "select * from mysql('h:3306', 'd', 't', 'u', 'p')",
    "select * from postgresql('h:5432', 'd', 't', 'u', 'p')",
    "select * from sqlite('/etc/x.db', 't')",
    "select * from executable('x.sh', 'TSV', 'a String')",
    "select * from input('a Int8')",
    "select * from merge('heliograph', '.*')",
    "select * from dictionary('d')",
    "select * from cluster('c', 'system', 'one')",
    "select * from generateRandom('a Int8')",
    "select * from values('a Int8', 1)",
    "select * from loop(system.one)",
    "select * from numbers_mt(3)",
    "select * from viewExplain('EXPLAIN', '', (select 1))",
    "select * from system.tables",
    "select * from `system`.`one`",
    "select * from information_schema.tables",
    "select * from other.samples",
    "select (select count() from system.users)",
    "select * from samples, system.one",
    "select * from samples where value in system.one",
    "select 1 where 0 in (system.one)",
    "select 1 where 0 in ((system.numbers))",
    "select 1 where 0 not in (heliograph.series)",
    "select 1 where 0 global in (system.one)",
    "select arrayMap(file, ['/etc/passwd'])",
    "select arrayMap(`file`, ['/etc/passwd'])",
    "select arraySort(file, ['/etc/passwd'])",
    "select arrayFold(file, ['/etc/passwd'], 1)",
    "with file as f select arrayMap(f, ['/etc/passwd'])",
    "select ‘ as a, 'x ’ as s, name from system.databases -- '",
    "select ‘ as a, 'x ’ as s, ‘text’ as b into outfile ‘/any/path’ append format TSVRaw -- '",
    "select “ as a, 'x ” as s, 1; select 2 -- '",
    "select extract(`day from now()) as a into outfile 'pwn2' --` from now())",
    "select interval 1 `day), file('/etc/passwd') --`",
    "select * apply(file) from series",
    "select * replace(1 as org) from series",
    "select columns('.*') from series",
    "select x -> file(x)",
    "with samples as (select * from system.one) select file('x') from samples",
    "select * from (with one as (select 1) select * from one), one",
    "select $$a$$",
    "select a from (select 1 as a) order by a with fill interpolate (a as file('/etc/passwd'))",
    "select trim(both file('/etc/passwd') from 'a')",
    "select substring(file('/etc/passwd') from 1)",
    "select position('a' in file('/etc/passwd'))",
    "select 1 ? file('/etc/passwd') : 2",
    "select date_add(day, file('/etc/passwd'), now())",
    "select 1 group by grouping sets ((file('/etc/passwd')))",
    "select 1 from series group by rollup(name), cube(id)",
    "select distinct on (file('/etc/passwd')) 1",
    "select 1 ? 2",
    "select 1 limit 2 percent",
    "select 1 fetch first 10 percent rows only",
    "select cast(1 as JSON)",
    "select in(value, system.one) from samples",
    "select * from samples where 1 in (select 1 from system.one)",
    "select * from samples left join system.users on 1 = 1",
    "with a as (select file('x')) select * from a",
    "with a as (select * from system.one) select 1 from a",
    "select * from (select * from (select * from url('http://x', 'CSV')))",
    "select 1 union all select count() from system.one",
    "select arrayMap(x -> file(x), ['/etc/passwd'])",
    "select dictGet('a', 'b', 1)",
    "select joinGet('a', 'b', 1)",
    "select sleep(3)",
    "select sleepEachRow(1) from samples",
    "select hostName()",
    "select currentUser()",
    "select version()",
    "select getSetting('max_threads')",
    "select evalMLMethod(1)",
    "select {a:Int8}",
    "insert into samples values (1)",
    "insert into function file('/tmp/x') select 1",
    "drop table samples",
    "alter table samples delete where 1",
    "create table x (a Int8) engine = Memory",
    "set readonly = 0",
    "kill query where 1",
    "system shutdown",
    "explain select 1",
    "show tables",
    "describe samples",
    "use system",
    "optimize table samples",
    "attach table x",
    "",
    "selec 1",
    "(" * 500 + "select 1" + ")" * 500,
    "select " + "1+" * MAX_SQL + "1",
]


@pytest.mark.parametrize("sql", GOOD)
def test_a_plain_query_passes_over_the_rows_of_its_org_alone(sql: str) -> None:
    rendered = guard(expand(sql, RANGE, 15, "clickhouse"), 7, "heliograph")
    tree = sqlglot.parse_one(rendered, dialect="clickhouse")
    for table in tree.find_all(exp.Table):
        if table.db:
            around = table.find_ancestor(exp.Select)
            assert around is not None
            assert around.sql("clickhouse").endswith('WHERE "org" = 7')
    assert "$__" not in rendered


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: sql[:60] or "empty")
def test_hostile_sql_never_reaches_the_store(sql: str) -> None:
    with pytest.raises(SourceError):
        guard(expand(sql, RANGE, 15, "clickhouse"), 7, "heliograph")


@pytest.mark.parametrize(("written", "sent"), AS_FUNCTIONS.items())
def test_words_between_arguments_are_sent_as_the_plain_function(written: str, sent: str) -> None:
    assert guard(f"select {written} as v from (select 1 as a, 2 as b)", 7, "heliograph") == (
        f"SELECT {sent} AS `v` FROM (SELECT 1 AS `a`, 2 AS `b`)"
    )


def test_fetch_is_a_limit() -> None:
    sent = guard("select number from numbers(9) order by 1 offset 3 rows fetch next 2 rows only", 7, "heliograph")
    assert sent.endswith("ORDER BY 1 LIMIT 2 OFFSET 3")


def test_a_refusal_calls_functions_as_they_were_written() -> None:
    with pytest.raises(SourceError, match="leftPadd is not allowed"):
        guard("select leftPadd('a', 5)", 7, "heliograph")
    with pytest.raises(SourceError, match="arrayMap takes a lambda"):
        guard("select arrayMap(file, ['a'])", 7, "heliograph")


def test_what_is_sent_is_ascii_with_all_names_quoted() -> None:
    written = guard("select 'é’' as ö, max(value) from samples", 7, "heliograph")
    assert written == (
        r"SELECT '\xC3\xA9\xE2\x80\x99' AS `\xC3\xB6`, max(`value`) "
        "FROM (SELECT * FROM `heliograph`.`samples` WHERE `org` = 7) AS `samples`"
    )


def test_a_table_of_the_store_cannot_be_named_anew() -> None:
    written = guard("with series as (select 1) select * from series", 7, "heliograph")
    assert "FROM (SELECT * FROM `heliograph`.`series` WHERE `org` = 7)" in written


def test_macros_are_numbers_of_the_range() -> None:
    expanded = expand("$__from $__to $__interval_ms $__timeFilter(a.ts)", RANGE, 15, "clickhouse")
    assert expanded.startswith("1000000 2000000 15000 (a.ts >= fromUnixTimestamp64Milli(1000000, 'UTC')")


def test_a_macro_takes_one_expression_as_a_whole() -> None:
    expanded = expand("$__timeFilter(ts or 1 = 1)", RANGE, 15, "clickhouse")
    assert expanded.startswith("((ts or 1 = 1) >= ")
    with pytest.raises(SourceError, match=r"takes a column"):
        expand("$__timeFilter()", RANGE, 15, "clickhouse")
