"""What the builders of SQL and of structured queries work out by themselves: text and builder become each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.app.query_path import OPEN_KINDS
from heliograph.components.declarations import declarations
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.sources.sqlchunks import chunkable
from heliograph.datasources.sources.sqlselect import judged
from heliograph.datasources.transform.registry import TRANSFORMATIONS

SHOWN = [
    "SELECT *\nFROM orders",
    "SELECT ts, shop AS s, \"Total €\"\nFROM shop.orders\nWHERE $__timeFilter(ts) AND shop = 'a''b'\nLIMIT 100",
    "SELECT $__bucket(ts) AS time, avg(amount)\nFROM orders\nWHERE $__timeFilter(ts)\nGROUP BY $__bucket(ts)"
    "\nORDER BY $__bucket(ts)",
    "SELECT $__timeGroup(ts, '5m') AS t, host, count(DISTINCT u) AS users\nFROM `Odd ``name`\nGROUP BY t, 2"
    "\nORDER BY t DESC, users ASC\nLIMIT $most",
    "SELECT count(*), max(o.amount)\nFROM orders\nWHERE o.shop IN ('a', $shop, ${more:sqlstring}) AND n >= -1.5"
    " AND x IS NOT NULL AND y IS NULL AND z NOT ILIKE '%a%' AND ok = TRUE AND w NOT IN ([[v]])",
    "SELECT $__timeGroupAlias(ts, $__interval), sum(v)\nFROM m\nGROUP BY 1",
    "SELECT a\nFROM t\nWHERE b = 'C:\\dir' AND c <> 3",
]
SAME = [  # written otherwise, with the same words
    (
        "select ts,avg(v) as v from t where $__timeFilter( ts ) and a='b' group by ts",
        "SELECT ts, avg(v) AS v\nFROM t\nWHERE $__timeFilter(ts) AND a = 'b'\nGROUP BY ts",
    ),
    ("SELECT COUNT( * ) FROM t limit 5", "SELECT COUNT(*)\nFROM t\nLIMIT 5"),
]
NOT_SHOWN = [
    ("SELECT a FROM t -- all of it", "a comment"),
    ("SELECT a /* b */ FROM t", "a comment"),
    ("SELECT a FROM t WHERE b = 1 OR c = 2", "OR"),
    ("SELECT a FROM t JOIN u USING (a)", "JOIN"),
    ("SELECT a FROM t, u", ", u"),
    ("SELECT DISTINCT a FROM t", "DISTINCT"),
    ("SELECT a + 1 FROM t", "“+"),
    ("SELECT lower(a) FROM t", "lower"),
    ("SELECT 1", "“1"),
    ("SELECT a FROM t WHERE a = b", "“b” as a value"),
    ("SELECT a FROM t WHERE (a = 1)", "“("),
    ("SELECT a FROM (SELECT 1) x", "“("),
    ("SELECT a FROM t HAVING a > 1", "HAVING"),
    ("SELECT a FROM t; SELECT b FROM u", ";"),
    ("WITH x AS (SELECT 1) SELECT a FROM x", "WITH"),
    ("SELECT a FROM t WHERE a = 'x\\'y'", "'x"),
    ("SELECT a b FROM t", "“b"),
    ("SELECT a FROM", "an end"),
    ("SELECT a FROM t LIMIT 5 OFFSET 5", "OFFSET"),
]


def imports(script: str, *names: str) -> str:
    return f"import {{ {', '.join(names)} }} from {json.dumps(str(SCRIPTS / script))};\n"


MODEL = (
    imports("query/sql_model.js", "modelOf", "textOf")
    + """
