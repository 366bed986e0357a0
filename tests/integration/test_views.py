"""The life of views in a running server: pinned ones, limits, and a dashboard that is saved while people look at it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import fixtures.waiting
import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker
from websockets.sync.client import ClientConnection, connect

from heliograph.app.live.snapshot import decode_snapshot

PINNED = {
    "dashboard_id": "wall",
    "title": "Wall",
    "pinned": True,
    "panels": [
        {"panel_id": 1, "title": "Load", "type": "timeseries", "query": {"metric": "node_load1"}},
        {"panel_id": 2, "title": "Note", "type": "text", "options": {"content": "hello"}},
    ],
    "time": {"from": "now-1m", "to": "now"},
    "refresh": "1s",
}
wait = partial(fixtures.waiting.wait, seconds=20)


def counted(product: Product, metric: str) -> float:
    """The sum of a metric's samples whose name and labels begin so."""
    text = httpx.get(f"{product.url}/metrics").text
    return sum(float(value) for value in re.findall(rf"^{re.escape(metric)}\S* (\S+)$", text, re.MULTILINE))


def opened(product: Product, dashboard: str, **arguments: str) -> httpx.Response:
    return httpx.get(f"{product.url}/live/open", params={"dashboard": dashboard, **arguments})


@contextmanager
def following(product: Product, boots: Sequence[dict[str, Any]]) -> Iterator[list[ClientConnection]]:
    with ExitStack() as stack:
        addresses = [f"ws://127.0.0.1:{product.port}/live/{b['view']}/socket?token={b['token']}" for b in boots]
        yield [stack.enter_context(connect(address)) for address in addresses]


