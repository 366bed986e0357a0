"""The metrics that Heliograph tells of itself at `/metrics`, under the names that users rely on."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from .process_metrics import ProcessMetrics

FAST_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """One registry of one process and the objects that its parts count with."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(ProcessMetrics())
        self.views = self._gauge("heliograph_views", "Live and still views held by this process")
        self.view_bytes = self._gauge("heliograph_view_bytes", "Columns and snapshots of views held by this process")
        self.viewers = self._gauge("heliograph_viewers", "Sockets that follow a view")
        self.private_sessions = self._gauge("heliograph_private_sessions", "Sessions of explore, opening ones included")
        self.view_opens = self._counter("heliograph_view_opens", "Views opened", "temperature", begins=("cold", "warm"))
        self.tick = self._histogram("heliograph_tick_seconds", "From a scheduled tick to its last panel's data")
        self.push = self._histogram("heliograph_push_seconds", "From data to the last socket")
        self.push_bytes = self._counter("heliograph_push_bytes", "Bytes written to sockets")
        self.viewers_dropped = self._counter(
            "heliograph_viewers_dropped", "Sockets closed by us", "reason", begins=("slow", "dead")
        )
        self.source_queries = self._counter(
            "heliograph_source_queries", "Queries sent to data sources", "source", "outcome"
        )
        self.source_points = self._counter("heliograph_source_points", "Points that sources answered", "source")
        self.cache_requests = self._counter(
            "heliograph_cache_requests", "Look-ups of cached answers", "result", begins=("hit", "miss")
        )
        self.coalesced = self._counter(
            "heliograph_coalesced", "Questions that joined one under way", "scope", begins=("process",)
        )
        self.shed = self._counter("heliograph_shed", "Work refused under load", "reason", begins=("viewers", "opens"))
        self.http_requests = self._counter("heliograph_http_requests", "HTTP requests", "route", "status")
        self.http = self._histogram("heliograph_http_seconds", "HTTP requests, first byte in to last byte out")
        self.loop_lag = self._histogram("heliograph_loop_lag_seconds", "How late the event loop was")
        self.provisioning_faults = self._gauge(
            "heliograph_provisioning_faults", "What is wrong with provisioned files; none is taken meanwhile"
        )
        self.provisioned = self._labelled("heliograph_provisioned", "What files have brought", "kind")
        self.provisioned_at = self._gauge(
            "heliograph_provisioned_timestamp_seconds", "When files were taken last, since the epoch"
        )
        self.build = self._labelled(
            "heliograph_build_info", "Which build runs: a digest of its code, and its version", "build", "version"
        )
        self.tasks = self._gauge("heliograph_tasks", "Tasks of the event loop")

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one HTTP request."""
        self.http_requests.labels(route, str(status)).inc()
        self.http.observe(seconds)

    def built(self, build: str, version: str) -> None:
        """Say which build this process runs."""
        self.build.labels(build, version).set(1)

    def exposition(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _labelled(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str, begins: tuple[str, ...] = ()) -> Counter:
        """`begins`: values of its one label that are there, as zero, before the first of them happens."""
        counter = Counter(name, text, labels, registry=self.registry)
        for value in begins:
            counter.labels(value)
        return counter

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=FAST_S, registry=self.registry)
