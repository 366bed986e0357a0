"""The glyphs of lines: their styles in Bokeh. Rules of gaps, dots and fading stand in tags for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.core.property.vectorization import Expr, Value
from bokeh.core.property.vectorization import Field as At
from bokeh.models import (
    ColumnDataSource,
    GlyphRenderer,
    Line,
    Scatter,
    Stack,
    Step,
    VArea,
    VAreaStep,
    VBar,
)

from ..theme import BAR_ALPHA
from .lines import Style

POINT_SIZE = 4
STEP_MODES: Mapping[str, str] = {"steps": "after", "steps_before": "before"}


def renderers(styles: Sequence[Style], sources: Mapping[str, ColumnDataSource], stack: str) -> list[GlyphRenderer]:
    """The renderers of all lines in their order; those of one line have its column's name."""
    found = []
    for index, style in enumerate(styles):
        below = [one.column for one in styles[:index] if one.axis == style.axis]
        every = [one.column for one in styles if one.axis == style.axis]
        top, bottom = _edges(style.column, below, every, stack)
        for glyph in _glyphs(style, top, bottom):
            renderer = GlyphRenderer(data_source=sources[style.source], glyph=glyph, name=style.column)
            if style.axis == "right":
                renderer.y_range_name = "right"
            found.append(renderer)
    return found


def _edges(column: str, below: Sequence[str], every: Sequence[str], stack: str) -> tuple[Any, Any]:
    """Where a series ends and where it begins; in percent the page divides by the sum of `every`."""
    if stack == "none":
        return At(column), Value(0.0)
    tags = ["stack", stack, column, *every]
    bottom = Expr(Stack(fields=list(below), tags=tags)) if below else Value(0.0)
    return Expr(Stack(fields=[*below, column], tags=tags)), bottom


def _glyphs(style: Style, top: Any, bottom: Any) -> list[Any]:
    x = At("t")
    if style.kind == "bars":
        fill: dict[str, Any] = {"fill_color": style.color, "fill_alpha": BAR_ALPHA, "line_color": None}
        return [VBar(x=x, top=top, bottom=bottom, width=1, tags=["bar"], **fill)]
    if style.kind == "points":
        return [Scatter(x=x, y=top, size=POINT_SIZE, fill_color=style.color, line_color=None)]
    found: list[Any] = []
    mode = STEP_MODES.get(style.kind)
    if style.fill > 0:
        area = {"x": x, "y1": bottom, "y2": top, "fill_color": style.color, "fill_alpha": style.fill}
        tags = ["line", style.reach_ms, "fade" if style.gradient else ""]
        found.append(VAreaStep(step_mode=mode, tags=tags, **area) if mode else VArea(tags=tags, **area))
    if style.width > 0:
        tags = ["line", style.reach_ms, style.points]
        stroke: dict[str, Any] = {
            "line_color": style.color,
            "line_width": style.width,
            "line_dash": style.dash,
            "line_join": "round",
        }
        found.append(
            Step(x=x, y=top, mode=mode, tags=tags, **stroke) if mode else Line(x=x, y=top, tags=tags, **stroke)
        )
    return found
