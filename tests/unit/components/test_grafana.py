"""Dashboards of Grafana brought into ours: what is carried over, what is told, and that nothing breaks it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures.contexts import kinds_of

from heliograph.app.query_path import OPEN_KINDS
from heliograph.components.grafana.convert import Converted, converted
from heliograph.components.grafana.envelope import is_of_grafana
from heliograph.components.grafana.sources import KINDS
from heliograph.components.grafana.targets import source_name
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
FILES = sorted(Path(CORPUS, "dashboards").glob("*.json")) if CORPUS else []
PANELS = default_registry()
PROMETHEUS = {"type": "prometheus", "uid": "${DS_PROM}"}
BAD: list[Any] = [None, 0, -1, 1e308, True, "x", "", [], {}, [1], ["a", {}], {"a": 1}, [[]], "$x"]


def board(*panels: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "From there", "schemaVersion": 39, "panels": list(panels), **more}


def panel(kind: str, **more: Any) -> dict[str, Any]:
    target = {"refId": "A", "expr": "up", "datasource": PROMETHEUS}
    return {
        "id": 7,
        "type": kind,
        "title": "One",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "targets": [target],
        **more,
    }


def one(kind: str, **more: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The panel of a dashboard of one, and its notes."""
    made = converted(board(panel(kind, **more)), PANELS)
    return made.document["panels"][0], [(note.field, note.detail) for note in made.notes]


def counts(made: Converted) -> tuple[int, int, int]:
    return made.panels.whole, made.panels.noted, made.panels.left_out


def test_a_time_series_keeps_how_it_is_drawn() -> None:
    custom = {
        "drawStyle": "line",
        "lineInterpolation": "stepAfter",
        "lineWidth": 2,
        "fillOpacity": 25,
        "spanNulls": 60000,
        "stacking": {"mode": "percent"},
        "showPoints": "never",
        "thresholdsStyle": {"mode": "line+area"},
        "scaleDistribution": {"type": "log", "log": 2},
        "lineStyle": {"fill": "dash"},
        "axisPlacement": "right",
    }
    defaults = {
        "unit": "bytes",
        "decimals": 1,
        "min": 0,
        "custom": custom,
        "color": {"mode": "fixed", "fixedColor": "semi-dark-red"},
        "thresholds": {
            "mode": "percentage",
            "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
        },
        "mappings": [
            {"type": "value", "options": {"1": {"text": "up", "color": "green", "index": 0}, "0": {"text": "down"}}},
            {"type": "range", "options": {"from": 2, "to": None, "result": {"text": "many"}}},
            {"type": "special", "options": {"match": "null+nan", "result": {"text": "none"}}},
        ],
        "links": [{"title": "more", "url": "/d/x?var-a=${__value.raw}", "targetBlank": True}],
    }
    override = {
        "matcher": {"id": "byRegexp", "options": "/^a/"},
        "properties": [{"id": "custom.drawStyle", "value": "bars"}, {"id": "unit", "value": "s"}],
    }
    legend = {
        "displayMode": "table",
        "placement": "right",
        "calcs": ["mean", "lastNotNull"],
        "sortBy": "Mean",
        "sortDesc": True,
    }
    made, notes = one(
        "timeseries",
        fieldConfig={"defaults": defaults, "overrides": [override]},
        options={"legend": legend, "tooltip": {"mode": "single"}},
    )
    assert notes == []
    assert made["type"] == "timeseries"
    assert made["datasource"] == "prometheus"
    assert made["options"] == {
        "legend": "table",
        "legend_place": "right",
        "calcs": ["mean", "last"],
        "legend_sort": "-mean",
        "tooltip": "nearest",
        "unit": "bytes",
        "decimals": 1,
        "min": 0,
        "color": {"mode": "fixed", "value": "semi-dark-red"},
        "thresholds": [{"value": None, "color": "green"}, {"value": 80, "color": "red"}],
        "thresholds_mode": "percentage",
        "mappings": [
            {"value": "1", "text": "up", "color": "green"},
            {"value": "0", "text": "down"},
            {"from": 2, "to": None, "text": "many"},
            {"special": "null+nan", "text": "none"},
        ],
        "links": [{"title": "more", "url": "/d/x?var-a=${__value.raw}", "new_tab": True}],
        "style": "steps",
        "line_width": 2,
        "dash": "dashed",
        "fill": 0.25,
        "nulls": "60000ms",
        "axis": "right",
        "log": True,
        "log_base": 2,
        "points": "never",
        "stack": "percent",
        "threshold_style": "both",
        "overrides": [{"match": {"regex": "/^a/"}, "set": {"unit": "s", "style": "bars"}}],
    }


