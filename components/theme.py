"""Colours and measures of charts, the same in both themes: what a theme changes is CSS, read by BokehJS on paint."""

from __future__ import annotations

from typing import Final

# Ten series colours, told apart by people with any sight, readable on both grounds.
SERIES: Final = (
    "#3783f0",
    "#a84d04",
    "#137a60",
    "#de6f95",
    "#88568f",
    "#a79254",
    "#019d89",
    "#7881b3",
    "#b67100",
    "#6e54c5",
)
LINE_WIDTH: Final = 1.5
LONE_FILL_ALPHA: Final = 0.14
STACK_FILL_ALPHA: Final = 0.5
BAR_ALPHA: Final = 0.95
# The gutters that all plots of a column share, so that their axes and times align.
GUTTERS: Final = {"min_border_left": 58, "min_border_right": 18, "min_border_top": 6, "min_border_bottom": 22}
RIGHT_AXIS: Final = 58  # the gutter of a second axis: as wide as that of the first, for labels as long
LEVELS: Final = ("base", "ok", "warn", "bad", "info")


# How the eleventh, the twenty-first series and so on differ from the first: towards white or black, by how much.
ROUNDS: Final = ((0, 0.0), (255, 0.35), (0, 0.3), (255, 0.6), (0, 0.5))


def series_color(index: int) -> str:
    """The colour of a series by its place in its panel: no two of fifty have the same."""
    color = SERIES[index % len(SERIES)]
    towards, share = ROUNDS[index // len(SERIES) % len(ROUNDS)]
    channels = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(own + (towards - own) * share):02x}" for own in channels)


def series_dash(index: int) -> str:
    """Solid for the first ten; the eleventh begins again with a dash."""
    return ("solid", "dashed", "dotted", "dashdot", "dotdash")[index // len(SERIES) % 5]
