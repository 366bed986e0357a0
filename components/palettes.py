"""Colours out of a scheme: by the index of a series, by its name, or by a value's place between two bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    "continuous-viridis",
    "continuous-magma",
    "continuous-plasma",
    "continuous-inferno",
    "continuous-cividis",
]
MODES: Final = get_args(Mode)


def _literals(digits: str) -> Sequence[str]:
    return [f"#{one}" for one in digits.split()]


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
    # Of matplotlib (https://bids.github.io/colormap/), each a ninth from the next: told apart by people with any sight.
    "continuous-viridis": _literals("440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725"),
    "continuous-magma": _literals("000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf"),
    "continuous-plasma": _literals("0d0887 46039f 7201a8 9c179e bd3786 d8576b ed7953 fb9f3a fdca26 f0f921"),
    "continuous-inferno": _literals("000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4"),
    "continuous-cividis": _literals("00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838"),
}
Rgb = tuple[float, float, float]
NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# How much of the colour itself the shades keep, darker and brighter by turns.
SHADES: Final = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
BLACK: Final = (0.0, 0.0, 0.0)
WHITE: Final = (255.0, 255.0, 255.0)
GROUNDS: Final = Pair("#ffffff", "#181b1f")  # of Grafana's panels
LEAST_CONTRAST: Final = 3


def by_index(index: int) -> Pair:
    """The product's own palette, told apart by people with any sight."""
    return pair(series_color(index))


def classic(index: int) -> Pair:
    """The colour of a series by its place, for dark and light ground; the palette starts again at its end."""
    return pair(CLASSIC[index % len(CLASSIC)])


def classic_by_name(name: str) -> Pair:
    """A colour that stays with a name, of those that are seen on the ground of a panel.

    By Bernstein's hash with exclusive or, over the name's UTF-16 from its end on, as the package string-hash has it.
    """
    place = 5381
    units = name.encode("utf-16-be", "surrogatepass")
    for low, high in zip(units[::-2], units[-2::-2], strict=True):
        place = (place * 33 ^ (256 * high + low)) & 0xFFFFFFFF
    return Pair(SEEN.light[place % len(SEEN.light)], SEEN.dark[place % len(SEEN.dark)])


@dataclass(frozen=True, slots=True)
class Seen:
    """The classic colours that stand out from Grafana's panels, light and dark."""

    light: Sequence[str]
    dark: Sequence[str]


def _contrast(one: str, other: str) -> float:
    """After WCAG 2, from luminances of three digits."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    channels = [channel / 255 for channel in _rgb(color)]
    linear = [channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 3)


def shade(color: Pair, index: int) -> Pair:
    """A colour for the first, then darker and brighter ones of it by turns; as Grafana's shades."""
    place = index % (2 * len(SHADES) + 1) - 1
    if place < 0:
        return color
    return Pair(_shaded(color.light, place), _shaded(color.dark, place))


def _shaded(color: str, place: int) -> str:
    keep, other = SHADES[place // 2], WHITE if place % 2 else BLACK
    channels = [own * keep + there * (1 - keep) for own, there in zip(_rgb(color), other, strict=True)]
    red, green, blue = (math.floor(channel + 0.5) for channel in channels)
    return f"#{red:02x}{green:02x}{blue:02x}"


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
    """The channels of a literal that was checked: hex of three to eight digits, or rgb(…)."""
    if not color.startswith("#"):
        red, green, blue = (float(number) for number in NUMBERS.findall(color)[:3])
        return red, green, blue
    digits = color[1:] if len(color) > 5 else "".join(2 * digit for digit in color[1:])
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


SEEN: Final = Seen(
    [one.light for one in map(pair, CLASSIC) if _contrast(one.light, GROUNDS.light) >= LEAST_CONTRAST],
    [one.dark for one in map(pair, CLASSIC) if _contrast(one.dark, GROUNDS.dark) >= LEAST_CONTRAST],
)