def test_an_old_graph_is_the_time_series_that_grafana_makes_of_it() -> None:
    made, notes = one(
        "graph",
        lines=True,
        linewidth=2,
        fill=3,
        stack=True,
        nullPointMode="connected",
        aliasColors={"b": "#aa0000"},
        yaxes=[{"format": "bytes", "min": "0", "logBase": 1}, {"format": "s"}],
        seriesOverrides=[{"alias": "/err/", "yaxis": 2, "bars": True}, {"alias": "in", "transform": "negative-Y"}],
        legend={"show": True, "values": True, "avg": True, "max": True, "alignAsTable": True, "rightSide": True},
        thresholds=[{"value": 5, "op": "gt", "colorMode": "critical", "line": True, "fill": True}],
        tooltip={"shared": True, "sort": 0},
    )
    options = made["options"]
    assert made["type"] == "timeseries"
    assert (options["unit"], options["min"], options["fill"], options["line_width"]) == ("bytes", 0, 0.3, 2)
    assert (options["stack"], options["nulls"], options["legend"], options["calcs"]) == (
        "normal",
        "connect",
        "table",
        ["max", "mean"],
    )
    assert options["thresholds"] == [{"value": None, "color": "transparent"}, {"value": 5, "color": "red"}]
    assert options["threshold_style"] == "both"
    assert options["overrides"] == [
        {"match": {"name": "b"}, "set": {"color": {"mode": "fixed", "value": "#aa0000"}}},
        {"match": {"regex": "/err/"}, "set": {"unit": "s", "axis": "right", "style": "bars"}},
    ]
    assert notes == [("seriesOverrides[1].transform", "negative-Y is not carried over")]


def test_an_old_singlestat_is_a_stat_or_a_gauge() -> None:
    made, notes = one(
        "singlestat",
        format="none",
        postfix=" items",
        valueName="current",
        thresholds="50,80",
        colorBackground=True,
        colors=["#299c46", "rgba(237, 129, 40, 0.89)", "#d44a3a"],
        sparkline={"show": True},
        gauge={"show": False},
        mappingType=1,
        valueMaps=[{"op": "=", "text": "N/A", "value": "null"}, {"op": "=", "text": "DOWN", "value": "0"}],
        rangeMaps=[{"from": "1", "to": "2", "text": "unused"}],
    )
    options = made["options"]
    assert notes == []
    assert (made["type"], options["unit"], options["calc"]) == ("stat", "suffix: items", "lastNotNull")
    assert (options["color_mode"], options["graph"]) == ("background", True)
    assert [step["value"] for step in options["thresholds"]] == [None, 50, 80]
    assert options["mappings"] == [{"special": "null", "text": "N/A"}, {"value": "0", "text": "DOWN"}]
    gauge, _ = one("singlestat", format="percent", gauge={"show": True, "minValue": 0, "maxValue": 100})
    assert (gauge["type"], gauge["options"]["min"], gauge["options"]["max"]) == ("gauge", 0, 100)


def test_an_old_table_is_a_table_with_its_styles_as_overrides() -> None:
    made, notes = one(
        "table-old",
        transform="timeseries_aggregations",
        columns=[{"text": "Avg", "value": "avg"}],
        styles=[
            {"pattern": "Time", "type": "hidden"},
            {
                "pattern": "/pct/",
                "type": "number",
                "unit": "percent",
                "decimals": 1,
                "alias": "Share",
                "colorMode": "cell",
                "colors": ["green", "orange", "red"],
                "thresholds": ["1", "2"],
            },
            {"pattern": "/.*/", "type": "number", "unit": "short", "decimals": 2},
        ],
    )
    assert notes == []
    assert made["transformations"] == [{"id": "reduce", "options": {"reducers": ["mean"]}}]
    assert (made["options"]["unit"], made["options"]["decimals"]) == ("short", 2)
    hidden, share = made["options"]["overrides"]
    assert hidden == {"match": {"name": "Time"}, "set": {"hidden": True}}
    assert share["match"] == {"regex": "/pct/"}
    assert share["set"]["display_name"] == "Share"
    assert share["set"]["cell"] == "background"


