"""What a time series panel can be told."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from ...datasources.reducers import is_reducer
from ...datasources.steps import interval_ms
from ...declared import Groups, hint
from ..fields import FieldOptions
from ..theme import LINE_WIDTH
from .series import MAX_LINES

Calc = Literal["last", "min", "max", "mean", "total"]
LineStyle = Literal["line", "steps", "steps_before", "bars", "points"]
Dash = Literal["", "solid", "dashed", "dotted", "dashdot"]
CONNECT_MS = -1.0
MOST_LINES = 500  # that `limit` may be raised to


def _stack(value: Any) -> Any:
    """`true` and `false`, as they were once written."""
    return {True: "normal", False: "none"}.get(value, value) if isinstance(value, bool) else value


Stack = Annotated[Literal["none", "normal", "percent"], BeforeValidator(_stack)]


class TimeSeriesOptions(FieldOptions):
    """Options of a time series panel."""

    GROUPS: ClassVar[Groups] = {
        "Lines": (
            "style",
            "stack",
            "fill",
            "gradient",
            "line_width",
            "dash",
            "points",
            "nulls",
            "unfinished",
            "hide",
        ),
        "Axis": (
            "axis",
            "axis_label",
            "log",
            "log_base",
        ),
        "Legend": (
            "legend",
            "legend_place",
            "calcs",
            "legend_sort",
        ),
        "Tooltip": ("tooltip",),
        "Many series": (
            "limit",
            "many",
            "many_by",
        ),
        "Thresholds": ("threshold_style",),
    }

    PER_FIELD: ClassVar[frozenset[str]] = frozenset(
        {
            "style",
            "fill",
            "gradient",
            "line_width",
            "dash",
            "nulls",
            "points",
            "axis",
            "axis_label",
            "unfinished",
            "hide",
        }
    )

    style: LineStyle = Field("line", description="How values are drawn; steps hold a value after or before its time.")
    stack: Stack = Field("none", description="Stack the series on each other, as they are or as shares of their sum.")
    fill: float | None = Field(None, ge=0, le=1, description="Opacity under a line; empty: under a lone line only.")
    gradient: bool = Field(False, description="Let what is under a line fade towards zero.")
    line_width: float = Field(LINE_WIDTH, ge=0, le=10, description="Width of lines in pixels.")
    dash: Dash = Field("", description="Dashes of lines; empty: solid for the first ten, then by the series.")
    points: Literal["auto", "always", "never"] = Field(
        "auto", description="Dots on lines; auto: where there is room for them, and on points that stand alone."
    )
    nulls: str = Field(
        "gap",
        pattern=r"^(gap|connect|\d{1,9}(ms|s|m|h|d|w))$",
        description="What a missing value does to a line: `gap`, `connect`, or connect gaps up to a time such as `5m`.",
    )
    unfinished: Literal["dashed", "solid"] = Field(
        "dashed",
        title="Buckets that are not over",
        description="How buckets that more may come to are drawn: `dashed`, areas and bars paler, or as all others.",
    )
    axis: Literal["left", "right"] = Field("left", description="The axis of values; an override gives series another.")
    axis_label: str = Field("", max_length=100, description="Words along the axis of values.")
    hide: bool = Field(False, description="Leave series out: for overrides.")
    log: bool = Field(False, description="Logarithmic axis; values that are not positive are not drawn.")
    log_base: Literal[2, 10] = Field(10, description="The factor between two labels of a logarithmic axis.")
    legend: Literal["list", "table", "hidden"] = Field("list", description="How the legend stands.")
    legend_place: Literal["bottom", "right"] = Field("bottom", description="Where the legend stands.")
    legend_sort: str = Field(
        "",
        pattern=r"^(-?(name|last|min|max|mean|total))?$",
        description="What a legend that is a table is ordered by, with `-` the largest first; empty: as it comes.",
    )
    calcs: tuple[Calc, ...] = Field(("last",), max_length=5, description="Columns of a legend that is a table.")
    threshold_style: Literal["line", "band", "both", "hidden"] = Field(
        "line", description="How thresholds are drawn: at their value, as the region above it, or both."
    )
    tooltip: Literal["all", "nearest", "hidden"] = Field("all", description="Which series the tooltip shows.")
    limit: int = Field(MAX_LINES, ge=1, le=MOST_LINES, description="At most so many series are drawn as lines.")
    many: Literal["top", "density"] = Field(
        "top", description="What is drawn of more series than `limit`: the largest ones, or all as density."
    )
    many_by: str = Field(
        "mean",
        max_length=32,
        json_schema_extra=hint(choices="reducers"),
        description="The reducer by whose size the series of `top` are chosen, of either sign.",
    )

    @field_validator("many_by")
    @classmethod
    def a_reducer(cls, value: str) -> str:
        if not is_reducer(value):
            raise ValueError(f"there is no reducer {value}")
        return value


def reach_ms(nulls: str) -> float:
    """Up to which time between two points their line goes on over missing values: 0 is never, CONNECT_MS always."""
    if nulls == "gap":
        return 0.0
    return CONNECT_MS if nulls == "connect" else float(interval_ms(nulls))
