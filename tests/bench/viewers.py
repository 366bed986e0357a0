"""Many viewers of one view on loopback, the client on the same cores: CPU of an open, of a tick, and how late it comes.

`HELIOGRAPH_BENCH_VIEWERS` (10,000) sockets follow a dashboard of ten panels of three series, refreshed every 5 s. The
latency is counted at the client: from the tick's instant to each socket's complete message.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "10000"))
REFRESH_S = 5
TICKS = 6
PANELS, LINES = 10, 3
OPENS = 300
AT_ONCE = 200


def dashboard() -> dict[str, Any]:
    modes = ("user", "system", "idle")[:LINES]
    query = {
        "metric": "node_cpu_seconds_total",
        "labels": {"mode": list(modes)},
        "rate": True,
        "agg": "sum",
        "by": ["mode"],
    }
    return {
        "dashboard_id": "bench",
        "title": "Bench",
        "time": {"from": "now-30m", "to": "now"},
        "refresh": f"{REFRESH_S}s",
        "panels": [
            {"panel_id": 1 + n, "title": f"Panel {n}", "type": "timeseries", "query": query, "interval": "5s"}
            for n in range(PANELS)
        ],
    }


class Viewer(asyncio.Protocol):
    """One WebSocket, as lean as can be: reads frames, notes when a tick is complete."""

    def __init__(self, path: str, host: str, late_ms: list[float], ready: asyncio.Future[None]) -> None:
        self._path, self._host, self._late_ms, self._ready = path, host, late_ms, ready
        self._buffer = bytearray()
        self._upgraded = False
        self.ticks = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._upgraded = self._buffer.startswith(b"HTTP/1.1 101")
            del self._buffer[: end + 4]
            if not self._ready.done():
                self._ready.set_result(None)
            self._send(json.dumps({"want": list(range(1, PANELS + 1))}).encode())
        while (frame := self._frame()) is not None:
            if frame.startswith(b'{"seq"'):
                self.ticks += 1
                at = frame.index(b'"at":') + 5
                self._late_ms.append(time.time() * 1000 - int(frame[at : frame.index(b",", at)]))

    def _frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return None
        frame = bytes(buffer[start : start + length])
        del buffer[: start + length]
        return frame

    def _send(self, payload: bytes) -> None:
        mask = b"\0\0\0\0"
        self._transport.write(bytes((0x81, 0x80 | len(payload))) + mask + payload)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if not self._ready.done():
            self._ready.set_result(None)


def view_process(product: Product) -> psutil.Process:
    assert product.process is not None
    return next(c for c in psutil.Process(product.process.pid).children() if c.cmdline()[-1] == "view")


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def opened(product: Product) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        return dict((await client.get(f"{product.url}/live/open?dashboard=bench", timeout=30)).json())


async def cost_of_opens(product: Product, process: psutil.Process) -> float:
    """Milliseconds of server CPU for page, snapshot and socket of one more viewer."""
    before = cpu_s(process)
    late: list[float] = []
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=product.url) as client:
        for _ in range(OPENS):
            page = await client.get("/d/bench")
            boot = json.loads(page.text.split('id="boot">')[1].split("</script>")[0])
            ids = ",".join(map(str, range(1, PANELS + 1)))
            await client.get(f"/live/{boot['view']}/panels?ids={ids}", headers={"X-Heliograph-Token": boot["token"]})
            path = f"/live/{boot['view']}/socket?token={boot['token']}"
            ready: asyncio.Future[None] = loop.create_future()
            transport, _ = await loop.create_connection(
                lambda p=path, r=ready: Viewer(p, f"127.0.0.1:{product.port}", late, r),  # type: ignore[misc]
                "127.0.0.1",
                product.port,
            )
            await ready
            transport.close()
    return (cpu_s(process) - before) / OPENS * 1000


async def follow(product: Product) -> tuple[list[Viewer], list[float], float, float]:
    """All viewers, their latencies in ms, and the server's share of a core while TICKS ticks went out."""
    boot = await opened(product)
    path = f"/live/{boot['view']}/socket?token={boot['token']}"
    late: list[float] = []
    viewers: list[Viewer] = []
    loop = asyncio.get_running_loop()

    async def one() -> None:
        ready: asyncio.Future[None] = loop.create_future()
        _, viewer = await loop.create_connection(
            lambda: Viewer(path, f"127.0.0.1:{product.port}", late, ready), "127.0.0.1", product.port
        )
        await ready
        viewers.append(viewer)

    for start in range(0, VIEWERS, AT_ONCE):
        await asyncio.gather(*(one() for _ in range(min(AT_ONCE, VIEWERS - start))))
    await asyncio.sleep(2 * REFRESH_S)
    process = view_process(product)
    late.clear()
    for viewer in viewers:
        viewer.ticks = 0
    before, started = cpu_s(process), time.monotonic()
    await asyncio.sleep(TICKS * REFRESH_S)
    busy = (cpu_s(process) - before) / (time.monotonic() - started)
    return viewers, late, busy, process.memory_info().rss


async def measure(product: Product) -> dict[str, dict[str, Any]]:
    process = view_process(product)
    await opened(product)
    await asyncio.sleep(REFRESH_S)
    open_ms = await cost_of_opens(product, process)
    rss = process.memory_info().rss
    before = cpu_s(process)
    await asyncio.sleep(2 * REFRESH_S)
    quiet = (cpu_s(process) - before) / (2 * REFRESH_S)
    viewers, late, busy, rss_full = await follow(product)
    late.sort()
    dropped = sum(viewer.lost or viewer.ticks < TICKS - 1 for viewer in viewers)
    each_us = (busy - quiet) * REFRESH_S / VIEWERS * 1e6
    return {
        "CPU of one more open of a warm view": figure(open_ms, "ms", goal=1.5),
        f"{VIEWERS} viewers of one view, refresh {REFRESH_S} s: share of a core": figure(busy * 100, "%", goal=8),
        "one delivery of a tick to one viewer": figure(each_us, "µs CPU", goal=15),
        "tick to complete message, p99": figure(late[int(len(late) * 0.99)], "ms", goal=300),
        "tick to complete message, median": figure(statistics.median(late), "ms"),
        "viewers dropped or behind": figure(dropped, "viewers", goal=0),
        "memory per viewer": figure((rss_full - rss) / VIEWERS / 1000, "kB", goal=25),
    }


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        product = Product(
            Path(folder) / "data",
            environment={"HELIOGRAPH_ANONYMOUS_ROLE": "viewer", "HELIOGRAPH_COLLECT_HOST": "true"},
        ).start()
        try:
            with product.client("editor") as editor:
                editor.post("/api/v1/dashboards", json=dashboard()).raise_for_status()
            time.sleep(10)
            figures = asyncio.run(measure(product))
        finally:
            product.stop()
    report("viewers", figures)


if __name__ == "__main__":
    main()
