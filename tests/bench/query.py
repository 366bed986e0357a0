"""The query API over real sources: cached answers, a stampede of viewers, and what a refresh fetches.

Each figure stands beside the same requests where nothing can be shared: every one of them with a comment of its own in
its text, which the source ignores. Server, source and client share the machine's cores; `cpu` is the server's alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.postgres import running_postgres
from fixtures.product import Product
from fixtures.prometheus import Prometheus, backfilled, written
from report import figure, report

REQUESTS = int(os.environ.get("HELIOGRAPH_BENCH_REQUESTS", "5000"))
VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_STAMPEDE", "500"))
PANELS, LINES = 10, 3
AT_ONCE = 16
CONNECTIONS = 6  # of one viewer, as browsers have
UNSHARED = 300
HOURS = 10
SCRAPE_S = 15
REFRESHES = 8
AFTER_GRID_S = 3  # a refresh right after a bucket of SQL has ended asks for one more: its rows may still come in
SPAN_S = 6 * 3600
STEPS = SPAN_S // SCRAPE_S + 1
BY_BUCKET = """SELECT $__bucket(ts) AS time, line, max(v) AS v FROM demo WHERE $__timeFilter(ts)
GROUP BY time, line ORDER BY time"""


def query(panel: int, *, salt: str = "") -> bytes:
    """A request for six hours of three series of Prometheus."""
    text = f'rate(demo_requests_total{{panel="p{panel}"}}[5m])'
    return request("prometheus", text + (f" # {salt}" if salt else ""), "60s")


def request(datasource: str, text: str, step: str) -> bytes:
    body = {"datasource": datasource, "query": text, "interval": step, "from": "now-6h", "to": "now"}
    return json.dumps({**body, "max_points": 2000}).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection, as lean as can be: sends a request, waits for its whole answer."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = -1
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._wanted < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            length = head.split(b"content-length: ")[1].split(b"\r\n")[0]
            self._wanted = end + 4 + int(length)
            assert b" 200 " in head.split(b"\r\n")[0], head
        if len(self._buffer) >= self._wanted and self._answer is not None:
            answer, self._answer = self._answer, None
            content = bytes(self._buffer[: self._wanted])
            del self._buffer[: self._wanted]
            self._wanted = -1
            answer.set_result(content)

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer


class Client:
    """Requests to one server with one token."""

    def __init__(self, product: Product, token: str) -> None:
        self._port = product.port
        self._token = token

    def request(self, body: bytes) -> bytes:
        head = (
            f"POST /api/v1/query HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def connect(self) -> Connection:
        _, made = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self._port)
        return made

    async def run(self, bodies: Sequence[bytes], connections: int) -> list[float]:
        """Ask all over so many connections; the ms of each."""
        waiting = iter([self.request(body) for body in bodies])
        times: list[float] = []

        async def work(requests: Iterator[bytes]) -> None:
            connection = await self.connect()
            for request in requests:
                began = time.perf_counter()
                await connection.ask(request)
                times.append((time.perf_counter() - began) * 1000)
            connection.transport.close()

        await asyncio.gather(*(work(waiting) for _ in range(connections)))
        return times

    async def stampede(self, viewers: int, bodies: Sequence[bytes]) -> None:
        """Each viewer asks all at once, over as many connections as a browser has."""
        requests = [self.request(body) for body in bodies]
        await asyncio.gather(
            *(self._view(requests[n::CONNECTIONS]) for _ in range(viewers) for n in range(CONNECTIONS))
        )

    async def _view(self, requests: Sequence[bytes]) -> None:
        connection = await self.connect()
        for request in requests:
            await connection.ask(request)
        connection.transport.close()


def view_process(product: Product) -> psutil.Process:
    """The process that serves the API."""
    assert product.process is not None
    children = psutil.Process(product.process.pid).children(recursive=True)
    return next(child for child in children if child.cmdline()[-1] == "view")


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def told(product: Product, metric: str, **labels: str) -> float:
    """One of the server's own counters."""
    wanted = [f'{name}="{value}"' for name, value in labels.items()]
    lines = httpx.get(f"{product.url}/metrics").text.splitlines()
    return sum(
        float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric) and all(w in line for w in wanted)
    )


