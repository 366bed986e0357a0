"""From a function's HoloViews element, Bokeh figure or Panel pane to models without data, and what fills them.

What it gives is split as every panel is: models without data, which are the same for all frames of a shape, and the
data, ranges and colours that fill them. So a figure that is a function of its frames alone costs what any panel does.
"""

from __future__ import annotations

import inspect
import json
import sys
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import pandas as pd
from bokeh.model import Model
from bokeh.models import (
    CategoricalColorMapper,
    Column,
    ColumnDataSource,
    ContinuousColorMapper,
    FactorRange,
    LayoutDOM,
    Range1d,
    Row,
    Toolbar,
)

from ...datasources.frame import Frame
from ...errors import InvalidError
from ...lru import Lru
from ...pathless import pathless
from ..panels.base import Drawn
from ..panels.figure import Function, Parts
from ..wire import split_model

MAX_KNOWN: Final = 1024  # functions with options, of which is known whether they are pure
TAKEN: Final = "a HoloViews element, an hvPlot, a Bokeh figure or a Panel pane"
MOST_NAMED: Final = 3  # models that a panel says it lacks
WIDGETS: Final = "bokeh.models.widgets."  # of tables and controls: scripts of their own, which no page of ours has
# What of other models depends on data, and what stands in a layout in its place.
VARYING: Final[Mapping[type[Model], Mapping[str, Any]]] = {
    Range1d: {"start": 0, "end": 1, "reset_start": None, "reset_end": None},
    FactorRange: {"factors": []},
    ContinuousColorMapper: {"low": None, "high": None},
    CategoricalColorMapper: {"factors": []},
}


class Pen:
    """Calls functions, one at a time, and knows of each whether its models are the same from call to call."""

    def __init__(self) -> None:
        self._turn = threading.Lock()  # HoloViews keeps what it knows of elements in one place
        self._impure: Lru[Hashable, str] = Lru(MAX_KNOWN)  # where each differs; empty: nowhere

    def draw(
        self, key: Hashable, function: Function, frames: Sequence[Frame], options: Mapping[str, Any]
    ) -> tuple[Parts, Drawn]:
        """What a function draws of frames: its shape, and what fills it. `key`: the function with its options.

        The first time it is called twice: one that draws other models of the same frames has a notice of where.
        InvalidError for what it raises, and for what is no figure.
        """
        with self._turn:
            shape, drawn = _drawn(function, frames, options)
            where = self._impure.get(key)
            if where is None:
                where = difference(shape, _drawn(function, frames, options)[0])
                self._impure.put(key, where)
        if where:
            notice = f"This figure is built anew at each refresh: it differs from call to call at {where}"
            drawn = Drawn(drawn.sources, {**drawn.texts, "notice": notice})
        return shape, drawn


def _drawn(function: Function, frames: Sequence[Frame], options: Mapping[str, Any]) -> tuple[Parts, Drawn]:
    load_bokeh()
    model = model_of(called(function, [as_pandas(frame) for frame in frames], options))
    sources, models = emptied(model)
    return Parts(*split_model(model)), Drawn(sources, {"models": models})


def load_bokeh() -> None:
    """Have HoloViews draw by Bokeh, where it is installed: a function that imports it itself would find no options."""
    if find_spec("holoviews"):
        import_module("holoviews").renderer("bokeh")


