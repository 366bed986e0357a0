"""A rule as the API, files and Python have it."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from ...declared import Spec
from .condition import Condition
from .durations import Duration, Every, duration_ms
from .naming import Called

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
LABEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
MAX_LABELS = 64
MAX_TEXT = 10_000
# What every instance carries by itself; a rule that set it would hide which rule it is.
OWN_LABELS = frozenset({"alertname"})
METRIC = "__name__"
Policy = Literal["Normal", "Alerting", "KeepLast", "NoData"]
ErrorPolicy = Literal["Normal", "Alerting", "KeepLast", "Error"]


class RuleTarget(Spec):
    """One query or expression of a rule; `range` is how far back it looks from the instant of the evaluation."""

    ref: str = Field("A", pattern=r"^[A-Za-z0-9_]{1,16}$", description="Its name in the condition and in expressions.")
    datasource: str = Field(
        "", max_length=128, description="The data source that is queried; `__expr__`: an expression over other queries."
    )
    query: str | dict[str, Any] = Field(
        "", max_length=100_000, description="As in a panel; an expression is e.g. `$A / $B * 100`."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="As in a panel's query.")
    range: Duration = Field("10m", description="How far back it looks, where the data source has no instant queries.")
    instant: bool = Field(True, description="Ask for the newest value only, where the data source can.")


class Rule(Spec):
    """An alert rule. Durations are texts such as `5m`; labels and annotations are templates of Prometheus's kind.

    `missing_after`: evaluations after which an instance whose series is gone is resolved. `no_data`, `error`: what
    becomes of the rule where nothing comes, or an error; `NoData` and `Error` are instances of their own. `strict_for`:
    evaluations that did not happen end what is pending, instead of counting as time that passed.
    """

    rule_id: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    title: Called = Field(min_length=1, max_length=200, description="Name of the alert; also its label `alertname`.")
    folder: str = Field("", max_length=64, description="Its permissions apply to the rule.")
    group: Called = Field(
        "default", min_length=1, max_length=200, description="Rules of a group are evaluated together."
    )
    interval: Every = Field("1m", description="How often the rule is evaluated.")
    targets: list[RuleTarget] = Field(
        min_length=1, max_length=26, description="Queries, and expressions over their results."
    )
    condition: Condition = Field(default_factory=Condition)
    for_: Duration = Field(
        "0s", alias="for", description="How long the condition must hold without a break before the alert fires."
    )
    keep_firing_for: Duration = Field(
        "0s", description="How long the alert keeps firing once the condition has cleared."
    )
    missing_after: int = Field(
        2, ge=1, le=100, description="Evaluations without its series after which an alert resolves."
    )
    no_data: Policy = Field("NoData", description="State when the query returns no data.")
    error: ErrorPolicy = Field("Error", description="State when the query fails.")
    strict_for: bool = Field(False, description="Missed evaluations restart the pending period.")
    labels: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_LABELS,
        description="Notification policies and silences match on them, for example severity.",
    )
    annotations: dict[str, str] = Field(
        default_factory=dict,
        max_length=MAX_LABELS,
        description="Text for people, with templates: {{ $labels.host }} is at {{ $value }}.",
    )
    dashboard_id: str | None = Field(
        None, pattern=ID_PATTERN, title="Dashboard", description="The dashboard that shows the query."
    )
    panel_id: int | None = Field(
        None, ge=0, title="Panel", description="The panel on which changes of state are marked."
    )
    paused: bool = Field(False, description="Not evaluated; firing alerts resolve.")
    version: int = Field(0, ge=0)

    model_config = Spec.model_config | {"populate_by_name": True}

    @field_validator("labels", "annotations")
    @classmethod
    def named(cls, values: dict[str, str]) -> dict[str, str]:
        for name, text in values.items():
            if not LABEL_NAME.fullmatch(name):
                raise ValueError(f"{name[:100]!r} is not the name of a label")
            if len(text) > MAX_TEXT:
                raise ValueError(f"{name}: longer than {MAX_TEXT} characters")
        return values

    @field_validator("labels")
    @classmethod
    def not_our_own(cls, values: dict[str, str]) -> dict[str, str]:
        taken = OWN_LABELS.intersection(values)
        if taken:
            raise ValueError(f"{min(taken)} is the title of the rule")
        if METRIC in values:
            raise ValueError(f"{METRIC} is the name of a metric, and an alert is none")
        return values

    @model_validator(mode="after")
    def refers_to_its_targets(self) -> Self:
        refs = [target.ref for target in self.targets]
        twice = next((ref for index, ref in enumerate(refs) if ref in refs[:index]), None)
        if twice is not None:
            raise ValueError(f"two targets are {twice}")
        if self.condition.of not in refs:
            raise ValueError(f"condition: no target is {self.condition.of}")
        if (self.panel_id is not None) and self.dashboard_id is None:
            raise ValueError("panel_id: of which dashboard")
        return self

    @property
    def interval_ms(self) -> int:
        """From one evaluation to the next."""
        return duration_ms(self.interval)

    @property
    def for_ms(self) -> int:
        """How long the condition holds before it fires."""
        return duration_ms(self.for_)

    @property
    def keep_firing_ms(self) -> int:
        """How long it fires on once the condition holds no more."""
        return duration_ms(self.keep_firing_for)
