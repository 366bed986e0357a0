"""Density as numbers: no point is lost on the way to a picture, and the rarest count is as visible as the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heliograph.components.panels.density import DensityOptions, counted, density_of, thresholds_of
from heliograph.components.panels.registry import default_registry
from heliograph.components.ramps import DARK_GROUND, LEAST_CONTRAST, LIGHT_GROUND, RAMPS, contrast, luminance
from heliograph.components.rasters import MAX_CODES, bounds_of, coded, places, points_of
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import InvalidError

REGISTRY = default_registry()
NAN = float("nan")
TOKENS = (Path(__file__).parents[3] / "app/pages/static/css/tokens.css").read_text("utf-8")


def series(times: Sequence[float], values: Sequence[float], name: str = "a") -> Frame:
    return Frame.series(times, values, name=name)


def test_all_points_of_all_series_lie_behind_each_other_with_a_break_after_each() -> None:
    wide = Frame((Field.time([0, 1000]), Field.number("b", [5, 6]), Field.number("c", [7, 8])))
    found = points_of([series([0, 1000, 2000], [1, 2, 3]), wide])
    assert found.series == 3
    assert found.samples == 7
    assert found.lengths.tolist() == [4, 3, 3]
    np.testing.assert_array_equal(found.y, [1, 2, 3, NAN, 5, 6, NAN, 7, 8, NAN])
    np.testing.assert_array_equal(found.x, [0, 1000, 2000, NAN, 0, 1000, NAN, 0, 1000, NAN])
    assert found.lone.size == 0


def test_a_line_breaks_off_at_gaps_and_unknown_values_and_what_stands_alone_is_kept() -> None:
    times = [0, 1000, 2000, 3000, 60_000, 120_000, 121_000, 122_000, 123_000, 124_000]
    found = points_of([series(times, [1, 2, 3, 4, 99, 5, NAN, float("inf"), 6, 7])])
    np.testing.assert_array_equal(found.y, [1, 2, 3, 4, NAN, 99, NAN, 5, NAN, NAN, 6, 7, NAN])
    assert found.y[found.lone].tolist() == [99, 5]
    assert found.samples == 8


def test_a_logarithmic_axis_has_the_powers_of_what_is_positive() -> None:
    found = points_of([series([0, 1000, 2000], [100, 0, 0.1])], log=True)
    np.testing.assert_array_equal(found.y, [2, NAN, -1, NAN])
    assert bounds_of(found.y, least=None, most=None, log=True).low == -1
    assert bounds_of(found.y, least=None, most=10_000, log=True).high == 4


def test_nothing_at_all_is_no_series() -> None:
    assert points_of([]).series == 0
    assert points_of([series([], [])]).samples == 0


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([3, 97], 0, 120), ([-17, 250], -50, 300), ([5, 5], 2, 8), ([0, 0], 0, 1.2), ([0, 0.003], 0, 0.0035)],
)
def test_bounds_are_round_and_hold_all_values(values: list[float], low: float, high: float) -> None:
    found = bounds_of(np.array([*values, NAN]), least=None, most=None, log=False)
    assert found.low <= min(values)
    assert found.high >= max(values)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_bounds_are_those_that_were_asked_for() -> None:
    found = bounds_of(np.array([1.0, 2.0]), least=-5, most=50, log=False)
    assert (found.low, found.high) == (-5, 50)


def test_few_counts_are_coded_exactly() -> None:
    counts = np.random.default_rng(3).integers(0, 200, (40, 60), dtype=np.uint32) ** 2
    found = coded(counts)
    decoded = np.concatenate([[0], found.levels])[found.codes]
    np.testing.assert_array_equal(decoded, counts)
    assert found.cells.sum() == (counts > 0).sum()


def test_many_counts_keep_the_least_and_the_most_and_are_within_a_few_percent() -> None:
    counts = np.arange(300_000, dtype=np.uint32).reshape(500, 600)
    found = coded(counts)
    assert found.levels.size <= MAX_CODES
    assert (found.codes == 0).sum() == 1
    decoded = np.concatenate([[0], found.levels])[found.codes].astype(float)
    assert decoded.max() == counts.max()
    assert decoded[counts == 1] == 1
    known = counts > 0
    assert (np.abs(decoded[known] - counts[known]) / counts[known]).max() < 0.06


def test_no_count_is_no_code() -> None:
    found = coded(np.zeros((2, 3), np.uint32))
    assert found.levels.size == 0
    assert not found.codes.any()


def test_places_begin_at_the_first_colour_and_end_at_the_last() -> None:
    levels, cells = np.array([1, 10, 1000]), np.array([700, 200, 100])
    for scale in ("equalize", "log", "linear"):
        found = places(levels, cells, scale)
        assert (found[0], found[-1]) == (0, 1)
        assert (np.diff(found) > 0).all()
    assert places(levels, cells, "equalize")[1] == pytest.approx(2 / 3)
    assert places(levels, cells, "log")[1] == pytest.approx(1 / 3)
    assert places(levels, cells, "linear")[1] == pytest.approx(9 / 999)
    assert places(np.array([4]), np.array([9]), "equalize").tolist() == [1]


@pytest.mark.parametrize("name", RAMPS)
def test_one_line_is_seen_on_each_ground_and_more_lines_stand_out_more(name: str) -> None:
    ramp = RAMPS[name]  # type: ignore[index]
    for colors, ground in ((ramp.light, LIGHT_GROUND), (ramp.dark, DARK_GROUND)):
        contrasts = [contrast(color, ground) for color in colors]
        assert contrasts[0] >= LEAST_CONTRAST
        assert contrasts == sorted(contrasts)


@pytest.mark.parametrize("name", [name for name in RAMPS if name != "blues"])
def test_steps_between_colours_are_even_to_the_eye(name: str) -> None:
    ramp = RAMPS[name]  # type: ignore[index]
    for colors in (ramp.light, ramp.dark):
        lightness = np.array([116 * luminance(color) ** (1 / 3) - 16 for color in colors])
        steps = np.abs(np.diff(lightness))
        assert steps.max() < 2.5 * steps.mean()


def test_grounds_and_blues_are_those_of_the_design_tokens() -> None:
    light, dark = TOKENS.split(":root[data-theme=dark]")[:2]
    for text, ground, colors in ((light, LIGHT_GROUND, RAMPS["blues"].light), (dark, DARK_GROUND, RAMPS["blues"].dark)):
        assert re.search(rf"--raised: {ground};", text)
        assert set(colors) <= set(re.findall(r"--seq-\d: (#\w+);", text))


# -- the panels --------------------------------------------------------------------------------------------------------


def frames(count: int) -> list[Frame]:
    return [series([0, 1000], [index, index + 1.0], f"s{index:03d}") for index in range(count)]


def drawn(kind: str, count: int, **options: Any) -> Any:
    checked = REGISTRY.options(kind, options)
    found = REGISTRY.get(kind).columns(checked, frames(count), TimeRange(0, 1000))
    return REGISTRY.get(kind).shape(checked, frames(count)), found


def test_many_lines_are_drawn_as_density_where_that_was_asked_for() -> None:
    shape, found = drawn("timeseries", 60, many="density", unit="ms", thresholds=[{"value": 3, "level": "bad"}])
    assert shape == "density"
    assert list(found.sources) == ["picture"]
    assert found.texts["notice"] == "density of 60 series"
    assert found.texts["thresholds"] == [{"value": 3, "level": "bad", "color": ""}]
    _, few = drawn("timeseries", 50, many="density")
    assert len(few.texts["series"]) == 50
    assert "density" not in few.texts


def test_the_top_lines_are_those_of_the_reducer_that_was_asked_for() -> None:
    falling = [series([0, 1000], [100.0 - index, index], f"s{index:03d}") for index in range(60)]
    kind, options = REGISTRY.get("timeseries"), REGISTRY.options("timeseries", {"limit": 3, "many_by": "last"})
    found = kind.columns(options, falling, TimeRange(0, 1000))
    assert [one["name"] for one in found.texts["series"]] == ["s057", "s058", "s059"]
    assert found.texts["notice"] == "top 3 of 60 series by last"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("density", {"palette": "rainbow"}),
        ("density", {"scale": "cubic"}),
        ("density", {"draw": "dots"}),
        ("density", {"thickness": 3}),
        ("timeseries", {"many": "all"}),
        ("timeseries", {"many_by": "luck"}),
    ],
)
def test_an_option_that_means_nothing_is_a_fault_that_names_it(kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        REGISTRY.options(kind, options)
    assert caught.value.path == f"$.options.{next(iter(options))}"


def options_of(**options: Any) -> DensityOptions:
    found = REGISTRY.options("density", options)
    assert isinstance(found, DensityOptions)
    return found


def test_hidden_series_are_not_counted_whichever_way_they_are_named() -> None:
    wide = Frame((Field.time([0, 1000]), Field.number("b", [5, 6]), Field.number("c", [7, 8])), ref="B")
    given = [series([0, 1000], [1, 2], "a"), wide, series([0, 1000], [3, 4], "other")]
    for match, values in (
        ({"name": "a"}, [5, 6, 7, 8, 3, 4]),
        ({"name": "c"}, [1, 2, 5, 6, 3, 4]),
        ({"regex": "/^[abc]$/"}, [3, 4]),
        ({"target": "B"}, [1, 2, 3, 4]),
        ({"type": "number"}, []),
    ):
        shown = counted(options_of(overrides=[{"match": match, "set": {"hide": True}}]), given)
        found = points_of(shown.frames)
        assert found.y[np.isfinite(found.y)].tolist() == values
    assert points_of(counted(options_of(hide=True), given).frames).series == 0
    assert points_of(counted(options_of(), given).frames).series == 4


def test_the_axis_has_the_unit_of_the_first_series_that_is_counted() -> None:
    with_unit = Frame((Field.time([0]), Field.number("m", [1], unit="bytes")), name="m")
    given = [with_unit, series([0], [2], "b")]
    assert counted(options_of(), given).axis == ("bytes", None)
    assert counted(options_of(unit="s", decimals=2), given).axis == ("s", 2)
    ms = {"match": {"name": "b"}, "set": {"unit": "ms", "decimals": 1}}
    assert counted(options_of(overrides=[ms]), given).axis == ("bytes", None)
    gone = {"match": {"name": "m"}, "set": {"hide": True}}
    assert counted(options_of(overrides=[gone, ms]), given).axis == ("ms", 1)
    assert counted(options_of(unit="s"), []).axis == ("s", None)


def test_thresholds_in_percent_lie_between_the_bounds_or_the_values_where_there_are_none() -> None:
    steps = [{"value": None, "level": "ok"}, {"value": 80, "level": "bad"}]
    absolute = options_of(thresholds=steps)
    assert [one["value"] for one in thresholds_of(absolute, 0, 10)] == [80]
    percent = options_of(thresholds=steps, thresholds_mode="percentage")
    assert [one["value"] for one in thresholds_of(percent, 10, 20)] == [18]
    bounded = options_of(thresholds=steps, thresholds_mode="percentage", min=0, max=50)
    assert [one["value"] for one in thresholds_of(bounded, 10, 20)] == [40]
    _, found = drawn("density", 3, thresholds=steps, thresholds_mode="percentage")
    assert found.texts["thresholds"] == []


def test_a_time_series_hands_on_what_a_density_can_show_of_its_overrides() -> None:
    overrides = [
        {"match": {"regex": "/^s00/"}, "set": {"hide": True, "line_width": 3}},
        {"match": {"name": "s010"}, "set": {"unit": "ms", "axis": "right"}},
    ]
    shape, found = drawn("timeseries", 70, many="density", overrides=overrides)
    assert shape == "density"
    assert found.texts["notice"] == "density of 60 series"
    made = density_of(REGISTRY.options("timeseries", {"many": "density", "overrides": overrides}))
    assert made is not None
    shown = counted(made, frames(70))
    assert (points_of(shown.frames).series, shown.axis) == (60, ("ms", None))
    # Those that are hidden are not too many.
    assert drawn("timeseries", 60, many="density", overrides=overrides)[0] != "density"


def test_what_a_density_has_no_use_for_in_an_override_is_a_fault() -> None:
    with pytest.raises(InvalidError) as caught:
        options_of(overrides=[{"match": {"name": "a"}, "set": {"palette": "viridis"}}])
    assert caught.value.path == "$.options.overrides[0].set.palette"


def test_only_density_and_time_series_are_drawn_so() -> None:
    assert density_of(REGISTRY.options("stat", {})) is None
    made = density_of(REGISTRY.options("timeseries", {"unit": "ms", "log": True, "min": 1}))
    assert made is not None
    assert (made.unit, made.log, made.min) == ("ms", True, 1)
