"""Thresholds: from which value on a number is how bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["base", "ok", "warn", "bad", "info"]


class Threshold(BaseModel):
    """From `value` on the level is `level`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float = Field(description="The level holds from this value on.")
    level: Level = Field("bad", description="How bad: base, ok, warn, bad, info.")


def level_of(value: float | None, thresholds: Sequence[Threshold]) -> Level:
    """The level of the highest threshold that the value has reached; `base` below all."""
    level: Level = "base"
    if value is None:
        return level
    for threshold in sorted(thresholds, key=lambda one: one.value):
        if value >= threshold.value:
            level = threshold.level
    return level