def test_old_rows_stand_on_the_grid_and_closed_rows_are_unfolded() -> None:
    old = {
        "title": "Old",
        "schemaVersion": 14,
        "rows": [
            {
                "title": "First",
                "showTitle": True,
                "height": "250px",
                "panels": [panel("graph", id=1, span=6), panel("graph", id=2, span=6)],
            },
            {
                "title": "Second",
                "collapse": True,
                "repeat": "host",
                "panels": [panel("graph", id=3, span=12, height="100px")],
            },
        ],
    }
    made = converted(old, PANELS).document["panels"]
    places = [(one["panel_id"], one["type"], *one["position"].values()) for one in made]
    assert places == [
        (4, "row", 0, 0, 24, 1),
        (1, "timeseries", 0, 1, 12, 7),
        (2, "timeseries", 12, 1, 12, 7),
        (5, "row", 0, 8, 24, 1),
        (3, "timeseries", 0, 9, 24, 3),
    ]
    assert made[3]["collapsed"] is True
    assert made[3]["repeat"] == {"variable": "host", "direction": "h"}
    closed = {
        "id": 9,
        "type": "row",
        "collapsed": True,
        "gridPos": {"y": 0},
        "panels": [panel("stat", id=2, gridPos={"y": 40, "h": 5})],
    }
    below = panel("stat", id=3, gridPos={"x": 0, "y": 1, "w": 24, "h": 4})
    places = [
        (one["panel_id"], one["position"]["y"]) for one in converted(board(closed, below), PANELS).document["panels"]
    ]
    assert places == [(9, 0), (2, 1), (3, 6)]


