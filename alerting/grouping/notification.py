"""A notification: what one receiver is told at once, whatever way it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..alert import Alert, common
from .group import Group, Said


@dataclass(frozen=True, slots=True)
class Notification:
    """`key` is its own, and the same however often it is sent; `incident` that of all that is said of its group."""

    key: str
    incident: str
    group_text: str
    receiver: str
    group_labels: Mapping[str, str]
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    at_ms: int
    external_url: str = ""

    @property
    def status(self) -> str:
        """`firing` where one of its alerts fires, else `resolved`, as Alertmanager has it."""
        return "firing" if self.firing else "resolved"

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Those that fire, then those that ended."""
        return (*self.firing, *self.resolved)

    @property
    def common_labels(self) -> Mapping[str, str]:
        """The labels that all its alerts have with one value."""
        return common([one.labels for one in self.alerts])

    @property
    def common_annotations(self) -> Mapping[str, str]:
        """The annotations that all its alerts have with one text."""
        return common([one.annotations for one in self.alerts])

    def as_json(self) -> dict[str, Any]:
        """What is kept of it until it is delivered."""
        return {
            "key": self.key,
            "incident": self.incident,
            "group_text": self.group_text,
            "receiver": self.receiver,
            "group_labels": dict(self.group_labels),
            "firing": [one.as_json() for one in self.firing],
            "resolved": [one.as_json() for one in self.resolved],
            "at_ms": self.at_ms,
            "external_url": self.external_url,
        }

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> Notification:
        """What the outbox holds of it."""
        alerts = {name: tuple(Alert.of_json(one) for one in document[name]) for name in ("firing", "resolved")}
        return cls(**{**document, **alerts})


def notification(group: Group, said: Said, at_ms: int, external_url: str) -> Notification:
    """What a group says, as it is sent."""
    return Notification(
        key=said.key,
        incident=group.incident,
        group_text=group.text,
        receiver=group.contact_point,
        group_labels=group.labels,
        firing=said.firing,
        resolved=said.resolved,
        at_ms=at_ms,
        external_url=external_url,
    )


def example(receiver: str, at_ms: int, external_url: str) -> Notification:
    """What a contact point is tried with."""
    labels = {"alertname": "Test of a contact point", "severity": "none"}
    annotations = {"summary": f"Heliograph tries whether {receiver} hears it. Nothing is wrong."}
    alert = Alert("test", labels, annotations, starts_ms=at_ms, rule_id="test", value=1.0)
    key, group = f"test-{at_ms}", {"alertname": labels["alertname"]}
    return Notification(
        key=key,
        incident=key,
        group_text=f'{{}}:{{alertname="{labels["alertname"]}"}}',
        receiver=receiver,
        group_labels=group,
        firing=(alert,),
        resolved=(),
        at_ms=at_ms,
        external_url=external_url,
    )