const models = given[0].map((text) => modelOf(text));
console.log(JSON.stringify(models.map((one) => one.model ? { text: textOf(one.model), model: one.model } : one)));
"""
)


def test_sql_that_a_builder_shows_comes_back_as_it_was() -> None:
    found = ran(MODEL, SHOWN)
    assert [one.get("text", one) for one in found] == SHOWN
    assert found[3]["model"] == {
        "table": "`Odd ``name`",
        "items": [
            {"kind": "bucket", "macro": "$__timeGroup", "column": "ts", "width": "'5m'", "alias": "t"},
            {"kind": "column", "column": "host", "alias": ""},
            {"kind": "aggregate", "name": "count", "distinct": True, "column": "u", "alias": "users"},
        ],
        "filters": [],
        "groups": ["t", "2"],
        "order": [{"by": "t", "direction": "DESC"}, {"by": "users", "direction": "ASC"}],
        "limit": "$most",
    }
    filters = found[4]["model"]["filters"]
    assert filters[0] == {"column": "o.shop", "op": "IN", "values": ["'a'", "$shop", "${more:sqlstring}"]}
    assert filters[1] == {"column": "n", "op": ">=", "values": ["-1.5"]}


def test_other_ways_of_writing_sql_lose_nothing() -> None:
    assert [one.get("text", one) for one in ran(MODEL, [text for text, _ in SAME])] == [same for _, same in SAME]


def test_what_a_builder_of_sql_cannot_show_it_names() -> None:
    for (text, named), one in zip(NOT_SHOWN, ran(MODEL, [text for text, _ in NOT_SHOWN]), strict=True):
        assert named in one.get("cannot", ""), (text, one)


EDITS = (
    imports("query/sql_edits.js", "begun", "withItems")
    + imports("query/sql_model.js", "modelOf", "textOf")
    + imports("query/sql_words.js", "literal")
)


@pytest.mark.parametrize(
    ("columns", "begins"),
    [
        (
            [("id", "bigint"), ("at", "timestamp with time zone"), ("shop_id", "int"), ("paid", "numeric(10,2)")],
            "SELECT $__bucket(at) AS time, avg(paid)\nFROM orders\nWHERE $__timeFilter(at)\n"
            "GROUP BY $__bucket(at)\nORDER BY $__bucket(at)",
        ),
        (  # no name of a column, which it would hide
            [("time", "DateTime64(3)"), ("name", "LowCardinality(String)")],
            "SELECT $__bucket(time) AS t, count(*)\nFROM orders\nWHERE $__timeFilter(time)\n"
            "GROUP BY $__bucket(time)\nORDER BY $__bucket(time)",
        ),
        ([("name", "text"), ("n", "int")], "SELECT *\nFROM orders\nLIMIT 100"),
        (  # SQLite has no type for times
            [("ts", "integer"), ("busy", "real")],
            "SELECT $__bucket(ts) AS time, avg(busy)\nFROM orders\nWHERE $__timeFilter(ts)\n"
            "GROUP BY $__bucket(ts)\nORDER BY $__bucket(ts)",
        ),
        ([("at", "Nullable(DateTime)"), ("v", "Nullable(Float64)")], None),
    ],
    ids=["numbers", "taken name", "no time", "sqlite", "nullable"],
)
def test_a_table_begins_with_a_number_over_time(columns: list[tuple[str, str]], begins: str | None) -> None:
    script = EDITS + "console.log(JSON.stringify(textOf(begun('orders', given[0]))))"
    text = ran(script, [{"name": name, "type": kind} for name, kind in columns])
    assert begins is None or text == begins
    assert ("$__timeFilter" in text) == (text != "SELECT *\nFROM orders\nLIMIT 100")
    for dialect in ("postgres", "clickhouse", "mysql", "sqlite"):
        assert chunkable(text, dialect, 60_000) == ("$__bucket" in text)
    assert judged("SELECT *\nFROM orders\nLIMIT 100", "postgres")


def changed(text: str, items: list[dict[str, Any]], was: list[int]) -> str:
    script = EDITS + (
        "const { model } = modelOf(given[0]);"
        "const items = given[1].map((one, at) => one ?? model.items[given[2][at]]);"
        "console.log(JSON.stringify(textOf(withItems(model, items, (at) => given[2][at]))));"
    )
    found: str = ran(script, text, items, was)
    return found


HOST = {"kind": "column", "column": "host", "alias": ""}
TOP = {"kind": "aggregate", "name": "max", "distinct": False, "column": "v", "alias": "top"}


@pytest.mark.parametrize(
    ("text", "items", "was", "then"),
    [
        (
            "SELECT $__bucket(ts) AS t, avg(v) FROM m GROUP BY t ORDER BY t",
            [None, None, HOST],
            [0, 1, -1],
            "SELECT $__bucket(ts) AS t, avg(v), host\nFROM m\nGROUP BY t, host\nORDER BY t",
        ),
        (
            "SELECT a, b, avg(v) FROM m GROUP BY 1, 2 ORDER BY 2 DESC, 1",
            [None, None],
            [1, 2],
            "SELECT b, avg(v)\nFROM m\nGROUP BY 1\nORDER BY 1 DESC",
        ),
        ("SELECT host, v FROM m", [None, TOP], [0, 1], "SELECT host, max(v) AS top\nFROM m\nGROUP BY host"),
        ("SELECT host, max(v) FROM m GROUP BY host", [None], [0], "SELECT host\nFROM m"),
        ("SELECT host FROM m GROUP BY host", [HOST], [0], "SELECT host\nFROM m\nGROUP BY host"),
        (
            "SELECT host AS h, max(v) AS v FROM m GROUP BY h, other ORDER BY v",
            [HOST, None],
            [0, 1],
            "SELECT host, max(v) AS v\nFROM m\nGROUP BY other, host\nORDER BY v",
        ),
    ],
)
def test_groups_and_order_follow_the_columns(text: str, items: list[Any], was: list[int], then: str) -> None:
    assert changed(text, items, was) == then


def test_values_are_written_so_that_they_stay_values() -> None:
    script = EDITS + "console.log(JSON.stringify(given[0].map((one) => literal(one, given[1]))))"
    texts = ["api", "5", "-1.5", "$shop", "${shop:raw}", "it's", "'a'", "'; DROP TABLE x", "true", "a\\", "$a b", "1e3"]
    assert ran(script, texts, False) == [
        *("'api'", "5", "-1.5", "$shop", "${shop:raw}", "'it''s'", "'a'", "'''; DROP TABLE x'", "true"),
        *("'a\\'", "'$a b'", "'1e3'"),
    ]
    assert ran(script, ["a\\", "\\'"], True) == ["'a\\\\'", "'\\\\'''"]


ELASTIC = {
    "query": "status:500 AND service:$service",
    "metrics": [{"type": "count"}, {"type": "percentiles", "field": "took", "percents": [50, 99.5]}],
    "by": [
        {"type": "terms", "field": "service.keyword", "size": 5},
        {"type": "filters", "filters": {"bad": "status:500"}},
        {"type": "date_histogram", "interval": "auto"},
    ],
}


def shown(kind: str, *queries: Any) -> list[dict[str, Any]]:
    document = declarations(default_registry(), OPEN_KINDS, TRANSFORMATIONS)
    script = imports("editor/schema.js", "Declarations") + imports("query/shown_document.js", "shown")
    script += """
