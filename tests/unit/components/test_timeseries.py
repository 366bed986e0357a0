"""Time series: which series share times, what stacks are made of, what overrides change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.panels.grids import groups_of, stacked
from heliograph.components.panels.plots import AxisUnit, least_interval, value_axis
from heliograph.components.panels.registry import default_registry
from heliograph.components.panels.timeseries import MOST_PARTS, Shape
from heliograph.components.panels.timeseries_options import reach_ms
from heliograph.datasources.buckets import Buckets, marked
from heliograph.datasources.frame import Frame
from heliograph.datasources.joining import crop
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

REGISTRY = default_registry()
TYPE = REGISTRY.get("timeseries")
WINDOW = TimeRange(0, 10_000)
GRID = np.arange(0.0, 100_000, 1000)


def frame(name: str, values: list[float], *, step: int = 1000, ref: str = "A") -> Frame:
    return Frame.series([step * index for index in range(len(values))], values, name=name, ref=ref)


def labelled(labels: dict[str, str]) -> Frame:
    return Frame.series([0, 1000], [1.0, 2.0], name="v", labels=labels)


def shape(frames: list[Frame], **options: Any) -> Shape:
    found = TYPE.shape(REGISTRY.options("timeseries", options), frames)
    assert isinstance(found, Shape)
    return found


def drawn(frames: list[Frame], **options: Any) -> Any:
    return TYPE.columns(REGISTRY.options("timeseries", options), frames, WINDOW)


def override(match: dict[str, str], **settings: Any) -> dict[str, Any]:
    return {"match": match, "set": settings}


@pytest.mark.parametrize(
    ("times", "groups"),
    [
        ([GRID, GRID], [0, 0]),
        ([GRID, GRID[20:]], [0, 0]),
        ([GRID, np.delete(GRID, [3, 40])], [0, 0]),
        ([GRID, GRID[::4]], [0, 1]),
        ([GRID, GRID + 317, GRID], [0, 1, 0]),
        ([np.empty(0), GRID], [0, 0]),
    ],
)
def test_series_on_one_grid_share_a_source_and_others_have_their_own(times: list[Any], groups: list[int]) -> None:
    assert groups_of(times) == groups


def test_thinned_series_are_not_padded_with_the_times_of_each_other() -> None:
    random = np.random.default_rng(1)
    frames = [Frame.series(np.sort(random.uniform(0, 1e6, 200)), np.ones(200), name=f"s{index}") for index in range(9)]
    assert sum(len(columns["t"]) * (len(columns) - 1) for columns in drawn(frames).sources.values()) < 9 * 230


def test_a_stack_lies_on_the_line_between_a_series_own_points_and_never_beyond_them() -> None:
    times, (fine, coarse) = stacked(
        [np.array([0.0, 1, 2, 3, 4]), np.array([1.0, 3])], [np.arange(5.0), np.array([10.0, 30])]
    )
    assert times.tolist() == [0, 1, 2, 3, 4]
    assert fine.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(coarse, [np.nan, 10, 20, 30, np.nan])


def test_a_stack_does_not_go_over_a_missing_value() -> None:
    _, (_, holed) = stacked([np.arange(5.0), np.arange(0.0, 4)], [np.arange(5.0), np.array([1.0, np.nan, 3, 4])])
    np.testing.assert_array_equal(holed, [1, np.nan, 3, 4, np.nan])


def test_an_override_moves_a_series_to_the_right_axis_with_its_own_unit() -> None:
    frames = [frame("busy", [1, 2]), frame("sent", [3, 4], ref="B")]
    found = shape(
        frames, unit="percent", overrides=[override({"target": "B"}, axis="right", unit="Bps", dash="dotted")]
    )
    assert [(one.axis, one.dash) for one in found.styles] == [("left", "solid"), ("right", "dotted")]
    assert (found.left.unit, found.right and found.right.unit) == ("percent", "Bps")
    assert [one["unit"] for one in drawn(frames, unit="percent").texts["series"]] == ["percent", "percent"]


def test_an_override_hides_a_series_and_renames_another() -> None:
    overrides = [override({"name": "a"}, hide=True), override({"regex": "/^b/"}, display_name="second")]
    found = drawn([frame("a", [1]), frame("b1", [2]), frame("c", [3])], overrides=overrides)
    assert [one["name"] for one in found.texts["series"]] == ["second", "c"]


def test_a_colour_that_depends_on_values_is_a_text_and_changes_no_layout() -> None:
    options = {
        "color": {"mode": "thresholds"},
        "thresholds": [{"value": None, "level": "ok"}, {"value": 5, "level": "bad"}],
    }
    low, high = [frame("a", [1, 2])], [frame("a", [1, 9])]
    assert shape(low, **options) == shape(high, **options)
    colors = [drawn(frames, **options).texts["series"][0]["color"] for frames in (low, high)]
    assert colors[0] != colors[1]


def test_the_eleventh_series_begins_again_with_a_dash() -> None:
    styles = shape([frame(f"s{index:02d}", [1, 2]) for index in range(11)]).styles
    assert len({style.color for style in styles}) == 11
    assert (styles[9].dash, styles[10].dash) == ("solid", "dashed")


def test_thresholds_in_percent_are_values_between_the_bounds() -> None:
    found = drawn([frame("a", [1])], min=0, max=200, thresholds_mode="percentage", thresholds=[{"value": 50}])
    assert [one["value"] for one in found.texts["thresholds"]] == [100.0]


def test_a_limit_keeps_the_largest_and_says_so() -> None:
    found = drawn([frame(name, [value]) for name, value in (("a", 1.0), ("b", 9.0), ("c", 5.0))], limit=2)
    assert [one["name"] for one in found.texts["series"]] == ["b", "c"]
    assert found.texts["notice"] == "top 2 of 3 series by mean"


def test_series_tell_the_labels_that_part_them_and_no_others() -> None:
    labels = [{"cpu": str(index), "mode": "idle", "host": "a"} for index in range(MOST_PARTS + 1)]
    labels[0] = {"cpu": "0", "host": "a"}
    found = drawn([labelled(one) for one in labels])
    assert [one["labels"] for one in found.texts["series"]][:2] == [{"mode": ""}, {"mode": "idle"}]
    few = drawn([labelled(one) for one in labels[:3]]).texts["series"]
    assert [one["labels"]["cpu"] for one in few] == ["0", "1", "2"]
    assert "labels" not in drawn([labelled(labels[0])]).texts["series"][0]


@pytest.mark.parametrize(("text", "reach"), [("gap", 0), ("connect", -1), ("5m", 300_000), ("30s", 30_000)])
def test_gaps_are_left_or_joined_up_to_a_time(text: str, reach: float) -> None:
    assert reach_ms(text) == reach


@pytest.mark.parametrize(
    "options", [{"nulls": "sometimes"}, {"stack": "sideways"}, {"overrides": [override({"name": "a"}, limit=3)]}]
)
def test_an_option_that_means_nothing_is_a_fault_with_its_path(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        REGISTRY.options("timeseries", options)
    assert (caught.value.path or "").startswith(f"$.options.{next(iter(options))}")


def test_a_stack_may_still_be_written_as_true() -> None:
    assert REGISTRY.options("timeseries", {"stack": True}).stack == "normal"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("unit", "decimals", "least"),
    [
        ("short", 0, 1.0),
        ("none", 2, 0.01),
        ("percentunit", 1, 0.001),
        ("celsius", 1, 0.1),
        ("short", None, 0.0),
        ("s", 0, 0.0),
    ],
)
def test_labels_of_an_axis_are_no_closer_than_its_decimals_tell_apart(
    unit: str, decimals: int | None, least: float
) -> None:
    assert least_interval(AxisUnit(unit, decimals)) == pytest.approx(least)
    axis = value_axis(AxisUnit(unit, decimals))
    assert axis.ticker.min_interval == pytest.approx(least)


def test_points_that_are_unfinished_are_said_by_column_where_they_are_to_be_seen() -> None:
    open_, over = frame("a", [1, 2]), frame("b", [1, 2])
    (open_,) = marked((open_,), Buckets(1000.0), 1000.0)
    assert drawn([over, open_]).texts["unfinished"] == {"s1": 1000.0}
    assert drawn([over]).texts["unfinished"] == {}
    assert drawn([open_], unfinished="solid").texts["unfinished"] == {}
    solid = override({"name": "a"}, unfinished="solid")
    assert drawn([open_, over], overrides=[solid]).texts["unfinished"] == {}
    assert shape([open_]) == shape([frame("a", [1, 2])]), "the layout is the same"


def uneven() -> list[Frame]:
    """A series with every second, one with holes, one that ends early."""
    random = np.random.default_rng(3)
    wave = random.normal(size=GRID.size).cumsum()
    holes = np.delete(GRID, [3, 4, 40, 77])
    return [
        Frame.series(GRID, wave, name="a", labels={"host": "a"}),
        Frame.series(holes, random.normal(size=holes.size), name="b", labels={"host": "b"}),
        Frame.series(GRID[:60], wave[:60] * 2, name="c", labels={"host": "c"}),
    ]


OWN_COLOR = override({"name": "b"}, color={"mode": "fixed", "value": "red"})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"legend": "table", "calcs": ["mean"], "min": 0, "thresholds": [{"value": 1, "color": "red"}]},
        {"color": {"mode": "palette-classic-by-name"}, "overrides": [OWN_COLOR]},
    ],
)
def test_a_part_cut_out_of_a_chart_is_the_chart_of_that_part(settings: dict[str, Any]) -> None:
    options, frames, random = REGISTRY.options("timeseries", settings), uneven(), np.random.default_rng(4)
    whole = TYPE.columns(options, frames, WINDOW)
    cut = 0
    for _ in range(200):
        start, end = sorted(random.integers(0, 100_000, 2).tolist())
        part = TYPE.cut(options, whole, TimeRange(start, end))
        if part is None:
            assert end < 5000 or start > 53_000 or end - start < 3000, "each series has values there"
            continue
        cut += 1
        asked = TYPE.columns(options, crop(tuple(frames), start, end + 1), WINDOW)
        assert part.texts == asked.texts
        assert values_at(part.sources["main"]) == values_at(asked.sources["main"])
    assert cut > 50


def values_at(columns: Any) -> dict[float, list[str]]:
    """What is drawn at each time; times without any value are gaps."""
    names = sorted(set(columns) - {"t"})
    rows = zip(columns["t"].tolist(), *(columns[name].tolist() for name in names), strict=True)
    return {time: [repr(one) for one in row] for time, *row in rows if any(one == one for one in row)}  # noqa: PLR0124


@pytest.mark.parametrize(
    "settings",
    [
        {"stack": "normal"},
        {"limit": 2},
        {"color": {"mode": "thresholds"}},
        {"color": {"mode": "fixed"}},
        {"overrides": [override({"name": "b"}, color={"mode": "continuous-GrYlRd"})]},
        {"thresholds_mode": "percentage", "thresholds": [{"value": 50, "color": "red"}]},
    ],
)
def test_what_depends_on_all_values_is_not_cut(settings: dict[str, Any]) -> None:
    options = REGISTRY.options("timeseries", settings)
    assert TYPE.cut(options, TYPE.columns(options, uneven(), WINDOW), TimeRange(10_000, 50_000)) is None
