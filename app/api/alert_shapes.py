"""What the API answers of rules and alerts, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from ...alerting.rules.declared import Rule
from ...alerting.rules.recording import RecordingRule
from .shapes import Ms, Principal, RuleName, Shape

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


class FileFault(Shape):
    """What of a file was not taken, and why."""

    path: str
    detail: str


class Imported(Shape):
    """What a file of rules came to."""

    items: list[RuleName]
    faults: list[FileFault]


class Change(Shape):
    """An instance came into a state."""

    at: Ms
    state: StateName
    value: float | None


class PreviewedInstance(Shape):
    """The states that one label set would have gone through."""

    labels: Labels
    changes: list[Change]


class PreviewedLine(Shape):
    """A series that the condition looked at."""

    labels: Labels
    data: Annotated[list[tuple[Ms, float | None]], Field(description="Times and values, thinned to what is drawn.")]


class PreviewedTexts(Shape):
    """What a notification would have said."""

    labels: Labels
    annotations: Labels


class Previewed(Shape):
    """What a rule would have done over a range."""

    instances: list[PreviewedInstance]
    fired: Annotated[int, Field(description="How often an instance began to fire.")]
    evaluations: int
    errors: Annotated[int, Field(description="Evaluations that would have failed.")]
    lines: Annotated[list[PreviewedLine], Field(description="What was looked at: those that breached most.")]
    series: Annotated[int, Field(description="How many there were to look at.")]
    texts: Annotated[PreviewedTexts | None, Field(description="Its templates over the first of the lines.")]


class RuleOfPanel(Shape):
    """A rule made of what a panel asks."""

    rule: Annotated[dict[str, Any], Field(description="A rule that is nowhere yet, as `POST /rules` takes it.")]
    notes: Annotated[list[str], Field(description="What became of each of the dashboard's variables.")]


class AlertShape(RuleName):
    """An instance of a rule, and whether it is told."""

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
    """An instance went from one state to another."""

    id: int
    at: Ms
    fingerprint: str
    labels: Labels
    annotations: Labels
    from_: Annotated[StateName, Field(alias="from")]
    to: StateName
    value: float | None
    reason: str


class MissedShape(Shape):
    """Evaluations of a group of rules that did not happen, between two that did."""

    folder: str
    group: str
    interval: Annotated[str, Field(description="From one evaluation to the next, as it was then.")]
    from_: Annotated[Ms, Field(alias="from", description="Of the last evaluation before them.")]
    to: Annotated[Ms, Field(description="Of the first one after them.")]
    missed: Annotated[int, Field(description="How many there were.")]
