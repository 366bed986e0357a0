"""What the editor's scripts work out by themselves: PromQL as a builder shows it, and what another panel type keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fixtures.scripts import SCRIPTS, ran

from heliograph.app.query_path import OPEN_KINDS
from heliograph.components.declarations import declarations
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.transform.registry import TRANSFORMATIONS

SHOWN = [
    "up",
    'node_cpu_seconds_total{instance="$host", mode!="idle"}',
    '{__name__=~"node_.*"}',
    'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))',
    'histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket{job="api"}[5m])))',
    "topk(5, sum without (cpu) (increase(x_total[${__range}])))",
    "round(avg(up) * 100, 0.1) > 5",
    "quantile by (job) (0.9, x)",
    "clamp_max(rate(a[1h30m]), 5)",
    "sum(a) / -1",
    "sum(rate(a[5m])) by (job)",
]
SAME = [  # written otherwise, with the same words
    ("sum by(mode)(rate(x{a='b',}[5m]))", 'sum by (mode) (rate(x{a="b"}[5m]))'),
    ("up # as it is\n", "up"),
    ("x{path=`C:\\d`}", 'x{path="C:\\\\d"}'),
]
NOT_SHOWN = [
    ("a / b", "two queries"),
    ("label_replace(up, 'a', '$1', 'b', '(.*)')", "label_replace"),
    ("rate(a[5m] offset 1h)", "offset"),
    ("max_over_time(rate(a[5m])[1h:1m])", "“("),
    ("a and on (job) b", "and on"),
    ("up @ 100", "@"),
    ("sum(up", "an end"),
    ("up ^^ 2", "two queries"),
    ("((up))", "“("),
]


MODEL = f"""
import {{ modelOf, textOf, hints }} from {json.dumps(str(SCRIPTS / "query/promql_model.js"))};
const models = given[0].map((text) => modelOf(text));
console.log(JSON.stringify(models.map((one) => one.model ? {{ text: textOf(one.model), model: one.model }} : one)));
"""


def test_texts_that_a_builder_shows_come_back_as_they_were() -> None:
    found = ran(MODEL, SHOWN)
    assert [one.get("text", one) for one in found] == SHOWN
    assert found[3]["model"] == {
        "metric": "node_cpu_seconds_total",
        "filters": [{"label": "mode", "op": "!=", "value": "idle"}],
        "operations": [
            {"kind": "range", "name": "rate", "window": "$__rate_interval"},
            {"kind": "aggregate", "name": "sum", "param": "", "by": ["mode"], "without": False, "grouped": True},
        ],
    }


def test_other_ways_of_writing_lose_nothing() -> None:
    assert [one.get("text", one) for one in ran(MODEL, [text for text, _ in SAME])] == [same for _, same in SAME]


def test_what_a_builder_cannot_show_it_names() -> None:
    for (text, named), one in zip(NOT_SHOWN, ran(MODEL, [text for text, _ in NOT_SHOWN]), strict=True):
        assert named in one.get("cannot", ""), (text, one)


def test_counters_and_histograms_are_told_from_gauges() -> None:
    script = MODEL.rpartition("console.log")[0] + (
        "console.log(JSON.stringify(given[0].map((text, at) => "
        "hints(modelOf(text).model, given[1][at]).map((one) => textOf(one.better)))));"
    )
    texts = ["a_total", "sum(a)", "rate(a_total[5m])", "h_bucket", "rate(g[5m])", "g"]
    better = ran(script, texts, ["", "counter", "counter", "", "gauge", "gauge"])
    assert better == [
        ["rate(a_total[$__rate_interval])"],
        ["sum(rate(a[$__rate_interval]))"],
        [],
        ["histogram_quantile(0.95, sum by (le) (rate(h_bucket[$__rate_interval])))"],
        ["g"],
        [],
    ]


def test_another_panel_type_keeps_what_it_takes_and_drops_the_rest() -> None:
    document = declarations(default_registry(), OPEN_KINDS, TRANSFORMATIONS)
    options = {
        "unit": "bytes",
        "fill": 0.4,
        "legend": "table",
        "thresholds": [{"value": 1}],
        "overrides": [
            {"match": {"name": "a"}, "set": {"fill": 1, "unit": "s"}},
            {"match": {"name": "b"}, "set": {"fill": 1}},
        ],
        "limit": 400,
    }
    script = f"""
import {{ Declarations }} from {json.dumps(str(SCRIPTS / "editor/schema.js"))};
import {{ carried }} from {json.dumps(str(SCRIPTS / "editor/switching.js"))};
const declared = new Declarations(given[0]);
const to = (type) => carried(declared, given[1], "timeseries", type);
console.log(JSON.stringify(["stat", "text", "bar"].map(to)));
"""
    stat, text, bar = ran(script, document, options)
    assert stat["options"] == {
        "unit": "bytes",
        "thresholds": [{"value": 1}],
        "overrides": [{"match": {"name": "a"}, "set": {"unit": "s"}}],
    }
    assert sorted(stat["dropped"]) == ["fill", "legend", "limit"]
    assert text["options"] == {}
    assert "legend" in bar["dropped"]  # a table is no legend of bars
    kept = default_registry().options("stat", stat["options"])
    assert kept.model_dump()["unit"] == "bytes"


def series(count: int, points: int, value: float = 1.5, **labels: str) -> dict[str, Any]:
    data = [{"timestamp": at, "value": value + at} for at in range(points)]
    return {
        "error": "",
        "columns": [],
        "rows": [],
        "series": [{"name": f"s{n}", "labels": labels, "data": data} for n in range(count)],
    }


def table(rows: int, **columns: str) -> dict[str, Any]:
    made = [{"name": name, "type": kind} for name, kind in columns.items()]
    return {"error": "", "columns": made, "rows": [[0] * len(made)] * rows, "series": []}


@pytest.mark.parametrize(
    ("answer", "first", "among"),
    [
        (series(3, 60), "timeseries", "stat"),
        (series(1, 1), "stat", "gauge"),
        (series(5, 1), "bargauge", "pie"),
        (series(9, 30, le="0.5"), "heatmap", "timeseries"),
        (series(2, 3, value=0), "statetimeline", "timeseries"),
        (series(60, 60), "timeseries", "density"),
        (table(5, shop="string", orders="number"), "bar", "pie"),
        (table(1, orders="number"), "stat", "gauge"),
        (table(50, at="time", message="string"), "logs", "table"),
        (table(50, at="time", n="number"), "timeseries", "table"),
        (table(3, a="string"), "table", "table"),
        ({"error": "no", "columns": [], "rows": [], "series": []}, None, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_types_are_suggested_that_fit_the_data(answer: dict[str, Any], first: str | None, among: str | None) -> None:
    script = f"""
import {{ suggested }} from {json.dumps(str(SCRIPTS / "editor/suggestions.js"))};
console.log(JSON.stringify(suggested(given)));
"""
    found = ran(script, answer)
    assert (found[0] if found else None) == first
    assert among is None or among in found
    assert set(found) <= set(default_registry().names)
