"""Alerts over two nodes, PostgreSQL and Redis while all of them die: what was to be told was, once, in order.

The clock of one node is half a minute off. `HELIOGRAPH_TEST_KILLS` says how often a role that evaluates is killed;
`make chaos` asks for more.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures.postgres import Postgres, running_postgres
from fixtures.product import Product, ProductMaker, child_role
from fixtures.receivers import HttpReceiver, Posted
from fixtures.redis import RedisServer
from fixtures.skewed import clock_s, off
from fixtures.waiting import wait
from fixtures.waves import SERIES, waving

KILLS = int(os.environ.get("HELIOGRAPH_TEST_KILLS", "6"))
OFF_S = 30
AGAIN_S = 120  # a role that dies again and again is started less and less often, and machines are busy
API = "/api/v1"
WAVE: dict[str, Any] = {
    "rule_id": "wave", "title": "Wave", "interval": "1s",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "wave"}, "range": "10s"}],
    "condition": {"of": "A", "fires": {"above": 0.5}},
    "missing_after": 30, "no_data": "KeepLast", "error": "KeepLast",
}  # fmt: skip
TREE: dict[str, Any] = {
    "contact_point": "hook", "group_by": ["alertname", "n"],
    "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h", "version": 0,
}  # fmt: skip


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


def nodes(
    make_product: ProductMaker, postgres: Postgres, redis: RedisServer, tmp_path: Path
) -> tuple[Product, Product]:
    """Two nodes over one database, with the store of the first; the second is of another time."""
    shared = {
        "HELIOGRAPH_DATABASE_URL": postgres.create("alerts"),
        "HELIOGRAPH_REDIS_URL": redis.url,
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
        "HELIOGRAPH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    one = Product(tmp_path / "one" / "data", environment=shared)
    one.data_dir.parent.mkdir()
    assert one.command("db", "upgrade").returncode == 0
    first = make_product(data_dir=one.data_dir, **shared)
    store = (first.data_dir / "store.url").read_text().strip()
    second = make_product(**shared, HELIOGRAPH_METRICS_URL=store, **off(tmp_path / "clock", OFF_S))
    assert clock_s(second.url) - clock_s(first.url) > OFF_S - 5
    return first, second


def arrange(admin: httpx.Client, receiver: HttpReceiver) -> None:
    hook = {"contact_point_id": "hook", "type": "webhook", "url": receiver.url}
    assert admin.post(f"{API}/contact-points", json=hook).status_code == 201
    assert admin.put(f"{API}/notification-policy", json=TREE).status_code == 200
    assert admin.post(f"{API}/rules", json=WAVE).status_code == 201


async def killed(products: tuple[Product, Product], postgres: Postgres, redis: RedisServer) -> Sequence[float]:
    """Roles that evaluate and tell are killed at random instants, Redis once, the database is restarted once and dies
    once; when.
    """
    dice, times = random.Random(3), list[float]()
    for turn in range(KILLS):
        await asyncio.sleep(dice.uniform(0.5, 5.0))  # as it starts, and as it evaluates
        victim = child_role(products[turn % 2], "alert")
        if victim is not None:
            victim.send_signal(signal.SIGKILL)
            times.append(time.monotonic())
        if turn in (KILLS // 3, 2 * KILLS // 3):
            times.append(time.monotonic())
            await asyncio.to_thread(postgres.stop if turn == KILLS // 3 else postgres.crash)
            await asyncio.to_thread(postgres.start)
            times.append(time.monotonic())
        if turn == KILLS // 2:
            redis.kill()
            await asyncio.to_thread(redis.start)
    return times


def notifications(admin: httpx.Client, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        params = {"state": state, "limit": "500", "cursor": cursor}
        page = admin.get(f"{API}/notifications", params=params).json()
        found, cursor = found + page["items"], page["next"]
    return found


def check_received(receiver: HttpReceiver, admin: httpx.Client, kills: Sequence[float]) -> int:
    """Each flush was received; what came twice is the same under its key, and somebody was killed in between; of an
    alert nothing fires after it was resolved. How many came twice."""
    by_key: dict[str, list[Posted]] = {}
    for one in receiver.taken:
        by_key.setdefault(one.headers["Idempotency-Key"], []).append(one)
    assert {one["key"] for one in notifications(admin, "delivered")} == set(by_key)
    assert notifications(admin, "dead") == []
    again = [pair for several in by_key.values() for pair in itertools.pairwise(several)]
    for before, after in again:
        assert before.body == after.body
        assert any(before.at_s - 1 <= at_s <= after.at_s for at_s in kills), "nobody died, and it was told twice"
    fired, ended = set[tuple[str, str]](), set[tuple[str, str]]()
    for one in receiver.taken:
        for alert in json.loads(one.body)["alerts"]:
            told = (alert["labels"]["n"], alert["startsAt"])
            assert alert["status"] == "resolved" or told not in ended, told
            (ended if alert["status"] == "resolved" else fired).add(told)
    assert fired, "nothing fired"
    return len(again)


@pytest.mark.timeout(600 + 15 * KILLS)
async def test_what_is_told_is_told_once_and_in_order_however_often_nodes_database_and_redis_die(
    make_product: ProductMaker,
    own_postgres: Postgres,
    own_redis: RedisServer,
    receiver: HttpReceiver,
    tmp_path: Path,
) -> None:
    one, two = await asyncio.to_thread(nodes, make_product, own_postgres, own_redis, tmp_path)
    with one.client("admin") as admin:
        async with waving(one, tmp_path) as waves:
            await asyncio.to_thread(arrange, admin, receiver)
            await asyncio.to_thread(wait, lambda: receiver.taken, "the first notification")
            receiver.script = ["hang"] * -(-KILLS // 4) + [500, 503, "reset", 500]
            kills = await killed((one, two), own_postgres, own_redis)
            heard = len(receiver.taken)
            await asyncio.to_thread(wait, lambda: len(receiver.taken) > heard + 3, "telling to go on", AGAIN_S)
            waves.level = 0.0
            await asyncio.to_thread(all_over, admin, receiver)
            twice = await asyncio.to_thread(check_received, receiver, admin, kills)
            print(f"{len(kills) - 4} kills, {len(receiver.taken)} notifications, {twice} of them twice")
            waves.level = 1.0
            all_fire = dict.fromkeys(map(str, range(SERIES)), "firing")
            await asyncio.to_thread(wait, lambda: words_of(receiver) == all_fire, "all to fire")
            # A letter that was told as its node is killed may be told again, under its key.
            await asyncio.to_thread(wait, lambda: not notifications(admin, "pending"), "all of it to be kept as told")
            await asyncio.to_thread(restarted, one, two)
            before = len(receiver.taken)
            await asyncio.to_thread(sentinel, admin, receiver)
            names = {a["labels"]["alertname"] for p in receiver.taken[before:] for a in json.loads(p.body)["alerts"]}
            assert names == {"Sentinel"}
            assert newest_ms(admin) <= time.time() * 1000, "an event is of a node's own time"
    assert (one.stop(), two.stop()) == (0, 0)


def left(admin: httpx.Client, receiver: HttpReceiver) -> dict[str, Any]:
    """What still fires, what is not told yet, and of which series somebody believes that it fires."""
    return {
        "alerts": admin.get(f"{API}/alerts").json()["items"],
        "words": [n for n, word in words_of(receiver).items() if word == "firing"],
        "pending": notifications(admin, "pending"),
    }


def all_over(admin: httpx.Client, receiver: HttpReceiver) -> None:
    """Wait until nothing fires, and whoever was told that something does knows."""
    try:
        wait(lambda: not any(left(admin, receiver).values()), "all to be over and told", AGAIN_S)
    except AssertionError as error:
        error.add_note(json.dumps(left(admin, receiver), indent=1))
        raise


def words_of(receiver: HttpReceiver) -> dict[str, str]:
    """What was said last of each series."""
    return {
        alert["labels"]["n"]: alert["status"]
        for one in receiver.taken
        for alert in json.loads(one.body)["alerts"]
        if alert["labels"]["alertname"] == "Wave"
    }


def newest_ms(admin: httpx.Client) -> int:
    """When the last thing happened that is known."""
    found = admin.get(f"{API}/alerts/events", params={"to": "now+1h", "limit": 1000}).json()["items"]
    return max(int(one["at"]) for one in found)


def restarted(*products: Product) -> None:
    """Alerts fire as the role of one node dies and that of the other is told to end; both are there again."""
    for product, how in zip(products, (signal.SIGKILL, signal.SIGTERM), strict=True):
        old = wait(lambda: child_role(product, "alert"), "the role")  # noqa: B023 - called at once
        old.send_signal(how)
        wait(lambda: child_role(product, "alert") not in (None, old), "another")  # noqa: B023


def sentinel(admin: httpx.Client, receiver: HttpReceiver) -> None:
    """Another alert is told, and with it all that had to be by now."""
    rule = {**WAVE, "rule_id": "sentinel", "title": "Sentinel", "group": "sentinel"}
    assert admin.post(f"{API}/rules", json=rule).status_code == 201
    wait(lambda: any(b"Sentinel" in one.body for one in receiver.taken), "the sentinel is told")
