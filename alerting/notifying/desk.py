"""One org's groups with what mutes them: what events and time make of them. No I/O."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ...storage.config.alert_rows import AlertEvent
from ..alert import Alert
from ..grouping.group import Group, Muted, Said
from ..grouping.groups import Groups
from ..machine import State
from ..routing.inhibition import Inhibitor
from ..routing.silences import Silencer, over
from .arrangements import Arrangement

MINUTE_MS = 60_000
ALARMS = frozenset({State.FIRING, State.NO_DATA, State.ERROR})


def alert_of(event: AlertEvent, now_ms: int) -> Alert | None:
    """What an event says of an alert, none of it later than `now_ms`; None where nobody is told of it."""
    began, was = event.to_state in ALARMS, event.from_state in ALARMS
    if not began and not was:
        return None
    at_ms = min(event.at_ms, now_ms)
    return Alert(
        fingerprint=f"{event.rule_id}/{event.fingerprint}",
        labels={"alertname": event.title, **event.labels},
        annotations=event.annotations,
        starts_ms=at_ms,
        ends_ms=None if began else at_ms,
        rule_id=event.rule_id,
        value=event.value if event.value is not None and math.isfinite(event.value) else None,  # JSON has no others
    )


class Desk:
    """The groups of an org, as they were written down, by what it has arranged."""

    def __init__(self, arrangement: Arrangement, groups: Iterable[Group], now_ms: int) -> None:
        self.arrangement = arrangement
        self.groups = Groups(arrangement.root, groups, now_ms)
        self._taken = 0
        self._muted_by: tuple[Any, ...] = ()

    def arrange(self, arrangement: Arrangement, now_ms: int) -> bool:
        """From now on these hold; whether the policy is another."""
        before, self.arrangement = self.arrangement.root, arrangement
        if before is arrangement.root:
            return False
        self.groups.follow(arrangement.root, now_ms)
        return True

    def take(self, events: Sequence[AlertEvent], now_ms: int) -> frozenset[int]:
        """Events in their order; the ids of the silences that end with their alerts."""
        alerts = [alert for event in events if (alert := alert_of(event, now_ms)) is not None]
        if not alerts:
            return frozenset()
        self._taken += 1
        self.groups.take(alerts, now_ms)
        ended = [alert.labels for alert in alerts if not alert.firing]
        if not ended or not any(one.ends_with_alert for one in self.arrangement.silences):
            return frozenset()
        firing = [alert.labels for alert in self.firing()]
        return frozenset(one.id for one in over(self.arrangement.silences, ended, firing, now_ms))

    def firing(self) -> Iterator[Alert]:
        """What fires, each once."""
        found = {
            fingerprint: member.alert
            for group in self.groups
            for fingerprint, member in group.members.items()
            if not member.ended
        }
        yield from found.values()

    def speak(self, now_ms: int, tells_ends: Callable[[str], bool]) -> Sequence[tuple[Group, Said]]:
        """What is said now."""
        arranged, muting = self.arrangement, _Muting(self, now_ms)
        # What is muted can change with these alone: who looks each second looks at most at them.
        muted_by = (muting.silencer.active, arranged.inhibitions, arranged.timings, now_ms // MINUTE_MS, self._taken)
        if muted_by != self._muted_by:
            self._muted_by = muted_by
            self.groups.unmute(muting, now_ms)
        return list(self.groups.flush(now_ms, muting, tells_ends))


class _Muting:
    """What may not be told at one instant, worked out once for each group that is asked for."""

    def __init__(self, desk: Desk, now_ms: int) -> None:
        self._desk = desk
        self._now_ms = now_ms
        self._inhibitor: Inhibitor | None = None
        self._known: dict[str, Muted] = {}
        self.silencer = Silencer(desk.arrangement.silences, now_ms)

    def __call__(self, group: Group) -> Muted:
        found = self._known.get(group.key)
        if found is None:
            found = self._known[group.key] = self._muted(group)
        return found

    def _muted(self, group: Group) -> Muted:
        arranged = self._desk.arrangement
        timings = [arranged.timings[name] for name in group.mute_timings if name in arranged.timings]
        quiet = frozenset(
            fingerprint
            for fingerprint, member in group.members.items()
            if not member.ended and self._is_muted(member.alert)
        )
        return Muted(quiet, any(timing.mutes(self._now_ms) for timing in timings))

    def _is_muted(self, alert: Alert) -> bool:
        arranged = self._desk.arrangement
        if self.silencer.silencing(alert.labels):
            return True
        if not arranged.inhibitions:
            return False
        if self._inhibitor is None:
            self._inhibitor = Inhibitor(arranged.inhibitions, self._desk.firing())
        return self._inhibitor.hides(alert) is not None
