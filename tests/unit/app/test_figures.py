"""Figures of one's own as panels: drawn by functions, split into models and data."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
import panel as pn
import pytest
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

import heliograph as hg
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.share.python.local import Local, freeze
from heliograph.errors import InvalidError

TIMES = pd.date_range("2026-01-01", periods=50, freq="1min", tz="UTC")
DATA = pd.DataFrame({"time": TIMES, "load": np.arange(50.0)})


def curve(frames: list[pd.DataFrame]) -> Any:
    time, load = frames[0].columns
    return hv.Curve(frames[0], time, load)


async def drawn(*panels: hg.Panel) -> tuple[list[dict[str, Any]], list[bytes]]:
    """What each panel came to, and the buffers of all."""
    found = await freeze(hg.Dashboard("Figures", panels=panels), sources=[], variables={})
    head, buffers = decode_snapshot(found.parts["snapshot"])
    return [head["panels"][str(number + 1)] for number in range(len(panels))], list(buffers)


def sources_of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """The sources in a document, wherever they stand."""
    found: list[dict[str, Any]] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("name") == "ColumnDataSource":
                found.append(node["attributes"])
            for one in node.values():
                look(one)
        elif isinstance(node, list):
            for one in node:
                look(one)

    look(panel["doc"])
    return found


async def test_a_holoviews_element_is_a_panel_whose_models_are_shared_by_other_data() -> None:
    later = DATA.assign(load=DATA.load * 7 + 3)
    (one, other), buffers = await drawn(hg.Figure("One", curve, DATA), hg.Figure("Other", curve, later))
    assert (one["state"], other["state"]) == ("ready", "ready")
    assert one.get("notice") is None
    assert one["layout"] == other["layout"]
    ranges = [sorted(one["texts"]["models"].items()) for one in (one, other)]
    assert ranges[0] != ranges[1]
    assert ranges[0][0][1]["start"] == TIMES[0].timestamp() * 1000
    (source,) = sources_of(one)
    columns = {name: data["array"]["data"]["id"] for name, data in source["data"]["entries"]}
    values = [np.frombuffer(buffers[int(columns[name])]) for name in columns]
    assert any(list(one) == list(DATA.load) for one in values)


async def test_options_reach_the_function_and_several_frames_do() -> None:
    seen: list[Any] = []

    def bars(frames: list[pd.DataFrame], options: dict[str, Any]) -> Any:
        seen.append((len(frames), options))
        return hv.Bars([("a", 1), ("b", 2)]).opts(color=options["color"], backend="bokeh")

    (panel,), _ = await drawn(hg.Figure("Bars", bars, DATA, {"n": [1, 2]}, options={"color": "teal"}))
    assert panel["state"] == "ready"
    assert seen[0] == (2, {"color": "teal"})
    assert {"factors": ["a", "b"]} in panel["texts"]["models"].values()


async def test_images_panes_and_figures_of_bokeh_are_drawn() -> None:
    def image(_: Any) -> Any:
        return hv.Image(np.arange(12.0).reshape(3, 4))

    def scatter(frames: list[pd.DataFrame]) -> Any:
        plot = figure()
        plot.scatter(frames[0].index, frames[0].iloc[:, 1])
        return plot

    def panes(frames: list[pd.DataFrame]) -> Any:
        return pn.Column(pn.pane.Bokeh(scatter(frames)), pn.pane.HoloViews(curve(frames), backend="bokeh"))

    panels, buffers = await drawn(
        hg.Figure("Image", image), hg.Figure("Scatter", scatter, DATA), hg.Figure("Panes", panes, DATA)
    )
    assert [one["state"] for one in panels] == ["ready"] * 3
    entries = dict(sources_of(panels[0])[0]["data"]["entries"])
    assert entries["image"][0]["shape"] == [3, 4]
    assert len(np.frombuffer(buffers[int(entries["image"][0]["array"]["data"]["id"])])) == 12
    assert len(sources_of(panels[2])) == 2


def postage(frames: list[pd.DataFrame]) -> Any:
    """HoloViews' gallery, `step_chart`."""
    group = "U.S. Postage Rates (1999-2015)"
    stamp = hv.Curve(frames[0].iloc[:, 1].to_list(), vdims="Rate per ounce", label="stamp", group=group)
    postcard = hv.Curve(frames[1].iloc[:, 1].to_list(), vdims="Rate per ounce", label="postcard", group=group)
    return (stamp * postcard).opts(
        hv.opts.Curve(interpolation="steps-mid", line_dash=hv.Cycle(values=["dashed", "solid"])),
        hv.opts.Overlay(legend_position="top_left"),
    )


def stream(frames: list[pd.DataFrame]) -> Any:
    """Panel's gallery, `streaming_bokeh`."""
    p = figure(sizing_mode="stretch_width", title="Bokeh streaming example")
    cds = ColumnDataSource(data={"x": np.arange(len(frames[0])), "y": frames[0].iloc[:, 1].cumsum()})
    p.line("x", "y", source=cds)
    return pn.pane.Bokeh(p, sizing_mode="stretch_width")


