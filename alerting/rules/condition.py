"""When a rule's value breaches, and when it has recovered: two thresholds, so that an alert does not flap."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from ...datasources.expressions.bound import Bound
from ...declared import Spec, hint


class Condition(Spec):
    """`of` names the target or expression whose series are looked at, `reducer` what of each series.

    An instance fires while `fires` holds; one that fires has recovered once `resolves` holds, or, where there is none,
    once `fires` does not hold any more.
    """

    of: str = Field("A", pattern=r"^[A-Za-z0-9_]{1,16}$", description="The query or expression that is tested.")
    reducer: str = Field(
        "last", description="How each series is reduced to one value.", json_schema_extra=hint(choices="reducers")
    )
    fires: Bound = Field(default_factory=Bound, title="Fire when the value", description="The alert condition.")
    resolves: Bound | None = Field(
        None,
        title="Resolve when the value",
        description="A second threshold, so that the alert does not flap. Default: as soon as it no longer fires.",
    )

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
        limits = {limit for bound in (self.fires, self.resolves) if bound is not None for limit in bound.limits}
        near = [math.nextafter(limit, end) for limit in limits for end in (-math.inf, math.inf)]
        between = sorted(limits)
        middles = [(low + high) / 2 for low, high in pairwise(between)]
        return [*limits, *near, *middles, -math.inf, math.inf]

    def breached(self, value: float) -> bool:
        """Whether a value is one that fires."""
        return self.fires.test(value)

    def recovered(self, value: float) -> bool:
        """Whether a value lets an instance that fires be resolved."""
        return not self.fires.test(value) if self.resolves is None else self.resolves.test(value)