def test_panels_stand_as_grafanas_grid_has_them_none_over_another_and_nothing_empty_between() -> None:
    apart = board(
        panel("stat", id=1, gridPos={"x": 0, "y": 0, "w": 12, "h": 3}),
        panel("stat", id=2, gridPos={"x": 12, "y": 0, "w": 12, "h": 5}),
        panel("stat", id=3, gridPos={"x": 0, "y": 9, "w": 6, "h": 4}),
        panel("stat", id=4, gridPos={"x": 3, "y": 11, "w": 18, "h": 4}),
    )
    places = [(one["panel_id"], one["position"]["y"]) for one in converted(apart, PANELS).document["panels"]]
    assert places == [(1, 0), (2, 0), (3, 3), (4, 7)]
    shelf = [{"id": number, "type": "singlestat", "span": 4, "height": "75px"} for number in range(1, 13)]
    old = {"title": "t", "schemaVersion": 14, "rows": [{"title": "r", "height": "250px", "panels": shelf}]}
    stats = [one["position"] for one in converted(old, PANELS).document["panels"] if one["type"] != "row"]
    assert [(one["x"], one["y"], one["h"]) for one in stats] == [(8 * (n % 3), 3 * (n // 3), 3) for n in range(12)]


def test_what_there_is_not_is_told_by_panel_and_field_and_its_place_is_kept() -> None:
    made = converted(
        board(
            panel("stat", id=1, options={"reduceOptions": {"calcs": ["stdDev"]}, "brandNew": 3}, timeFrom="1h"),
            panel("geomap", id=2, gridPos={"x": 0, "y": 8, "w": 6, "h": 4}),
            panel("dashlist", id=3, gridPos={"x": 6, "y": 8, "w": 6, "h": 4}),
            panel(
                "timeseries",
                id=4,
                gridPos={"x": 12, "y": 8, "w": 12, "h": 4},
                targets=[{"refId": "A", "expr": '{a="b"}', "datasource": {"type": "loki", "uid": "x"}}],
            ),
            links=[{"title": "Elsewhere"}],
            somethingNew=[1],
        ),
        PANELS,
    )
    assert counts(made) == (0, 2, 2)
    notes = {(note.panel_id, note.field) for note in made.notes}
    assert {
        (1, "options.reduceOptions.calcs"),
        (1, "options.brandNew"),
        (1, "timeFrom"),
        (2, "type"),
        (3, "type"),
        (4, "targets[0]"),
        (None, "links"),
        (None, "somethingNew"),
    } <= notes
    lost = next(one for one in made.document["panels"] if one["panel_id"] == 4)
    assert lost["type"] == "text"
    assert "loki" in lost["options"]["content"]
    assert next(one for one in made.document["panels"] if one["panel_id"] == 3)["position"] == {
        "x": 6,
        "y": 8,
        "w": 6,
        "h": 4,
    }
    parse_dashboard(made.document)


def test_sources_are_those_of_variables_placeholders_uids_and_kinds() -> None:
    variables = [
        {"name": "ds", "type": "datasource", "query": "prometheus"},
        {"name": "logs", "type": "datasource", "query": "loki"},
    ]
    asked = ["${ds}", {"type": "prometheus", "uid": "$ds"}, "${DS_PROM}", {"type": "postgres", "uid": "P1"}, "mine"]
    document = board(
        *(
            panel("stat", id=n, targets=[{"refId": "A", "rawSql": "SELECT 1", "datasource": one}])
            for n, one in enumerate(asked, 1)
        ),
        templating={"list": variables},
        __inputs=[{"name": "DS_PROM", "type": "datasource", "pluginId": "prometheus"}],
    )
    made = converted(document, PANELS, known=frozenset({"mine"}))
    assert [one["datasource"] for one in made.document["panels"]] == [
        "${ds}",
        "${ds}",
        "prometheus",
        "postgresql",
        "mine",
    ]
    assert [(note.panel_id, note.field) for note in made.notes] == [
        (None, "templating.list[1].datasource"),
        (4, "targets[0].datasource"),
    ]
    chosen = converted(
        document, PANELS, chosen={"DS_PROM": "other", "P1": "pg"}, known=frozenset({"other", "pg", "mine"})
    )
    assert [one["datasource"] for one in chosen.document["panels"]] == ["${ds}", "${ds}", "other", "pg", "mine"]


def test_a_mixed_panel_names_its_sources_and_refs_are_called_as_ours_are() -> None:
    targets = [
        {"refId": "per host", "expr": "up", "datasource": PROMETHEUS, "legendFormat": "__auto"},
        {"refId": "B", "rawSql": "SELECT 1", "datasource": {"type": "mysql"}, "format": "table", "hide": True},
        {"refId": "C", "datasource": {"type": "__expr__", "uid": "__expr__"}, "type": "math", "expression": "$B * 2"},
    ]
    steps = [{"id": "filterByRefId", "options": {"include": "per host"}}, {"id": "spatial", "options": {}}]
    made, notes = one("table", targets=targets, transformations=steps, datasource={"uid": "-- Mixed --"})
    assert made["datasource"] == "-- Mixed --"
    assert [target["ref"] for target in made["targets"]] == ["A", "B", "C"]
    assert made["targets"][1] == {
        "ref": "B",
        "hidden": True,
        "datasource": "mysql",
        "query": "SELECT 1",
        "options": {"format": "table"},
    }
    assert made["targets"][2]["query"] == {"type": "math", "expression": "$B * 2"}
    assert made["transformations"] == [{"id": "filterByRefId", "options": {"include": "A"}}]
    assert [field for field, _ in notes] == ["transformations[1].id"]


def test_elasticsearch_is_asked_in_our_words_and_altinitys_macros_are_ours() -> None:
    elastic = {
        "refId": "A",
        "query": "a:b",
        "metrics": [{"id": "1", "type": "count"}],
        "timeField": "@timestamp",
        "bucketAggs": [{"id": "2", "type": "date_histogram", "settings": {"interval": "auto"}}],
        "datasource": {"type": "elasticsearch", "uid": "x"},
    }
    made, notes = one("timeseries", targets=[elastic])
    assert notes == []
    assert made["targets"][0]["query"]["by"][0]["type"] == "date_histogram"
    sql = {
        "refId": "A",
        "query": "SELECT $timeSeries AS t, count() FROM $table WHERE $timeFilter AND $conditionalTest(a)",
        "database": "db",
        "table": "hits",
        "dateTimeColDataType": "ts",
        "datasource": {"type": "vertamedia-clickhouse-datasource"},
    }
    made, notes = one("timeseries", targets=[sql])
    assert made["targets"][0]["query"].startswith(
        "SELECT $__timeInterval(ts) AS t, count() FROM db.hits WHERE $__timeFilter(ts)"
    )
    assert "$conditionalTest" in notes[0][1]


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        (
            "WHERE $timeFilter $conditionalTest(AND kind IN ($kind), $kind)",
            "WHERE $__timeFilter(ts) AND $__conditionalAll(kind IN ($kind), $kind)",
        ),
        ("$conditionalTest(where f(a, ')') = ${x}, ${x}) OR b", "where $__conditionalAll(f(a, ')') = ${x}, ${x}) OR b"),
        ("$conditionalTest(OR a = $x, $x)", "$conditionalTest(OR a = $x, $x)"),
        ("$conditionalTest(AND a = $x, AND b, $x", "$conditionalTest(AND a = $x, AND b, $x"),
    ],
)
def test_a_condition_of_altinitys_that_falls_away_is_one_of_ours(written: str, ours: str) -> None:
    sql = {
        "refId": "A",
        "query": f"SELECT t {written}",
        "dateTimeColDataType": "ts",
        "datasource": {"type": "vertamedia-clickhouse-datasource"},
    }
    made, notes = one("table", targets=[sql])
    assert made["targets"][0]["query"] == f"SELECT t {ours}"
    assert ("$conditionalTest" in str(notes)) == ("$conditionalTest" in ours)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("horizontal", "vertical"), ("vertical", "horizontal"), ("auto", "auto"), ("", "auto")]
)
def test_the_values_of_a_stat_stand_as_they_did_there(theirs: str, ours: str) -> None:
    """Grafana names how each value is stretched; we name how several stand."""
    made, _ = one("stat", options={"orientation": theirs})
    assert made["options"]["orientation"] == ours


