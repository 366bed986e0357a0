"""Two nodes behind nginx and behind HAProxy, by the blocks of docs/nodes.md: no sticky sessions, TLS, a root path."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fixtures.balancers import Balancer, haproxy, nginx
from fixtures.lean import Http, Tab, Target
from fixtures.postgres import Postgres
from fixtures.product import Product, ProductMaker
from fixtures.redis import RedisServer
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

ROOT = "/heliograph"
PANELS = range(1, 5)
TABS = 50
FRESH_WITHIN_S = 10
MOST_MESSAGES = 120  # a tick comes each second
KINDS: dict[str, Callable[[Path, list[int]], Balancer]] = {"nginx": nginx, "haproxy": haproxy}
DASHBOARD = {
    "dashboard_id": "shared",
    "title": "Shared",
    "refresh": "1s",
    "time": {"from": "now-1m"},
    "panels": [
        {
            "panel_id": number,
            "title": f"Load {number}",
            "type": "timeseries",
            "query": {"expr": f"{number} + load", "series": {"load": {"metric": "node_load1"}}},
        }
        for number in PANELS
    ],
}


@dataclass
class Cluster:
    """Two nodes and the settings that they share."""

    one: Product
    two: Product
    shared: dict[str, str]

    @property
    def ports(self) -> list[int]:
        return [self.one.port, self.two.port]


@pytest.fixture(scope="module")
def cluster(
    make_product: ProductMaker,
    postgres_server: Postgres,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    shared = {
        "HELIOGRAPH_DATABASE_URL": postgres_server.create("balanced"),
        "HELIOGRAPH_REDIS_URL": redis_server.url,
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
        "HELIOGRAPH_ANONYMOUS_ROLE": "viewer",
        "HELIOGRAPH_ROOT_PATH": ROOT,
    }
    upgraded = Product(tmp_path_factory.mktemp("upgrade") / "data", environment=shared).command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    one = make_product(**shared, HELIOGRAPH_COLLECT_HOST="true")
    two = make_product(**shared, HELIOGRAPH_METRICS_URL=(one.data_dir / "store.url").read_text().strip())
    with one.client("editor") as editor:
        assert editor.post("/api/v1/dashboards", json=DASHBOARD).status_code == 201
    one.person("viewer", "mira", "a good password")
    yield Cluster(one, two, shared)
    for node in (two, one):
        if node.process is not None and node.process.poll() is None:
            node.stop()


@pytest.fixture(scope="module", params=sorted(KINDS))
def balancer(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balancer]:
    directory = tmp_path_factory.mktemp(request.param)
    directory.chmod(0o755)
    running = KINDS[request.param](directory, cluster.ports)
    yield running
    running.stop()


def target_of(balancer: Balancer) -> Target:
    return Target(balancer.port, ROOT, balancer.tls)


def test_pages_files_and_api_stand_below_the_root(balancer: Balancer) -> None:
    with httpx.Client(verify=balancer.tls) as client:
        page = client.get(f"{balancer.url}/d/shared")
        assert page.status_code == 200
        assert f'data-root="{ROOT}"' in page.text
        addresses = re.findall(r'(?:src|href|action)="(/[^"]*)"', page.text)
        assert addresses
        assert all(address.startswith(f"{ROOT}/") for address in addresses)
        script = next(address for address in addresses if address.endswith("/dashboard.js"))
        assert client.get(f"https://127.0.0.1:{balancer.port}{script}").status_code == 200
        assert client.get(f"{balancer.url}/api/v1/dashboards/shared").json()["title"] == "Shared"
        assert client.get(f"https://127.0.0.1:{balancer.port}/d/shared").status_code in (403, 404, 503)


def test_a_session_lives_below_the_root_and_over_tls_alone(balancer: Balancer) -> None:
    form = {"login": "mira", "password": "a good password", "next": f"{ROOT}/d/shared"}
    with httpx.Client(verify=balancer.tls, headers={"Origin": f"https://127.0.0.1:{balancer.port}"}) as client:
        answer = client.post(f"{balancer.url}/login", data=form)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{ROOT}/d/shared"
        cookie = answer.headers["Set-Cookie"]
        assert f"Path={ROOT}" in cookie
        assert "Secure" in cookie
        outside = client.post(f"{balancer.url}/login", data={**form, "next": "/elsewhere"})
        assert outside.headers["Location"] == f"{ROOT}/home"
        assert 'aria-label="Account of mira"' in client.get(f"{balancer.url}/").text
        gone = client.post(f"{balancer.url}/logout")
        assert gone.headers["Location"] == f"{ROOT}/login"
        assert 'aria-label="Account of mira"' not in client.get(f"{balancer.url}/").text


def test_a_socket_is_for_pages_of_the_address_that_people_see(balancer: Balancer) -> None:
    boot = httpx.get(f"{balancer.url}/live/open?dashboard=shared", verify=balancer.tls).json()
    address = f"wss://127.0.0.1:{balancer.port}{ROOT}/live/{boot['view']}/socket?token={boot['token']}"
    ours = Origin(f"https://127.0.0.1:{balancer.port}")
    with connect(address, ssl=balancer.tls, origin=ours, open_timeout=60) as socket:
        assert '"seq"' in str(socket.recv(timeout=30))
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, ssl=balancer.tls, origin=Origin("https://evil.example"))


def test_people_on_different_nodes_are_in_one_room(cluster: Cluster) -> None:
    """She shares on the one, he follows on the other: he sees her crosshair, she sees his pin, and that he left."""
    cluster.two.person("viewer", "noor", "a good password")
    with watching(cluster.one, "mira") as hers, watching(cluster.two, "noor") as his:
        say(hers, join="tabofhers")
        her_id = hears(hers, lambda said: "you" in said)["you"]
        say(his, join="tabofhis0")
        his_id = hears(his, lambda said: "you" in said)["you"]
        hears(his, lambda said: her_id in [one["id"] for one in said.get("people", ())])
        say(hers, shares=True)
        say(his, follows=her_id)
        hears(hers, lambda said: her_id in [one["follows"] for one in said.get("people", ())])
        say(hers, at=1_700_000_000_000)
        assert hears(his, lambda said: said.get("at"))["of"] == her_id
        say(his, pinned=True)
        assert hears(hers, lambda said: "pinned" in said) == {"pinned": True}
        say(his, join="")
        hears(hers, lambda said: his_id not in [one["id"] for one in said.get("people", [{"id": his_id}])])


@contextmanager
def watching(node: Product, login: str) -> Iterator[ClientConnection]:
    """The socket of somebody who logged in at that node and opened a view there."""
    with httpx.Client(base_url=f"{node.url}{ROOT}", headers={"Origin": node.url}, timeout=60) as client:
        form = {"login": login, "password": "a good password"}
        assert client.post("/login", data=form).status_code == 303
        boot = client.get("/live/open?dashboard=shared").raise_for_status().json()
    address = f"ws://127.0.0.1:{node.port}{ROOT}/live/{boot['view']}/socket?token={boot['token']}"
    with connect(address, origin=Origin(node.url), open_timeout=60) as socket:
        yield socket


def say(socket: ClientConnection, **said: Any) -> None:
    socket.send(json.dumps({"room": said}))


def hears(socket: ClientConnection, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The first of what is said in the room that is wanted."""
    for _ in range(MOST_MESSAGES):
        said: dict[str, Any] = json.loads(socket.recv(timeout=60)).get("room", {})
        if said and wanted(said):
            return said
    raise AssertionError("nothing of the kind was said")


