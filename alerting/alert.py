"""An alert as the notifying half sees it: an instance of a rule that fires, or has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Labels = Mapping[str, str]
FNV_OFFSET, FNV_PRIME, MASK = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1
SEPARATOR = b"\xff"


@dataclass(frozen=True, slots=True)
class Alert:
    """One instance. `ends_ms` is None while it fires; `labels` hold its `alertname`; times in ms since the epoch."""

    fingerprint: str
    labels: Labels
    annotations: Labels = field(default_factory=dict)
    starts_ms: int = 0
    ends_ms: int | None = None
    rule_id: str = ""
    value: float | None = None

    @property
    def firing(self) -> bool:
        """Whether it has not ended."""
        return self.ends_ms is None

    def as_json(self) -> dict[str, Any]:
        """As it is stored with its group; `of_json` reads it."""
        return {
            "fingerprint": self.fingerprint,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "starts_ms": self.starts_ms,
            "ends_ms": self.ends_ms,
            "rule_id": self.rule_id,
            "value": self.value,
        }

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> Alert:
        """What `as_json` wrote."""
        return cls(**document)


def fingerprint_of(labels: Labels) -> str:
    """What Prometheus and Alertmanager call an alert by: FNV-1a over its sorted labels, 16 hexadecimal digits."""
    found = FNV_OFFSET
    for name in sorted(labels, key=lambda one: one.encode()):
        for byte in name.encode() + SEPARATOR + labels[name].encode() + SEPARATOR:
            found = (found ^ byte) * FNV_PRIME & MASK
    return f"{found:016x}"


def common(of: list[Labels]) -> dict[str, str]:
    """What all of them say alike."""
    if not of:
        return {}
    first, *others = of
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}
