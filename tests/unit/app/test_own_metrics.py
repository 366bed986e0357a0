"""Heliograph's own metrics as samples, and the dashboard over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heliograph.app import own
from heliograph.app.own.readings import OwnReader, quantile
from heliograph.app.process.telemetry import Telemetry
from heliograph.components.panels.registry import default_registry
from heliograph.components.spec import parse_dashboard

INFINITE = float("inf")


@pytest.mark.parametrize(
    ("share", "buckets", "expected"),
    [
        (0.5, [], None),
        (0.5, [(1.0, 0.0), (INFINITE, 0.0)], None),
        (0.5, [(1.0, 10.0), (2.0, 10.0), (INFINITE, 10.0)], 0.5),
        (0.5, [(1.0, 0.0), (2.0, 10.0), (INFINITE, 10.0)], 1.5),
        (0.75, [(1.0, 5.0), (2.0, 10.0), (INFINITE, 10.0)], 1.5),
        (0.99, [(1.0, 5.0), (2.0, 6.0), (INFINITE, 10.0)], 2.0),
    ],
)
def test_quantiles_are_those_of_prometheus(
    share: float, buckets: list[tuple[float, float]], expected: float | None
) -> None:
    assert quantile(share, buckets) == expected


def test_a_reading_has_counters_gauges_and_the_quantiles_since_the_one_before() -> None:
    telemetry = Telemetry()
    reader = OwnReader(telemetry.registry, "a:1")
    telemetry.viewers.set(3)
    telemetry.shed.labels("rate_limit").inc()
    telemetry.push.observe(0.002)
    first = {one.series: one.value for one in reader.read(1000)}
    names = {series.name for series in first}
    assert {"heliograph_viewers", "heliograph_shed_total", "heliograph_push_seconds_count"} <= names
    assert not any(name.endswith(("_bucket", "_created")) for name in names)
    assert all(dict(series.labels)["instance"] == "a:1" for series in first)
    telemetry.push.observe(0.7)
    second = [
        one.value
        for one in reader.read(2000)
        if one.series.name == "heliograph_push_seconds" and dict(one.series.labels)["quantile"] == "0.5"
    ]
    assert second == [0.75]  # 0.002 was told already: half of the bucket from 0.5 to 1
    quiet = reader.read(3000)
    assert not any(one.series.name == "heliograph_push_seconds" for one in quiet)


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    document = json.loads((Path(own.__path__[0]) / "dashboards" / "heliograph.json").read_text("utf-8"))
    dashboard = parse_dashboard(document)
    default_registry().validate(dashboard)
    told = {metric.name for metric in Telemetry().registry.collect()}
    for name in metrics(document):
        assert name.removesuffix("_total") in told, name


def metrics(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["metric"]] if isinstance(value.get("metric"), str) else []
        return own + [name for item in value.values() for name in metrics(item)]
    return [name for item in value for name in metrics(item)] if isinstance(value, list) else []
