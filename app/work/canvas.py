"""What is to be drawn on: pixels and the ranges that they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...errors import InvalidError

MAX_SIDE = 4096


@dataclass(frozen=True, slots=True)
class Canvas:
    """`x` in ms; both ranges ascending, `y` as its points have it."""

    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]
    draw: Literal["lines", "points"] = "lines"

    def as_json(self) -> dict[str, Any]:
        """What its constructor takes."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Canvas:
        """InvalidError naming the field that is wrong."""
        for name in ("width", "height"):
            side = document.get(name)
            if not isinstance(side, int) or not 1 <= side <= MAX_SIDE:
                raise InvalidError(f"{name} is a number from 1 to {MAX_SIDE}", path=f"$.{name}")
        for name in ("x", "y"):
            ends = document.get(name)
            if not isinstance(ends, (list, tuple)) or len(ends) != 2 or not float(ends[0]) < float(ends[1]):
                raise InvalidError(f"{name} is a range of two numbers that ascend", path=f"$.{name}")
        draw = document.get("draw", "lines")
        if draw not in ("lines", "points"):
            raise InvalidError("draw is lines or points", path="$.draw")
        (x0, x1), (y0, y1) = document["x"], document["y"]
        return cls(document["width"], document["height"], (float(x0), float(x1)), (float(y0), float(y1)), draw)
