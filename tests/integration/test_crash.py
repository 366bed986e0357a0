"""kill -9 of any role at random moments: nothing that was acknowledged is lost, and all comes back by itself.

`HELIOGRAPH_TEST_KILLS` says how often; `make chaos` asks for 200.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import time
from pathlib import Path

import httpx
import psutil
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait

from heliograph.errors import OverloadedError
from heliograph.storage.metrics.client import MetricClient
from heliograph.storage.metrics.samples import Sample, Series
from heliograph.storage.metrics.writer import MetricWriter

KILLS = int(os.environ.get("HELIOGRAPH_TEST_KILLS", "9"))
ROLES = ("view", "work", "store")


def role_process(product: Product, role: str) -> psutil.Process | None:
    assert product.process is not None
    for child in psutil.Process(product.process.pid).children():
        try:
            command = child.cmdline()
        except psutil.Error:
            continue
        if "role" in command and command[command.index("role") + 1] == role:
            return child
    return None


async def save_dashboards(url: str, headers: dict[str, str], saved: list[str], stop: asyncio.Event) -> None:
    """Make dashboards for ever; those whose 201 arrived are in `saved`."""
    number = 0
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5) as client:
        while not stop.is_set():
            number += 1
            body = {"title": f"Crash {number}", "dashboard_id": f"crash-{number}"}
            try:
                answer = await client.post("/api/v1/dashboards", json=body)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                saved.append(body["dashboard_id"])
            await asyncio.sleep(0.01)


async def edit_draft(url: str, headers: dict[str, str], edited: list[str], stop: asyncio.Event) -> None:
    """Change one draft for ever; those whose 200 arrived are in `edited`. `edited[0]` is the draft's path."""
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5) as client:
        made = await client.post("/api/v1/drafts", json={})
        path = f"/api/v1/drafts/{made.json()['draft_id']}"
        edited.append(path)
        edit = {"op": "add", "path": "/description", "value": ""}
        while not stop.is_set():
            await asyncio.sleep(0.01)
            try:
                stands = (await client.get(path)).json()
                change = {"revision": stands["revision"], "patch": [{**edit, "value": f"edit {len(edited)}"}]}
                answer = await client.patch(path, json=change)
            except (httpx.HTTPError, KeyError, ValueError):
                continue
            if answer.status_code == 200:
                edited.append(change["patch"][0]["value"])


async def write_samples(writer: MetricWriter, written: list[int], stop: asyncio.Event) -> None:
    """Write one sample after the other; those that were acknowledged are in `written`."""
    series, start_ms, number = Series.of("crash_test"), int(time.time() * 1000) - 3_600_000, 0
    while not stop.is_set():
        number += 1
        try:
            await writer.write([Sample(series, start_ms + number, float(number))])
        except OverloadedError:
            continue
        written.append(number)
        await asyncio.sleep(0.01)


@pytest.mark.timeout(300 + 10 * KILLS)
async def test_nothing_acknowledged_is_lost_when_roles_are_killed(make_product: ProductMaker, tmp_path: Path) -> None:
    product = make_product(HELIOGRAPH_COLLECT_HOST="true")
    dice = random.Random(7)
    headers = {"Authorization": f"Bearer {product.token('editor')}"}
    client = MetricClient((product.data_dir / "store.url").read_text().strip())
    writer = MetricWriter(client, tmp_path / "spool", org=1, seal_after_s=0.2)
    await writer.start()
    stop, saved, written, edited = asyncio.Event(), list[str](), list[int](), list[str]()
    tasks = [
        asyncio.create_task(save_dashboards(product.url, headers, saved, stop)),
        asyncio.create_task(write_samples(writer, written, stop)),
        asyncio.create_task(edit_draft(product.url, headers, edited, stop)),
    ]
    for _ in range(KILLS):
        await asyncio.to_thread(product.wait_until_ready)
        await asyncio.sleep(dice.uniform(0.05, 1.0))
        victim = role_process(product, dice.choice(ROLES))
        if victim is not None:
            victim.send_signal(signal.SIGKILL)
    await asyncio.to_thread(product.wait_until_ready)
    stop.set()
    await asyncio.gather(*tasks)
    async with asyncio.timeout(180):
        await writer.drain()

    assert len(saved) > KILLS
    async with httpx.AsyncClient(base_url=product.url, headers=headers, timeout=30) as api:
        for dashboard_id in saved:
            assert (await api.get(f"/api/v1/dashboards/{dashboard_id}")).status_code == 200, dashboard_id
        assert len(edited) > KILLS
        kept = (await api.get(edited[0])).json()
        assert kept["document"]["description"] in (
            edited[-1],
            f"edit {len(edited)}",
        )  # perhaps one whose answer was lost
        assert kept["can_undo"]
    identity = Series.of("crash_test").identity()
    found = await client.query(
        f"SELECT toInt64(value) AS v FROM heliograph.samples WHERE series = {identity} ORDER BY v"
    )
    stored = found.column(0).to_pylist()
    assert sorted(set(written) - set(stored)) == []
    assert len(stored) == len(set(stored)), "a sample was stored twice"
    rolled = await client.query(f"SELECT toInt64(sum(count)) AS n FROM heliograph.rollup_1m WHERE series = {identity}")
    assert rolled.column(0).to_pylist() == [len(stored)]
    await writer.close()
    await client.close()
    assert await asyncio.to_thread(product.stop) == 0


