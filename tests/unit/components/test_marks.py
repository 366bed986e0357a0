"""Marks of frames: runs of a series, rows of a table, their words; and the queries of Grafana's dashboards as ours."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from heliograph.components.annotation_spec import AnnotationQuery
from heliograph.components.marks import marks_of
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

T = 1_700_000_000_000
RANGE = TimeRange(T, T + 600_000)
NAN = float("nan")


def query(**fields: Any) -> AnnotationQuery:
    return AnnotationQuery(**{"name": "q", "query": "x", **fields})


def series(values: list[float], *, step_ms: int = 10_000, **labels: str) -> Frame:
    return Frame.series([T + step_ms * index for index in range(len(values))], values, name="up", labels=labels)


def spans(frame: Frame, **fields: Any) -> list[tuple[int, int]]:
    return [((one.time - T) // 1000, (one.end - T) // 1000) for one in marks_of(query(**fields), [frame], RANGE, 10)]


# -- series ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 0], [(10, 10)]),
        ([0, 1, 2, 3, 0, 1], [(10, 30), (50, 50)]),
        ([1, NAN, 1], [(0, 0), (20, 20)]),
        ([NAN, 0, NAN], []),
        ([-1, -1], [(0, 10)]),
        ([float("inf"), 1], [(10, 10)]),
        ([], []),
    ],
)
def test_a_series_is_marked_where_it_is_not_zero_and_runs_are_regions(
    values: list[float], expected: list[tuple[int, int]]
) -> None:
    assert spans(series(values)) == expected


def test_points_that_are_missing_part_two_regions() -> None:
    frame = Frame.series([T, T + 10_000, T + 40_000, T + 50_000], [1, 1, 1, 1])
    assert spans(frame) == [(0, 10), (40, 50)]


def test_values_may_be_the_times_themselves() -> None:
    assert spans(series([T + 5000, T + 5000, T + 9000, 0, NAN]), value_is_time=True) == [(5, 5), (9, 9)]


def test_titles_texts_and_tags_come_from_labels() -> None:
    frame = series([1], job="api", zone="eu,de")
    said = query(title_format="Reload of {{job}}", text_format="in {{ zone }}{{nothing}}", tag_keys=["zone", "job"])
    (mark,) = marks_of(said, [frame], RANGE, 10)
    assert (mark.title, mark.text, mark.tags) == ("Reload of api", "in eu,de", ("eu", "de", "api"))
    assert marks_of(query(), [frame], RANGE, 10)[0].text == "job=api, zone=eu,de"
    assert marks_of(query(), [series([1])], RANGE, 10)[0].text == "up"


def test_a_column_of_rows_that_are_only_numbers_is_a_series_called_as_it_is() -> None:
    frame = Frame((Field.time([T, T + 10_000, T + 20_000]), Field.number("Load above 2", [0, 1, 1])))
    (mark,) = marks_of(query(), [frame], RANGE, 10)
    assert (mark.text, mark.time, mark.end) == ("Load above 2", T + 10_000, T + 20_000)


# -- rows ------------------------------------------------------------------------------------------------------------


def table(**columns: Any) -> Frame:
    made = []
    for name, values in columns.items():
        if name == "time" and isinstance(values[0], int):
            made.append(Field.time(values, name))
        elif all(isinstance(value, (int, float)) for value in values):
            made.append(Field.number(name, values))
        else:
            made.append(Field.string(name, values))
    return Frame(tuple(made))


def test_rows_are_marks_by_the_names_of_their_columns() -> None:
    rows = table(
        time=[T + 1000, T + 2000], timeEnd=[T + 5000, NAN], title=["a", None], text=["<b>", "t"], tags=["x, y", ""]
    )
    one, two = marks_of(query(), [rows], RANGE, 10)
    assert one.as_json() == {
        "time": T + 1000,
        "end": T + 5000,
        "title": "a",
        "text": "<b>",
        "tags": ("x", "y"),
    }
    assert two.as_json() == {"time": T + 2000, "text": "t"}


def test_columns_may_have_any_names_and_times_may_be_seconds() -> None:
    rows = table(at=[T / 1000 + 3], until=[T / 1000 + 4], what=["deploy"], labels=["v1"])
    fields = {"time": "at", "time_end": "UNTIL", "text": "what", "tags": "labels"}
    (mark,) = marks_of(query(fields=fields), [rows], RANGE, 10)
    assert (mark.time, mark.end, mark.text, mark.tags) == (T + 3000, T + 4000, "deploy", ("v1",))


@pytest.mark.parametrize(
    ("number", "word"),
    [(48192734.0, "48192734"), (1234567.0, "1234567"), (1234568.0, "1234568"), (-0.5, "-0.5"), (2.0**53, str(2**53))],
)
def test_a_number_is_said_with_all_of_its_digits(number: float, word: str) -> None:
    rows = table(time=[T], what=["deploy"], text=[number], tags=[number])
    (mark,) = marks_of(query(title_format="build {{text}}"), [rows], RANGE, 10)
    assert (mark.title, mark.text, mark.tags) == (f"build {word}", word, (word,))


def test_a_number_that_no_float_holds_is_said_as_its_source_wrote_it() -> None:
    id_ = Field.number("text", [6951419298100303058.0], exact=["6951419298100303058"])
    (mark,) = marks_of(query(), [Frame((Field.time([T], "time"), Field.string("what", ["x"]), id_))], RANGE, 10)
    assert mark.text == "6951419298100303058"


def test_times_alone_with_an_end_are_regions_not_a_series() -> None:
    assert spans(table(time=[T], time_end=[T + 7000])) == [(0, 7)]


def test_rows_without_a_time_are_no_marks() -> None:
    assert marks_of(query(), [table(text=["a"]), table(time=["soon"], text=["b"])], RANGE, 10) == ()


def test_the_first_texts_are_said_where_no_column_is_known() -> None:
    (mark,) = marks_of(query(), [table(time=[T], event=["started"])], RANGE, 10)
    assert mark.text == "started"


def test_the_newest_are_kept_what_is_outside_is_not_and_equal_ones_are_one() -> None:
    rows = table(time=[T - 1, T + 3, T + 2, T + 2, T + 1, T + 700_000], text=["a", "d", "c", "c", "b", "e"])
    assert [mark.text for mark in marks_of(query(limit=2), [rows], RANGE, 10)] == ["c", "d"]


# -- the queries of a dashboard --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queries", "path", "said"),
    [
        ([{"name": "a"}], "$.annotations[0].query", "what is asked"),
        ([{"name": "a", "builtin": True, "query": "x"}], "$.annotations[0]", "no query"),
        ([{"name": "a", "query": "x", "color": "url(x)"}], "$.annotations[0].color", "a colour such as"),
        ([{"name": "a", "query": "x", "interval": "often"}], "$.annotations[0].interval", "a duration"),
        ([{"name": "a", "query": "x", "enabled": True}], "$.annotations[0].enabled", "no field of this name"),
        ([{"name": "a", "query": "x"}, {"name": "a", "query": "y"}], "$.annotations", "the same name"),
        ([{"name": "a", "builtin": True}, {"name": "b", "builtin": True}], "$.annotations", "are builtin"),
        ({"list": ["x"]}, "$.annotations[0]", "an object"),
    ],
)
def test_a_wrong_annotation_query_is_refused_by_its_path(queries: Any, path: str, said: str) -> None:
    with pytest.raises(InvalidError, match=said) as refused:
        parse_dashboard({"title": "t", "annotations": queries})
    assert refused.value.path == path


GRAFANA = {
    "list": [
        {"builtIn": 1, "datasource": "-- Grafana --", "hide": True, "iconColor": "rgba(0, 211, 255, 1)", "name": "A"},
        {
            "datasource": {"type": "prometheus", "uid": "${DS_PROMETHEUS}"},
            "enable": False,
            "expr": "changes(x[1m])",
            "iconColor": "purple-ish",
            "name": "Reloads",
            "step": "30s",
            "tagKeys": "job, zone",
            "titleFormat": "Reload",
            "useValueForTime": "",
        },
        {
            "datasource": {"type": "grafana", "uid": "-- Grafana --"},
            "filter": {"exclude": True, "ids": [3]},
            "name": "Reloads",
            "target": {"limit": 20, "matchAny": True, "tags": ["a", "b"], "type": "tags"},
        },
        {
            "datasource": "db",
            "mappings": {"timeEnd": {"source": "field", "value": "until"}, "text": {"source": "skip"}},
            "name": "SQL",
            "rawQuery": "select 1",
            "timeField": "at",
        },
    ]
}


def test_grafanas_own_list_is_taken() -> None:
    found = parse_dashboard({"title": "t", "annotations": GRAFANA}).annotations
    assert [one.model_dump(exclude_defaults=True) for one in found] == [
        {"name": "A", "builtin": True, "hide": True, "color": "rgba(0, 211, 255, 1)"},
        {
            "name": "Reloads",
            "datasource": "prometheus",
            "query": "changes(x[1m])",
            "interval": "30s",
            "enable": False,
            "title_format": "Reload",
            "tag_keys": ["job", "zone"],
        },
        {
            "name": "Reloads 2",
            "datasource": "heliograph",
            "query": {"kind": "annotations", "tags": ["a", "b"], "match_any": True, "limit": 20},
            "filter": {"exclude": True, "ids": [3]},
        },
        {"name": "SQL", "datasource": "db", "query": "select 1", "fields": {"time": "at", "time_end": "until"}},
    ]


def test_the_specs_of_version_2_are_taken() -> None:
    spec = {
        "builtIn": False,
        "name": "Restarts",
        "query": {"kind": "DataQuery", "group": "prometheus", "spec": {"expr": "up == 0"}, "datasource": {"name": "p"}},
    }
    found = parse_dashboard({"title": "t", "annotations": [{"kind": "AnnotationQuery", "spec": spec}]}).annotations
    assert [(one.name, one.datasource, one.query) for one in found] == [("Restarts", "p", "up == 0")]


def test_what_was_taken_reads_the_same_when_it_comes_back() -> None:
    kept = parse_dashboard({"title": "t", "annotations": GRAFANA}).model_dump(mode="json", exclude_unset=True)
    assert parse_dashboard(kept).annotations == parse_dashboard({"title": "t", "annotations": GRAFANA}).annotations


def corpus() -> list[Path]:
    folder = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
    return sorted(Path(folder, "dashboards").glob("*.json")) if folder else []


@pytest.mark.skipif(not corpus(), reason="HELIOGRAPH_TEST_CORPUS names no folder of dashboards")
def test_the_annotation_queries_of_every_dashboard_of_the_corpus_are_taken() -> None:
    taken = 0
    for path in corpus():
        document = json.loads(path.read_text("utf-8"))
        theirs = document.get("annotations") or document.get("spec", {}).get("annotations")
        if not theirs:
            continue
        ours = parse_dashboard({"title": path.stem, "annotations": theirs}).annotations
        expected = [entry.get("spec", entry) for entry in (theirs if isinstance(theirs, list) else theirs["list"])]
        assert [one.name for one in ours] == [one["name"] for one in expected], path.name
        assert [one.enable for one in ours] == [one.get("enable", True) for one in expected], path.name
        assert [one.builtin for one in ours] == [bool(one.get("builtIn")) for one in expected], path.name
        assert all(one.builtin or one.query for one in ours), path.name
        taken += len(ours)
    assert taken > 10