@pytest.mark.parametrize("example", [postage, stream])
async def test_an_example_of_a_gallery_is_a_live_panel_in_under_ten_lines(example: Any) -> None:
    source = [one.strip() for one in inspect.getsource(example).splitlines()]
    assert len([one for one in source if one and not one.startswith('"""')]) < 10
    asked: list[pd.DataFrame] = []

    def rates() -> pd.DataFrame:
        times = pd.date_range(end=pd.Timestamp.now("UTC"), periods=len(DATA), freq="100ms")
        asked.append(DATA.assign(time=times, load=DATA.load + len(asked), other=DATA.load))
        return asked[-1]

    local = Local(hg.Dashboard("Live", time="now-10s", panels=[hg.Figure("Example", example, rates)]), [], {})
    try:
        before, first = decode_snapshot((await local.start()).parts["snapshot"])
        while len(asked) < 2:  # what was asked a moment ago is still good
            after, later = decode_snapshot((await local.next()).parts["snapshot"])
    finally:
        await local.close()
    assert [head["panels"]["1"]["state"] for head in (before, after)] == ["ready", "ready"]
    assert before["panels"]["1"]["layout"] == after["panels"]["1"]["layout"], "only its data are another"
    assert first != later


async def test_polygons_lines_and_spans_are_drawn_and_what_is_none_is_its_own_panels_fault() -> None:
    """Arrays within lists of lists, times within lines: as Bokeh takes them."""

    def polygons(_: Any) -> Any:
        hole = [[np.array([[1.0, 1.0], [2.0, 1.0], [2.0, 2.0]])]]
        return hv.Polygons([{("x", "y"): np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]), "holes": hole}])

    def lines(_: Any) -> Any:
        plot = figure()
        times = TIMES.tz_localize(None).to_numpy()
        plot.multi_line([times, times], [np.arange(50.0), [np.nan] * 50])
        plot.scatter([np.timedelta64(1, "s")], [Decimal("1.5")])
        return plot

    def strange(_: Any) -> Any:
        plot = figure()
        plot.scatter("x", "y", source=ColumnDataSource({"x": [1], "y": [1], "of": [object()]}))
        return plot

    def table(frames: list[pd.DataFrame]) -> Any:
        return hv.Table(frames[0])

    panels, buffers = await drawn(
        hg.Figure("Polygons", polygons),
        hg.Figure("Lines", lines),
        hg.Figure("Strange", strange),
        hg.Figure("Table", table, DATA),
        hg.Stat("Beside", DATA),
    )
    assert [one["state"] for one in panels] == ["ready", "ready", "error", "error", "ready"]
    assert "object is nothing that Bokeh draws" in panels[2]["message"]
    assert "this needs bokeh.models.widgets.tables" in panels[3]["message"]
    rings = dict(sources_of(panels[0])[0]["data"]["entries"])["xs"][0][0]
    points = [np.frombuffer(buffers[int(one["array"]["data"]["id"])]) for one in rings]
    assert [list(one[:3]) for one in points] == [[0, 4, 4], [1, 2, 2]]
    (first, _), (_, missing) = (
        next(entries[name] for entries in map(entries_of, sources_of(panels[1])) if name in entries)
        for name in ("xs", "ys")
    )
    assert np.frombuffer(buffers[int(first["array"]["data"]["id"])])[0] == TIMES[0].timestamp() * 1000
    assert missing[0] == {"type": "number", "value": "nan"}


def entries_of(source: dict[str, Any]) -> dict[str, Any]:
    return dict(source["data"]["entries"])


async def test_a_figure_that_differs_from_call_to_call_says_where() -> None:
    calls: list[int] = []

    def impure(_: Any) -> Any:
        calls.append(1)
        plot = figure(title=f"call {len(calls)}")
        plot.line([1, 2], [3, 4])
        return plot

    (panel,), _ = await drawn(hg.Figure("Impure", impure))
    assert panel["state"] == "ready"
    assert panel["notice"].endswith("differs from call to call at Title.text")


async def test_what_cannot_be_drawn_says_why_on_its_panel_alone() -> None:
    def broken(_: Any) -> Any:
        raise KeyError("shop")

    figures = [
        hg.Figure("Broken", broken),
        hg.Figure("Text", lambda _: "words"),
        hg.Figure("Markdown", lambda _: pn.pane.Markdown("# words")),
        hg.Figure("Good", curve, DATA),
    ]
    panels, _ = await drawn(*figures)
    assert [one["state"] for one in panels] == ["error", "error", "error", "ready"]
    assert panels[0]["message"] == "KeyError: 'shop'"
    assert panels[1]["message"].startswith("str is no figure")
    assert "panel.models.markup.HTML" in panels[2]["message"]


def test_a_figure_is_in_no_document() -> None:
    board = hg.Dashboard("Figures", panels=[hg.Figure("One", curve, DATA)])
    with pytest.raises(InvalidError, match="a function of this process"):
        board.to_json()
    with pytest.raises(InvalidError, match="a function from frames to a figure"):
        hg.Figure("No", "text")  # type: ignore[arg-type]