def called(function: Function, frames: list[pd.DataFrame], options: Mapping[str, Any]) -> Any:
    """What a function gives of frames, and of options if it takes a second argument."""
    try:
        takes = len(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        takes = 2
    try:
        return function(*(frames, dict(options))[: max(1, takes)])
    except Exception as error:  # whatever the function does: who wrote it is who looks
        raise InvalidError(pathless(f"{type(error).__name__}: {error}"), path="$") from error


def as_pandas(frame: Frame) -> pd.DataFrame:
    """A frame with its columns by name; times in UTC without a zone, as plots take them."""
    columns = {}
    for field in frame.fields:
        name = frame.name if frame.is_series and field.kind == "number" and frame.name else field.name
        columns[name] = pd.to_datetime(field.values, unit="ms") if field.kind == "time" else field.values
    return pd.DataFrame(columns)


def model_of(made: Any) -> Model:
    """The Bokeh model of what a function gave, as large as its panel; InvalidError for what is none of these."""
    model = made if isinstance(made, Model) else _rendered(made)
    model = plain(model)
    kinds = {kind_of(one) for one in model.references()}
    strange = sorted(one for one in kinds if not one.startswith("bokeh.") or one.startswith(WIDGETS))
    if strange:
        named = ", ".join(strange[:MOST_NAMED])
        raise InvalidError(f"a figure is drawn by Bokeh's own scripts, and this needs {named}", path="$")
    for one in model.references():
        if isinstance(one, LayoutDOM):
            one.update(name=None, sizing_mode="stretch_both", width=None, height=None, stylesheets=[])
        elif isinstance(one, Toolbar):
            one.update(logo=None, autohide=True)
    return model


def _rendered(made: Any) -> Model:
    kind = type(made).__module__.partition(".")[0]
    if kind == "holoviews":
        load_bokeh()
        found = sys.modules["holoviews"].render(made, backend="bokeh")
    elif hasattr(made, "get_root"):
        found = made.get_root()
    else:
        raise InvalidError(f"{type(made).__name__} is no figure: {TAKEN}", path="$")
    assert isinstance(found, Model)
    return found


def plain(model: Model) -> Model:
    """Rows and columns of Panel as those of Bokeh, which need no scripts of Panel's."""
    children = getattr(model, "children", None)
    if isinstance(children, list) and kind_of(model).startswith("panel."):
        return (Row if type(model).__name__ == "Row" else Column)(children=[plain(one) for one in children])
    if isinstance(model, (Row, Column)):
        model.children = [plain(one) for one in model.children]
        if len(model.children) == 1:
            return plain(model.children[0])
    return model


def kind_of(model: Model) -> str:
    """Where a model's class is from: `bokeh.models.…`, `panel.models.…`."""
    return f"{type(model).__module__}.{type(model).__name__}"


def emptied(model: Model) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Take the data out of a figure's sources, and of other models what depends on data; both by their new names."""
    sources: dict[str, dict[str, Any]] = {}
    models: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(sorted(model.references(), key=lambda one: int(one.id.lstrip("p")))):
        if isinstance(one, ColumnDataSource):
            name = f"s{number}"
            sources[name] = {column: values(data) for column, data in one.data.items()}
            one.update(name=name, data={})
            continue
        varying = next((blank for kind, blank in VARYING.items() if isinstance(one, kind)), None)
        if varying is not None:
            name = f"m{number}"
            models[name] = {key: readable(getattr(one, key)) for key in varying}
            one.update(name=name, **varying)
    return sources, models


def values(column: Any) -> Any:
    """A column as layouts are filled: numbers as an array, times as ms, arrays at any depth of lists as arrays;
    InvalidError for what is nothing that is drawn."""
    if isinstance(column, (list, tuple)):
        return [values(one) if isinstance(one, (list, tuple, np.ndarray)) else readable(one) for one in column]
    array = np.asarray(column)
    if array.dtype.kind in "Mm":
        whole = array.astype(f"{array.dtype.kind}8[us]")
        return np.where(np.isnat(whole), np.nan, whole.astype(np.int64) / 1000)
    if array.dtype.kind in "biuf":
        return array.astype(np.float64) if array.dtype.kind in "iu" and array.dtype.itemsize > 4 else array
    return values(array.tolist()) if array.ndim else readable(array.item())


def readable(value: Any) -> Any:
    """A value as JSON has it: instants and spans as ms, what NumPy has as Python has it; InvalidError for what has no
    such form."""
    if isinstance(value, (list, tuple)):
        return [readable(one) for one in value]
    if isinstance(value, np.ndarray):
        return readable(value.tolist())
    if isinstance(value, np.generic) and value.dtype.kind not in "Mm":
        value = value.item()
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (np.timedelta64, timedelta)):
        return pd.Timedelta(value).value / 1e6
    if isinstance(value, (np.datetime64, date)):
        stamp = pd.Timestamp(value)
        return None if stamp is pd.NaT else stamp.value / 1e6
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise InvalidError(f"{type(value).__name__} is nothing that Bokeh draws", path="$")


def difference(one: Parts, other: Parts) -> str:
    """Where two graphs of models differ, as a path; empty where they are the same."""
    if one == other:
        return ""
    first, second = (json.loads(b'"data"'.join(parts.parts)) for parts in (one, other))
    return next(_differing(first, second, "$"), "$")


def _differing(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        kind = one.get("name")
        for key, value in one.items():
            where = path if key == "attributes" else f"{path}.{key}"
            yield from _differing(value, other[key], f"{kind}" if key == "attributes" and kind else where)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, value in enumerate(one):
            yield from _differing(value, other[index], f"{path}[{index}]")
    elif one != other:
        yield path
