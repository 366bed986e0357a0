"""Compiled layouts: equal to what Bokeh itself writes, read back by Bokeh, pure."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from bokeh.core.serialization import Buffer, Serialized
from bokeh.document import Document
from bokeh.models import ColumnDataSource, CustomJS, LinearAxis, Plot, Range1d
from bokeh.models.layouts import Column

from heliograph.components.asking.compile_process import Compiling
from heliograph.components.compile import Layout, LayoutCache, compile_layout
from heliograph.components.panels.base import Drawn, PanelOptions, PanelType
from heliograph.components.panels.registry import PanelRegistry, default_registry
from heliograph.components.wire import LayoutError
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.timerange import TimeRange

REGISTRY = default_registry()
WINDOW = TimeRange(0, 5000)
TIMES = np.arange(5.0) * 1000
SERIES = [
    Frame.series(TIMES, [1.0, np.nan, np.inf, -np.inf, 5.0], name="a"),
    Frame.series(TIMES, [5.0, 4.0, 3.0, 2.0, 1.0], name='b "quoted" é\u2028'),
]
TABLE = [Frame((Field.string("name", ["x", None]), Field.number("n", [1.0, float("nan")])))]
CASES: list[tuple[str, dict[str, Any], list[Frame]]] = [
    ("timeseries", {}, SERIES),
    ("timeseries", {"stack": True, "unit": "bytes"}, SERIES),
    ("timeseries", {"style": "bars", "stack": True}, SERIES),
    ("timeseries", {"style": "steps", "log": True}, SERIES[:1]),
    ("timeseries", {"style": "points"}, SERIES[:1]),
    ("timeseries", {"stack": "percent", "gradient": True, "nulls": "5m", "style": "steps_before"}, SERIES),
    ("timeseries", {"overrides": [{"match": {"name": "a"}, "set": {"axis": "right", "unit": "s"}}]}, SERIES),
    ("timeseries", {}, [*SERIES, Frame.series(TIMES[::2] + 17, [1.0, 2.0, 3.0], name="c")]),
    ("bar", {}, SERIES),
    ("bar", {"direction": "horizontal", "stack": "percent"}, TABLE),
    ("histogram", {"bucket_size": 1}, SERIES),
    ("heatmap", {}, SERIES),
    ("pie", {}, SERIES),
    ("stat", {}, SERIES[:1]),
    ("stat", {}, SERIES),
    ("gauge", {}, SERIES),
    ("bargauge", {}, SERIES),
    ("table", {}, SERIES),
    ("table", {}, TABLE),
    ("text", {"content": "# Hello"}, []),
]


def filled(kind: str, options: dict[str, Any], frames: list[Frame]) -> tuple[Layout, Drawn, Any]:
    panel_type = REGISTRY.get(kind)
    checked = REGISTRY.options(kind, options)
    shape = panel_type.shape(checked, frames)
    return (
        compile_layout(panel_type, checked, shape),
        panel_type.columns(checked, frames, WINDOW),
        (panel_type, checked, shape),
    )


def normal(node: Any, buffers: dict[str, bytes], ids: dict[str, int]) -> Any:
    """A document without what may differ: ids by first sight, buffers by their bytes."""
    if isinstance(node, Buffer):
        return ("bytes", node.to_bytes())
    if isinstance(node, dict):
        if node.get("type") == "bytes":
            data = node["data"]
            return ("bytes", data.to_bytes() if isinstance(data, Buffer) else buffers[data["id"]])
        return {
            key: ids.setdefault(value, len(ids)) if key == "id" else normal(value, buffers, ids)
            for key, value in node.items()
        }
    if isinstance(node, (list, tuple)):
        return [normal(item, buffers, ids) for item in node]
    return node


@pytest.mark.parametrize(("kind", "options", "frames"), CASES)
def test_a_composed_document_is_the_one_that_bokeh_writes(
    kind: str, options: dict[str, Any], frames: list[Frame]
) -> None:
    layout, drawn, (panel_type, checked, shape) = filled(kind, options, frames)
    buffers: list[memoryview] = []
    ours = json.loads(layout.fill(drawn.sources, buffers))

    root = panel_type.layout(checked, shape)
    for source in root.select({"type": ColumnDataSource}):
        source.data = {name: column for name, column in drawn.sources[source.name].items()}
    document = Document()
    document.add_root(root)
    document.title = ""
    document.config.notifications = None
    document.config.reconnect_session = False
    theirs = document.to_json()
    theirs.content.pop("defs", None)  # models that other tests of this process brought, such as Panel's

    by_id = {str(index): bytes(buffer) for index, buffer in enumerate(buffers)}
    assert normal(ours, by_id, {}) == normal(theirs.content, {}, {})


@pytest.mark.parametrize(("kind", "options", "frames"), CASES)
def test_bokeh_reads_a_composed_document_back(kind: str, options: dict[str, Any], frames: list[Frame]) -> None:
    layout, drawn, _ = filled(kind, options, frames)
    buffers: list[memoryview] = []
    content = json.loads(layout.fill(drawn.sources, buffers))
    document = Document.from_json(
        Serialized(content, [Buffer(str(index), bytes(buffer)) for index, buffer in enumerate(buffers)])
    )
    for name, columns in drawn.sources.items():
        source = document.get_model_by_name(name)
        if source is None:
            assert not columns or not layout.holes
            continue
        assert isinstance(source, ColumnDataSource)
        for key, column in columns.items():
            read = source.data[key]
            if isinstance(column, np.ndarray):
                np.testing.assert_array_equal(read, column)
            else:
                assert list(read) == column


class NoOptions(PanelOptions):
    pass


class Impure(PanelType[NoOptions]):
    """Its layout differs from call to call."""

    name, title, Options = "impure", "Impure", NoOptions
    calls = 0

    def layout(self, options: NoOptions, shape: Any) -> Any:
        Impure.calls += 1
        return ColumnDataSource(name=f"source-{Impure.calls}")

    def columns(self, options: NoOptions, frames: Any, window: TimeRange) -> Drawn:
        return Drawn({})


class WithCode(Impure):
    def layout(self, options: NoOptions, shape: Any) -> Any:
        return Column(js_property_callbacks={"change:width": [CustomJS(code="alert(1)")]})


class WithData(Impure):
    def layout(self, options: NoOptions, shape: Any) -> Any:
        return Plot(x_range=Range1d(0, 1), y_range=Range1d(0, 1), below=[LinearAxis(tags=[np.arange(3.0)])])


@pytest.mark.parametrize("kind", [Impure, WithCode, WithData])
def test_a_layout_that_is_not_pure_is_refused(kind: type[Impure]) -> None:
    with pytest.raises(LayoutError):
        compile_layout(kind(), NoOptions(), ())


class Counted(Impure):
    """A pure one that counts how often it is made."""

    name = "counted"
    calls = 0

    def layout(self, options: NoOptions, shape: Any) -> Any:
        Counted.calls += 1
        return ColumnDataSource(name=f"source-{shape}")


def test_the_process_proves_a_type_by_its_first_layout() -> None:
    registry = PanelRegistry()
    for kind in (Impure(), Counted()):
        registry.register(kind)
    compiling = Compiling(registry)
    for _ in range(2):  # it stays refused
        with pytest.raises(LayoutError):
            compiling("impure", NoOptions(), ())
    layouts = [compiling("counted", NoOptions(), shape) for shape in range(3)]
    assert Counted.calls == 4
    assert layouts[2] == compile_layout(Counted(), NoOptions(), 2)


def test_the_cache_compiles_each_layout_once_and_is_bounded() -> None:
    cache = LayoutCache(limit=2)
    panel_type = REGISTRY.get("timeseries")
    options = REGISTRY.options("timeseries", {})
    shapes = [panel_type.shape(options, [SERIES[0]] * count) for count in (1, 2, 3)]
    first = cache.get(panel_type, options, shapes[0])
    assert cache.get(panel_type, options, shapes[0]) is first
    for shape in shapes[1:]:
        cache.get(panel_type, options, shape)
    assert len(cache) == 2
    assert cache.known(panel_type, options, shapes[0]) is None


@pytest.mark.parametrize(("kind", "options", "frames"), CASES)
def test_a_type_says_whether_its_layout_is_a_source_alone(
    kind: str, options: dict[str, Any], frames: list[Frame]
) -> None:
    _, _, (panel_type, checked, shape) = filled(kind, options, frames)
    assert panel_type.lone == isinstance(panel_type.layout(checked, shape), ColumnDataSource)


def test_a_source_alone_is_compiled_once_whatever_the_options() -> None:
    cache = LayoutCache()
    text = REGISTRY.get("text")
    layouts = [cache.get(text, REGISTRY.options("text", {"content": word}), ()) for word in ("a", "ab")]
    assert layouts[0] is layouts[1]


def test_equal_layouts_have_equal_ids_and_others_do_not() -> None:
    one, _, _ = filled("timeseries", {}, SERIES)
    same, _, _ = filled("timeseries", {}, SERIES)
    other, _, _ = filled("timeseries", {"stack": True}, SERIES)
    assert one.id == same.id != other.id
