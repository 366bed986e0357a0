"""What the bar panel may be told."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ...declared import Groups
from ..fields import FieldOptions
from .single import Calc

MAX_CATEGORIES = 200


class BarOptions(FieldOptions):
    """Options of a bar panel."""

    GROUPS: ClassVar[Groups] = {
        "Bars": (
            "direction",
            "stack",
            "values",
            "gap",
            "sort",
            "color_by",
            "hide",
            "log",
        ),
        "Data": (
            "calc",
            "category",
            "limit",
        ),
        "Legend": ("legend",),
    }

    PER_FIELD: ClassVar[frozenset[str]] = frozenset({"hide"})

    calc: Calc = Field("lastNotNull", description="Which value of a series is its bar.")
    category: str = Field("", max_length=500, description="The column that names the bars; empty: the first of texts.")
    direction: Literal["vertical", "horizontal"] = Field("vertical", description="Which way bars grow.")
    stack: Literal["none", "normal", "percent"] = Field(
        "none", description="Bars of one category stand side by side, or on each other."
    )
    log: bool = Field(
        False, description="Logarithmic axis of values, without stacks; values that are not positive have no bar."
    )
    gap: float = Field(0.15, ge=0, le=0.9, description="Which share of a category's room stays empty.")
    sort: Literal["", "name", "value", "-value"] = Field(
        "", description="The order of bars; `-value`: the largest first."
    )
    color_by: Literal["field", "category", "value"] = Field(
        "field", description="What gives a bar its colour: its column, its category, or its value by thresholds."
    )
    values: bool = Field(False, description="Write each value at its bar.")
    legend: Literal["list", "hidden"] = Field(
        "list", description="Whether there is a legend, where there are several columns."
    )
    limit: int = Field(50, ge=1, le=MAX_CATEGORIES, description="At most so many categories.")
    hide: bool = Field(False, description="Leave columns out: for overrides.")
