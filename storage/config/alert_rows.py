"""Instances, their events and the gaps between evaluations, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One label set of a rule that is not Normal; as `alerting.machine.Instance` has it. Times in ms UTC."""

    org: int
    rule_id: str
    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    state: str
    since_ms: int
    active_ms: int | None
    recovered_ms: int | None
    missing: int
    value: float | None
    seen_ms: int


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """An instance went from one state to another. `active_ms`: when the breach began that it is about.

    `links`: `{"dashboard_id", "panel_id"}` of the rule, where it has them. `id` is 0 before it is committed.
    """

    org: int
    at_ms: int
    rule_id: str
    title: str
    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    from_state: str
    to_state: str
    value: float | None
    active_ms: int | None = None
    reason: str = ""
    links: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What the evaluation of a rule fails of, and since when (ms UTC) each one failed."""

    detail: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What an evaluation of one rule changes. `version`: of the rule that was evaluated; None: it is gone.

    `fault`: what it fails of by now, with an empty detail where it does not any more; None: as before.
    """

    org: int
    rule_id: str
    version: int | None
    kept: Sequence[StoredInstance] = ()
    gone: Sequence[str] = ()  # fingerprints
    events: Sequence[AlertEvent] = ()
    fault: RuleFault | None = None


def group_text(org: int, folder: str, name: str) -> str:
    """What a group of rules is known by; `folder` is its uid."""
    return f"{org}/{folder}/{name}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Evaluations of a group that did not happen, between two that did: at `from_ms` and at `to_ms`.

    `what` is the text of the group with its interval, ms.
    """

    what: str
    from_ms: int
    to_ms: int
    missed: int

    @property
    def group(self) -> str:
        """As `group_text` says it, whatever its interval was then."""
        return self.what.rpartition("/")[0]

    @property
    def interval_ms(self) -> int:
        """From one evaluation to the next, as it was then."""
        return int(self.what.rpartition("/")[2])

    def joined(self, later: Gap) -> Gap:
        """With a later one of the same."""
        return Gap(self.what, self.from_ms, later.to_ms, self.missed + later.missed)


def instance_row(one: StoredInstance) -> dict[str, Any]:
    """An instance as its row, `instance_of` backwards."""
    return {
        "org_id": one.org,
        "rule_id": one.rule_id,
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "state": one.state,
        "since_ms": one.since_ms,
        "active_ms": one.active_ms,
        "recovered_ms": one.recovered_ms,
        "missing": one.missing,
        "value": one.value,
        "seen_ms": one.seen_ms,
    }


def instance_of(row: Row[Any]) -> StoredInstance:
    """A row as the instance that it holds."""
    return StoredInstance(
        row.org_id,
        row.rule_id,
        row.fingerprint,
        row.labels,
        row.annotations,
        row.state,
        row.since_ms,
        row.active_ms,
        row.recovered_ms,
        row.missing,
        row.value,
        row.seen_ms,
    )


def event_row(event: AlertEvent) -> dict[str, Any]:
    """An event as its row."""
    return {
        "org_id": event.org,
        "at_ms": event.at_ms,
        "rule_id": event.rule_id,
        "title": event.title,
        "fingerprint": event.fingerprint,
        "labels": dict(event.labels),
        "annotations": dict(event.annotations),
        "from_state": event.from_state,
        "to_state": event.to_state,
        "value": event.value,
        "active_ms": event.active_ms,
        "reason": event.reason,
        "links": dict(event.links),
    }


def event_of(row: Row[Any]) -> AlertEvent:
    """A row as the event that it holds."""
    return AlertEvent(
        row.org_id,
        row.at_ms,
        row.rule_id,
        row.title,
        row.fingerprint,
        row.labels,
        row.annotations,
        row.from_state,
        row.to_state,
        row.value,
        row.active_ms,
        row.reason,
        row.links,
        row.id,
    )
