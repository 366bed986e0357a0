"""Counts by pixel: equal to a count in numpy, with every extreme in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.app.work.canvas import Canvas
from heliograph.components.ramps import DARK_GROUND, LEAST_CONTRAST, RAMPS, contrast
from heliograph.components.rasters import bounds_of, coded, places, points_of
from heliograph.datasources.frame import Frame
from heliograph.errors import InvalidError

pytest.importorskip("datashader", reason="datashader is not installed: pip install 'heliograph[work]'")
from heliograph.app.work.raster import rasterised

WIDTH, HEIGHT = 60, 40


def raster(canvas: Canvas, frames: list[Frame]) -> Any:
    points = points_of(frames)
    return rasterised(canvas, points.x, points.y, points.lengths, points.lone)


def walk(seed: int) -> tuple[Any, Any]:
    """A column and a row for each vertex: one in the middle of each column, from row to row by one at most."""
    dice = np.random.default_rng(seed)
    rows = np.clip(HEIGHT // 2 + np.cumsum(dice.integers(-1, 2, WIDTH)), 0, HEIGHT - 1)
    return np.arange(WIDTH), rows


def test_lines_are_counted_as_numpy_counts_them_once_in_a_cell() -> None:
    frames, expected = [], np.zeros((HEIGHT, WIDTH), np.uint32)
    for seed in range(300):
        columns, rows = walk(seed)
        # Three vertices in each cell are one line in it all the same.
        times = np.concatenate([columns + share for share in (0.3, 0.5, 0.7)])
        order = np.argsort(times)
        frames.append(Frame.series(times[order], np.tile(rows + 0.5, 3)[order], name=str(seed)))
        expected[rows, columns] += 1
    canvas = Canvas(WIDTH, HEIGHT, (0.0, float(WIDTH)), (0.0, float(HEIGHT)))
    np.testing.assert_array_equal(raster(canvas, frames), expected)


def test_points_are_counted_as_numpy_counts_them() -> None:
    dice = np.random.default_rng(5)
    frames = [
        Frame.series(np.sort(dice.uniform(0, 1000, 500)), dice.normal(50, 15, 500), name=str(i)) for i in range(40)
    ]
    canvas = Canvas(WIDTH, HEIGHT, (0.0, 1000.0), (0.0, 100.0), "points")
    times = np.concatenate([frame.fields[0].values for frame in frames])
    values = np.concatenate([frame.fields[1].values for frame in frames])
    expected, _, _ = np.histogram2d(values, times, (HEIGHT, WIDTH), ((0, 100), (0, 1000)))
    np.testing.assert_array_equal(raster(canvas, frames), expected)


def test_a_line_counts_in_every_cell_that_it_crosses() -> None:
    canvas = Canvas(10, 100, (0.0, 10.0), (0.0, 100.0))
    counts = raster(canvas, [Frame.series([0.5, 9.5], [0.5, 99.5], name="steep")])
    assert (counts.sum(axis=1) == 1).all()
    assert counts[0, 0] == 1
    assert counts[99, 9] == 1


def test_a_lone_series_far_from_thousands_is_whole_and_has_a_colour_that_is_seen() -> None:
    dice = np.random.default_rng(7)
    times = np.arange(0, 500_000, 1000.0)
    frames = [Frame.series(times, dice.normal(50, 5, times.size), name=str(i)) for i in range(2000)]
    frames.append(Frame.series(times, np.full(times.size, 900.0), name="outlier"))
    points = points_of(frames)
    bounds = bounds_of(points.y, least=None, most=None, log=False)
    canvas = Canvas(320, 160, (0.0, 499_000.0), (bounds.low, bounds.high))
    counts = rasterised(canvas, points.x, points.y, points.lengths, points.lone)
    row = int((900 - bounds.low) / (bounds.high - bounds.low) * 160)
    assert (counts[row] == 1).all()
    found = coded(counts)
    assert (found.codes[row] == 1).all()
    assert places(found.levels, found.cells, "equalize")[0] == 0
    assert contrast(RAMPS["viridis"].dark[0], DARK_GROUND) >= LEAST_CONTRAST


def test_one_high_sample_between_many_is_there_and_so_is_one_that_stands_alone() -> None:
    times = np.arange(0, 100_000, 10.0)
    values = np.full(times.size, 10.0)
    values[4321] = 95.0
    alone = Frame.series([50_000.0], [99.0], name="alone")
    canvas = Canvas(200, 100, (0.0, 100_000.0), (0.0, 100.0))
    counts = raster(canvas, [Frame.series(times, values, name="spike"), alone])
    assert counts[95, int(4321 * 10 / 500)] == 1
    assert counts[99, 100] == 1
    assert counts[99].sum() == 1


def test_what_lies_outside_is_cut_at_the_edge_and_nothing_is_empty() -> None:
    canvas = Canvas(10, 10, (0.0, 10.0), (0.0, 10.0))
    counts = raster(canvas, [Frame.series([-5.0, 15.0], [5.5, 5.5], name="through")])
    assert counts[5].tolist() == [1] * 10
    assert counts.sum() == 10
    assert not raster(canvas, []).any()


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 0), ("height", 5000), ("width", "wide"), ("x", [1.0]), ("y", [2.0, 2.0]), ("draw", "circles")],
)
def test_a_canvas_that_cannot_be_names_the_field(field: str, value: Any) -> None:
    document = {**Canvas(10, 10, (0.0, 1.0), (0.0, 1.0)).as_json(), field: value}
    with pytest.raises(InvalidError) as caught:
        Canvas.of(document)
    assert caught.value.path == f"$.{field}"
