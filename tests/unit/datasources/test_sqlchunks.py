"""Which SQL may be asked in pieces of its range."""

from __future__ import annotations

import pytest

from heliograph.datasources.sources.sqlchunks import chunkable

SQL = "SELECT $__bucket(ts) AS t, host, avg(v) AS v FROM x WHERE $__timeFilter(ts) GROUP BY t, host ORDER BY t"
MAY = {
    "long rows": SQL,
    "without order": SQL.removesuffix(" ORDER BY t"),
    "by place": "SELECT $__bucket(ts), avg(v) FROM x WHERE $__timeFilter(ts) GROUP BY 1 ORDER BY 1, 2",
    "by the bucket itself": "SELECT $__bucket(ts) AS t, avg(v) FROM x WHERE $__timeFilter(ts) GROUP BY $__bucket(ts)",
    "a part of the step": SQL.replace("$__bucket(ts)", "$__timeGroup(ts, '30s')"),
    "more conditions": SQL.replace("WHERE", "WHERE (host = 'a' OR host = 'b') AND v > 0 AND"),
    "a table beside it": SQL.replace("FROM x", "FROM x JOIN hosts ON hosts.id = x.host_id"),
    "having": SQL.replace("ORDER BY", "HAVING avg(v) > 1 ORDER BY"),
    "the interval": SQL.replace("avg(v)", "sum(v) / ($__interval_ms / 1000.0)"),
}
MAY_NOT = {
    "no filter": SQL.replace("WHERE $__timeFilter(ts)", ""),
    "no bucket": "SELECT ts, v FROM x WHERE $__timeFilter(ts)",
    "no group": "SELECT $__bucket(ts) AS t, v FROM x WHERE $__timeFilter(ts)",
    "another group": "SELECT $__bucket(ts) AS t, host, avg(v) FROM x WHERE $__timeFilter(ts) GROUP BY host",
    "another column": SQL.replace("$__bucket(ts)", "$__bucket(other)"),
    "wider than the step": SQL.replace("$__bucket(ts)", "$__bucket(ts, 5m)"),
    "no part of the step": SQL.replace("$__bucket(ts)", "$__bucket(ts, 7s)"),
    "limit": SQL + " LIMIT 5",
    "offset": SQL + " OFFSET 5",
    "order by value": SQL.replace("ORDER BY t", "ORDER BY v, t"),
    "distinct": SQL.replace("SELECT", "SELECT DISTINCT"),
    "window": SQL.replace("avg(v)", "sum(avg(v)) OVER (ORDER BY 1)"),
    "filter under or": SQL.replace("WHERE", "WHERE host = 'a' OR"),
    "filter under not": SQL.replace("WHERE", "WHERE NOT"),
    "subquery": SQL.replace("WHERE", "WHERE v > (SELECT avg(v) FROM x) AND"),
    "common table": "WITH y AS (SELECT 1) " + SQL,
    "union": SQL.removesuffix(" ORDER BY t") + " UNION ALL SELECT 1, 'a', 2",
    "the present": SQL.replace("WHERE", "WHERE ts < now() AND"),
    "the present as a word": SQL.replace("WHERE", "WHERE ts < date('Now') AND"),
    "chance": SQL.replace("avg(v)", "avg(v) * random()"),
    "bounds of the range": SQL.replace("WHERE", "WHERE v < $__to AND"),
    "bounds in braces": SQL.replace("WHERE", "WHERE v < ${__from} AND"),
    "rollup": SQL.replace("GROUP BY t, host", "GROUP BY ROLLUP(t, host)"),
    "nonsense": SQL.replace("SELECT", "SELEC"),
    "nothing": "",
}


@pytest.mark.parametrize("dialect", ["postgres", "clickhouse", "sqlite"])
@pytest.mark.parametrize("sql", MAY.values(), ids=MAY)
def test_sql_whose_rows_are_of_one_bucket_each_may(sql: str, dialect: str) -> None:
    assert chunkable(sql, dialect, 60_000)


@pytest.mark.parametrize("dialect", ["postgres", "clickhouse", "sqlite"])
@pytest.mark.parametrize("sql", MAY_NOT.values(), ids=MAY_NOT)
def test_all_other_sql_may_not(sql: str, dialect: str) -> None:
    assert not chunkable(sql, dialect, 60_000)


@pytest.mark.parametrize("tail", ["ORDER BY t WITH FILL", "LIMIT 1 BY host", "SETTINGS max_threads = 1", "WITH TOTALS"])
def test_clauses_of_clickhouse_that_look_at_the_whole_may_not(tail: str) -> None:
    assert not chunkable(f"{SQL.removesuffix('ORDER BY t')}{tail}", "clickhouse", 60_000)
