"""Colours that users may name: levels, series, Grafana's names, hex and rgb. Nothing else ever becomes CSS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from ..declared import hint
from .theme import SERIES

_FILE: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("colors.json").read_text("utf-8"))
DARK: Final[Mapping[str, str]] = _FILE["dark"]
LIGHT: Final[Mapping[str, str]] = _FILE["light"]
CLASSIC: Final[Sequence[str]] = _FILE["palette_classic"]
SERIES_TOKENS: Final = tuple(f"series-{index + 1}" for index in range(len(SERIES)))
# Marks of the levels on a canvas, the same in both themes; as `--mark-…` in tokens.css.
MARKS: Final[Mapping[str, str]] = {
    "ok": "#2a9160",
    "warn": "#b97a0a",
    "bad": "#d9483e",
    "info": "#3783f0",
    "nodata": "#7d8794",
}
Level = Literal["base", "ok", "warn", "bad", "info"]
LITERAL: Final = re.compile(
    r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|rgba?\( ?[0-9.]{1,6}(?:, ?[0-9.]{1,6}%?){2,3} ?\)"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One colour as each theme shows it, both literal."""

    light: str
    dark: str

    @property
    def css(self) -> str:
        """A CSS colour that follows the theme by itself; for canvases the page picks a side."""
        return self.dark if self.light == self.dark else f"light-dark({self.light}, {self.dark})"


def is_color(text: str) -> bool:
    """Whether it is a name that `css` knows, or a literal colour."""
    return text in DARK or text in SERIES_TOKENS or text in MARKS or LITERAL.fullmatch(text) is not None


def pair(color: str) -> Pair:
    """What a checked name or literal looks like in both themes."""
    if color in DARK:
        return Pair(LIGHT[color], DARK[color])
    if color in SERIES_TOKENS:
        color = SERIES[SERIES_TOKENS.index(color)]
    elif color in MARKS:
        color = MARKS[color]
    return Pair(color, color)


def css(color: str) -> str:
    """The CSS of a checked name or literal; empty stays empty."""
    return pair(color).css if color else ""


def _checked(text: str) -> str:
    if text and not is_color(text):
        raise ValueError("a colour such as #e02f44, rgb(224, 47, 68), semi-dark-red, series-3 or warn")
    return text


Color = Annotated[str, Field(max_length=40, json_schema_extra=hint("color")), AfterValidator(_checked)]