@pytest.fixture(scope="module")
def small(product: Product, make_product: ProductMaker, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A server that starts with a pinned dashboard, and takes few of everything."""
    product.save(PINNED)
    kept = product.copy(tmp_path_factory.mktemp("small") / "data")
    with product.client("editor") as editor:
        editor.delete(f"/api/v1/dashboards/{PINNED['dashboard_id']}").raise_for_status()
    return make_product(
        data_dir=kept.data_dir,
        HELIOGRAPH_ANONYMOUS_ROLE="viewer",
        HELIOGRAPH_COLLECT_HOST="true",
        HELIOGRAPH_MAX_VIEWS_PER_USER="3",
        HELIOGRAPH_MAX_VIEWERS="4",
        HELIOGRAPH_MAX_OPENS_PER_SECOND="8",
    )


def test_a_pinned_view_is_ready_before_the_first_viewer_comes(small: Product) -> None:
    assert counted(small, "heliograph_views") >= 1
    cold = counted(small, 'heliograph_view_opens_total{temperature="cold"}')
    boot = opened(small, "wall").json()
    asked = counted(small, "heliograph_source_queries_total")
    answer = httpx.get(f"{small.url}/live/{boot['view']}/panels?ids=1,2", headers={"X-Heliograph-Token": boot["token"]})
    head, _ = decode_snapshot(answer.content)
    states = {panel_id: panel["state"] for panel_id, panel in head["panels"].items()}
    assert states["2"] == "ready"
    assert states["1"] in ("ready", "empty")
    assert counted(small, 'heliograph_view_opens_total{temperature="cold"}') == cold
    wait(lambda: counted(small, "heliograph_source_queries_total") > asked + 1, "a pinned view to go on by itself")


def test_a_person_holds_so_many_views_and_unwatched_ones_make_room(small: Product) -> None:
    boots = []
    for minutes in range(2, 8):
        answer = opened(small, "wall", **{"from": f"now-{minutes}m"})
        assert answer.status_code == 200
        boots.append(answer.json())
    pinned = 1
    assert counted(small, "heliograph_views") <= 3 + pinned, "the first of them made room"
    with following(small, boots[-3:]):
        shed = counted(small, 'heliograph_shed_total{reason="views_per_user"}')
        refused = httpx.get(f"{small.url}/d/wall?from=now-9m")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert 5 <= int(refused.headers["retry-after"]) <= 10
        assert f'http-equiv="refresh" content="{refused.headers["retry-after"]}"' in refused.text
        assert counted(small, 'heliograph_shed_total{reason="views_per_user"}') == shed + 1
    wait(lambda: opened(small, "wall", **{"from": "now-9m"}).status_code == 200, "room")


def test_a_node_takes_so_many_viewers_and_opens_a_second(small: Product) -> None:
    boot = opened(small, "wall").json()
    with following(small, [boot] * 4):
        refused = opened(small, "wall")
        assert (refused.status_code, refused.json()["code"]) == (503, "too_many_viewers")
    wait(lambda: opened(small, "wall").status_code == 200, "a viewer's place")
    with httpx.Client() as client:
        statuses = [client.get(f"{small.url}/live/open?dashboard=wall").status_code for _ in range(100)]
    assert 503 in statuses
    assert statuses[0] == 200
    assert counted(small, 'heliograph_shed_total{reason="opens"}') > 0
    wait(lambda: opened(small, "wall").status_code == 200, "the bucket to fill again")


def test_a_saved_dashboard_is_told_once_and_compiled_before_its_viewers_come(small: Product) -> None:
    time.sleep(1)
    body = {**PINNED, "dashboard_id": "saved", "pinned": False}
    small.save(body)
    with small.client("editor") as editor:
        boot = opened(small, "saved").json()
        with following(small, [boot] * 3) as sockets:
            assert editor.put("/api/v1/dashboards/saved", json={**body, "title": "B", "version": 1}).status_code == 200
            deadline = time.monotonic() + 6
            told: list[list[Any]] = [[] for _ in sockets]
            while time.monotonic() < deadline:
                for socket, messages in zip(sockets, told, strict=True):
                    messages.append(json.loads(socket.recv(timeout=40)))
        for messages in told:
            versions = [message for message in messages if "version" in message]
            assert [message["version"] for message in versions] == [2]
            assert versions[0]["within"] >= 1500
        with following(small, [boot]) as (late,):
            assert "version" in json.loads(late.recv(timeout=40)), "who comes to the old version is told as well"
        cold = counted(small, 'heliograph_view_opens_total{temperature="cold"}')
        fresh = opened(small, "saved").json()
        assert fresh["version"] == 2
        assert counted(small, 'heliograph_view_opens_total{temperature="cold"}') == cold, "it was warm already"


ASKER = "select now64(3) as time, concat('for ', '$__user') as text from numbers(1)"
NAMING: dict[str, dict[str, Any]] = {
    "asker-panel": {"panels": [{"panel_id": 1, "type": "table", "query": ASKER}]},
    "asker-marks": {"panels": PINNED["panels"], "annotations": [{"name": "Mine", "query": ASKER}]},
    "asker-none": {"panels": PINNED["panels"], "annotations": [{"name": "Ours", "query": "select now64(3) as time"}]},
}


@pytest.mark.parametrize(("dashboard", "views"), [("asker-panel", 2), ("asker-marks", 2), ("asker-none", 1)])
def test_a_dashboard_whose_query_names_the_asker_is_a_view_of_each_persons_own(
    product: Product, dashboard: str, views: int
) -> None:
    made_id = fresh(dashboard)
    with product.client("editor") as one, product.client("editor") as other:
        body = {"dashboard_id": made_id, "title": "Asker", **NAMING[dashboard]}
        assert one.post("/api/v1/dashboards", json=body).status_code == 201
        found = [client.get("/live/open", params={"dashboard": made_id}).json()["view"] for client in (one, other)]
    assert len(set(found)) == views


LETTERS = "select substring('abc', number + 1, 1) as value from numbers(3) where value = '$box'"


@pytest.mark.parametrize(
    ("query", "box", "found"),
    [
        (LETTERS, "a", ["a"]),
        (LETTERS, "x' or '1' = '1", []),
        (LETTERS, "\\' or 1 = 1 --", []),
        (LETTERS.replace("value = ", "length(value) > 0 or value = "), "a", ["a", "b", "c"]),
        (LETTERS.replace("value = ", "toString($__from) = "), "$__from", []),
        ("label_values($box, job)", "up", []),
    ],
)
def test_a_text_never_becomes_more_than_a_value_in_the_query_of_another_variable(
    product: Product, query: str, box: str, found: list[str]
) -> None:
    variables = [{"name": "box", "type": "textbox"}, {"name": "letter", "type": "query", "query": query}]
    name = fresh("boxes")
    product.save({"dashboard_id": name, "title": "Boxes", "variables": variables, "panels": PINNED["panels"]})
    boot = httpx.get(f"{product.url}/live/open", params={"dashboard": name, "var-box": box}).json()
    letter = next(one for one in boot["variables"] if one["name"] == "letter")
    assert (letter["error"], [option["value"] for option in letter["options"]]) == ("", found)
