"""What was drawn of frames is drawn once, however many views show it; of other frames, options or types it is not."""

from __future__ import annotations

from heliograph.components.asking.drawings import Drawings
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Frame
from heliograph.datasources.timerange import TimeRange

REGISTRY = default_registry()
CHART, HEATMAP = REGISTRY.get("timeseries"), REGISTRY.get("heatmap")
OPTIONS = REGISTRY.options("timeseries", {})
WINDOW = TimeRange(0, 1000)


def frames() -> list[Frame]:
    return [Frame.series([0, 1000], [1.0, 2.0], name="a")]


def test_the_same_frames_are_drawn_once() -> None:
    drawings, same = Drawings(), frames()
    drawn = CHART.draw(OPTIONS, same, WINDOW)
    drawings.put(CHART, "{}", same, drawn)
    assert drawings.get(CHART, "{}", list(same)) is drawn
    assert drawings.get(CHART, "{}", frames()) is None, "equal ones may change their mind by the next answer"
    assert drawings.get(CHART, '{"unit":"s"}', same) is None
    assert drawings.get(REGISTRY.get("stat"), "{}", same) is None


def test_what_depends_on_the_window_is_drawn_each_time() -> None:
    drawings, same = Drawings(), frames()
    drawings.put(HEATMAP, "{}", same, CHART.draw(OPTIONS, same, WINDOW))
    assert drawings.get(HEATMAP, "{}", same) is None


def test_frames_that_are_gone_leave_no_drawing_for_those_that_take_their_place() -> None:
    drawings = Drawings()
    for value in range(200):
        one = [Frame.series([0], [float(value)], name="a")]
        assert drawings.get(CHART, "{}", one) is None
        drawings.put(CHART, "{}", one, CHART.draw(OPTIONS, one, WINDOW))


def test_there_is_room_for_so_much() -> None:
    drawings, first = Drawings(max_bytes=5000), frames()
    drawings.put(CHART, "{}", first, CHART.draw(OPTIONS, first, WINDOW))
    for _ in range(20):
        one = frames()
        drawings.put(CHART, "{}", one, CHART.draw(OPTIONS, one, WINDOW))
    assert drawings.get(CHART, "{}", first) is None