const declared = new Declarations(given[0]);
const kind = given[0].sources.find((one) => one.kind === given[1]);
console.log(JSON.stringify(given[2].map((query) => shown(declared, kind, query))));
"""
    found: list[dict[str, Any]] = ran(script, document, kind, queries)
    return found


def test_a_document_and_its_text_become_the_form_of_the_query() -> None:
    spaced = json.dumps(ELASTIC, indent=2)
    assert shown("elasticsearch", ELASTIC, spaced, json.dumps(ELASTIC)) == [{"query": ELASTIC}] * 3
    (begun,) = shown("elasticsearch", "")
    assert begun["query"]["metrics"]
    fields = {"time": {"path": "at", "kind": "time"}}
    whole, short = shown("json", {"path": "/a", "fields": fields}, {"path": "/a", "fields": {**fields, "shop": "name"}})
    assert "query" in whole
    assert short == {"cannot": "“fields.shop”"}  # a name alone is a form of its own
    for kind in OPEN_KINDS:
        if kind.Query is not None and kind.language != "sql":
            assert shown(kind.kind, "", kind.example)[0].get("query") is not None


def test_what_a_form_cannot_show_of_a_document_it_names() -> None:
    strange: list[tuple[Any, str]] = [
        ({**ELASTIC, "size": 5}, "“size”"),
        ({**ELASTIC, "metrics": [{"type": "count", "script": "x"}]}, "“metrics[0].script”"),
        ({**ELASTIC, "metrics": [{"type": "geo"}]}, "“metrics[0]”"),
        ({**ELASTIC, "by": [{"type": "terms", "field": "a", "size": "$size"}]}, "“by[0].size”"),
        ({"bucketAggs": [], "metrics": [{"type": "count", "id": "1"}]}, "“bucketAggs”"),
        ("status:500", "no JSON"),
        ('{"query": "a", "query": "b"}', "the way"),
        ('{"documents": 1.0}', "the way"),
    ]
    for (query, named), found in zip(strange, shown("elasticsearch", *(query for query, _ in strange)), strict=True):
        assert named in found.get("cannot", ""), (query, found)


def test_at_another_source_a_query_of_the_same_language_stays_and_any_other_begins_anew() -> None:
    script = imports("query/shown_document.js", "carriedOver")
    script += (
        "console.log(JSON.stringify(given[0].map(([before, after, query]) => carriedOver(before, after, query))));"
    )
    promql, sql = {"language": "promql", "query": None}, {"language": "postgres", "query": None}
    elastic = {"language": "lucene", "query": {"$ref": "#"}, "example": json.dumps(ELASTIC)}
    cases = [[promql, promql, "up"], [promql, sql, "up"], [promql, elastic, "up"], [None, elastic, ""], [None, sql, ""]]
    assert ran(script, cases) == ["up", "", ELASTIC, ELASTIC, ""]
