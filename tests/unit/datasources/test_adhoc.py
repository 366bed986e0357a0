"""Ad hoc filters: how they are written, in Python as on the page, and what they add to PromQL and Lucene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.datasources.sources import elastic_query
from heliograph.datasources.sources.promql_filters import filtered
from heliograph.datasources.variables.adhoc import Filter, read, written
from heliograph.errors import SourceError

ROWS = json.loads((Path(__file__).parents[2] / "data" / "adhoc.json").read_text("utf-8"))["rows"]
JOB = [Filter("job", "=", ("api",))]


def expected(label: str | None, operator: str, values: list[str]) -> Filter | None:
    return None if label is None else Filter(label, operator, tuple(values))


@pytest.mark.parametrize(("text", "label", "operator", "values"), ROWS)
def test_a_filter_is_read_as_it_was_written(text: str, label: str | None, operator: str, values: list[str]) -> None:
    one = read(text)
    assert one == expected(label, operator, values)
    assert one is None or read(written(one)) == one


def test_the_page_reads_and_writes_the_same() -> None:
    script = f"""
globalThis.document = {{ getElementById: () => null, documentElement: {{ dataset: {{}} }}, addEventListener() {{}} }};
const {{ readFilter, writtenFilter }} = await import({json.dumps(str(SCRIPTS / "filters.js"))});
const told = (one) => one && [one.key, one.operator, one.values, writtenFilter(one)];
console.log(JSON.stringify(given[0].map(readFilter).map(told)));
"""
    texts = [row[0] for row in ROWS]
    found = ran(script, texts)
    wanted = [
        (one.key, one.operator, list(one.values), written(one)) if (one := read(text)) else None for text in texts
    ]
    assert [tuple(one) if one else None for one in found] == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", 'up{job="api"}'),
        ("up{}", 'up{job="api"}'),
        ('up { a = "}" , }', 'up { a = "}" , job="api"}'),
        ("{__name__=~'x.*'}", "{__name__=~'x.*', job=\"api\"}"),
        (
            "sum by (job) (rate(a{b=`c`}[5m])) / on (job) group_left (x) sum(rate(d[5m:1m])) without (y)",
            'sum by (job) (rate(a{b=`c`, job="api"}[5m])) / on (job) group_left (x) '
            'sum(rate(d{job="api"}[5m:1m])) without (y)',
        ),
        ("count by(a)(count)", 'count by(a)(count{job="api"})'),
        (
            "foo offset 5m and bar @ start() unless Inf",
            'foo{job="api"} offset 5m and bar{job="api"} @ start() unless Inf',
        ),
        ('label_replace(up, "a", "$1", "up", "(.*)")', 'label_replace(up{job="api"}, "a", "$1", "up", "(.*)")'),
        ("up # of {all}\n> bool 1e3", 'up{job="api"} # of {all}\n> bool 1e3'),
        ("a:b:rate5m + vector(1)", 'a:b:rate5m{job="api"} + vector(1)'),
        ("up{", "up{"),
    ],
)
def test_each_selector_gets_a_matcher_and_nothing_else_changes(text: str, expected: str) -> None:
    made = filtered(text, JOB)
    assert made == expected
    if made != text:
        assert promql_parser.parse(made.replace(" unless Inf", "").replace("# of {all}", "")) is not None


def test_operators_and_names_are_written_as_promql_has_them() -> None:
    several = Filter("k8s.pod", "=|", ("a.b", 'c"d'))
    assert filtered("up", [several, Filter("x", "!~", ("y\\d",))]) == 'up{"k8s.pod"=~"a\\\\.b|c\\"d", x!~"y\\\\d"}'
    with pytest.raises(SourceError, match="no matcher for took < 5"):
        filtered("up", [Filter("took", "<", ("5",))])


@pytest.mark.parametrize(
    ("query", "filters", "lucene"),
    [
        ({}, JOB, 'job:"api"'),
        ({"query": "*"}, JOB, 'job:"api"'),
        ({"query": "a:b OR c"}, [*JOB, Filter("took", ">", ("5",))], '(a:b OR c) AND job:"api" AND took:>"5"'),
        ({}, [Filter("a b:c", "!=|", ("x", 'y"z'))], 'NOT a\\ b\\:c:("x" OR "y\\"z")'),
        ({}, [Filter("path", "!~", ("/a/.*",))], "NOT path:/\\/a\\/.*/"),
        ({}, [Filter("path", "=~", ("a\\/ OR *",))], "path:/a\\/ OR */"),
        ({}, [Filter("path", "=~", ("a\\\\/ OR *",))], "path:/a\\\\\\/ OR */"),
        ({}, [Filter("path", "=~", ("a\\",))], "path:/a\\\\/"),
    ],
)
def test_documents_pass_the_query_and_all_filters(query: dict[str, Any], filters: list[Filter], lucene: str) -> None:
    assert elastic_query.filtered({**query, "metrics": []}, filters) == {"metrics": [], "query": lucene}
