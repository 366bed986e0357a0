"""One reading of this process's own metrics as samples: counters and gauges as they are, histograms as quantiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from ...storage.metrics.samples import Sample, Series

QUANTILES = (0.5, 0.99)
Buckets = Sequence[tuple[float, float]]  # upper bound, how many were at most that


class OwnReader:
    """Reads a registry. A quantile is that of what was observed since the reading before."""

    def __init__(self, registry: CollectorRegistry, instance: str) -> None:
        self._registry = registry
        self._instance = instance
        self._before: dict[str, dict[float, float]] = {}

    def read(self, ts_ms: int) -> list[Sample]:
        """All samples of one instant, each with the label `instance`."""
        return [
            Sample(Series.of(name, {**labels, "instance": self._instance}), ts_ms, value)
            for metric in self._registry.collect()
            for name, labels, value in self._readings(metric)
        ]

    def _readings(self, metric: Metric) -> Iterator[tuple[str, Mapping[str, str], float]]:
        if metric.type == "histogram":
            yield from self._quantiles(metric)
        for sample in metric.samples:
            if not sample.name.endswith(("_bucket", "_created")):
                yield sample.name, sample.labels, sample.value

    def _quantiles(self, metric: Metric) -> Iterator[tuple[str, Mapping[str, str], float]]:
        now = {float(one.labels["le"]): one.value for one in metric.samples if one.name.endswith("_bucket")}
        before = self._before.get(metric.name, {})
        self._before[metric.name] = now
        since = [(bound, count - before.get(bound, 0.0)) for bound, count in sorted(now.items())]
        for share in QUANTILES:
            value = quantile(share, since)
            if value is not None:
                yield metric.name, {"quantile": str(share)}, value


def quantile(share: float, buckets: Buckets) -> float | None:
    """The value that `share` of the observations do not exceed, linear within its bucket as in Prometheus.

    None without observations; the last finite bound where it lies above it.
    """
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return None
    rank, lower, below = share * total, 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (rank - below) / (count - below) if count > below else bound
        lower, below = bound, count
    return lower
