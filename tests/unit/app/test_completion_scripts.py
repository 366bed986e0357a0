"""What may stand at the caret of a query, as the page's scripts read it; `|` is the caret."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.scripts import ran

PROMQL = {
    "ra|": ("metric", "ra", None),
    "up + |": ("metric", "", None),
    "sum(rate(http_re|))": ("metric", "http_re", None),
    "up{|": ("label", "", "up"),
    'up{job="a", in|': ("label", "in", 'up{job="a"}'),
    'up{job="a,b", in|}': ("label", "in", 'up{job="a,b"}'),
    '{__name__="x", |': ("label", "", '{__name__="x"}'),
    "{|": ("label", "", '{__name__!=""}'),
    'up{"k8s.|': ("label", "k8s.", "up"),
    "sum by (jo|) (rate(up[5m]))": ("label", "jo", "up"),
    "sum by (jo|)": ("label", "jo", '{__name__!=""}'),
    "a / on (|) b": ("label", "", "a"),
    'up{job="|': ("value", "", "up"),
    'up{instance="i", job=~"a|"}': ("value", "a", 'up{instance="i"}'),
    "up{job='a\\'|": ("value", "a\\'", "up"),
    "up{job=|}": ("value", "", "up"),
    "up |": None,
    "rate(up[|": None,
    "up # what |": None,
    'up{job="a" |': None,
    'label_replace(up, "|': None,
}
SQL = {
    "SELECT | FROM orders": ("column", "", "orders"),
    "SELECT a, b| FROM shop.orders": ("column", "b", "shop.orders"),
    "SELECT a FROM orders WHERE |": ("column", "", "orders"),
    "SELECT a FROM or|": ("table", "or", None),
    "SELECT a FROM x JOIN |": ("table", "", None),
    "SELECT a FROM orders WHERE x = 'a|": None,
    "SELECT a -- b|": None,
    "SELECT a |FROM t": None,
    "|": None,
}
STORE = {
    '{"metric": "no|': ("metric", "no", None),
    '{"metric": "n", "labels": {"|': ("label", "", "n"),
    '{"metric": "n", "labels": {"mode": "i|': ("value", "i", "n"),
    '{"metric": "n", "labels": {"mode": ["a", "i|': ("value", "i", "n"),
    '{"by": ["c|"], "metric": "n"}': ("label", "c", "n"),
    "SELECT * FROM series WHERE name = 'no|'": ("metric", "no", None),
    '{"|': None,
    '{"expr": "a|': None,
}


@pytest.mark.parametrize(("reader", "cases"), [("ofPromql", PROMQL), ("ofSql", SQL), ("ofStore", STORE)])
def test_what_is_asked_for_at_the_caret(reader: str, cases: dict[str, Any]) -> None:
    script = f"""
      import {{ {reader} }} from "./query/completing.js";
      const spots = given[0].map((one) => {reader}(one.replace("|", ""), one.indexOf("|")));
      console.log(JSON.stringify(spots));"""
    found = dict(zip(cases, ran(script, list(cases)), strict=True))
    read = {text: spot and (spot["kind"], spot["typed"], spot.get("of")) for text, spot in found.items()}
    assert read == cases
    for text, spot in found.items():
        if spot:
            assert text.replace("|", "")[spot["from"] : text.index("|")] == spot["typed"]


# A text of a source of that type and language, what its lookups answer, and what is written for the first choice.
TAKEN = [
    ("prometheus", "promql", "ra|", "rate("),
    ("prometheus", "promql", "node_lo|", "node_load1"),
    ("prometheus", "promql", "odd|", '{"odd.metric"}'),
    ("prometheus", "promql", "up{j|", "job"),
    ("prometheus", "promql", "up{k8|", '"k8s.pod"'),
    ("prometheus", "promql", 'up{job="a|', 'api"'),
    ("prometheus", "promql", 'up{job="a|"}', "api"),
    ("prometheus", "promql", "up{job=|", '"api"'),
    ("prometheus", "promql", 'up{job="say|', 'say \\"x\\""'),
    ("postgresql", "postgres", "SELECT * FROM or|", "orders"),
    ("postgresql", "postgres", "SELECT am| FROM orders", "amount"),
    ("store", "sql", '{"metric": "node_lo|', 'node_load1"'),
    ("store", "sql", "SELECT * FROM ser|", "series"),
    ("elasticsearch", "lucene", "sta|", None),
    ("json", "json", '{"pa|', None),
]


def test_what_a_choice_writes() -> None:
    script = """
      import { completed } from "./query/completions.js";
      const answers = {
        "tables()": ["orders"],
        "columns(orders)": ["amount"],
        "label_values(up, job)": ["api", 'say "x"'],
        "label_names(up)": ["__name__", "job", "k8s.pod"],
      };
      const gauge = (name) => ({ name, type: "gauge", help: "", unit: "" });
      const lookups = {
        metrics: async () => ["node_load1", "odd.metric"].map(gauge),
        values: async (query) => answers[query] ?? [],
        ask: async (_, { query }) => (answers[query] ?? []).map((value) => ({ value, text: "numeric" })),
      };
      const first = async ([type, language, text]) => {
        const found = await completed(type, language, lookups, text.replace("|", ""), text.indexOf("|"));
        return found?.choices[0]?.text ?? null;
      };
      console.log(JSON.stringify(await Promise.all(given[0].map(first))));"""
    assert ran(script, [one[:3] for one in TAKEN]) == [one[3] for one in TAKEN]
