"""Colours for counts: even to the eye, from what is still seen on a light or dark ground to what stands out most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bokeh.palettes import Cividis256, Inferno256, Magma256, Viridis256

RampName = Literal["viridis", "cividis", "inferno", "magma", "blues"]
STOPS: Final = 24
LEAST_CONTRAST: Final = 2.0  # of the first colour with the ground: one line must be seen
# What charts lie on, in both themes (design tokens `--raised`).
LIGHT_GROUND: Final = "#ffffff"
DARK_GROUND: Final = "#161b22"


@dataclass(frozen=True, slots=True)
class Ramp:
    """Colours from the least count to the most, for each theme."""

    light: Sequence[str]
    dark: Sequence[str]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG has it, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ramp_of(colors: Sequence[str]) -> Ramp:
    """The part of dark-to-light colours that is seen on each ground."""
    return Ramp(_thinned(_seen(colors[::-1], LIGHT_GROUND)), _thinned(_seen(colors, DARK_GROUND)))


def _seen(colors: Sequence[str], ground: str) -> Sequence[str]:
    first = next(index for index, color in enumerate(colors) if contrast(color, ground) >= LEAST_CONTRAST)
    return colors[first:]


def _thinned(colors: Sequence[str]) -> Sequence[str]:
    last = len(colors) - 1
    return [colors[round(index * last / (STOPS - 1))].lower() for index in range(STOPS)]


# The design's own scale (tokens `--seq-…`), without its ends that melt into the ground.
BLUES: Final = Ramp(
    ["#89b5e7", "#5c97db", "#3a79c7", "#275ca8", "#1c4582", "#152f5b"],
    ["#21558c", "#2b6eb2", "#4a8bd2", "#79a9e3", "#abc8f0", "#dde9fa"],
)
RAMPS: Final[Mapping[RampName, Ramp]] = {
    "viridis": ramp_of(Viridis256),
    "cividis": ramp_of(Cividis256),
    "inferno": ramp_of(Inferno256),
    "magma": ramp_of(Magma256),
    "blues": BLUES,
}