def test_an_axis_keeps_its_label_and_an_override_gives_another() -> None:
    right = [{"id": "custom.axisPlacement", "value": "right"}, {"id": "custom.axisLabel", "value": "Errors"}]
    config = {
        "defaults": {"custom": {"axisLabel": "CPU Cores"}},
        "overrides": [{"matcher": {"id": "byName", "options": "b"}, "properties": right}],
    }
    made, notes = one("timeseries", fieldConfig=config)
    assert notes == []
    kind, options = PANELS.get("timeseries"), PANELS.options("timeseries", made["options"])
    frames = [
        Frame((Field("t", "time", np.array([0.0, 1.0])), Field(name, "number", np.array([1.0, 2.0]))), name=name)
        for name in ("a", "b")
    ]
    plot = kind.layout(options, kind.shape(options, frames))
    labels = [axis.axis_label for axis in [*plot.left, *plot.right]]
    assert labels == ["CPU Cores", "Errors"]


def test_a_text_of_html_is_shown_as_html() -> None:
    made, notes = one("text", options={"mode": "html", "content": "<div>Hello <b>you</b></div><script>x()</script>"})
    assert notes == []
    kind = PANELS.get("text")
    shown = kind.columns(PANELS.options("text", made["options"]), [], TimeRange(0, 1000)).texts["html"]
    assert shown == "<div>Hello <b>you</b></div>"


def test_a_resolution_and_the_intervals_of_a_query_are_carried_over() -> None:
    target = {"refId": "A", "expr": "up", "intervalFactor": 2, "interval": "$__rate_interval", "datasource": PROMETHEUS}
    made, notes = one("timeseries", targets=[target])
    assert notes == []
    assert (made["targets"][0]["resolution"], made["targets"][0]["interval"]) == (2, "$__rate_interval")


