"""Lines under values, links of values, shades of a colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heliograph.components.colors import Pair
from heliograph.components.palettes import shade
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

WINDOW = TimeRange(0, 3000)
REGISTRY = default_registry()
BYTES = {"match": {"target": "B"}, "set": {"unit": "bytes", "decimals": 0}}


def series(name: str, value: float, ref: str = "A") -> Frame:
    return Frame.series(np.array([1000.0, 2000.0]), np.array([value / 2, value]), name=name, ref=ref)


def texts(kind: str, frames: list[Frame], **options: Any) -> dict[str, Any]:
    panel = REGISTRY.get(kind)
    return dict(panel.columns(REGISTRY.options(kind, options), frames, WINDOW).texts)


@pytest.mark.parametrize(("kind", "key"), [("stat", "stats"), ("gauge", "gauges"), ("bargauge", "gauges")])
def test_a_target_that_the_subtitle_names_is_said_there_and_is_no_value(kind: str, key: str) -> None:
    frames = [series("a", 50), series("b", 60), series("a", 1024, "B"), series("b", 2048, "B")]
    found = texts(kind, frames, subtitle="${__target.B} of ${__field.name}: ${__value.text}", overrides=[BYTES])[key]
    assert [one["name"] for one in found] == ["a", "b"]
    assert [one["subtitle"] for one in found] == ["1 KiB of a: 50", "2 KiB of b: 60"]


def test_the_only_series_of_a_target_stands_for_all_and_a_missing_one_for_none() -> None:
    frames = [series("a", 50), series("b", 60), series("total", 8, "B")]
    found = texts("stat", frames, subtitle="${__target.B}, ${__target.C}")["stats"]
    assert [one["subtitle"] for one in found] == ["8, –", "8, –"]


LINK = [{"title": "${__field.name}", "url": "/d/x?v=${__value.raw}&${__url_time_range}"}]


@pytest.mark.parametrize(("kind", "key"), [("stat", "stats"), ("gauge", "gauges"), ("bargauge", "gauges")])
def test_values_carry_their_links_and_others_nothing(kind: str, key: str) -> None:
    (one,) = texts(kind, [series("a", 50)], links=LINK)[key]
    assert one["links"] == [{"href": "/d/x?v=50&${__url_time_range}", "title": "a", "tab": False}]
    assert "links" not in texts(kind, [series("a", 50)])[key][0]


def test_slices_bars_and_lines_carry_their_links() -> None:
    (piece,) = texts("pie", [series("a", 50)], links=LINK)["slices"]
    assert piece["links"][0]["href"] == "/d/x?v=50&${__url_time_range}"
    of_series = texts("bar", [series("a", 50), series("b", 60)], links=LINK, sort="-value")
    assert [[one[0]["title"] for one in column] for column in of_series["links"]] == [["b", "a"]]
    table = Frame((Field.string("name", ["x", "y"]), Field.number("n", [1.0, 2.0])))
    assert [one[0]["href"][:8] for one in texts("bar", [table], links=LINK)["links"][0]] == ["/d/x?v=1", "/d/x?v=2"]
    assert texts("bar", [table])["links"] == []
    (line,) = texts("timeseries", [series("a", 50)], links=LINK)["series"]
    assert line["links"] == [{"href": "/d/x?v=${__value.raw}&${__url_time_range}", "title": "a", "tab": False}]


def test_shades_are_darker_and_brighter_by_turns() -> None:
    blue = Pair("#204060", "#204060")
    assert [shade(blue, index).dark for index in range(4)] == ["#204060", "#1d3a56", "#365370", "#1a334d"]
    assert shade(blue, 13) == blue
    assert shade(Pair("rgb(32, 64, 96)", "#246"), 1) == Pair("#1d3a56", "#1f3d5c")
    options = {"color": {"mode": "shades", "value": "#204060"}}
    found = texts("timeseries", [series("a", 1), series("b", 2)], **options)["series"]
    assert [one["color"] for one in found] == ["#204060", "#1d3a56"]
