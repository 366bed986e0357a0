"""A structured query of the built-in store: which series, and what is made of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ...declared import Spec, hint
from ...errors import InvalidError
from ...storage.metrics.reader import Selection
from .arithmetic import Expression

LabelValue = str | list[str]


class Selected(Spec):
    """Which samples are read, and what becomes of them."""

    metric: str = Field("", description="The metric.", json_schema_extra=hint("metric"))
    labels: dict[str, LabelValue] = Field(
        default_factory=dict, title="Filters", description="Only series with these labels: a value, or several."
    )
    over: Literal["avg", "min", "max", "sum", "count", "first", "last"] = Field(
        "avg", title="Function over time", description="How the samples between two points become one value."
    )
    agg: Literal["", "avg", "min", "max", "sum", "count"] = Field(
        "",
        title="Aggregate",
        description="How several series become one; empty: each stays as it is.",
        json_schema_extra=hint(names={"": "None"}),
    )
    by: list[str] = Field(
        default_factory=list,
        max_length=20,
        title="Group by",
        description="Labels: one aggregated series for each set of their values.",
    )
    rate: bool = Field(False, title="Rate", description="Per-second increase of a counter; resets are accounted for.")


class Pick(Selected):
    """Which series of the store, and what becomes of them."""

    metric: str = Field(min_length=1, max_length=300, description="The metric.", json_schema_extra=hint("metric"))

    def selection(self) -> Selection:
        """What the store is asked for."""
        by = tuple(self.by)
        return Selection(self.metric, self.labels, "rate" if self.rate else self.over, self.agg, by)


class StoreQuery(Selected):
    """A structured query: one pick, or several that an expression joins by equal labels.

    `{"metric": "node_load1"}` · `{"expr": "100 * (1 - idle)", "series": {"idle": {"metric": "node_cpu_seconds_total",
    "labels": {"mode": "idle"}, "rate": true, "agg": "avg", "by": ["cpu"]}}}`
    """

    expr: str = Field(
        "", max_length=500, title="Expression", description="Arithmetic over the series below: `100 * (1 - idle)`."
    )
    series: dict[str, Pick] = Field(
        default_factory=dict, max_length=10, description="Series by the names that the expression has for them."
    )
    top: int = Field(0, ge=0, le=1000, description="Only so many series, the largest; 0: all.")

    def picks(self) -> Mapping[str, Pick]:
        """The series that are read, by the name that the expression calls them."""
        if self.series:
            return self.series
        fields = self.model_dump(include=set(Pick.model_fields))
        return {"a": Pick.model_validate(fields)}

    def expression(self) -> Expression:
        """What is worked out of them; InvalidError where it names one that is not read."""
        expression = Expression(self.expr or next(iter(self.picks())))
        if unknown := expression.names - set(self.picks()):
            raise InvalidError(f"the expression names {min(unknown)}, which is not among the series", path="$.expr")
        return expression
