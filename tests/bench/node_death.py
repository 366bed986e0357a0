"""One of two nodes behind HAProxy dies with all viewers on it: how long until each is fresh again on the other.

`HELIOGRAPH_BENCH_VIEWERS` (1000) sets how many; with 10,000 the goal is 40 s. Fresh: a snapshot with all panels' data
and an open socket. The balancers and the viewers run on the same cores as both nodes; there are as many balancers as
the open files of this machine ask for, and they send all to one node for as long as it lives.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from fixtures.balancers import Balancer, haproxy
from fixtures.crowd import IDS, OPEN_TO_ALL, dashboard, p99, served, view_process
from fixtures.lean import Http, Tab, Target
from fixtures.postgres import running_postgres
from fixtures.product import Product
from report import figure, report

from heliograph.app.process.filelimit import raise_file_limit

VIEWERS = int(os.environ.get("HELIOGRAPH_BENCH_VIEWERS", "1000"))
GOAL_S = 10 if VIEWERS <= 1000 else 40
JOIN_AT_ONCE = 100
FILES_A_VIEWER, FILES_BESIDE = 2, 500  # of a balancer


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
                if two.process is not None and two.process.poll() is None:
                    two.stop()


async def measure(dies: Product, targets: list[Target]) -> list[float]:
    """Seconds from the node's death until each of its viewers was fresh again."""
    doors = [Http(target, connections=64) for target in targets]
    tabs = [Tab(doors[number % len(doors)], "bench", IDS) for number in range(VIEWERS)]
    following: list[asyncio.Task[None]] = []
    for start in range(0, VIEWERS, JOIN_AT_ONCE):
        following += await joined(tabs[start : start + JOIN_AT_ONCE])
    had = await asyncio.to_thread(viewers_of, dies)
    dead = time.monotonic()
    kill(dies)
    await until(lambda: sum(tab.fresh_s > dead for tab in tabs) >= had)
    took = [tab.fresh_s - dead for tab in tabs if tab.fresh_s > dead]
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    for door in doors:
        door.close()
    return took


def viewers_of(product: Product) -> int:
    text = httpx.get(f"{product.url}/heliograph/metrics").text
    return int(float(re.findall(r"^heliograph_viewers ([\d.e+]+)$", text, re.MULTILINE)[0]))


def kill(product: Product) -> None:
    """All of a node at once, so that it neither says goodbye nor comes back."""
    assert product.process is not None
    serving = view_process(product)
    product.process.kill()
    serving.kill()


async def joined(tabs: list[Tab]) -> list[asyncio.Task[None]]:
    """Tabs that follow, once all of them do."""
    following = [asyncio.create_task(tab.follow()) for tab in tabs]
    await until(lambda: all(tab.connects for tab in tabs))
    return following


async def until(true: Callable[[], bool], within_s: float = 120) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


@contextmanager
def balancers(ports: list[int]) -> Iterator[list[Balancer]]:
    count = math.ceil(VIEWERS * FILES_A_VIEWER / (raise_file_limit() - FILES_BESIDE))
    with ExitStack() as stack:
        doors = []
        for _ in range(count):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.chmod(0o755)
            doors.append(haproxy(folder, ports, [("balance leastconn", "balance first")]))
            stack.callback(doors[-1].stop)
        yield doors


def main() -> None:
    with two_nodes() as (one, two), balancers([two.port, one.port]) as doors:
        took = asyncio.run(measure(two, [Target(door.port, "/heliograph", door.tls) for door in doors]))
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