def asked(prometheus: Prometheus) -> float:
    """Range queries, counted at the source."""
    lines = httpx.get(f"{prometheus.url}/metrics").text.splitlines()
    counters = [line for line in lines if line.startswith("prometheus_http_requests_total{") and "/query_range" in line]
    return sum(float(line.rpartition(" ")[2]) for line in counters)


def measured(process: psutil.Process, work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds of wall time and of the server's CPU, and what the work gave."""
    began, before = time.perf_counter(), cpu_s(process)
    result = work()
    return time.perf_counter() - began, cpu_s(process) - before, result


def percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def cached(client: Client, process: psutil.Process) -> dict[str, Any]:
    """The same request again and again, 16 in flight, then one after the other."""
    asyncio.run(client.run([query(0)] * 50, 1))
    _, cpu, _ = measured(process, lambda: asyncio.run(client.run([query(0)] * REQUESTS, AT_ONCE)))
    salted = [query(0, salt=str(n)) for n in range(UNSHARED)]
    _, cpu_alone, _ = measured(process, lambda: asyncio.run(client.run(salted, AT_ONCE)))
    times = asyncio.run(client.run([query(0)] * (REQUESTS // 2), 1))
    alone = asyncio.run(client.run([query(0, salt=f"s{n}") for n in range(UNSHARED)], 1))
    return {
        "cached requests per second of server CPU": figure(
            REQUESTS / cpu, "1/s", peer=UNSHARED / cpu_alone, goal=1500, at_most=False
        ),
        "sequential p50": figure(statistics.median(times), "ms", peer=statistics.median(alone)),
        "sequential p99": figure(percentile(times, 0.99), "ms", peer=percentile(alone, 0.99), goal=3),
    }


def stampede(client: Client, process: psutil.Process, prometheus: Prometheus) -> dict[str, Any]:
    """All viewers open the same ten panels at one moment, cold."""
    before = asked(prometheus)
    bodies = [query(panel, salt="cold") for panel in range(PANELS)]
    wall, cpu, _ = measured(process, lambda: asyncio.run(client.stampede(VIEWERS, bodies)))
    queries = asked(prometheus) - before
    salted = [query(n % PANELS, salt=f"alone {n}") for n in range(UNSHARED)]
    wall_alone, cpu_alone, _ = measured(process, lambda: asyncio.run(client.run(salted, CONNECTIONS)))
    scale = VIEWERS * PANELS / UNSHARED
    return {
        f"{VIEWERS} viewers x {PANELS} panels, cold: queries at the source": figure(
            queries, "queries", peer=VIEWERS * PANELS, goal=PANELS
        ),
        "the same: until the last answer": figure(wall, "s", peer=wall_alone * scale, goal=2),
        "the same: server CPU": figure(cpu, "s", peer=cpu_alone * scale, goal=1.5),
    }


async def refreshes(client: Client, product: Product, feed: Callable[[int], Awaitable[None]]) -> dict[str, Any]:
    """A window that ends now, refreshed each SCRAPE_S while samples come in: the share of points that it fetches."""
    asking = {
        "prometheus": request("prometheus", 'rate(demo_requests_total{panel="p0"}[5m])', f"{SCRAPE_S}s"),
        "postgresql": request("postgresql", BY_BUCKET, f"{SCRAPE_S}s"),
    }
    before: dict[str, float] = {}
    for number in range(REFRESHES + 2):
        now_s = time.time()
        await asyncio.sleep(SCRAPE_S - (now_s - AFTER_GRID_S) % SCRAPE_S)
        await feed(int(time.time()) // SCRAPE_S * SCRAPE_S)
        if number == 2:  # the first fetched the window, the second what was not yet final then
            before = {name: told(product, "heliograph_source_points_total", source=name) for name in asking}
        await client.run(list(asking.values()), 1)
    figures = {}
    for name, points in before.items():
        fetched = told(product, "heliograph_source_points_total", source=name) - points
        share = 100 * fetched / (REFRESHES * LINES * STEPS)
        figures[f"refresh of 6 h at 15 s, {name}: points fetched"] = figure(share, "%", peer=100, goal=0.2)
    return figures


class Feed:
    """The same counters in Prometheus and PostgreSQL; called with a time, it adds what came since."""

    def __init__(self, prometheus: Prometheus, database: asyncpg.Connection, start_s: int) -> None:
        self._prometheus = prometheus
        self._database = database
        self._start_s = start_s

    async def fill(self, until_s: int) -> None:
        await self._database.execute("CREATE TABLE demo (ts timestamptz, line text, v float8)")
        await self._insert(range(self._start_s, until_s, SCRAPE_S))

    async def __call__(self, now_s: int) -> None:
        for line in range(LINES):
            labels = {"__name__": "demo_requests_total", "panel": "p0", "line": f"s{line}"}
            self._prometheus.write(written(labels, [(now_s * 1000, self._value(now_s, line))]))
        await self._insert([now_s])

    async def _insert(self, times_s: Iterable[int]) -> None:
        rows = [
            (datetime.fromtimestamp(at, UTC), f"s{line}", self._value(at, line))
            for at in times_s
            for line in range(LINES)
        ]
        await self._database.executemany("INSERT INTO demo VALUES ($1, $2, $3)", rows)

    def _value(self, at_s: int, line: int) -> float:
        return float((at_s - self._start_s) // SCRAPE_S * (line + 1))


def series(now_s: int) -> Iterator[str]:
    """Ten hours of a counter for each panel and line, as OpenMetrics."""
    yield "# TYPE demo_requests counter"
    for panel in range(PANELS):
        for line in range(LINES):
            labels = f'panel="p{panel}",line="s{line}"'
            for n, at in enumerate(range(now_s - HOURS * 3600, now_s, SCRAPE_S)):
                yield f"demo_requests_total{{{labels}}} {n * (panel + line + 1)} {at}"
    yield "# EOF"


CONFIG = """
rate_limit = "100000000/minute"
[[datasources]]
uid = "prometheus"
type = "prometheus"
url = "{url}"
options = {{ scrape_interval = "15s" }}
[[datasources]]
uid = "postgresql"
type = "postgresql"
url = "{database}"
options = {{ allow_superuser = true }}
"""


async def refreshed(client: Client, product: Product, prometheus: Prometheus, url: str, now_s: int) -> dict[str, Any]:
    database = await asyncpg.connect(url)
    feed = Feed(prometheus, database, now_s - HOURS * 3600)
    await feed.fill(now_s)
    figures = await refreshes(client, product, feed)
    await database.close()
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        now_s = int(time.time()) // SCRAPE_S * SCRAPE_S
        prometheus, url = backfilled(Path(folder), series(now_s)), postgres.create("demo")
        config = Path(folder) / "heliograph.toml"
        config.write_text(CONFIG.format(url=prometheus.url, database=url))
        product = Product(Path(folder) / "data", environment={"HELIOGRAPH_CONFIG": str(config)}).start()
        try:
            client, process = Client(product, product.token("editor")), view_process(product)
            parts: dict[str, Callable[[], dict[str, Any]]] = {
                "cached": lambda: cached(client, process),
                "stampede": lambda: stampede(client, process, prometheus),
                "refreshes": lambda: asyncio.run(refreshed(client, product, prometheus, url, now_s)),
            }
            figures = {name: row for part in wanted(parts) for name, row in parts[part]().items()}
        finally:
            product.stop()
            prometheus.stop()
    report("query", figures)


def wanted(parts: Mapping[str, object]) -> list[str]:
    """The parts named by HELIOGRAPH_BENCH_PARTS, with commas between them; else all."""
    named = os.environ.get("HELIOGRAPH_BENCH_PARTS", ",".join(parts)).split(",")
    return [part for part in parts if part in named]


if __name__ == "__main__":
    main()
