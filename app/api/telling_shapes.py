"""What the API answers of contact points, the policy, silences and notifications: shapes as of `shapes`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ...alerting.routing.inhibition import InhibitionSpec
from ...alerting.routing.muting import Interval
from ...alerting.routing.policy import PolicyTree
from .shapes import Items, Ms, Shape

SavedVersion = Annotated[int, Field(ge=0, description="Counts up with each save; 0: nobody has saved one.")]
Labels = dict[str, str]


class ContactPointShape(Shape):
    """A contact point, without its secrets."""

    contact_point_id: str
    name: str
    type: str
    url: str
    options: dict[str, Any]
    secrets: Annotated[list[str], Field(description="Names alone: the values never come out.")]
    version: SavedVersion
    built_in: bool


class ContactKindShape(Shape):
    """A kind of contact point, as its form has it."""

    type: str
    title: str
    icon: str
    url: Annotated[str, Field(description="What its URL looks like; empty where it has none.")]
    secrets: list[str]
    options: Annotated[dict[str, Any], Field(description="The JSON schema of its options.")]


class TriedShape(Shape):
    """What a test message came to."""

    ok: bool
    message: str
    answer: Annotated[str, Field(description="What the receiver said, as it said it.")]
    latency_ms: float
    retryable: Annotated[bool, Field(description="Whether trying again could help.")] = False


class PolicyShape(PolicyTree):
    """The notification policy with what its keeping adds."""

    version: SavedVersion
    updated_by: str
    updated_at: Ms


class WayShape(Shape):
    """One node of the policy that an alert comes to."""

    path: Annotated[str, Field(description="The place of the node in the policy.")]
    contact_point: str
    group: Labels
    group_wait_ms: int
    group_interval_ms: int
    repeat_interval_ms: int
    mute_timings: list[str]
    muted_by: Annotated[list[str], Field(description="Those of the mute timings that hold now.")]


class WaysShape(Items[WayShape]):
    """All nodes of the policy that an alert comes to."""

    silenced_by: Annotated[list[int], Field(description="The silences that hold now and have these labels.")]


class InhibitionsShape(Items[InhibitionSpec]):
    """All inhibitions with what their keeping adds."""

    version: SavedVersion
    updated_by: str
    updated_at: Ms


class AlertNameShape(Shape):
    """An alert by its rule and labels."""

    rule_id: str
    labels: Labels


class HiddenShape(AlertNameShape):
    """An alert that is not told, and the one that says it all."""

    rule: Annotated[int, Field(description="Which of the inhibitions, from 0 on.")]
    by: AlertNameShape


class PreviewShape(Items[HiddenShape]):
    """What inhibitions would hide now."""

    firing: Annotated[int, Field(description="Alerts that fire now, as far as the asker may see them.")]


class TimingShape(Shape):
    """A mute timing with what its keeping adds."""

    name: str
    intervals: list[Interval]
    version: SavedVersion
    updated_by: str
    updated_at: Ms
    mutes_now: bool


class SilenceShape(Shape):
    """A silence with what its keeping adds."""

    id: int
    matchers: list[str]
    starts_at: Ms
    ends_at: Ms | None
    ends_with_alert: bool
    comment: str
    created_by: str
    state: Literal["pending", "active", "expired"]
    version: SavedVersion
    updated_at: Ms


class NotificationShape(Shape):
    """A message of the outbox, and how it goes with it."""

    id: int
    key: Annotated[str, Field(description="What is sent again has the same.")]
    contact_point: str
    contact_name: Annotated[str, Field(description="Its name, or its id where it is gone.")]
    status: Literal["firing", "resolved"]
    group: Labels
    firing: int
    resolved: int
    rules: list[str]
    titles: Annotated[dict[str, str], Field(description="What rules are called, by their ids; not those hidden.")]
    gone: Annotated[list[str], Field(description="Those of the rules that are deleted, or hidden from who asks.")]
    state: Literal["pending", "delivered", "dead"]
    tries: int
    created_at: Ms
    next_try_at: Ms | None
    ended_at: Ms | None
    message: str
    answer: str
