"""One reading of this machine by psutil, under the node exporter's names and labels. Blocks: call it from a thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import psutil

from ...storage.metrics.samples import Sample, Series

CPU_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
TOP_PROCESSES = 20
REAL_FILESYSTEMS = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "overlay", "apfs", "f2fs", "vfat"})
Reading = tuple[str, Mapping[str, str], float]


class HostReader:
    """Reads all there is to know of this machine. What psutil may not see here is left out."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._processes: dict[int, float] = {}

    def read(self, ts_ms: int) -> list[Sample]:
        """All samples of one instant, each with the label `instance`."""
        readings = [*cpu(), *memory(), *disks(), *filesystems(), *network(), *self.processes(), *own_processes()]
        return [
            Sample(Series.of(name, {**labels, "instance": self._instance}), ts_ms, value)
            for name, labels, value in readings
        ]

    def processes(self) -> Iterator[Reading]:
        """The processes that used most CPU since the last reading, and their memory."""
        seconds: dict[int, float] = {}
        found = []
        for process in psutil.process_iter(["pid", "name", "cpu_times", "memory_info"]):
            info = process.info
            if info["cpu_times"] is None or info["memory_info"] is None:
                continue
            used = float(info["cpu_times"].user + info["cpu_times"].system)
            seconds[info["pid"]] = used
            found.append((used - self._processes.get(info["pid"], used), used, info))
        self._processes = seconds
        found.sort(key=lambda one: (one[0], one[1]), reverse=True)
        for _, used, info in found[:TOP_PROCESSES]:
            labels = {"name": str(info["name"]), "pid": str(info["pid"])}
            yield "host_process_cpu_seconds_total", labels, used
            yield "host_process_resident_memory_bytes", labels, float(info["memory_info"].rss)


def cpu() -> Iterator[Reading]:
    """Seconds of each core by mode, load, switches, interrupts, and when the machine started (s since the epoch)."""
    for index, times in enumerate(psutil.cpu_times(percpu=True)):
        for mode in CPU_MODES:
            if hasattr(times, mode):
                yield "node_cpu_seconds_total", {"cpu": str(index), "mode": mode}, float(getattr(times, mode))
    for name, value in zip(("node_load1", "node_load5", "node_load15"), psutil.getloadavg(), strict=True):
        yield name, {}, value
    stats = psutil.cpu_stats()
    yield "node_context_switches_total", {}, float(stats.ctx_switches)
    yield "node_intr_total", {}, float(stats.interrupts)
    yield "node_boot_time_seconds", {}, psutil.boot_time()


def memory() -> Iterator[Reading]:
    """RAM and swap, in bytes."""
    ram, swap = psutil.virtual_memory(), psutil.swap_memory()
    yield "node_memory_MemTotal_bytes", {}, float(ram.total)
    yield "node_memory_MemAvailable_bytes", {}, float(ram.available)
    yield "node_memory_MemFree_bytes", {}, float(ram.free)
    for name, attribute in (("Buffers", "buffers"), ("Cached", "cached")):
        if hasattr(ram, attribute):
            yield f"node_memory_{name}_bytes", {}, float(getattr(ram, attribute))
    yield "node_memory_SwapTotal_bytes", {}, float(swap.total)
    yield "node_memory_SwapFree_bytes", {}, float(swap.free)


def disks() -> Iterator[Reading]:
    """Bytes and operations of each disk since the start."""
    for device, counters in (psutil.disk_io_counters(perdisk=True) or {}).items():
        if device.startswith(("loop", "ram")):
            continue
        labels = {"device": device}
        yield "node_disk_read_bytes_total", labels, float(counters.read_bytes)
        yield "node_disk_written_bytes_total", labels, float(counters.write_bytes)
        yield "node_disk_reads_completed_total", labels, float(counters.read_count)
        yield "node_disk_writes_completed_total", labels, float(counters.write_count)


def filesystems() -> Iterator[Reading]:
    """Size and room of each real file system, in bytes; those that cannot be read are left out."""
    mounts = {part.mountpoint: part for part in psutil.disk_partitions(all=True) if part.fstype in REAL_FILESYSTEMS}
    for part in mounts.values():
        try:
            if not os.path.isdir(part.mountpoint):
                continue
            usage = psutil.disk_usage(part.mountpoint)
        except OSError:
            continue
        labels = {"device": part.device, "fstype": part.fstype, "mountpoint": part.mountpoint}
        yield "node_filesystem_size_bytes", labels, float(usage.total)
        yield "node_filesystem_avail_bytes", labels, float(usage.free)


def network() -> Iterator[Reading]:
    """Bytes and packets of each interface since the start."""
    for device, counters in psutil.net_io_counters(pernic=True).items():
        labels = {"device": device}
        yield "node_network_receive_bytes_total", labels, float(counters.bytes_recv)
        yield "node_network_transmit_bytes_total", labels, float(counters.bytes_sent)
        yield "node_network_receive_packets_total", labels, float(counters.packets_recv)
        yield "node_network_transmit_packets_total", labels, float(counters.packets_sent)


def own_processes() -> Iterator[Reading]:
    """Heliograph's own processes by their role: the supervisor and its children."""
    supervisor = psutil.Process(os.getppid())
    for process in [supervisor, *_children(supervisor)]:
        try:
            with process.oneshot():
                command = process.cmdline()
                role = command[command.index("role") + 1] if "role" in command else "supervisor"
                times, rss = process.cpu_times(), process.memory_info().rss
        except (psutil.Error, IndexError):
            continue
        yield "heliograph_role_cpu_seconds_total", {"role": role}, float(times.user + times.system)
        yield "heliograph_role_resident_memory_bytes", {"role": role}, float(rss)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []
