"""Ten thousand rules of a hundred query shapes each fifteen seconds on the embedded store, beside a peer with them.

The peer is vmalert over a Prometheus where it is installed (tests/fixtures/vmalert.py), else that Prometheus itself.
`lag` is from when a group was due to when all that it changed was written. Data, all servers and the client share the
machine's cores; `cpu` is that of the alert role, and of who evaluates at the peer, in cores, over the same seconds;
`cpu_store` that of the store, and of the Prometheus that vmalert asks. Beside it
`HELIOGRAPH_BENCH_VIEWERS` (2000) sockets follow a dashboard of ten panels that is refreshed every five seconds. What
breaches as the servers start is pending and then fires before it is measured; from then on each of the hundred thousand
instances begins to breach and ends once in `HELIOGRAPH_BENCH_WAVE` seconds (3600). `cpu_rule` is what one evaluation
costs: CPU of the alert role, with all that it tells, and of the store; at the peer, of both processes.

Then the same of a thousand rules that all ask something else, `HELIOGRAPH_BENCH_DISTINCT`; nobody watches beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import re
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.crowd import OPEN_TO_ALL, Crowd, boot_of, dashboard, target_of
from fixtures.lean import Http
from fixtures.product import Product
from fixtures.prometheus import Prometheus, written
from fixtures.vmalert import Vmalert, program
from report import figure, report

from heliograph.app.process.filelimit import raise_file_limit
from heliograph.storage.config.database import Database
from heliograph.storage.config.rules import NewRule, Rules
from heliograph.storage.metrics.client import MetricClient
from heliograph.storage.metrics.samples import Sample, Series
from heliograph.storage.metrics.writer import MetricWriter

RULES = int(os.environ.get("HELIOGRAPH_BENCH_RULES", "10000"))
SHAPES = int(os.environ.get("HELIOGRAPH_BENCH_SHAPES", "100"))
SECONDS = int(os.environ.get("HELIOGRAPH_BENCH_SECONDS", "60"))
VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "2000"))
DISTINCT = int(os.environ.get("HELIOGRAPH_BENCH_DISTINCT", "1000"))
WAVE_S = int(os.environ.get("HELIOGRAPH_BENCH_WAVE", "3600"))
SERIES, INTERVAL_S = 10, 15
WARM_S = int(os.environ.get("HELIOGRAPH_BENCH_WARM", "110"))  # `for`, an interval, and time to write what changed
LAG = re.compile(r'^heliograph_rule_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """So many rules, of so many shapes of queries, beside so many viewers."""

    rules: int
    shapes: int
    viewers: int

    def threshold(self, rule: int) -> float:
        return 40 + 60 * (rule // self.shapes) / max(self.rules // self.shapes, 1)


def value(shape: int, series: int, now_s: float) -> float:
    """Between 0 and 100: each rule has its own threshold, so that few change at once."""
    return 50 + 50 * math.sin(now_s / WAVE_S * math.tau + shape + series / 3)


def rules(case: Case) -> list[NewRule]:
    found = []
    for number in range(case.rules):
        shape = number % case.shapes
        document = {
            "title": f"R{number}",
            "group": f"shape {shape}",
            "interval": f"{INTERVAL_S}s",
            "targets": [{"ref": "A", "datasource": "store", "query": {"metric": f"bench_{shape}"}, "range": "1m"}],
            "condition": {"of": "A", "fires": {"above": case.threshold(number)}},
            "for": "1m",
            "no_data": "Normal",
            "annotations": {"summary": "{{ $labels.i }} is {{ $value }}"},
        }
        found.append(NewRule(f"r{number}", f"R{number}", f"shape {shape}", document, position=number))
    return found


async def keep(data_dir: Path, case: Case) -> None:
    data_dir.mkdir(parents=True, mode=0o700)
    database = Database(f"sqlite:///{data_dir / 'heliograph.db'}")
    await database.upgrade()
    await Rules(database).replace(1, "", rules(case), by="bench", now_ms=int(time.time() * 1000))
    await database.close()


async def write_for_ever(writer: MetricWriter, prometheus: Prometheus, shapes: int) -> None:
    """A sample of each series every five seconds, to both."""
    pairs = [(shape, number) for shape in range(shapes) for number in range(SERIES)]
    while True:
        now = time.time()
        values = [(shape, number, value(shape, number, now)) for shape, number in pairs]
        await writer.write(Sample(Series.of(f"bench_{a}", {"i": str(b)}), int(now * 1000), v) for a, b, v in values)
        series = [written({"__name__": f"bench_{a}", "i": str(b)}, [(int(now * 1000), v)]) for a, b, v in values]
        await asyncio.to_thread(prometheus.write, *series)
        await asyncio.sleep(5)


def role(product: Product, name: str) -> psutil.Process:
    assert product.process is not None
    return next(c for c in psutil.Process(product.process.pid).children() if c.cmdline()[-1:] == [name])


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def buckets(text: str) -> dict[float, float]:
    return {float(edge): float(count) for edge, count in LAG.findall(text)}


def quantile(before: dict[float, float], after: dict[float, float], share: float) -> float:
    """The edge of the bucket in which that share of what came between lies."""
    counts = sorted((edge, after[edge] - before.get(edge, 0.0)) for edge in after)
    total = counts[-1][1]
    return next(edge for edge, count in counts if count >= share * total)


def rule_file(directory: Path, case: Case) -> Path:
    groups = [
        {
            "name": f"shape {shape}",
            "interval": f"{INTERVAL_S}s",
            "rules": [
                {"alert": f"R{n}", "expr": f"bench_{shape} > {case.threshold(n)}", "for": "1m",
                 "annotations": {"summary": "{{ $labels.i }} is {{ $value }}"}}
                for n in range(shape, case.rules, case.shapes)
            ],
        }
        for shape in range(case.shapes)
    ]  # fmt: skip
    file = directory / "rules.json"
    file.write_text(json.dumps({"groups": groups}))
    return file


async def watching(product: Product, viewers: int) -> Crowd:
    """So many viewers of one dashboard."""
    product.save(dashboard())
    http = Http(target_of(product))
    boot = await boot_of(http)
    http.close()
    crowd = Crowd(target_of(product))
    await crowd.join([boot] * viewers)
    return crowd


@dataclass(frozen=True)
class Peer:
    """A Prometheus that has the same data, and who evaluates the same rules over it: itself where that is None."""

    prometheus: Prometheus
    vmalert: Vmalert | None = None

    @property
    def evaluates(self) -> psutil.Process:
        process = self.vmalert.process if self.vmalert is not None else self.prometheus.process
        assert process is not None
        return psutil.Process(process.pid)

    @property
    def store(self) -> psutil.Process | None:
        """What it asks, where that is another process."""
        assert self.prometheus.process is not None
        return psutil.Process(self.prometheus.process.pid) if self.vmalert is not None else None

    @property
    def all(self) -> list[psutil.Process]:
        return [self.evaluates, *([self.store] if self.store is not None else [])]

    def stop(self) -> None:
        if self.vmalert is not None:
            self.vmalert.stop()
        self.prometheus.stop()


async def measure(product: Product, peer: Peer, case: Case) -> dict[str, dict[str, object]]:
    client = MetricClient((product.data_dir / "store.url").read_text().strip())
    writer = MetricWriter(client, product.data_dir.parent / "spool", org=1)
    await writer.start()
    writing = asyncio.create_task(write_for_ever(writer, peer.prometheus, case.shapes))
    crowd = await watching(product, case.viewers)
    await asyncio.sleep(WARM_S)
    alert, store, view = (role(product, name) for name in ("alert", "store", "view"))
    async with httpx.AsyncClient(timeout=30) as http:
        before = (await http.get(f"{product.url}/metrics")).text
        spent = {one: cpu_s(one) for one in (alert, store, view, *peer.all)}
        written_bytes, events = alert.io_counters().write_bytes, transitions(product)
        await asyncio.sleep(SECONDS)
        after = (await http.get(f"{product.url}/metrics")).text
    cores = {one: (cpu_s(one) - spent[one]) / SECONDS for one in spent}
    lag_before, lag_after = buckets(before), buckets(after)
    evaluated = count(after, "ok") - count(before, "ok")
    assert evaluated, "no rule was evaluated"
    ms_a_rule = SECONDS / evaluated * 1000
    figures = {
        "lag_p50": figure(quantile(lag_before, lag_after, 0.5), "s"),
        "lag_p99": figure(quantile(lag_before, lag_after, 0.99), "s", goal=1.0),
        "evaluated": figure(evaluated / SECONDS, "rules/s", goal=case.rules / INTERVAL_S * 0.9, at_most=False),
        "missed": figure(count(after, "missed") - count(before, "missed"), "rules", goal=0),
        "cpu": figure(cores[alert], "cores", peer=cores[peer.evaluates]),
        "cpu_store": figure(cores[store], "cores", peer=cores[peer.store] if peer.store is not None else None),
        "cpu_view": figure(cores[view], "cores"),
        "cpu_rule": figure(
            (cores[alert] + cores[store]) * ms_a_rule, "ms", peer=sum(cores[one] for one in peer.all) * ms_a_rule
        ),
        "memory": figure(megabytes(alert), "MB", peer=megabytes(peer.evaluates)),
        "transitions": figure((transitions(product) - events) / SECONDS, "rows/s"),
        "written": figure((alert.io_counters().write_bytes - written_bytes) / SECONDS / 1024, "KB/s"),
    }
    figures["viewers_lost"] = figure(crowd.lost, "viewers", goal=0)
    crowd.leave()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await writer.close()
    await client.close()
    return figures


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


def transitions(product: Product) -> int:
    """Events that were written so far: with the rows of their instances all that evaluations write."""
    with contextlib.closing(sqlite3.connect(product.data_dir / "heliograph.db")) as database:
        return int(database.execute("SELECT count(*) FROM alert_events").fetchone()[0])


def count(text: str, outcome: str) -> float:
    found = re.search(rf'^heliograph_rule_evaluations_total\{{outcome="{outcome}"\}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def peer_of(directory: Path, data_dir: Path, case: Case) -> Peer:
    """Started, with the rules of a case."""
    directory.mkdir()
    port, rules_of_it = Product(data_dir).port, rule_file(directory, case)
    if program() is None:
        return Peer(Prometheus(directory, port, rule_file=rules_of_it).start())
    prometheus = Prometheus(directory, port).start()
    return Peer(prometheus, Vmalert(prometheus.url, rules_of_it).start())


def measured(case: Case) -> dict[str, dict[str, object]]:
    """The figures of a case, on servers of its own."""
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory) / "node" / "data"
        asyncio.run(keep(data_dir, case))
        peer = peer_of(Path(directory) / "prometheus", data_dir, case)
        product = Product(data_dir, environment=OPEN_TO_ALL)
        try:
            product.start()
            return asyncio.run(measure(product, peer, case))
        finally:
            peer.stop()
            if product.process is not None:
                product.stop()


def main() -> None:
    raise_file_limit()
    figures = measured(Case(RULES, SHAPES, VIEWERS)) if RULES else {}
    distinct = measured(Case(DISTINCT, DISTINCT, 0)) if DISTINCT else {}
    report("alerts", figures | {f"distinct_{name}": one for name, one in distinct.items()})


if __name__ == "__main__":
    main()
