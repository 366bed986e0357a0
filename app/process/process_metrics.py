"""What a process tells of itself, under Prometheus's names: read at a cost that does not grow with its connections.

`prometheus_client.ProcessCollector` lists all open files, 10 ms of the event loop where there are ten thousand viewers.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from time import perf_counter

import psutil
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

FILES = "/proc/self/fd"
SHARE = 1000


class ProcessMetrics(Collector):
    """The `process_*` metrics of this process."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._files = Seldom(lambda: float(self._process.num_fds()))

    def collect(self) -> Iterator[Metric]:
        with self._process.oneshot():
            cpu, memory = self._process.cpu_times(), self._process.memory_info()
            started_s = self._process.create_time()
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        yield CounterMetricFamily("process_cpu_seconds", "User and system CPU time", value=cpu.user + cpu.system)
        yield _gauge("resident_memory_bytes", "Resident memory", memory.rss)
        yield _gauge("virtual_memory_bytes", "Virtual memory", memory.vms)
        yield _gauge("start_time_seconds", "Start, in seconds since the epoch", started_s)
        yield _gauge("open_fds", "Open files and sockets", self._open_files())
        yield _gauge("max_fds", "Open files and sockets that it may have", soft)

    def _open_files(self) -> float:
        """Linux tells their number as a size since 6.2; elsewhere they are counted."""
        try:
            return os.stat(FILES).st_size or self._files()
        except OSError:
            return self._files()


class Seldom:
    """A figure that costs the more the more there is: taken so seldom that it is a thousandth of a core at most."""

    def __init__(self, take: Callable[[], float]) -> None:
        self._take = take
        self._value = 0.0
        self._until_s = 0.0

    def __call__(self) -> float:
        started_s = perf_counter()
        if started_s >= self._until_s:
            self._value = self._take()
            ended_s = perf_counter()
            self._until_s = ended_s + SHARE * (ended_s - started_s)
        return self._value


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"process_{name}", text, value=value)
