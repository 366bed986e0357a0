"""Colours out of a scheme: by the index of a series, by its name, or by a value's place between two bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args

from .colors import CLASSIC, Pair, pair
from .theme import series_color

Mode = Literal[
    "palette",
    "palette-classic",
    "palette-classic-by-name",
    "fixed",
    "shades",
    "thresholds",
    "continuous-GrYlRd",
    "continuous-RdYlGr",
    "continuous-BlYlRd",
    "continuous-YlRd",
    "continuous-BlPu",
    "continuous-YlBl",
    "continuous-blues",
    "continuous-reds",
    "continuous-greens",
    "continuous-purples",
]
MODES: Final = get_args(Mode)
STOPS: Final[Mapping[str, Sequence[str]]] = {
    "continuous-GrYlRd": ("green", "yellow", "red"),
    "continuous-RdYlGr": ("red", "yellow", "green"),
    "continuous-BlYlRd": ("dark-blue", "super-light-yellow", "dark-red"),
    "continuous-YlRd": ("super-light-yellow", "dark-red"),
    "continuous-BlPu": ("blue", "purple"),
    "continuous-YlBl": ("super-light-yellow", "dark-blue"),
    "continuous-blues": ("panel-bg", "dark-blue"),
    "continuous-reds": ("panel-bg", "dark-red"),
    "continuous-greens": ("panel-bg", "dark-green"),
    "continuous-purples": ("panel-bg", "dark-purple"),
}
Rgb = tuple[float, float, float]


def by_index(index: int) -> Pair:
    """The product's own palette, told apart by people with any sight."""
    return pair(series_color(index))


def classic(index: int) -> Pair:
    return pair(CLASSIC[index % len(CLASSIC)])


def classic_by_name(name: str) -> Pair:
    """A colour that stays with a name, by Java's hash of it."""
    number = 0
    for char in name:
        number = (number * 31 + ord(char)) & 0xFFFFFFFF
    return classic(abs(number - (1 << 32) if number >= 1 << 31 else number))


def continuous(mode: str, share: float) -> Pair:
    """The colour at a share from 0 to 1 of a scheme: a B-spline through its stops, in RGB."""
    stops = [pair(name) for name in STOPS[mode]]
    return Pair(_spline([one.light for one in stops], share), _spline([one.dark for one in stops], share))


def _spline(stops: Sequence[str], share: float) -> str:
    colors = [_rgb(stop) for stop in stops]
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else float(share > 0)
    last = len(colors) - 1
    index = min(int(share * last), last - 1)
    t = share * last - index
    channels = []
    for channel in range(3):
        values = [color[channel] for color in colors]
        before = values[index - 1] if index else 2 * values[0] - values[1]
        after = values[index + 2] if index < last - 1 else 2 * values[last] - values[last - 1]
        channels.append(_basis(t, before, values[index], values[index + 1], after))
    red, green, blue = (int(channel + 0.5) for channel in channels)
    return f"rgb({red}, {green}, {blue})"


def _basis(t: float, v0: float, v1: float, v2: float, v3: float) -> float:
    """A uniform cubic B-spline between v1 and v2."""
    t2, t3 = t * t, t * t * t
    return (
        (1 - 3 * t + 3 * t2 - t3) * v0 + (4 - 6 * t2 + 3 * t3) * v1 + (1 + 3 * t + 3 * t2 - 3 * t3) * v2 + t3 * v3
    ) / 6


def _rgb(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