def test_variables_keep_their_values_and_orders() -> None:
    listed = [
        {
            "name": "job",
            "type": "query",
            "query": {"query": "label_values(job)", "refId": "x"},
            "datasource": PROMETHEUS,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": ["All"], "value": ["$__all"]},
            "hide": 2,
            "regex": "/(.*)/",
        },
        {
            "name": "step",
            "type": "interval",
            "query": "1m,5m",
            "auto": True,
            "current": {"value": "$__auto_interval_step"},
        },
        {"name": "prefix", "type": "constant", "query": "${VAR_PREFIX}"},
        {"name": "on", "type": "switch", "enabledValue": "yes", "disabledValue": "no", "current": {"value": "no"}},
        {
            "name": "Filters",
            "type": "adhoc",
            "datasource": PROMETHEUS,
            "filters": [
                {"key": "job", "operator": "=", "value": "api", "condition": ""},
                {"key": "code", "operator": "=|", "value": "200", "values": ["200", "204"]},
                {"key": "x", "operator": "~~", "value": "y"},
            ],
        },
        {"name": "Groups", "type": "groupby"},
        {"name": "back", "type": "custom", "query": "a", "regex": "/(?<=x)/"},
    ]
    document = board(
        templating={"list": listed}, __inputs=[{"name": "VAR_PREFIX", "type": "constant", "value": "node_"}]
    )
    made = converted(document, PANELS)
    assert made.document["variables"] == [
        {
            "name": "job",
            "type": "query",
            "hide": "variable",
            "query": "label_values(job)",
            "regex": "/(.*)/",
            "datasource": "prometheus",
            "sort": 1,
            "multi": True,
            "include_all": True,
            "all_value": ".*",
            "current": ["$__all"],
        },
        {"name": "step", "type": "interval", "query": "auto : $__auto,1m,5m", "current": "$__auto"},
        {"name": "prefix", "type": "constant", "query": "node_"},
        {"name": "on", "type": "custom", "query": "yes,no", "current": "no"},
        {
            "name": "Filters",
            "type": "adhoc",
            "datasource": "prometheus",
            "current": ["job|=|api", "code|=__gfp__|200|204"],
        },
        {"name": "back", "type": "custom", "query": "a"},
    ]
    assert [note.field for note in made.notes] == [
        "templating.list[4].filters[2].operator",
        "templating.list[5].type",
    ]


@pytest.mark.parametrize(
    ("week", "notes"),
    [("", []), ("browser", []), ("sunday", []), ("monday", ["weeks begin on Sunday, and not on Monday"])],
)
def test_a_week_that_begins_on_another_day_is_told_of(week: str, notes: list[str]) -> None:
    made = converted(board(weekStart=week, panels=[]), PANELS)
    assert [note.detail for note in made.notes] == notes


def test_the_whole_is_about_times_annotations_and_links() -> None:
    marks = {
        "list": [
            {"builtIn": 1, "datasource": "-- Grafana --", "name": "Annotations & Alerts", "enable": True},
            {"name": "Deploys", "datasource": PROMETHEUS, "expr": "changes(x[1m])", "enable": True},
            {"name": "Logs", "datasource": {"type": "loki", "uid": "l"}, "expr": "{}"},
        ]
    }
    made = converted(
        board(
            graphTooltip=2,
            uid="abc-1",
            time={"from": "now-2d/d", "to": "now"},
            refresh="30s",
            timezone="utc",
            tags=["a"],
            annotations=marks,
        ),
        PANELS,
    )
    document = made.document
    assert (document["dashboard_id"], document["refresh"], document["timezone"], document["tags"]) == (
        "abc-1",
        "30s",
        "utc",
        ["a"],
    )
    assert [(one["name"], one.get("datasource")) for one in document["annotations"]] == [
        ("Annotations & Alerts", None),
        ("Deploys", "prometheus"),
    ]
    assert document["graph_tooltip"] == 2
    assert [note.field for note in made.notes] == ["annotations[2]"]
    head, _ = one("stat", transparent=True, links=[{"title": "More", "url": "/d/more", "targetBlank": True}])
    assert (head["transparent"], head["links"]) == (True, [{"title": "More", "url": "/d/more", "new_tab": True}])
    wrong = converted(board(time={"from": "now", "to": "now-1h"}, refresh="soon", timezone="Mars/Olympus"), PANELS)
    assert [note.field for note in wrong.notes] == ["time", "refresh", "timezone"]


def test_ours_and_what_is_no_dashboard_are_told_apart() -> None:
    assert is_of_grafana(board())
    assert is_of_grafana({"dashboard": board(), "meta": {}})
    assert not is_of_grafana({"title": "Ours", "panels": []})
    with pytest.raises(InvalidError, match="neither panels nor rows"):
        converted({"apiVersion": "x"}, PANELS)


