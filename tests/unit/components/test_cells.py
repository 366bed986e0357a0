"""What tables, stats, gauges and lanes of states make of frames."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from heliograph.components.delta import plain
from heliograph.components.panels.base import Drawn
from heliograph.components.panels.registry import default_registry
from heliograph.components.panels.states import MAX_CELLS
from heliograph.components.panels.table import LOCAL_ROWS, PAGE_ROWS, Table
from heliograph.components.panels.table_options import TableOptions
from heliograph.components.rows import RowsWanted
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

REGISTRY = default_registry()
WINDOW = TimeRange(0, 10_000)


def drawn(kind: str, frames: list[Frame], **options: Any) -> Drawn:
    return REGISTRY.get(kind).columns(REGISTRY.options(kind, options), frames, WINDOW)


def series(name: str, values: list[float], *, ref: str = "A") -> Frame:
    return Frame.series([1000 * index for index in range(len(values))], values, name=name, ref=ref)


def rows(result: Drawn) -> dict[str, list[Any]]:
    return plain(result.sources["rows"])


# -- tables


def test_a_table_of_series_has_a_row_a_name_and_a_column_a_target() -> None:
    frames = [series("x", [1.0]), series("y", [3.0]), series("x", [2048.0], ref="B")]
    result = drawn("table", frames, sort="-A", columns={"B": {"title": "Memory", "unit": "bytes"}})
    assert [column["title"] for column in result.texts["columns"]] == ["Name", "A", "Memory"]
    found = rows(result)
    assert (found["w0"], found["w1"], found["w2"]) == (["y", "x"], ["3", "1"], ["–", "2 KiB"])
    assert found["c2"] == [None, 2048]


def test_series_of_one_name_have_a_row_each() -> None:
    found = rows(drawn("table", [series("a", [1.0]), series("a", [2.0]), series("b", [3.0])]))
    assert (found["w0"], found["w1"]) == (["a", "a", "b"], ["1", "2", "3"])


def test_a_table_frame_is_shown_in_the_order_asked_for_without_hidden_columns() -> None:
    frame = Frame((Field.string("host", ["b", "a"]), Field.number("n", [1, 2]), Field.number("m", [3, 4])))
    result = drawn("table", [frame], sort="host", order=["m"], columns={"n": {"hidden": True}})
    assert [column["name"] for column in result.texts["columns"]] == ["m", "host"]
    assert rows(result) == {"c0": [4, 3], "w0": ["4", "3"], "c1": ["a", "b"], "w1": ["a", "b"]}


def test_overrides_change_columns_by_name_and_type() -> None:
    frame = Frame((Field.string("host", ["a"]), Field.number("n", [90.0])))
    overrides = [
        {"match": {"type": "number"}, "set": {"unit": "percent", "cell": "gauge", "width": 90, "min": 0, "max": 100}},
        {"match": {"name": "n"}, "set": {"thresholds": [{"value": 80, "level": "bad"}], "display_name": "Used"}},
    ]
    result = drawn("table", [frame], overrides=overrides)
    head = result.texts["columns"][1]
    assert (head["title"], head["cell"], head["width"], head["align"]) == ("Used", "gauge", 90, "right")
    assert rows(result)["w1"] == [["90%", "bad", {"s": 0.9}]]


def test_bars_sparklines_and_colours_are_extras_of_a_cell() -> None:
    frames = [series("x", [0.0, 5.0, 10.0]), series("y", [float("nan"), 2.0, 4.0])]
    (first, second) = rows(drawn("table", frames, columns={"A": {"cell": "sparkline"}}))["w1"]
    assert first == ["10", "base", {"p": [0, 50, 100]}]
    assert second == ["4", "base", {"p": [None, 0, 100]}]
    assert [one[2]["s"] for one in rows(drawn("table", frames, columns={"A": {"bar": True}}))["w1"]] == [1.0, 0.4]
    colored = drawn("table", frames, thresholds=[{"value": 3, "color": "#ff0000"}], cell="color")
    assert rows(colored)["w1"][0][2] == {"c": "#ff0000"}


def test_links_hold_values_escaped_and_nothing_that_runs() -> None:
    frame = Frame((Field.string("host", ["a/b c"]), Field.string("page", ["javascript:alert(1)"])))
    links = [
        {"url": "https://x.example/${__value.raw}?h=${__data.fields.host}", "title": "${__value.text}"},
        {"url": "javascript:alert(1)"},
        {"url": "java\tscript:alert(${__value.raw})"},
        {"url": "${__data.fields.page}"},
    ]
    (words,) = rows(drawn("table", [frame], links=links))["w0"]
    assert [one["href"] for one in words[2]["l"]] == [
        "https://x.example/a%2Fb%20c?h=a%2Fb%20c",
        "javascript%3Aalert%281%29",
    ]
    assert words[2]["l"][0]["title"] == "a/b c"


def test_a_footer_reduces_all_rows_in_the_unit_of_the_column() -> None:
    frame = Frame((Field.string("host", ["a", "b", "c"]), Field.number("n", [1024, 2048, 4096])))
    result = drawn("table", [frame], footer="sum", unit="bytes", limit=2, sort="-n")
    assert result.texts["footer"] == ["Sum", "6 KiB"]
    assert result.texts["notice"] == "2 of 3 rows"


def test_a_footer_is_of_the_rows_that_filters_leave() -> None:
    frame = Frame((Field.number("n", [1, 2, 4]), Field.string("host", ["a", "b", "ab"])))
    table, options = Table(), REGISTRY.options("table", {"footer": "sum"})
    assert isinstance(options, TableOptions)
    data = table.data(options, [frame])
    for filters, footer in (((), ["7", "Sum"]), ((("host", "b"),), ["6", "Sum"]), ((("host", "c"),), ["–", "Sum"])):
        wanted = RowsWanted(filters=filters)
        assert table.page(options, data, table.order(data, wanted), 0)["footer"] == footer


COUNT = 100_000


@pytest.fixture(scope="module")
def long() -> Any:
    names = [None if index % 1000 == 7 else f"Host {index % 977:03}" for index in range(COUNT)]
    values = (np.arange(COUNT) * 7919 % COUNT).astype(float)
    values[13] = np.nan
    frame = Frame((Field.string("host", names), Field.number("n", values)))
    table = Table()
    options = REGISTRY.options("table", {"sort": "n"})
    assert isinstance(options, Table.Options)
    return table, table.data(options, [frame]), drawn("table", [frame], sort="n")


def test_of_a_long_table_a_page_is_drawn_and_the_others_are_asked_for(long: Any) -> None:
    table, data, result = long
    assert COUNT > LOCAL_ROWS
    assert result.texts["pages"] == {"size": PAGE_ROWS, "total": COUNT}
    assert rows(result)["c1"] == list(range(PAGE_ROWS))
    order = table.order(data, RowsWanted(sort="-n"))
    last = table.page(TableOptions(), data, order, 999)
    assert (last["page"], last["pages"], last["total"]) == (999, 1000, COUNT)
    assert last["rows"]["c1"][-2:] == [0, None], "a row without a value is the last, whatever the direction"
    assert table.page(TableOptions(), data, order, 10**9)["page"] == 999


def test_a_long_table_is_sorted_by_texts_whatever_their_case_and_filtered(long: Any) -> None:
    table, data, _ = long
    page = table.page(TableOptions(), data, table.order(data, RowsWanted(sort="host")), 0)
    assert set(page["rows"]["c0"]) == {"Host 000"}
    assert table.page(TableOptions(), data, table.order(data, RowsWanted(sort="-host")), 999)["rows"]["c0"][-1] is None
    wanted = RowsWanted(sort="n", filters=(("host", "hOsT 01"), ("n", "< 5000"), ("gone", "x")))
    found = table.order(data, wanted)
    names, values = data.columns[0].values[found], data.columns[1].values[found]
    assert 0 < found.size < COUNT
    assert all(name.startswith("Host 01") for name in names)
    assert (values < 5000).all()
    assert (np.diff(values) >= 0).all()
    expected = sum(
        1
        for name, value in zip(data.columns[0].values, data.columns[1].values, strict=True)
        if name is not None and "host 01" in name.lower() and value < 5000
    )
    assert found.size == expected


# -- stats and gauges


def test_each_stat_has_its_own_line_on_common_times() -> None:
    result = drawn("stat", [series("b", [1, 2, 3]), series("a", [4, 5, 6])], change=True)
    assert [(one["name"], one["text"], one["change"]) for one in result.texts["stats"]] == [
        ("b", "3", "+200.0%"),
        ("a", "6", "+50.0%"),
    ]
    assert plain(result.sources["main"]) == {"t": [0, 1000, 2000], "s0": [1, 2, 3], "s1": [4, 5, 6]}


def test_a_table_of_names_and_numbers_is_a_value_a_row() -> None:
    frame = Frame((Field.string("disk", ["/", "/var"]), Field.number("used", [10, float("nan")])))
    for kind, key in (("stat", "stats"), ("bargauge", "gauges")):
        result = drawn(kind, [frame], unit="percent")
        assert [(one["name"], one["text"]) for one in result.texts[key]] == [("/", "10"), ("/var", "–")]


def test_a_stat_may_ignore_colours_and_have_one_of_its_own() -> None:
    bad = {"thresholds": [{"value": 1, "level": "bad"}]}
    assert drawn("stat", [series("a", [5])], **bad).texts["stats"][0]["level"] == "bad"
    assert drawn("stat", [series("a", [5])], **bad, color_mode="none").texts["stats"][0]["level"] == "base"
    fixed = drawn("stat", [series("a", [5])], color={"mode": "fixed", "value": "#123456"}).texts["stats"][0]
    assert fixed["color"] == "#123456"


def test_a_gauge_says_its_bounds_and_the_marks_of_its_thresholds() -> None:
    thresholds = [{"value": 80, "level": "warn"}, {"value": 90, "color": "#ff0000"}]
    (one,) = drawn("gauge", [series("a", [75.0])], max=200, unit="percent", thresholds=thresholds).texts["gauges"]
    assert (one["share"], one["low_text"], one["high_text"]) == (0.375, "0%", "200%")
    assert [(mark["share"], mark["level"], mark["color"]) for mark in one["marks"]] == [
        (0.4, "warn", ""),
        (0.45, "base", "#ff0000"),
    ]
    relative = drawn("gauge", [series("a", [75.0])], max=200, thresholds=thresholds, thresholds_mode="percentage")
    assert [mark["share"] for mark in relative.texts["gauges"][0]["marks"]] == [0.8, 0.9]


def test_bars_stand_in_the_order_asked_for_those_without_a_value_last() -> None:
    frames = [series("a", [1.0]), series("b", [float("nan")]), series("c", [3.0])]
    assert [one["name"] for one in drawn("bargauge", frames, sort="-value").texts["gauges"]] == ["c", "a", "b"]
    assert [one["share"] for one in drawn("bargauge", frames, max=2).texts["gauges"]] == [0.5, None, 1.0]


# -- states

MAPPINGS = [{"value": 0, "text": "Normal", "level": "ok"}, {"value": 1, "text": "Down", "level": "bad"}]


def bars(result: Drawn) -> list[tuple[int, float, float, str]]:
    main = plain(result.sources["main"])
    states = [one["text"] for one in result.texts["states"]]
    return [
        (lane, start, end, states[state])
        for lane, start, end, state in zip(main["lane"], main["start"], main["end"], main["state"], strict=True)
    ]


def test_equal_states_that_follow_each_other_are_one_bar() -> None:
    result = drawn("statetimeline", [series("a", [1.0]), series("b", [0, 0, 1, 1, 0])], mappings=MAPPINGS)
    assert result.texts["lanes"] == ["a", "b"]
    assert bars(result) == [
        (0, 0, 1000, "Down"),
        (1, 0, 2000, "Normal"),
        (1, 2000, 4000, "Down"),
        (1, 4000, 5000, "Normal"),
    ]
    assert {one["text"]: one["level"] for one in result.texts["states"]} == {"Normal": "ok", "Down": "bad"}
    assert len(bars(drawn("statetimeline", [series("b", [0, 0, 1])], mappings=MAPPINGS, merge=False))) == 3


def test_lanes_have_links_which_the_page_fills_with_the_value_of_a_bar() -> None:
    links = [{"title": "${__field.name}", "url": "/d/logs?of=${__field.labels.host}&v=${__value.raw}"}]
    host = Frame.series([0, 1000], [1, 0], name="b", labels={"host": "x y"}, ref="A")
    frames = [series("a", [2.5]), host]
    result = drawn("statetimeline", frames, mappings=MAPPINGS, links=links)
    assert result.texts["links"][1] == [{"title": "b", "href": "/d/logs?of=x%20y&v=${__value.raw}", "tab": False}]
    assert plain(result.sources["main"])["raw"] == ["2.5", "1", "0"]
    bare = drawn("statetimeline", frames, mappings=MAPPINGS)
    assert bare.texts["links"] == []
    assert "raw" not in bare.sources["main"]


def test_a_time_without_samples_and_a_missing_value_have_no_data() -> None:
    frame = Frame.series([0, 1000, 2000, 9000, 10_000], [0, 0, 0, 0, float("nan")], name="a")
    assert bars(drawn("statetimeline", [frame], mappings=MAPPINGS)) == [
        (0, 0, 3000, "Normal"),
        (0, 3000, 9000, "No data"),
        (0, 9000, 10_000, "Normal"),
        (0, 10_000, 11_000, "No data"),
    ]
    asleep = [*MAPPINGS, {"special": "null", "text": "Asleep", "level": "info"}]
    assert bars(drawn("statetimeline", [frame], mappings=asleep))[-1][3] == "Asleep"


def test_texts_and_booleans_are_states_too_and_numbers_by_threshold() -> None:
    frame = Frame((Field.time([0, 1000]), Field.string("phase", ["start", "run"]), Field.boolean("up", [True, False])))
    assert [bar[3] for bar in bars(drawn("statetimeline", [frame]))] == ["start", "run", "true", "false"]
    by_threshold = drawn("statetimeline", [series("a", [5, 95])], thresholds=[{"value": 90, "level": "bad"}])
    assert [one["level"] for one in by_threshold.texts["states"]] == ["base", "bad"]


def test_a_status_history_has_a_cell_a_sample_as_long_as_they_can_be_told_apart() -> None:
    assert len(bars(drawn("statushistory", [series("a", [0, 0, 1])], mappings=MAPPINGS))) == 3
    many = bars(drawn("statushistory", [series("a", [0.0] * (3 * MAX_CELLS) + [1.0])], mappings=MAPPINGS))
    assert len(many) <= MAX_CELLS
    assert many[-1][3] == "Down"
    assert all(before[2] == after[1] for before, after in itertools.pairwise(many))


@pytest.mark.parametrize("more", range(4))
def test_a_gap_of_a_status_history_is_no_state_however_many_samples_share_a_cell(more: int) -> None:
    count = 2 * MAX_CELLS + more
    times = [*(5.0 * at for at in range(count)), *(1e6 + 5.0 * at for at in range(count))]
    found = bars(drawn("statushistory", [Frame.series(times, [1.0] * count + [0.0] * count)], mappings=MAPPINGS))
    gaps = [bar for bar in found if bar[3] == "No data"]
    assert [(start, end) for _, start, end, _ in gaps] == [(5.0 * count, 1e6)]
    assert all(state == ("Down" if start < 1e6 else "Normal") for _, start, _, state in found if state != "No data")


def test_a_link_finds_a_column_by_its_place_whatever_it_is_called() -> None:
    frame = Frame((Field.time([1000.0]), Field.string("shop", ["x"]), Field.number("value", [5.0])), is_table=True)
    links = [{"url": "/s?a=${__data.fields[1]}&b=${__data.fields[2]}&c=${__data.fields[2].text}", "title": "t"}]
    (words,) = rows(drawn("table", [frame], links=links, unit="s"))["w2"]
    assert words[2]["l"][0]["href"] == "/s?a=x&b=5%20s&c=5"
