"""What the API answers of rules and alerts, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from ...alerting.rules.declared import Rule
from ...alerting.rules.recording import RecordingRule
from .shapes import Ms, Principal, Shape

Labels = dict[str, str]
StateName = Literal["Normal", "Pending", "Firing", "NoData", "Error"]
Origin = Annotated[str, Field(description="The file that it comes of; empty where people made it.")]


class SavedAlertRule(Rule):
    """An alert rule with what its keeping adds."""

    kind: Literal["alert"]
    origin: Origin
    created_by: Principal
    updated_by: Principal
    created_at: Ms
    updated_at: Ms


class SavedRecordingRule(RecordingRule):
    """A recording rule with what its keeping adds."""

    kind: Literal["record"]
    origin: Origin
    created_by: Principal
    updated_by: Principal
    created_at: Ms
    updated_at: Ms


class SavedRule(RootModel[Annotated[SavedAlertRule | SavedRecordingRule, Field(discriminator="kind")]]):
    """A rule of either kind; what is not in it is as its schema says by default."""


class RuleName(Shape):
    rule_id: str
    title: str


class FileFault(Shape):
    path: str
    detail: str


class Imported(Shape):
    items: list[RuleName]
    faults: list[FileFault]


class Change(Shape):
    at: Ms
    state: StateName
    value: float | None


class PreviewedInstance(Shape):
    labels: Labels
    changes: list[Change]


class PreviewedLine(Shape):
    labels: Labels
    data: Annotated[list[tuple[Ms, float | None]], Field(description="Times and values, thinned to what is drawn.")]


class PreviewedTexts(Shape):
    labels: Labels
    annotations: Labels


class Previewed(Shape):
    instances: list[PreviewedInstance]
    fired: Annotated[int, Field(description="How often an instance began to fire.")]
    evaluations: int
    errors: Annotated[int, Field(description="Evaluations that would have failed.")]
    lines: Annotated[list[PreviewedLine], Field(description="What was looked at: those that breached most.")]
    series: Annotated[int, Field(description="How many there were to look at.")]
    texts: Annotated[PreviewedTexts | None, Field(description="Its templates over the first of the lines.")]


class RuleOfPanel(Shape):
    rule: Annotated[dict[str, Any], Field(description="A rule that is nowhere yet, as `POST /rules` takes it.")]
    notes: Annotated[list[str], Field(description="What became of each of the dashboard's variables.")]


class AlertShape(RuleName):
    folder: str
    fingerprint: Annotated[str, Field(description="What names the instance; empty for a rule all of which is Normal.")]
    labels: Labels
    annotations: Labels
    state: StateName
    value: float | None
    since: Annotated[int | None, Field(description="When its state began, in milliseconds since the epoch.")]
    active_since: Annotated[int | None, Field(description="When the breach began that it is about.")]
    silenced_by: Annotated[list[int], Field(description="The ids of the silences that keep it from being told.")]
    inhibited_by: Annotated[list[str], Field(description="The rule whose alert says it all.")]
    muted_by: Annotated[list[str], Field(description="The mute timings that hold now where it goes.")]


class AlertEventShape(RuleName):
    id: int
    at: Ms
    fingerprint: str
    labels: Labels
    annotations: Labels
    from_: Annotated[StateName, Field(alias="from")]
    to: StateName
    value: float | None
    reason: str