def test_what_others_say_of_who_asks_is_not_believed(cluster: Cluster, make_product: ProductMaker) -> None:
    """The same node, but no proxy is trusted: a header does not make a request one over TLS."""
    node = make_product(
        **{**cluster.shared, "HELIOGRAPH_TRUSTED_PROXIES": "192.0.2.1"},
        HELIOGRAPH_METRICS_URL=(cluster.one.data_dir / "store.url").read_text().strip(),
    )
    form = {"login": "mira", "password": "a good password"}
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "evil.example"}
    assert "Secure" not in httpx.post(f"{node.url}/login", data=form, headers=forwarded).headers["Set-Cookie"]
    evil = httpx.post(f"{node.url}/login", data=form, headers={**forwarded, "Origin": "https://evil.example"})
    assert evil.status_code == 403
    ours = {**forwarded, "X-Forwarded-Host": "localhost"}
    assert "Secure" in httpx.post(f"{cluster.one.url}/login", data=form, headers=ours).headers["Set-Cookie"]
    assert httpx.post(f"{cluster.one.url}/login", data=form, headers=forwarded).status_code == 403  # no name of ours
    assert node.stop() == 0


async def test_a_tab_needs_no_sticky_session(cluster: Cluster, balancer: Balancer) -> None:
    """Each request of a tab may reach another node than the last; none of them is refused for it."""
    http = Http(target_of(balancer), connections=1)
    tabs = [Tab(http, "shared", PANELS, query=f"&from=now-{span}m") for span in range(2, 10)]
    before = [opens(node) for node in (cluster.one, cluster.two)]
    following = [asyncio.create_task(tab.follow()) for tab in tabs]
    await until(lambda: all(tab.ticks >= 2 for tab in tabs))
    await stopped(following, tabs, http)
    assert [tab.refused for tab in tabs] == [0] * len(tabs)
    assert [tab.connects for tab in tabs] == [1] * len(tabs)
    after = [opens(node) for node in (cluster.one, cluster.two)]
    assert all(now > then for now, then in zip(after, before, strict=True)), "both nodes had their share"


