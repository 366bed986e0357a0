"""A group of alerts as one receiver is told of it: a pure machine, as Alertmanager's aggregation groups and their log.

First told `group_wait` after it began, then at most each `group_interval` where something changed, and again after
`repeat_interval` where nothing did. Beyond Alertmanager: whoever was told that an alert fires is told that it has
ended, silenced meanwhile or not; and what was muted is told within `group_wait` once it is not any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..alert import Alert
from ..routing.policy import Route, group_key, group_text

ROUTED = ("group_wait_ms", "group_interval_ms", "repeat_interval_ms", "mute_timings")


@dataclass(frozen=True, slots=True)
class Muted:
    """What may not be told at this time: alerts by their fingerprint, or all of it."""

    alerts: frozenset[str] = frozenset()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """An alert in a group. `told`: the receiver knows that it fires; `held`: it would have been told, but was muted.

    `parted`: the policy leads it elsewhere by now; all that is left to tell is that it has ended.
    """

    alert: Alert
    told: bool = False
    held: bool = False
    parted: bool = False

    def loud(self, muted: Muted) -> bool:
        """Whether it may be told that it fires."""
        return not (self.ended or self.parted or self.alert.fingerprint in muted.alerts)

    @property
    def ended(self) -> bool:
        """Whether its alert has ended."""
        return not self.alert.firing

    @property
    def changed_ms(self) -> int:
        """When its alert began, or ended, in ms."""
        return self.alert.starts_ms if self.alert.ends_ms is None else self.alert.ends_ms


@dataclass(frozen=True, slots=True)
class Group:
    """`due_ms`: when it is looked at next; `told_ms`: when it last spoke; `held`: a mute timing kept it from speaking.

    `spoken` counts what it said; with `key` and `opened_ms` it names each of these for good.
    """

    key: str
    text: str
    contact_point: str
    labels: Mapping[str, str]
    group_wait_ms: int
    group_interval_ms: int
    repeat_interval_ms: int
    mute_timings: tuple[str, ...]
    opened_ms: int
    due_ms: int
    told_ms: int | None = None
    spoken: int = 0
    held: bool = False
    members: Mapping[str, Member] = field(default_factory=dict)

    @property
    def incident(self) -> str:
        """What all that is said of it has in common, from the time it was opened until it is over."""
        return hashlib.blake2b(f"{self.key}:{self.opened_ms}".encode(), digest_size=16).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """What is kept of it beside its key, contact point and `due_ms`."""
        named = ("text", *ROUTED, "opened_ms", "told_ms", "spoken", "held")
        members = [
            {"alert": one.alert.as_json(), "told": one.told, "held": one.held, "parted": one.parted}
            for one in self.members.values()
        ]
        return {name: getattr(self, name) for name in named} | {"labels": dict(self.labels), "members": members}

    @classmethod
    def of_json(cls, key: str, contact_point: str, due_ms: int, document: Mapping[str, Any]) -> Group:
        """A group of what its row holds: its columns, and the rest as JSON."""
        members = [Member(**{**one, "alert": Alert.of_json(one["alert"])}) for one in document["members"]]
        return cls(
            **{
                **document,
                "key": key,
                "contact_point": contact_point,
                "due_ms": due_ms,
                "mute_timings": tuple(document["mute_timings"]),
                "members": {one.alert.fingerprint: one for one in members},
            }
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What a group says at once. `key` is its own: whoever hears it twice knows it by that."""

    key: str
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]

    @property
    def status(self) -> str:
        """`firing` where one of its alerts fires, else `resolved`, as Alertmanager has it."""
        return "firing" if self.firing else "resolved"


def opened(route: Route, alert: Alert, now_ms: int) -> Group:
    """A group with its first alert; one that has fired for long is told at once."""
    return Group(
        key=group_key(route, alert.labels),
        text=group_text(route, alert.labels),
        contact_point=route.contact_point,
        labels=route.labels_of_group(alert.labels),
        **{name: getattr(route, name) for name in ROUTED},
        opened_ms=now_ms,
        due_ms=alert.starts_ms + route.group_wait_ms,
        members={alert.fingerprint: Member(alert)},
    )


def joined(members: dict[str, Member], alert: Alert) -> None:
    """An alert that fires or has ended into the members of a group. News older than what is known change nothing."""
    known = members.get(alert.fingerprint)
    if known is None:
        if alert.firing:
            members[alert.fingerprint] = Member(alert)
        return
    happened_ms = alert.starts_ms if alert.ends_ms is None else alert.ends_ms
    if happened_ms < known.changed_ms or (happened_ms == known.changed_ms and known.ended):
        return
    if not known.ended:
        # It fires already, and goes on or ends: it began when it began, whatever else is said of it.
        alert = replace(alert, starts_ms=known.alert.starts_ms)
    if alert != known.alert:
        members[alert.fingerprint] = replace(known, alert=alert)


