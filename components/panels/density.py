"""The density panel: how many lines or points lie where, of thousands of series. Pictures are drawn beside the page."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Final, Literal

from bokeh.models import ColumnDataSource, GlyphRenderer, Image, LinearColorMapper, Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ..fields import FieldOptions
from ..ramps import RAMPS, RampName
from ..rasters import MAX_CODES, Scale
from .base import Columns, Drawn, PanelOptions, PanelType
from .plots import AxisUnit, time_plot
from .timeseries_options import TimeSeriesOptions

__all__ = ["NO_PICTURE", "Density", "DensityOptions", "density_layout", "density_of", "density_texts", "of_time_series"]

NO_PICTURE: Final[Columns] = {"image": [], "x": [], "y": [], "dw": [], "dh": []}
CLEAR: Final = "rgba(0, 0, 0, 0)"


class DensityOptions(FieldOptions):
    """Options of a density panel."""

    draw: Literal["lines", "points"] = Field(
        "lines", description="Count the lines through each cell, or the points in it."
    )
    scale: Scale = Field(
        "equalize",
        description="How counts become colours; equalize: each colour has as many cells, so that one line stands out "
        "beside thousands.",
    )
    palette: RampName = Field("viridis", description="The colours, from one line to the most; even to the eye.")
    log: bool = Field(False, description="Logarithmic axis; values that are not positive are not drawn.")
    scale_legend: bool = Field(True, description="Show what the colours mean.")


class Density(PanelType[DensityOptions]):
    """A source `picture` that the page fills with what it fetches: `image`, `x`, `y`, `dw`, `dh`."""

    name = "density"
    shows_marks = True
    title = "Density"
    Options = DensityOptions
    draws_empty = True  # what there is to see is known when it is drawn
    asks = False

    def layout(self, options: DensityOptions, shape: Hashable) -> Model:
        return density_layout(options)

    def columns(self, options: DensityOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        return Drawn({"picture": NO_PICTURE}, density_texts(options))


def density_of(options: PanelOptions) -> DensityOptions | None:
    """How a panel is drawn as density; None where its type never is."""
    if isinstance(options, DensityOptions):
        return options
    return of_time_series(options) if isinstance(options, TimeSeriesOptions) else None


def of_time_series(options: TimeSeriesOptions) -> DensityOptions:
    """How a time series with too many lines is drawn as density."""
    return DensityOptions(
        unit=options.unit,
        decimals=options.decimals,
        min=options.min,
        max=options.max,
        log=options.log,
        thresholds=options.thresholds,
        thresholds_mode=options.thresholds_mode,
    )


def density_layout(options: DensityOptions) -> Model:
    """A plot over time with one image; the page sets its colours by the theme."""
    plot = time_plot(AxisUnit(options.unit, options.decimals), log=options.log)
    mapper = LinearColorMapper(palette=[CLEAR] * 2, low=0, high=MAX_CODES + 1, nan_color=CLEAR, name="colors")
    glyph = Image(image="image", x="x", y="y", dw="dw", dh="dh", color_mapper=mapper)
    plot.renderers = [GlyphRenderer(data_source=ColumnDataSource(name="picture"), glyph=glyph, name="s0")]
    return plot


def density_texts(options: DensityOptions) -> dict[str, Any]:
    ramp = RAMPS[options.palette]
    return {
        "density": {"draw": options.draw, "legend": options.scale_legend, "light": ramp.light, "dark": ramp.dark},
        "axis": {"unit": options.unit, "decimals": options.decimals, "log": 10 if options.log else 0},
        "tooltip": "nearest",
        "series": [],
        "thresholds": [
            {"value": one.start, "level": one.level, "color": one.color}
            for one in sorted(options.thresholds, key=lambda each: each.start)
            if math.isfinite(one.start) and options.thresholds_mode == "absolute"
        ],
        "threshold_style": "line",
    }
