"""A test of one number, as thresholds of expressions and conditions of alert rules declare it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
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
        return self.test(value)

    @cached_property
    def test(self) -> Callable[[float], bool]:
        """`holds`, made once for the many values that rules look at."""
        tests = list(self._tests())
        if len(tests) == 1:
            return tests[0]
        return lambda value: all(test(value) for test in tests)

    def _tests(self) -> Iterator[Callable[[float], bool]]:
        """What is demanded, each false of NaN."""
        above, below, from_, to = self.above, self.below, self.from_, self.to
        if above is not None:
            yield lambda value: value > above
        if below is not None:
            yield lambda value: value < below
        if from_ is not None:
            yield lambda value: value >= from_
        if to is not None:
            yield lambda value: value <= to
        if (equal := self.equal) is not None:
            yield lambda value: value == equal
        if (other := self.not_equal) is not None:
            yield lambda value: value != other and not math.isnan(value)
        if self.outside is not None:
            low, high = self.outside
            yield lambda value: value < low or value > high