def settled(group: Group, route: Route) -> Group:
    """The group by the terms of a node that has changed."""
    return replace(group, **{name: getattr(route, name) for name in ROUTED})


def set_back(group: Group, now_ms: int) -> Group:
    """The group as it is read again: where somebody has set the clock back, nothing of it is of a time to come, and
    it is due within its own waits."""
    longest_ms = max(group.group_wait_ms, group.group_interval_ms)
    due_ms = group.due_ms if group.due_ms <= now_ms + longest_ms else now_ms + group.group_wait_ms
    told_ms = None if group.told_ms is None else min(group.told_ms, now_ms)
    members = {key: _begun(one, now_ms) for key, one in group.members.items()}
    return replace(group, due_ms=due_ms, told_ms=told_ms, members=members)


def _begun(member: Member, now_ms: int) -> Member:
    if member.changed_ms <= now_ms:
        return member
    alert = member.alert
    ends_ms = None if alert.ends_ms is None else min(alert.ends_ms, now_ms)
    return replace(member, alert=replace(alert, starts_ms=min(alert.starts_ms, now_ms), ends_ms=ends_ms))


def rested(group: Group, now_ms: int) -> Group:
    """A group as it is read again: where it has nothing to say, it was looked at in vain since it was written down."""
    group = set_back(group, now_ms)
    news = any(one.told if one.ended else not (one.told or one.held) for one in group.members.values())
    if group.due_ms > now_ms or (news and not group.held):
        return group
    return replace(group, due_ms=_next(group, now_ms))


def unmuted(group: Group, muted: Muted, now_ms: int) -> Group:
    """The group, due within `group_wait` where something of it was muted and is not any more."""
    free = {
        fingerprint: replace(one, held=False)
        for fingerprint, one in group.members.items()
        if one.held and fingerprint not in muted.alerts
    }
    if muted.everything or not (free or group.held):
        return group
    due_ms = min(group.due_ms, now_ms + group.group_wait_ms)
    return replace(group, due_ms=due_ms, held=False, members={**group.members, **free})


def flushed(group: Group, muted: Muted, now_ms: int, *, tells_ends: bool = True) -> tuple[Group | None, Said | None]:
    """The group after it was looked at, None where it is over; and what it says, None where that is nothing.

    `tells_ends`: whether the receiver hears of alerts that have ended.
    """
    if now_ms < group.due_ms:
        return group, None
    loud = tuple(one for one in group.members.values() if one.loud(muted))
    over = tuple(one for one in group.members.values() if one.ended and one.told) if tells_ends else ()
    speaks = bool(over) or any(not one.told for one in loud) or (bool(loud) and _again(group, now_ms))
    after = replace(group, due_ms=_next(group, now_ms), held=muted.everything and speaks)
    if not speaks or muted.everything:
        return _kept(after, {key: _passed(one, muted) for key, one in group.members.items()}, tells_ends), None
    said = Said(said_key(group), tuple(one.alert for one in loud), tuple(one.alert for one in over))
    told = {one.alert.fingerprint for one in loud}
    members = {
        key: replace(one, told=True, held=False) if key in told else _passed(one, muted)
        for key, one in group.members.items()
    }
    ended = {one.alert.fingerprint for one in over}
    left = {key: one for key, one in members.items() if key not in ended}
    due_ms = now_ms + group.group_interval_ms
    return _kept(replace(after, due_ms=due_ms, told_ms=now_ms, spoken=group.spoken + 1), left, tells_ends), said


def _next(group: Group, now_ms: int) -> int:
    """Looked at in vain, a group keeps its rhythm: that needs no writing down, and a restart does not change it."""
    return group.due_ms + ((now_ms - group.due_ms) // group.group_interval_ms + 1) * group.group_interval_ms


def _again(group: Group, now_ms: int) -> bool:
    """Whether it has said nothing for so long that it says all once more, in its rhythm."""
    if group.told_ms is None:
        return False
    rounds = -(-group.repeat_interval_ms // group.group_interval_ms)
    return now_ms >= group.told_ms + rounds * group.group_interval_ms


def _passed(member: Member, muted: Muted) -> Member:
    """An alert that nothing is said of."""
    held = not member.ended and not member.told and member.alert.fingerprint in muted.alerts
    return member if member.held == held else replace(member, held=held)


def _kept(group: Group, members: Mapping[str, Member], tells_ends: bool) -> Group | None:
    """Without what has ended and nobody will be told of; None where nothing is left."""
    left = {key: one for key, one in members.items() if not one.ended or (one.told and tells_ends)}
    return replace(group, members=left) if left else None


def said_key(group: Group) -> str:
    """The name of what a group says next: the same however often it is worked out."""
    return hashlib.blake2b(f"{group.incident}:{group.spoken}".encode(), digest_size=16).hexdigest()
