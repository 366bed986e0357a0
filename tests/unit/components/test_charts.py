"""Bars, histograms, pies and heatmaps: what each makes of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.panels.buckets import cells_of
from heliograph.components.panels.histogram import round_size
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

REGISTRY = default_registry()
WINDOW = TimeRange(0, 60_000)
TABLE = Frame(
    (
        Field.string("team", ["red", "blue", None]),
        Field.number("won", [3.0, 5.0, 1.0]),
        Field.number("lost", [1.0, 5.0, float("nan")]),
    )
)


def drawn(kind: str, frames: list[Frame], **options: Any) -> Any:
    return REGISTRY.get(kind).columns(REGISTRY.options(kind, options), frames, WINDOW)


def series(name: str, values: list[float], labels: dict[str, str] | None = None) -> Frame:
    return Frame.series([1000.0 * index for index in range(len(values))], values, name=name, labels=labels)


def bucket(bound: str, values: list[float]) -> Frame:
    return series(bound, values, {"le": bound})


# -- bars --------------------------------------------------------------------------------------------------------------


def test_bars_of_series_are_their_reduced_values_largest_first() -> None:
    found = drawn("bar", [series("a", [1, 2]), series("b", [9, 7]), series("c", [3, 3])], sort="-value", limit=2)
    assert found.texts["names"] == ["b", "c"]
    assert found.sources["main"]["v0"].tolist() == [7, 3]
    assert found.texts["notice"] == "2 of 3"


def test_bars_of_a_logarithmic_axis_begin_at_a_power_below_the_smallest() -> None:
    found = drawn("bar", [series("a", [500.0]), series("b", [1.0]), series("c", [-2.0])], log=True)
    assert found.sources["main"]["b0"].tolist() == [0.1, 0.1, 0.1]
    assert found.sources["main"]["s0"].tolist() == [500.0, 1.0, 0.1]
    assert found.texts["log"] is True
    panel = REGISTRY.get("bar")
    for direction, scale in (("vertical", "y_scale"), ("horizontal", "x_scale")):
        options = REGISTRY.options("bar", {"log": True, "direction": direction})
        plot = panel.layout(options, panel.shape(options, [series("a", [1.0])]))
        assert type(getattr(plot, scale)).__name__ == "LogScale"
    assert drawn("bar", [TABLE], log=True, stack="normal").texts["log"] is False


def test_bars_of_a_table_stand_side_by_side() -> None:
    main = drawn("bar", [TABLE]).sources["main"]
    assert main["s0"].tolist() == [3, 5, 1]
    assert np.all(main["x0"] < main["x1"])
    assert (main["x0"] + main["x1"]).tolist() == [0, 2, 4]


def test_stacked_bars_begin_where_those_below_end_and_a_missing_one_adds_nothing() -> None:
    main = drawn("bar", [TABLE], stack="normal").sources["main"]
    assert main["b1"].tolist() == [3, 5, 1]
    assert main["s1"].tolist() == [4, 10, 1]


def test_bars_in_percent_come_to_one() -> None:
    main = drawn("bar", [TABLE], stack="percent").sources["main"]
    assert main["s0"].tolist() == [0.75, 0.5, 1]
    assert main["s1"].tolist() == [1, 1, 1]


def test_bars_below_zero_stack_downwards_of_their_own() -> None:
    rows = Frame(
        (
            Field.string("shop", ["a", "b"]),
            Field.number("in", [5, 5]),
            Field.number("out", [-2, -5]),
            Field.number("more", [3, float("nan")]),
            Field.number("lost", [-1, 0]),
        ),
        is_table=True,
    )
    main = drawn("bar", [rows], stack="normal").sources["main"]
    assert [main[f"s{n}"].tolist() for n in range(4)] == [[5, 5], [-2, -5], [8, 5], [-3, 5]]
    assert [main[f"b{n}"].tolist() for n in range(4)] == [[0, 0], [0, 0], [5, 5], [-2, 5]]
    main = drawn("bar", [rows], stack="percent").sources["main"]
    assert [main[f"s{n}"][1] for n in range(2)] == [1, -1], "a sum of nothing hides neither"


def test_bars_take_colours_from_their_values() -> None:
    thresholds = [{"value": None, "level": "ok"}, {"value": 5, "level": "bad"}]
    found = drawn("bar", [series("a", [1]), series("b", [9])], color_by="value", thresholds=thresholds)
    assert found.sources["main"]["c0"] == ["var(--mark-ok)", "var(--mark-bad)"]


# -- histograms --------------------------------------------------------------------------------------------------------


def test_a_value_on_an_edge_is_in_the_bucket_that_begins_there() -> None:
    main = drawn("histogram", [series("a", [0, 1, 1.5, 2, float("nan")])], bucket_size=1).sources["main"]
    assert main["left"].tolist() == [0, 1, 2]
    assert main["s0"].tolist() == [1, 2, 1]


def test_combined_values_are_counted_together() -> None:
    found = drawn("histogram", [series("a", [1, 1]), series("b", [1, 5])], bucket_size=1, combine=True)
    assert found.sources["main"]["s0"].sum() == 4
    assert [one["name"] for one in found.texts["series"]] == ["All"]


def test_a_tiny_bucket_over_a_wide_range_is_widened() -> None:
    main = drawn("histogram", [series("a", [0, 1e12])], bucket_size=1e-6).sources["main"]
    assert len(main["left"]) <= 500
    assert main["s0"].sum() == 2


@pytest.mark.parametrize(("rough", "size"), [(0.0, 1.0), (3.0, 5.0), (0.21, 0.25), (7e5, 1e6), (1.0, 1.0)])
def test_buckets_have_round_sizes(rough: float, size: float) -> None:
    assert round_size(rough) == pytest.approx(size)


def test_a_histogram_of_nothing_is_empty() -> None:
    assert drawn("histogram", [series("a", [float("nan")])]).sources["main"]["left"].size == 0


# -- pies --------------------------------------------------------------------------------------------------------------


def test_slices_are_the_largest_first_and_small_ones_are_joined() -> None:
    frames = [series(name, [value]) for name, value in (("a", 60.0), ("b", 38.0), ("c", 1.0), ("d", 1.0))]
    slices = drawn("pie", frames).texts["slices"]
    assert [(one["name"], one["share"]) for one in slices] == [("a", 0.6), ("b", 0.38), ("2 others", 0.02)]


def test_a_lone_small_slice_keeps_its_name() -> None:
    slices = drawn("pie", [series("a", [99.5]), series("b", [0.5])]).texts["slices"]
    assert [one["name"] for one in slices] == ["a", "b"]


def test_what_is_not_positive_has_no_slice() -> None:
    slices = drawn("pie", [series("a", [1]), series("b", [-1]), series("c", [0]), series("d", [float("nan")])]).texts[
        "slices"
    ]
    assert [one["name"] for one in slices] == ["a"]


def test_a_slice_keeps_its_colour_when_the_order_changes() -> None:
    def colors(first: float) -> dict[str, str]:
        slices = drawn("pie", [series("a", [first]), series("b", [5])]).texts["slices"]
        return {one["name"]: one["color"] for one in slices}

    assert colors(1) == colors(9)


# -- heatmaps ----------------------------------------------------------------------------------------------------------


def test_cells_are_what_a_bucket_has_beyond_the_one_below_it() -> None:
    cells = cells_of([bucket("1", [2, 3]), bucket("+Inf", [5, 9]), bucket("0.5", [1, 1])], WINDOW)
    assert list(cells.edges) == [0, 0.5, 1, float("inf")]
    assert cells.values.tolist() == [[1, 1, 3], [1, 2, 6]]


def test_a_native_histogram_has_its_numbers_in_each_bucket() -> None:
    frame = Frame((Field.time([0, 1000]), Field.number("1", [4, 5]), Field.number("2", [1, 0])))
    assert cells_of([frame], WINDOW).values.tolist() == [[4, 1], [5, 0]]


def test_raw_values_are_counted_in_round_buckets_and_times() -> None:
    cells = cells_of([series("a", [float(index % 10) for index in range(60)])], WINDOW, kind="values", buckets=10)
    assert cells.values.sum() == 60
    assert cells.step_ms == 1000
    assert cells.edges[0] == 0


def test_many_times_are_joined_to_their_mean() -> None:
    cells = cells_of([bucket("1", [2.0] * 1000), bucket("+Inf", [3.0] * 1000)], WINDOW)
    assert cells.times.size <= 241
    assert cells.values[5].tolist() == [2, 1]


def test_an_empty_cell_is_unknown_so_that_the_ground_shows() -> None:
    columns = drawn("heatmap", [bucket("1", [0, 4]), bucket("+Inf", [2, 4])]).sources["cells"]
    np.testing.assert_array_equal(columns["v"], [np.nan, 2, 4, np.nan])
    assert columns["t"].tolist() == [0, 0, 1000, 1000]


def test_a_bucket_links_with_its_name_and_the_labels_that_its_series_share() -> None:
    links = [{"title": "${__field.name}", "url": "/d/logs?of=${__field.labels.le}&v=${__value.raw}"}]
    by_bound = drawn("heatmap", [bucket("0.5", [1]), bucket("+Inf", [2])], unit="s", links=links).texts["links"]
    assert by_bound == [
        [{"title": "0 s – 500 ms", "href": "/d/logs?of=0.5&v=${__value.raw}", "tab": False}],
        [{"title": "500 ms – ∞", "href": "/d/logs?of=%2BInf&v=${__value.raw}", "tab": False}],
    ]
    counted = drawn("heatmap", [bucket("0.5", [1]), bucket("1", [2])], data="values", links=links).texts["links"]
    assert {link["href"] for row in counted for link in row} == {"/d/logs?of=&v=${__value.raw}"}
    assert drawn("heatmap", [bucket("0.5", [1])]).texts["links"] == []


def test_edges_are_texts_in_the_unit_of_values() -> None:
    found = drawn("heatmap", [bucket("0.5", [1]), bucket("+Inf", [2])], unit="s")
    assert found.texts["edges"] == ["0 s", "500 ms", "∞"]


@pytest.mark.parametrize("value", [1e25, -1e25, 1e300, 1.4e18, 5e-324, 9007199254740993.0])
@pytest.mark.parametrize("spread", [0.0, 1e-16, 1e-3])
def test_buckets_of_the_largest_numbers_hold_all_values(value: float, spread: float) -> None:
    values = [value * (1 + spread * share) for share in (0, 0.3, 1)]
    frame = Frame.series([1000.0, 2000.0, 3000.0], values, name="v")
    counted = drawn("histogram", [frame]).sources["main"]
    assert sum(counted["s0"]) == 3
    assert np.all(np.diff(counted["left"]) > 0)
    cells = cells_of([frame], TimeRange(0, 4000))
    assert (cells.values.sum(), cells.edges[0] <= min(values), max(values) <= cells.edges[-1]) == (3, True, True)
    edges = drawn("heatmap", [frame]).texts["edges"]
    if spread > 1e-10 and value > 1e-300:
        assert (max(map(len, edges)) <= 14, len(set(edges))) == (True, len(edges))


def test_edges_are_short_and_differ() -> None:
    frame = Frame.series([1000.0, 2000.0], [100.0, 100.000001], name="v")
    edges = drawn("heatmap", [frame]).texts["edges"]
    assert len(set(edges)) == len(edges)
    counted = drawn("heatmap", [Frame.series([1000.0, 2000.0], [0.0, 1.4e6], name="v")]).texts["edges"]
    assert (counted[0], counted[-1]) == ("0", "1.5 M")
