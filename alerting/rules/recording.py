"""A recording rule: what its query answers is written to the store under a name of its own, on schedule."""

from __future__ import annotations

from pydantic import Field, field_validator

from ...declared import Spec
from .declared import ID_PATTERN, LABEL_NAME, MAX_LABELS, MAX_TEXT, RuleTarget
from .durations import Every, duration_ms
from .naming import Called

METRIC_PATTERN = r"^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$"


class RecordingRule(Spec):
    """`record` is the name of the metric; `labels` replace those of the answer, and empty ones take them away."""

    rule_id: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    record: str = Field(pattern=METRIC_PATTERN)
    folder: str = Field("", max_length=64)
    group: Called = Field("default", min_length=1, max_length=200)
    interval: Every = "1m"
    target: RuleTarget
    labels: dict[str, str] = Field(default_factory=dict, max_length=MAX_LABELS)
    dashboard_id: str | None = Field(None, pattern=ID_PATTERN)
    paused: bool = False
    version: int = Field(0, ge=0)

    @field_validator("labels")
    @classmethod
    def named(cls, values: dict[str, str]) -> dict[str, str]:
        for name, text in values.items():
            if not LABEL_NAME.fullmatch(name) or len(text) > MAX_TEXT:
                raise ValueError(f"{name[:100]!r} is not a label")
        return values

    @property
    def title(self) -> str:
        """The name of the metric that it writes."""
        return self.record

    @property
    def targets(self) -> list[RuleTarget]:
        """Its one query, as other rules have several."""
        return [self.target]

    @property
    def interval_ms(self) -> int:
        """From one evaluation to the next."""
        return duration_ms(self.interval)
