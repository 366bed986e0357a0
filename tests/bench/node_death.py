"""One of two nodes behind HAProxy dies with all viewers on it: how long until each is fresh again on the other.

`HELIOGRAPH_BENCH_VIEWERS` (1000) sets how many; with 10,000 the goal is 40 s. Fresh: a snapshot with all panels' data
and an open socket. The balancer and the viewers run on the same cores as both nodes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.balancers import haproxy
from fixtures.crowd import IDS, OPEN_TO_ALL, dashboard, p99, served, view_process
from fixtures.lean import Http, Tab, Target
from fixtures.postgres import running_postgres
from fixtures.product import Product
from report import figure, report

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "1000"))
GOAL_S = 10 if VIEWERS <= 1000 else 40
JOIN_AT_ONCE = 100


@contextmanager
def two_nodes() -> Iterator[tuple[Product, Product]]:
    """The first has the store, the second asks the first one's; one database, one root path."""
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        shared = {
            **OPEN_TO_ALL,
            "HELIOGRAPH_DATABASE_URL": server.create("death"),
            "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
            "HELIOGRAPH_ROOT_PATH": "/heliograph",
        }
        upgraded = Product(Path(folder) / "upgrade", environment=shared).command("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
        with served([dashboard()], **shared) as one:
            store = (one.data_dir / "store.url").read_text().strip()
            own = {**shared, "HELIOGRAPH_METRICS_URL": store, "HELIOGRAPH_COLLECT_HOST": "false"}
            two = Product(Path(folder) / "two", environment=own).start()
            try:
                yield one, two
            finally:
                two.stop()


async def measure(dies: Product, target: Target) -> list[float]:
    """Seconds from the node's death until each of its viewers was fresh again."""
    http = Http(target, connections=64)
    tabs = [Tab(http, "bench", IDS) for _ in range(VIEWERS)]
    following: list[asyncio.Task[None]] = []
    for start in range(0, VIEWERS, JOIN_AT_ONCE):
        following += await joined(tabs[start : start + JOIN_AT_ONCE])
    dead = time.monotonic()
    view_process(dies).kill()
    await asyncio.sleep(0.5)
    lost = [tab for tab in tabs if tab.socket is None or tab.socket.closed.done()]
    await until(lambda: all(tab.fresh_s > dead for tab in lost))
    took = [tab.fresh_s - dead for tab in lost]
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    http.close()
    return took


async def joined(tabs: list[Tab]) -> list[asyncio.Task[None]]:
    """Tabs that follow, once all of them do."""
    following = [asyncio.create_task(tab.follow()) for tab in tabs]
    await until(lambda: all(tab.connects for tab in tabs))
    return following


async def until(true: Callable[[], bool], within_s: float = 120) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


def main() -> None:
    with two_nodes() as (one, two), tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        balancer = haproxy(Path(folder), [one.port, two.port])
        try:
            took = asyncio.run(measure(two, Target(balancer.port, "/heliograph", balancer.tls)))
        finally:
            balancer.stop()
    report(
        "node_death",
        {
            f"a node dies with viewers of {VIEWERS}: all fresh on the other": figure(max(took), "s", goal=GOAL_S),
            "the same, p99": figure(p99(took), "s"),
            "viewers that it had": figure(len(took), "viewers"),
        },
    )


if __name__ == "__main__":
    main()
