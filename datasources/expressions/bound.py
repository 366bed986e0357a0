"""A test of one number, as thresholds of expressions and conditions of alert rules declare it."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from ...declared import Spec

Limit = Annotated[float, Field(allow_inf_nan=False)]


class Bound(Spec):
    """`above` and `below` are strict; `from` and `to` include their ends; `equal`, `not_equal`, `outside` a range.

    All that are given hold together: `{"above": 1, "below": 5}` is the open range. `{}` holds for every number, NaN
    too: that is what a rule of Prometheus means, whose expression filters by itself.
    """

    above: Limit | None = Field(None, description="More than this.")
    below: Limit | None = Field(None, description="Less than this.")
    from_: Limit | None = Field(None, alias="from", description="This or more.")
    to: Limit | None = Field(None, description="This or less.")
    equal: Limit | None = Field(None, description="Exactly this.")
    not_equal: Limit | None = Field(None, description="Anything but this.")
    outside: tuple[Limit, Limit] | None = Field(None, description="Below the first or above the second of two numbers.")

    model_config = Spec.model_config | {"populate_by_name": True, "frozen": True}

    @model_validator(mode="after")
    def possible(self) -> Self:
        low = max((one for one in (self.above, self.from_) if one is not None), default=-math.inf)
        high = min((one for one in (self.below, self.to) if one is not None), default=math.inf)
        if low > high:
            raise ValueError(f"no number is above {low:g} and below {high:g}")
        if self.outside is not None and self.outside[0] > self.outside[1]:
            raise ValueError("outside: the lower end first")
        return self

    @cached_property
    def is_open(self) -> bool:
        """Whether every value passes."""
        return not self.limits

    @property
    def limits(self) -> list[float]:
        """The numbers at which the answer may change."""
        single = [self.above, self.below, self.from_, self.to, self.equal, self.not_equal]
        return [limit for limit in (*single, *(self.outside or ())) if limit is not None]

    def holds(self, value: float) -> bool:
        """Whether a value passes. NaN passes where nothing is demanded alone."""
        if self.is_open:
            return True
        return not math.isnan(value) and all(
            (
                self.above is None or value > self.above,
                self.below is None or value < self.below,
                self.from_ is None or value >= self.from_,
                self.to is None or value <= self.to,
                self.equal is None or value == self.equal,
                self.not_equal is None or value != self.not_equal,
                self.outside is None or value < self.outside[0] or value > self.outside[1],
            )
        )
