"""Thresholds: from which value on a number is how bad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field, model_validator

from ..declared import Spec
from .colors import Color, Level

__all__ = ["Level", "Threshold", "at_values", "level_of", "reached"]


class Threshold(Spec, frozen=True):
    """From `value` on the level is `level`, or the colour `color`."""

    value: float | None = Field(description="It holds from this value on; null: below all others.")
    level: Level = Field("bad", description="How bad: base, ok, warn, bad, info.")
    color: Color = Field("", description="A colour instead of a level.")

    @model_validator(mode="before")
    @classmethod
    def a_colour_is_no_level(cls, data: Any) -> Any:
        return {"level": "base", **data} if isinstance(data, dict) and data.get("color") else data

    @property
    def start(self) -> float:
        """From where it holds: that of the first is minus infinity."""
        return -math.inf if self.value is None else self.value


def reached(value: float | None, thresholds: Sequence[Threshold]) -> Threshold | None:
    """The highest threshold that the value has reached; no value and NaN reach the one below all."""
    found = None
    number = -math.inf if value is None or math.isnan(value) else value
    for threshold in sorted(thresholds, key=lambda one: one.start):
        if number >= threshold.start:
            found = threshold
    return found


def level_of(value: float | None, thresholds: Sequence[Threshold]) -> Level:
    """The level of the highest threshold that the value has reached; `base` below all."""
    if value is None:
        return "base"
    threshold = reached(value, thresholds)
    return threshold.level if threshold else "base"


def at_values(thresholds: Sequence[Threshold], low: float, high: float, *, percentage: bool) -> list[dict[str, Any]]:
    """Where an axis has them, ascending: `{value, level, color}`. Percentages lie between `low` and `high`."""
    return [
        {
            "value": low + one.start / 100 * (high - low) if percentage else one.start,
            "level": one.level,
            "color": one.color,
        }
        for one in sorted(thresholds, key=lambda each: each.start)
        if math.isfinite(one.start)
    ]