def test_a_data_directory_in_use_is_one_clear_line(product: Product) -> None:
    other = product.command("serve", "--port", "0")
    assert other.returncode == 1
    assert other.stderr.strip().endswith("is in use by another heliograph")
    assert "Traceback" not in other.stderr


def test_a_port_in_use_is_one_clear_line(product: Product, tmp_path: Path) -> None:
    second = Product(tmp_path / "data")
    other = second.command("serve", "--port", str(product.port))
    assert (other.returncode, "is in use: name another" in other.stderr, other.stderr.strip().count("\n")) == (
        1,
        True,
        0,
    )


def test_another_secret_key_is_refused(product: Product, tmp_path: Path) -> None:
    other = product.copy(tmp_path / "data", HELIOGRAPH_SECRET_KEY="b" * 32)
    with pytest.raises(AssertionError, match="secret_key is not the one"):
        other.start()
    assert other.process is not None
    other.process.kill()
    other.process.wait()


@pytest.mark.parametrize("role", ["view", "store"])
def test_a_role_that_hangs_is_ended_and_started_anew_and_others_go_on(product: Product, role: str) -> None:
    silent = f'"silent": "{role}"'
    known = product.log.read_text().count(silent)
    before = {one: process.pid for one in ROLES if (process := role_process(product, one)) is not None}
    os.kill(before[role], signal.SIGSTOP)

    def anew() -> psutil.Process | None:
        found = role_process(product, role)
        return found if found is not None and found.pid != before[role] else None

    wait(anew, f"{role} to be started anew")
    product.wait_until_ready()
    others = {one: process.pid for one in ROLES if (process := role_process(product, one)) is not None and one != role}
    assert others == {one: pid for one, pid in before.items() if one != role}
    assert product.log.read_text().count(silent) > known


def test_a_dashboard_that_ended_the_node_as_it_was_made_ready_is_left_out_until_it_is_saved(
    make_product: ProductMaker, tmp_path: Path
) -> None:
    with socket.socket() as silent:  # takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        config = tmp_path / "slow.toml"
        config.write_text(
            f'[[datasources]]\nuid = "slow"\ntype = "prometheus"\nurl = "http://127.0.0.1:{silent.getsockname()[1]}"\n'
        )
        product = make_product(HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_CONFIG=str(config))
        headers = {"Authorization": f"Bearer {product.token('editor')}"}
        panel = {"panel_id": 1, "type": "timeseries", "datasource": "slow", "query": "up"}
        body = {"title": "Deadly", "dashboard_id": "deadly", "pinned": True, "panels": [panel]}
        with httpx.Client(base_url=product.url, headers=headers, timeout=30) as client:
            saved = client.post("/api/v1/dashboards", json=body)
            assert saved.status_code == 201, saved.text

            def marks() -> dict[str, list[list[object]]]:
                found: dict[str, list[list[object]]] = json.loads((product.data_dir / "warming.json").read_text())
                return found

            wait(lambda: marks()["under_way"] == [[1, "deadly", 1]], "the dashboard to be made ready")
            view = role_process(product, "view")
            assert view is not None
            view.kill()
            wait(lambda: [row[:3] for row in marks()["left_out"]] == [[1, "deadly", 1]], "it to be left out")
            product.wait_until_ready()
            assert "as it made this ready" in client.get("/d/deadly").text
            assert marks()["under_way"] == []
            client.put("/api/v1/dashboards/deadly", json={**body, "version": 1}).raise_for_status()
            assert "as it made this ready" not in client.get("/d/deadly").text
            wait(lambda: marks()["under_way"] == [[1, "deadly", 2]], "the new version to be made ready")
        assert product.stop() == 0
        assert marks()["under_way"] == []