def test_a_node_with_metrics_of_its_own_does_not_start_beside_others(cluster: Cluster, tmp_path: Path) -> None:
    alone = Product(tmp_path / "data", environment=cluster.shared)
    with pytest.raises(AssertionError, match="metrics_url: another node of this database"):
        alone.start()


async def test_viewers_of_a_node_that_dies_are_fresh_again_on_the_other(cluster: Cluster, balancer: Balancer) -> None:
    http = Http(target_of(balancer))
    tabs = [Tab(http, "shared", PANELS) for _ in range(TABS)]
    following = [asyncio.create_task(tab.follow()) for tab in tabs]
    await until(lambda: all(tab.ticks >= 1 for tab in tabs))
    sockets = [tab.socket for tab in tabs]
    loop = asyncio.get_running_loop()
    dead = loop.time()
    await asyncio.to_thread(kill_view, cluster.two)
    await until(lambda: any(socket is not None and socket.closed.done() for socket in sockets))
    await until(lambda: all(tab.socket is not None and not tab.socket.closed.done() for tab in tabs))
    lost = [tab for tab, socket in zip(tabs, sockets, strict=True) if tab.socket is not socket]
    for tab in lost:
        tab.ticks = 0
    await until(lambda: all(tab.ticks >= 1 for tab in lost))
    took_s = loop.time() - dead
    await stopped(following, tabs, http)
    assert took_s < FRESH_WITHIN_S
    await asyncio.to_thread(cluster.two.wait_until_ready)


def kill_view(node: Product) -> None:
    """SIGKILL for the process that serves; its supervisor starts another."""
    assert node.process is not None
    view = next(child for child in psutil.Process(node.process.pid).children() if child.cmdline()[-1] == "view")
    view.kill()
    psutil.wait_procs([view], timeout=5)


def opens(node: Product) -> float:
    """The live requests that a node answered."""
    found = re.findall(r"heliograph_http_requests_total\{[^}]*\} ([\d.e+]+)", httpx.get(f"{node.url}/metrics").text)
    return sum(map(float, found))


async def until(true: Callable[[], bool], within_s: float = 40) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def stopped(following: list[asyncio.Task[None]], tabs: list[Tab], http: Http) -> None:
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    for tab in tabs:
        if tab.socket is not None:
            tab.socket.close()
    http.close()
