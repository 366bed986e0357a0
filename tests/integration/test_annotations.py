"""Annotation queries of a running server over real sources: asked once for all, told as they change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import fixtures.waiting
import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import PASSWORD, Product
from fixtures.prometheus import Prometheus, written
from websockets.sync.client import connect

from heliograph.app.live.snapshot import decode_snapshot

API = "/api/v1"
ROWS = """
select fromUnixTimestamp64Milli(toInt64($__to - 60000)) as time,
  fromUnixTimestamp64Milli(toInt64($__to - 30000)) as timeEnd,
  'Deploy of $service' as title, 'by <b>ada</b>' as text, 'deploy, $service' as tags from numbers(1)
"""
PANEL = {"panel_id": 1, "title": "Load", "type": "timeseries", "query": {"metric": "node_load1"}}
wait = partial(fixtures.waiting.wait, seconds=30)


@pytest.fixture(scope="module", autouse=True)
def _source(product: Product, prometheus: Prometheus) -> None:
    known(product, prometheus, "prom")


def known(product: Product, prometheus: Prometheus, uid: str) -> None:
    """Make it a data source of the product."""
    with product.client("admin") as admin:
        body = {"uid": uid, "name": uid, "type": "prometheus", "url": prometheus.url}
        assert admin.post(f"{API}/datasources", json=body).status_code == 201


@pytest.fixture
def viewer(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.url, timeout=60) as client:
        yield client


def make(editor: httpx.Client, name: str, queries: Sequence[dict[str, Any]], **more: Any) -> str:
    """The id of a dashboard with these annotation queries."""
    dashboard_id: str = fresh(name)
    body = {"dashboard_id": dashboard_id, "title": "Marked", "panels": [PANEL], "annotations": queries, **more}
    body = {"time": {"from": "now-5m", "to": "now"}, "refresh": "1s", **body}
    answer = editor.post(f"{API}/dashboards", json=body)
    assert answer.status_code == 201, answer.text
    return dashboard_id


def opened(viewer: httpx.Client, dashboard_id: str, **arguments: str) -> dict[str, Any]:
    boot: dict[str, Any] = viewer.get("/live/open", params={"dashboard": dashboard_id, **arguments}).json()
    return boot


def head_of(viewer: httpx.Client, boot: dict[str, Any]) -> dict[str, Any]:
    answer = viewer.get(f"/live/{boot['view']}/panels?ids=1", headers={"X-Heliograph-Token": boot["token"]})
    return decode_snapshot(answer.content)[0]


def marks_of(viewer: httpx.Client, boot: dict[str, Any], name: str) -> dict[str, Any]:
    """What a query came to, once it came to something."""

    def found() -> Any:
        return head_of(viewer, boot)["annotations"].get(name)

    marks: dict[str, Any] = wait(found, name)
    return marks


def test_rows_of_sql_are_marks_with_the_values_of_variables(editor: httpx.Client, viewer: httpx.Client) -> None:
    service = {"name": "service", "type": "custom", "query": "api,web", "current": "api"}
    dashboard = make(editor, "rows", [{"name": "Deploys", "datasource": "store", "query": ROWS}], variables=[service])
    boot = opened(viewer, dashboard, **{"var-service": "web"})
    (mark,) = marks_of(viewer, boot, "Deploys")["items"]
    assert (mark["title"], mark["text"], mark["tags"]) == ("Deploy of web", "by <b>ada</b>", ["deploy", "web"])
    assert mark["end"] - mark["time"] == 30_000
    assert [query["name"] for query in boot["annotations"]] == ["Annotations", "Deploys"]


def test_an_expression_of_prometheus_is_marks_where_it_is_not_zero(
    editor: httpx.Client, viewer: httpx.Client, prometheus: Prometheus
) -> None:
    now = int(time.time()) * 1000
    values = [(now - 60_000 + 5000 * index, float(value)) for index, value in enumerate([0, 1, 1, 1, 0, 0, 1, 0])]
    prometheus.write(written({"__name__": "incident", "zone": "eu"}, values))
    query = {"expr": "incident", "iconColor": "red", "name": "Incidents", "step": "5s", "titleFormat": "In {{zone}}"}
    grafana = {"list": [{**query, "datasource": {"type": "prometheus", "uid": "prom"}, "tagKeys": "zone"}]}
    dashboard = make(editor, "expression", grafana, time={"from": str(now - 70_000), "to": str(now)})  # type: ignore[arg-type]
    boot = opened(viewer, dashboard)
    found = marks_of(viewer, boot, "Incidents")
    assert found["error"] == ""
    assert {mark["title"] for mark in found["items"]} == {"In eu"}
    assert {tuple(mark["tags"]) for mark in found["items"]} == {("eu",)}
    first, second = found["items"]
    # Between two samples the last one stands: each mark begins within a step of its sample.
    assert now - 55_000 <= first["time"] < now - 50_000
    assert first["end"] - first["time"] >= 10_000
    assert now - 30_000 <= second["time"] < now - 25_000


def test_a_query_that_fails_is_named_and_the_panels_go_on(editor: httpx.Client, viewer: httpx.Client) -> None:
    queries = [
        {"name": "Broken", "datasource": "store", "query": "select nothing from nowhere"},
        {"name": "Nobody's", "datasource": "none", "query": "x"},
        {"name": "Wrong", "datasource": "prom", "query": "up{"},
    ]
    dashboard = make(editor, "broken", queries)
    boot = opened(viewer, dashboard)
    errors = {query["name"]: marks_of(viewer, boot, query["name"])["error"] for query in queries}
    assert "nowhere" in errors["Broken"]
    assert errors["Nobody's"] == "there is no data source none"
    assert errors["Wrong"]
    assert head_of(viewer, boot)["panels"]["1"]["state"] in ("ready", "empty")


def asked(product: Product, source: str) -> float:
    text = httpx.get(f"{product.url}/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("heliograph_source_queries_total")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if f'source="{source}"' in line)


def test_twenty_viewers_are_one_question_a_tick(
    product: Product, prometheus: Prometheus, editor: httpx.Client, viewer: httpx.Client
) -> None:
    source = fresh("prom")  # whom no view of another test asks
    known(product, prometheus, source)
    dashboard = make(editor, "many", [{"name": "Up", "datasource": source, "query": "up"}])
    boots = [opened(viewer, dashboard) for _ in range(20)]
    assert len({boot["view"] for boot in boots}) == 1
    marks_of(viewer, boots[0], "Up")
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(connect(f"ws{product.url[4:]}/live/{boot['view']}/socket?token={boot['token']}"))
            for boot in boots
        ]
        for socket in sockets:
            socket.send('{"want":[1]}')
        with suppress(TimeoutError):  # Ticks that came while the others connected.
            while True:
                sockets[0].recv(timeout=0)
        before, ticks = asked(product, source), 0
        while ticks < 5:
            ticks += "seq" in json.loads(sockets[0].recv(timeout=40))
        assert 3 <= asked(product, source) - before <= ticks + 2


def test_what_is_made_reaches_those_who_watch_with_a_tick_and_others_with_their_snapshot(
    product: Product, editor: httpx.Client, viewer: httpx.Client
) -> None:
    dashboard = make(editor, "watched", [])
    boot = opened(viewer, dashboard)
    assert marks_of(viewer, boot, "Annotations") == {"items": [], "error": ""}
    now = int(time.time() * 1000)
    with connect(f"ws{product.url[4:]}/live/{boot['view']}/socket?token={boot['token']}", close_timeout=1) as socket:
        socket.send('{"want":[1]}')

        def told() -> Any:
            return json.loads(socket.recv(timeout=40)).get("annotations")

        body = {"time": now, "end": now + 10, "text": "x", "tags": ["a"], "dashboard_id": dashboard}
        made = editor.post(f"{API}/annotations", json=body).json()
        (mark,) = wait(told, "the new one")["Annotations"]["items"]
        assert (mark["id"], mark["text"], mark["by"]) == (made["id"], "x", made["created_by"])
        editor.put(f"{API}/annotations/{made['id']}", json={**body, "text": "y"})
        assert wait(told, "its new text")["Annotations"]["items"][0]["text"] == "y"
        editor.delete(f"{API}/annotations/{made['id']}")
        assert wait(told, "its end")["Annotations"]["items"] == []


def test_another_range_has_annotations_of_its_own(editor: httpx.Client, viewer: httpx.Client) -> None:
    dashboard = make(editor, "ranges", [])
    boot = opened(viewer, dashboard)
    hour_ago = int(time.time() * 1000) - 3_600_000
    body = {"time": hour_ago, "text": "an hour ago", "dashboard_id": dashboard}
    assert editor.post(f"{API}/annotations", json=body).status_code == 201
    assert marks_of(viewer, boot, "Annotations")["items"] == []
    address, token = f"/live/{boot['view']}/annotations", {"X-Heliograph-Token": boot["token"]}
    span = {"from": str(hour_ago - 60_000), "to": str(hour_ago + 60_000)}
    found = viewer.get(address, params=span, headers=token).json()
    assert [one["text"] for one in found["Annotations"]["items"]] == ["an hour ago"]
    assert viewer.get(address, params={**span, "query": "Annotations"}, headers=token).json() == found
    assert viewer.get(address, params={**span, "query": "none of these"}, headers=token).json() == {}
    assert viewer.get(address, params=span).status_code == 401
    assert viewer.get(address, params={"from": "5", "to": "1"}, headers=token).status_code == 422


def test_those_queries_are_asked_that_are_named_and_what_was_made_is_seen_at_once(
    product: Product, editor: httpx.Client, viewer: httpx.Client
) -> None:
    dashboard = make(editor, "named", [{"name": "Mine", "builtin": True}, {"name": "Deploys", "query": ROWS}])
    boot = opened(viewer, dashboard)
    marks_of(viewer, boot, "Deploys")
    now = int(time.time() * 1000)
    address, headers = f"/live/{boot['view']}/annotations", {"X-Heliograph-Token": boot["token"]}
    span = {"from": str(now - 7_200_000), "to": str(now - 3_600_000), "query": "Mine"}

    def texts() -> list[str]:
        found = viewer.get(address, params=span, headers=headers).json()
        assert list(found) == ["Mine"]
        return [one["text"] for one in found["Mine"]["items"]]

    assert texts() == []
    body = {"time": now - 5_000_000, "text": "x", "dashboard_id": dashboard}
    made = editor.post(f"{API}/annotations", json=body).json()
    assert texts() == ["x"]
    editor.delete(f"{API}/annotations/{made['id']}")
    assert texts() == []


def test_a_view_of_the_past_has_what_was_marked_meanwhile_in_its_next_snapshot(
    editor: httpx.Client, viewer: httpx.Client
) -> None:
    dashboard = make(editor, "still", [])
    now = int(time.time() * 1000)
    boot = opened(viewer, dashboard, **{"from": str(now - 7_200_000), "to": str(now - 3_600_000)})
    assert not boot["live"]
    assert marks_of(viewer, boot, "Annotations")["items"] == []
    body = {"time": now - 5_000_000, "text": "x", "dashboard_id": dashboard}
    assert editor.post(f"{API}/annotations", json=body).status_code == 201
    assert wait(lambda: head_of(viewer, boot)["annotations"]["Annotations"]["items"], "the mark")[0]["text"] == "x"


def test_a_query_that_is_off_is_asked_in_the_view_that_switches_it_on(
    editor: httpx.Client, viewer: httpx.Client
) -> None:
    dashboard = make(editor, "switched", [{"name": "Off & on", "enable": False, "datasource": "store", "query": ROWS}])
    off, on = opened(viewer, dashboard), opened(viewer, dashboard, **{"ann-Off & on": "on"})
    assert off["view"] != on["view"]
    assert [query["asked"] for query in off["annotations"]] == [True, False]
    assert len(marks_of(viewer, on, "Off & on")["items"]) == 1
    assert "Off & on" not in head_of(viewer, off)["annotations"]
    assert opened(viewer, dashboard, **{"ann-none": "on", "ann-Off & on": "off"})["view"] == off["view"]


def test_an_annotation_is_made_at_a_time_of_iso_8601_and_says_which_end_is_wrong(editor: httpx.Client) -> None:
    body = {"text": "x", "time": "2026-03-14T05:00:00+01:00", "end": "2026-03-14T04:30:00Z"}
    made = editor.post(f"{API}/annotations", json=body)
    assert made.status_code == 201, made.text
    assert (made.json()["time"], made.json()["end"]) == (1_773_460_800_000, 1_773_462_600_000)
    editor.delete(f"{API}/annotations/{made.json()['id']}").raise_for_status()
    for wrong, path in (({"time": "soon"}, "$.time"), ({"time": "now"}, "$.time"), ({"end": 5}, "$.end")):
        answer = editor.post(f"{API}/annotations", json={**body, **wrong})
        assert (answer.status_code, answer.json()["path"]) == (422, path), answer.text


def test_viewers_neither_change_annotations_nor_are_offered_to(editor: httpx.Client, viewer: httpx.Client) -> None:
    dashboard = make(editor, "guarded", [])
    assert opened(viewer, dashboard)["annotate"] is None
    mine = opened(editor, dashboard)["annotate"]
    body = {"time": 1, "text": "x", "dashboard_id": dashboard}
    made = editor.post(f"{API}/annotations", json=body).json()
    assert mine == {"by": made["created_by"], "all": False}
    assert viewer.post(f"{API}/annotations", json=body).status_code == 403
    assert viewer.put(f"{API}/annotations/{made['id']}", json=body).status_code == 403
    assert viewer.delete(f"{API}/annotations/{made['id']}").status_code == 403


def test_annotations_of_a_dashboard_that_one_may_not_see_are_not_there(
    product: Product, editor: httpx.Client, viewer: httpx.Client
) -> None:
    with product.client("admin") as admin:
        closed, seen = fresh("closed"), fresh("seen")
        folder = {"uid": closed, "title": "Closed", "permissions": {"role:editor": "edit"}}
        assert admin.post(f"{API}/folders", json=folder).status_code == 201
        looked = {"uid": seen, "title": "Looked at", "permissions": {"role:viewer": "view"}}
        assert admin.post(f"{API}/folders", json=looked).status_code == 201
        hidden = make(editor, "hidden", [], folder=closed)
        shown = make(admin, "shown", [], folder=seen)
    body = {"time": 77, "text": (secret := fresh("secret")), "dashboard_id": hidden}
    assert editor.post(f"{API}/annotations", json=body).status_code == 201
    span = {"from": "70", "to": "80"}

    def texts(person: httpx.Client) -> list[str]:
        return [one["text"] for one in person.get(f"{API}/annotations", params=span).json()["items"]]

    assert secret not in texts(viewer)
    assert viewer.get(f"{API}/annotations", params={**span, "dashboard_id": hidden}).status_code == 404
    assert secret in texts(editor)
    assert editor.post(f"{API}/annotations", json={**body, "dashboard_id": shown}).status_code == 403
    assert editor.post(f"{API}/annotations", json={**body, "dashboard_id": "nowhere"}).status_code == 404


def test_a_page_of_another_site_cannot_mark_with_a_persons_cookie(product: Product, viewer: httpx.Client) -> None:
    form = {"login": product.person("editor"), "password": PASSWORD}
    assert viewer.post("/login", data=form).status_code == 303
    body = {"time": 1, "text": "forged"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert viewer.post(f"{API}/annotations", json=body, headers=headers).status_code == 403
    made = viewer.post(f"{API}/annotations", json=body, headers={"Origin": product.url})
    assert made.status_code == 201
    forged = viewer.delete(f"{API}/annotations/{made.json()['id']}", headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
