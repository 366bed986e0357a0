"""The figures of the alert role, under the names that users rely on: the view role shows them at `/metrics`."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

OUTCOMES = ("ok", "error", "missed", "failed")
LAG_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class AlertTelemetry:
    """One registry, and what counts with it; `Figures` of the evaluator."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluations = Counter(
            "heliograph_rule_evaluations",
            "Rules evaluated, or not: ok, error, missed, failed",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in OUTCOMES:  # they are there, as zero, before the first rule is evaluated
            self.evaluations.labels(outcome)
        self.lag = Histogram(
            "heliograph_rule_lag_seconds",
            "From when a group of rules was due to when what it changed was written",
            buckets=LAG_S,
            registry=self.registry,
        )
        self.alerts = Gauge(
            "heliograph_alerts", "Alert instances of this node by state", ["state"], registry=self.registry
        )

        self.notifications = Counter(
            "heliograph_notifications",
            "Tries to tell a contact point of alerts: delivered, retried, dead",
            ["contact", "outcome"],
            registry=self.registry,
        )

    def told(self, contact: str, outcome: str) -> None:
        """A notification of a contact point came to this outcome."""
        self.notifications.labels(contact, outcome).inc()

    def evaluated(self, outcome: str, count: int = 1) -> None:
        """So many evaluations came to this outcome."""
        self.evaluations.labels(outcome).inc(count)

    def committed(self, lag_s: float) -> None:
        """An evaluation was written down so long after it was due."""
        self.lag.observe(max(lag_s, 0.0))

    def states(self, counts: Mapping[str, int]) -> None:
        """How many alerts are in each state now."""
        for state, count in counts.items():
            self.alerts.labels(state).set(count)

    def exposition(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self.registry)
