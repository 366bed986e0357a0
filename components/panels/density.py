"""The density panel: how many lines or points lie where, of thousands of series. Pictures are drawn beside the page."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

from bokeh.models import ColumnDataSource, GlyphRenderer, Image, LinearColorMapper, Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...declared import Groups
from ..field_options import FIELD_NAMES, Override
from ..fields import FieldOptions, ResolvedField, resolve
from ..ramps import RAMPS, RampName
from ..rasters import MAX_CODES, Scale
from ..thresholds import at_values
from .base import Columns, Drawn, PanelOptions, PanelType
from .plots import AxisUnit, time_plot
from .timeseries_options import TimeSeriesOptions

__all__ = [
    "NO_PICTURE",
    "Counted",
    "Density",
    "DensityOptions",
    "counted",
    "density_layout",
    "density_of",
    "density_texts",
    "of_time_series",
    "thresholds_of",
]

NO_PICTURE: Final[Columns] = {"image": [], "x": [], "y": [], "dw": [], "dh": []}
CLEAR: Final = "rgba(0, 0, 0, 0)"
NUMBERS: Final = frozenset({"number"})


class DensityOptions(FieldOptions):
    """Options of a density panel."""

    GROUPS: ClassVar[Groups] = {
        "Density": (
            "draw",
            "log",
            "hide",
        ),
        "Colours": (
            "palette",
            "scale",
            "scale_legend",
        ),
    }

    PER_FIELD: ClassVar[frozenset[str]] = frozenset({"hide"})

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
    hide: bool = Field(False, description="Leave series out: for overrides.")


# What a time series panel hands on where it is drawn as density.
SHARED: Final = ("unit", "decimals", "min", "max", "log", "hide", "thresholds", "thresholds_mode")


class Density(PanelType[DensityOptions]):
    """A source `picture` that the page fills with what it fetches: `image`, `x`, `y`, `dw`, `dh`."""

    name = "density"
    shows_marks = True
    title = "Density"
    needs = ("time", "number")
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


def may_be_density(options: PanelOptions) -> bool:
    """Whether a panel with these options is drawn as density, always or where it has many series."""
    return isinstance(options, DensityOptions) or (isinstance(options, TimeSeriesOptions) and options.many == "density")


def of_time_series(options: TimeSeriesOptions) -> DensityOptions:
    """How a time series with too many lines is drawn as density: its options, and those of its overrides that apply."""
    known = {name: getattr(options, name) for name in SHARED if name in options.model_fields_set}
    return DensityOptions(**known, overrides=tuple(_shared(one) for one in options.overrides))


def _shared(override: Override) -> Override:
    allowed = FIELD_NAMES | DensityOptions.PER_FIELD
    return override.model_copy(update={"set": {name: one for name, one in override.set.items() if name in allowed}})


@dataclass(frozen=True, slots=True)
class Counted:
    """The series that are counted, and what their axis is labelled in: the unit of the first of them."""

    frames: Sequence[Frame]
    axis: AxisUnit


def counted(options: DensityOptions, frames: Sequence[Frame]) -> Counted:
    """The series that no option hides."""
    series = [frame for frame in frames if frame.time is not None]
    if not options.overrides and not options.hide:
        return Counted(series, _axis(options, resolve(options, series[:1], kinds=NUMBERS)))
    fields = [one for one in resolve(options, series, kinds=NUMBERS) if not _hidden(one)]
    shown = {id(one.column) for one in fields}
    return Counted([kept for frame in series if (kept := _without(frame, shown)).numbers], _axis(options, fields))


def _hidden(field: ResolvedField) -> bool:
    return isinstance(field.options, DensityOptions) and field.options.hide


def _without(frame: Frame, shown: set[int]) -> Frame:
    """The frame with those of its numbers that are shown."""
    if all(id(column) in shown for column in frame.numbers):
        return frame
    return replace(frame, fields=tuple(one for one in frame.fields if one.kind != "number" or id(one) in shown))


def _axis(options: DensityOptions, fields: Sequence[ResolvedField]) -> AxisUnit:
    return AxisUnit(fields[0].unit, fields[0].options.decimals) if fields else AxisUnit(options.unit, options.decimals)


def density_layout(options: DensityOptions) -> Model:
    """A plot over time with one image; the page sets its colours by the theme."""
    plot = time_plot(AxisUnit(options.unit, options.decimals), log=options.log)
    mapper = LinearColorMapper(palette=[CLEAR] * 2, low=0, high=MAX_CODES + 1, nan_color=CLEAR, name="colors")
    glyph = Image(image="image", x="x", y="y", dw="dw", dh="dh", color_mapper=mapper)
    plot.renderers = [GlyphRenderer(data_source=ColumnDataSource(name="picture"), glyph=glyph, name="s0")]
    return plot


def density_texts(options: DensityOptions) -> dict[str, Any]:
    """What the page draws a picture of density with: ramps of both themes, axis, thresholds."""
    ramp = RAMPS[options.palette]
    return {
        "density": {"draw": options.draw, "legend": options.scale_legend, "light": ramp.light, "dark": ramp.dark},
        "axis": {"unit": options.unit, "decimals": options.decimals, "log": 10 if options.log else 0},
        "tooltip": "nearest",
        "series": [],
        "thresholds": [] if options.thresholds_mode == "percentage" else thresholds_of(options, 0.0, 0.0),
        "threshold_style": "line",
    }


def thresholds_of(options: DensityOptions, low: float, high: float) -> list[dict[str, Any]]:
    """Thresholds at values of the axis, ascending; percentages lie between `low` and `high`, else `min` and `max`."""
    low, high = low if options.min is None else options.min, high if options.max is None else options.max
    return at_values(options.thresholds, low, high, percentage=options.thresholds_mode == "percentage")
