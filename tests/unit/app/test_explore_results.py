"""What explore makes of an answer of the API."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from math import isfinite
from typing import Any

import pytest

from heliograph.app.work.api import told
from heliograph.app.work.applications import own_url
from heliograph.app.work.chart import chart
from heliograph.app.work.results import MAX_CELLS, MAX_LINES, MAX_ROWS, MAX_TEXT, fitting_rows, name_of, result_of
from heliograph.components.theme import series_color

START_S = 1_710_320_000  # 2024-03-13 08:53:20 UTC


def points(count: int, start_s: int = START_S) -> list[dict[str, Any]]:
    return [{"timestamp": start_s + index, "value": index / 10} for index in range(count)]


def one(data: list[dict[str, Any]], labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {"series": [{"name": "", "labels": labels or {}, "data": data}]}


def test_one_series_is_a_line_and_rows_with_the_newest_first() -> None:
    result = result_of(one(points(3), {"__name__": "up", "job": "api"}), UTC)
    assert [line.name for line in result.lines] == ['up{job="api"}']
    assert result.lines[0].times.tolist() == [(START_S + index) * 1000 for index in range(3)]
    assert result.table.columns == ("Time", 'up{job="api"}')
    assert list(result.table.rows) == [
        ("2024-03-13 08:53:22", 0.2),
        ("2024-03-13 08:53:21", 0.1),
        ("2024-03-13 08:53:20", 0.0),
    ]
    assert not result.table.cut


def test_times_are_those_of_the_zone() -> None:
    result = result_of(one(points(1)), timezone(timedelta(hours=2)))
    assert result.table.rows[0][0] == "2024-03-13 10:53:20"


def test_series_meet_at_equal_times_and_have_gaps_elsewhere() -> None:
    late = {"name": "b", "labels": {}, "data": points(2, START_S + 1)}
    gap = {"name": "a", "labels": {}, "data": [{"timestamp": START_S, "value": None}, *points(1, START_S + 1)]}
    result = result_of({"series": [gap, late]}, UTC)
    assert [row[1:] for row in result.table.rows] == [(None, 0.1), (0.0, 0.0), (None, None)]


def test_lines_are_drawn_as_a_time_series_panel_draws_them() -> None:
    evil = "<img src=x onerror=window.hacked=1>"
    later = {"name": evil, "labels": {}, "data": points(2, START_S + 1)}
    gap = {"name": "gap", "labels": {}, "data": [*points(1), {"timestamp": START_S + 1, "value": None}]}
    lines = result_of({"series": [gap, later]}, UTC).lines
    plot, legend = chart(lines, (START_S * 1000, START_S * 1000 + 5000))
    assert [renderer.name for renderer in plot.renderers] == ["gap", evil], "as the tooltip calls them"
    for renderer, line in zip(plot.renderers, lines, strict=True):
        data = renderer.data_source.data
        drawn = dict(zip(data["t"], data[renderer.glyph.y.field], strict=True))
        assert {at: value for at, value in drawn.items() if isfinite(value)} == {
            at: value for at, value in zip(line.times, line.values, strict=True) if isfinite(value)
        }
    assert (plot.x_range.start, plot.x_range.end) == (START_S * 1000, START_S * 1000 + 5000)
    assert f'style="background:{series_color(1)}"' in legend
    assert evil not in legend


def test_of_many_series_some_are_left_out() -> None:
    series = [{"name": f"s{index}", "labels": {}, "data": points(2)} for index in range(MAX_LINES + 7)]
    result = result_of({"series": [*series, {"name": "empty", "labels": {}, "data": []}]}, UTC)
    assert (len(result.lines), result.series) == (MAX_LINES, MAX_LINES + 7)


def test_a_long_series_shows_its_newest_rows() -> None:
    result = result_of(one(points(MAX_ROWS + 5)), UTC)
    assert (len(result.table.rows), result.table.total, result.table.cut) == (MAX_ROWS, MAX_ROWS + 5, True)
    assert result.table.rows[0][1] == (MAX_ROWS + 4) / 10


def test_a_table_is_cut_by_rows_and_by_cells() -> None:
    answer = {"columns": [{"name": "n", "type": "number"}], "rows": [[index] for index in range(MAX_ROWS + 1)]}
    result = result_of(answer, UTC)
    assert (len(result.table.rows), result.table.total, result.lines) == (MAX_ROWS, MAX_ROWS + 1, ())
    assert fitting_rows(100) == MAX_CELLS // 100
    assert fitting_rows(10**9) == 1


def test_cells_are_numbers_and_texts_that_are_not_too_long() -> None:
    answer = {
        "columns": [{"name": "a" * 500, "type": "string"}, {"name": "t", "type": "time"}],
        "rows": [
            ["x" * 500, START_S * 1000],
            [None, None],
            [{"k": [1]}, START_S * 1000 + 5],
            [True, 0],
            [0.1 + 0.2, 0],
        ],
    }
    table = result_of(answer, UTC).table
    assert len(table.columns[0]) == MAX_TEXT + 1
    assert len(table.rows[0][0]) == MAX_TEXT + 1
    assert [row[0] for row in table.rows[1:]] == [None, '{"k": [1]}', "true", 0.3]
    assert [row[1] for row in table.rows[:3]] == ["2024-03-13 08:53:20", None, "2024-03-13 08:53:20.005"]


def test_an_answer_says_what_is_wrong_with_it() -> None:
    answer = {"series": [], "stale": {"age_s": 12.4}, "partial": True, "warnings": ["w"]}
    result = result_of(answer, UTC)
    assert result.notes == ("the source is away; this is 12 s old", "the answer is not complete", "w")
    assert (len(result.lines), result.table.total) == (0, 0)


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ({"labels": {}}, "value"),
        ({"name": "load", "labels": {}}, "load"),
        ({"name": "user", "labels": {"mode": "user"}}, "user"),
        ({"name": "cpu", "labels": {"mode": "user", "cpu": "0"}}, 'cpu{mode="user", cpu="0"}'),
        ({"labels": {"__name__": "up"}}, "up"),
        (
            {"name": "cpu=0, mode=nice", "labels": {"cpu": "0", "instance": "vm", "mode": "nice"}},
            "cpu=0, mode=nice",
        ),
    ],
)
def test_a_series_is_named_by_its_labels(series: dict[str, Any], name: str) -> None:
    assert name_of(series) == name


def test_a_problem_names_the_place_in_the_request() -> None:
    assert told({"detail": "no such time", "path": "$.from"}) == "no such time ($.from)"
    assert told({"detail": "no such time"}) == "no such time"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://[::1]:1"),
        ("10.0.0.1", "http://10.0.0.1:1"),
    ],
)
def test_the_view_role_is_asked_on_this_machine(host: str, url: str) -> None:
    assert own_url(host, 1) == url