def test_the_kinds_of_sources_are_kinds_that_there_are_and_mean_the_same_everywhere() -> None:
    kinds = kinds_of(*OPEN_KINDS)
    assert set(KINDS.values()) <= set(kinds.names)
    for theirs, ours in KINDS.items():
        assert source_name({"type": theirs}) == ours
    assert {kinds.class_of(KINDS[one]).kind for one in ("mssql", "frser-sqlite-datasource")} == {"sqlalchemy"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_real_dashboard_is_one_of_ours(path: Path) -> None:
    made = converted(json.loads(path.read_text("utf-8")), PANELS)
    PANELS.validate(parse_dashboard(json.loads(json.dumps(made.document))))
    assert sum(counts(made)) == sum(one["type"] != "row" for one in made.document["panels"])
    assert all(note.field and note.detail for note in made.notes)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


def everything() -> dict[str, Any]:
    """A dashboard with something of each kind."""
    defaults = {
        "unit": "s",
        "color": {"mode": "fixed", "fixedColor": "red"},
        "mappings": [{"type": "value", "options": {"1": {"text": "a"}}}],
        "thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": None}]},
        "custom": {"stacking": {"mode": "none"}},
    }
    config = {
        "defaults": defaults,
        "overrides": [{"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": "unit", "value": "s"}]}],
    }
    return board(
        panel(
            "timeseries",
            fieldConfig=config,
            options={"legend": {"calcs": ["mean"]}},
            repeat="x",
            links=[{"url": "/x", "title": "y"}],
        ),
        panel(
            "table",
            id=2,
            fieldConfig={"defaults": {"custom": {"cellOptions": {"type": "gauge"}}}},
            options={"sortBy": [{"displayName": "a"}]},
        ),
        panel("graph", id=3, yaxes=[{"format": "s"}], seriesOverrides=[{"alias": "a"}], legend={"show": True}),
        panel(
            "singlestat",
            id=4,
            valueMaps=[{"value": "0", "text": "a"}],
            thresholds="1,2",
            colors=["red"],
            gauge={"show": True},
        ),
        panel(
            "table-old",
            id=5,
            styles=[{"pattern": "a", "thresholds": ["1"], "colorMode": "cell"}],
            columns=[{"value": "avg"}],
        ),
        {"id": 6, "type": "row", "gridPos": {"y": 3}, "panels": [panel("pie", id=8)]},
        templating={
            "list": [
                {
                    "name": "x",
                    "type": "query",
                    "query": {"query": "a"},
                    "current": {"value": ["a"]},
                    "datasource": PROMETHEUS,
                }
            ]
        },
        annotations={"list": [{"name": "a", "datasource": PROMETHEUS, "expr": "up"}]},
        time={"from": "now-1h", "to": "now"},
        tags=["a"],
        links=[{"title": "a"}],
    )


def disturbed(document: dict[str, Any], place: Sequence[Any], value: Any) -> None:
    """Put a value in the place of another, where that place is still there."""
    inner: Any = document
    with contextlib.suppress(KeyError, TypeError, IndexError):
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = copy.deepcopy(value)


def test_no_value_anywhere_breaks_it() -> None:
    """A dashboard in which one value, then several, are others is still one that may be saved, none of it unsaid."""
    document = everything()
    chooser, every = random.Random(7), [*places(document)]
    for number in range(1200):
        changed = copy.deepcopy(document)
        for place in chooser.sample(every, 1 + number % 4):
            disturbed(changed, place, chooser.choice(BAD))
        if {"panels", "templating", "schemaVersion"} & changed.keys():
            made = converted(changed, PANELS)
            parsed = parse_dashboard(made.document)
            assert sum(counts(made)) == sum(one.type != "row" for one in parsed.panels)
            assert all(note.field and note.detail for note in made.notes)


def test_a_panel_without_a_place_stands_where_grafana_puts_it() -> None:
    beside = {"x": 6, "y": 0, "w": 6, "h": 3}
    unplaced, placed = panel("stat", id=1), panel("stat", id=2, gridPos=beside)
    del unplaced["gridPos"]
    first, second = converted(board(unplaced, placed), PANELS).document["panels"]
    assert first["position"] == {"x": 0, "y": 0, "w": 6, "h": 3}
    assert second["position"] == beside
