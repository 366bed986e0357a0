"""Elasticsearch's queries without a server: names of indices, Grafana's targets, metrics along the time, Lucene."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from heliograph.datasources.sources.elastic_frames import columns_of
from heliograph.datasources.sources.elastic_index import checked, names_of, path_of
from heliograph.datasources.sources.elastic_query import filled, parse
from heliograph.datasources.sources.elastic_request import aggregated
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import InvalidError

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")


def range_of(start: str, end: str) -> TimeRange:
    moments = (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in (start, end))
    return TimeRange(*(int(one * 1000) for one in moments))


@pytest.mark.parametrize(
    ("pattern", "start", "end", "names"),
    [
        ("logs-*", "2024-01-01", "2024-02-01", ["logs-*"]),
        ("a,b-*", "2024-01-01", "2024-02-01", ["a", "b-*"]),
        (
            "[logs-]YYYY.MM.DD",
            "2024-02-28T23:00",
            "2024-03-01T01:00",
            ["logs-2024.02.28", "logs-2024.02.29", "logs-2024.03.01"],
        ),
        ("[logs-]YYYY.MM.DD", "2024-03-01T05:00", "2024-03-01T06:00", ["logs-2024.03.01"]),
        (
            "[logs-]YYYY.MM.DD.HH",
            "2024-03-01T22:59",
            "2024-03-02T00:01",
            ["logs-2024.03.01.22", "logs-2024.03.01.23", "logs-2024.03.02.00"],
        ),
        ("[logs-]YYYY.MM", "2023-12-31", "2024-01-01", ["logs-2023.12", "logs-2024.01"]),
        ("[logs-]YYYY[-x]", "2023-12-31", "2024-01-01", ["logs-2023-x", "logs-2024-x"]),
        ("[logs-]GGGG.WW", "2024-12-29", "2024-12-31", ["logs-2024.52", "logs-2025.01"]),
        (
            "[logs-]YYYY.MM.DD",
            "2024-01-01",
            "2024-04-30",
            ["logs-2024.01.*", "logs-2024.02.*", "logs-2024.03.*", "logs-2024.04.*"],
        ),
        ("[logs-]YYYY.MM.DD.HH", "2024-01-01", "2024-01-04", [f"logs-2024.01.0{day}.*" for day in (1, 2, 3, 4)]),
    ],
)
def test_an_index_with_dates_is_one_for_each(pattern: str, start: str, end: str, names: list[str]) -> None:
    assert list(names_of(checked(pattern, "$"), range_of(start, end))) == names


def test_a_range_without_end_names_few_indices() -> None:
    names = names_of("[logs-]YYYY.MM.DD.HH", TimeRange(0, 4_102_444_800_000))
    assert len(names) <= 131
    assert all(name.endswith("*") for name in names)


@pytest.mark.parametrize(
    "pattern",
    ["", "a/b", "..", ".", "a?x", "a#", "_cat", "-a", "<a-{now}>", "a b", "a,", "%2e", "[_x]YYYY", "[a/]YYYY.MM", "+a"],
)
def test_what_cannot_stand_in_a_path_is_no_index(pattern: str) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(pattern, "$.options.index")
    assert refused.value.path == "$.options.index"


def test_a_name_is_encoded() -> None:
    assert path_of("lögs-*,other:x", TimeRange(0, 0)) == "l%C3%B6gs-*,other:x"


def test_lucene_stands_where_a_query_stands() -> None:
    query = {
        "query": "a:$x",
        "by": [{"type": "filters", "filters": {"own": "b:$x", "$x": "c"}}, {"type": "terms", "field": "$x"}],
    }
    made = filled(query, {"x": Chosen(["u OR v"], single=True)})
    assert made["query"] == r"a:u\ OR\ v"
    assert made["by"][0]["filters"] == {"own": r"b:u\ OR\ v", "$x": "c"}
    assert made["by"][1]["field"] == "u OR v"


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"metrics": [{"type": "avg"}]}, "$.query.metrics.0.avg.field"),
        ({"metrics": [{"type": "count"}, {"type": "count"}]}, "$.query"),
        ({"metrics": [{"type": "derivative", "of": "nothing"}]}, "$.query"),
        ({"metrics": [{"type": "count"}, {"type": "derivative", "of": "count"}], "by": []}, "$.query"),
        ({"by": [{"type": "terms", "field": "a", "size": 0}]}, "$.query.by.0.terms.size"),
        ({"by": [{"type": "date_histogram", "interval": "soon"}]}, "$.query.by.0.date_histogram.interval"),
        ({"by": [{"type": "date_histogram", "zone": "x'y"}]}, "$.query.by.0.date_histogram.zone"),
        ({"by": [{"type": "date_histogram"}, {"type": "date_histogram"}]}, "$.query"),
        ({"documents": -1}, "$.query.documents"),
        ({"size": 5}, "$.query.size"),
        ("status:500", "$.query"),
    ],
)
def test_a_query_that_cannot_be_names_the_field(query: Any, path: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parse(query)
    assert refused.value.path == path


def test_terms_are_ordered_by_a_metric_of_the_query() -> None:
    wanted = parse({"by": [{"type": "terms", "field": "a", "order": "nothing"}]})
    with pytest.raises(InvalidError):
        aggregated(wanted, "@timestamp", TimeRange(0, 1), 1.0, 30.0)


def test_a_bucket_without_a_value_has_no_difference_to_its_neighbours() -> None:
    wanted = parse({"metrics": [{"type": "avg", "field": "a"}, {"type": "derivative", "of": "avg"}]})
    values = (1.0, None, 4.0, 6.0)
    rows = [(({"key": at},), {"doc_count": 1, "m0": {"value": value}}) for at, value in enumerate(values)]
    _, made = columns_of(rows, wanted)
    assert [None if value != value else value for value in made.values] == [None, None, None, 2.0]  # noqa: PLR0124


# ---- Grafana's targets


def test_a_target_of_grafana_is_a_query_of_ours() -> None:
    target = {
        "alias": "{{term service}} {{metric}}",
        "bucketAggs": [
            {
                "field": "service",
                "id": "3",
                "settings": {"order": "desc", "orderBy": "1", "size": "5", "min_doc_count": "1"},
                "type": "terms",
            },
            {
                "field": "@timestamp",
                "id": "2",
                "settings": {"interval": "auto", "min_doc_count": "0"},
                "type": "date_histogram",
            },
        ],
        "metrics": [
            {"field": "took", "id": "1", "type": "avg"},
            {
                "field": "1",
                "id": "4",
                "pipelineAgg": "1",
                "settings": {"window": "3", "script": "MovingFunctions.max(values)"},
                "type": "moving_fn",
            },
            {
                "id": "5",
                "type": "bucket_script",
                "pipelineVariables": [{"name": "a", "pipelineAgg": "1"}],
                "settings": {"script": "params.a * 2"},
            },
        ],
        "query": "status:500",
        "timeField": "@timestamp",
    }
    made = parse(target)
    assert (made.query, made.legend) == ("status:500", "{{service}} {{metric}}")
    assert [one.type for one in made.metrics] == ["avg", "moving_fn", "bucket_script"]
    assert [one.type for one in made.by] == ["terms", "date_histogram"]
    assert made.model_dump()["by"][0]["order"] == "1"
    assert made.model_dump()["metrics"][1]["function"] == "max"
    assert made.model_dump()["metrics"][2]["expression"] == "a * 2"
    logs = parse(
        {"metrics": [{"id": "1", "type": "logs", "settings": {"limit": "200"}}], "bucketAggs": [], "query": ""}
    )
    assert (logs.documents, logs.show) == (200, "logs")


def targets() -> Iterator[Mapping[str, Any]]:
    for file in sorted(Path(CORPUS).glob("dashboards/elasticsearch*.json")):
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            yield from panel.get("targets", ())


@pytest.mark.skipif(not CORPUS, reason="HELIOGRAPH_TEST_CORPUS names no corpus of dashboards")
def test_the_targets_of_real_dashboards_are_queries_or_say_what_they_lack() -> None:
    lacking = []
    for target in targets():
        try:
            wanted = parse(target)
            assert wanted.documents or aggregated(wanted, "@timestamp", TimeRange(0, 60_000), 60.0, 30.0)
        except InvalidError as error:
            lacking.append(error.detail)
    assert lacking == ["buckets of geohash_grid have no counterpart"]
