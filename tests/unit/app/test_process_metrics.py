"""What a process tells of itself is what the system says of it, and is had at little cost."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector

from heliograph.app.process.process_metrics import ProcessMetrics, Seldom


def readings(collector: object) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(collector)  # type: ignore[arg-type]
    return {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}


def test_the_names_are_those_of_prometheus_and_the_values_those_of_the_system(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    theirs = {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}
    held = [(tmp_path / str(number)).open("w") for number in range(50)]
    ours = readings(ProcessMetrics())
    assert set(ours) >= set(theirs)
    assert abs(ours["process_open_fds"] - psutil.Process().num_fds()) <= 2
    assert ours["process_open_fds"] >= 50
    assert abs(ours["process_start_time_seconds"] - theirs.get("process_start_time_seconds", 0.0)) < 60
    assert abs(ours["process_cpu_seconds_total"] - sum(os.times()[:2])) < 5
    assert 0.5 < ours["process_resident_memory_bytes"] / theirs["process_resident_memory_bytes"] < 2
    for file in held:
        file.close()


def test_a_figure_that_costs_is_not_taken_at_each_reading() -> None:
    taken = []

    def costly() -> float:
        taken.append(sum(number for number in range(100_000)))  # some ms: good for some seconds
        return float(len(taken))

    figure = Seldom(costly)
    assert [figure() for _ in range(5)] == [1.0] * 5
