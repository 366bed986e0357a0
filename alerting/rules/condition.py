"""When a rule's value breaches, and when it has recovered: two thresholds, so that an alert does not flap."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from ...declared import Spec

Limit = Annotated[float, Field(allow_inf_nan=False)]


class Bound(Spec):
    """A test of one number: `above` and `below` are strict; `from` and `to` include their ends; `equal`, `not_equal`.

    All that are given hold together: `{"above": 1, "below": 5}` is the open range. `{}` holds for every number, NaN
    too: that is what a rule of Prometheus means, whose expression filters by itself.
    """

    above: Limit | None = None
    below: Limit | None = None
    from_: Limit | None = Field(None, alias="from")
    to: Limit | None = None
    equal: Limit | None = None
    not_equal: Limit | None = None
    outside: tuple[Limit, Limit] | None = None

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

    @property
    def is_open(self) -> bool:
        """Whether every value passes."""
        return self == Bound()

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


class Condition(Spec):
    """`of` names the target or expression whose series are looked at, `reducer` what of each series.

    An instance fires while `fires` holds; one that fires has recovered once `resolves` holds, or, where there is none,
    once `fires` does not hold any more.
    """

    of: str = Field("A", pattern=r"^[A-Za-z0-9_]{1,16}$")
    reducer: str = "last"
    fires: Bound = Field(default_factory=Bound)
    resolves: Bound | None = None

    @model_validator(mode="after")
    def apart(self) -> Self:
        """What fires cannot have recovered: the second threshold lies on the other side of the first."""
        if self.resolves is None:
            return self
        if self.resolves.is_open or self.fires.is_open:
            raise ValueError("resolves: two thresholds are of the same value: fires and resolves each say where")
        shared = next(
            (value for value in self._probes() if self.fires.holds(value) and self.resolves.holds(value)), None
        )
        if shared is not None:
            raise ValueError(f"resolves: on the wrong side: {shared:g} would fire and be resolved at once")
        return self

    def _probes(self) -> list[float]:
        """Numbers at, beside and far from every limit: where two tests overlap, one of these is in both."""
        limits = {limit for bound in (self.fires, self.resolves) if bound is not None for limit in _limits(bound)}
        near = [math.nextafter(limit, end) for limit in limits for end in (-math.inf, math.inf)]
        between = sorted(limits)
        middles = [(low + high) / 2 for low, high in pairwise(between)]
        return [*limits, *near, *middles, -math.inf, math.inf]

    def breached(self, value: float) -> bool:
        """Whether a value is one that fires."""
        return self.fires.holds(value)

    def recovered(self, value: float) -> bool:
        """Whether a value lets an instance that fires be resolved."""
        return not self.fires.holds(value) if self.resolves is None else self.resolves.holds(value)


def _limits(bound: Bound) -> list[float]:
    single = [bound.above, bound.below, bound.from_, bound.to, bound.equal, bound.not_equal]
    return [limit for limit in (*single, *(bound.outside or ())) if limit is not None]
