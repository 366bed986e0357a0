"""The API of a running server, asked as scripts do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import PASSWORD, Product, ProductMaker
from fixtures.routes import VIEW_ID, addresses

from heliograph.app.api.router import table
from heliograph.app.api.routing import PREFIX

API = "/api/v1"
PANEL = {"panel_id": 1, "title": "Load", "type": "stat", "query": {"metric": "node_load1"}}
ROLES = ("viewer", "editor", "admin")


@pytest.fixture(scope="module")
def clients(product: Product) -> Iterator[dict[str | None, httpx.Client]]:
    made: dict[str | None, httpx.Client] = {role: product.client(role) for role in (None, *ROLES)}
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def editor(clients: dict[str | None, httpx.Client]) -> httpx.Client:
    return clients["editor"]


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem of an answer that is one: whole, and without a trace."""
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "code", "detail", "request_id"} <= document.keys()
    assert "Traceback" not in answer.text
    assert document["status"] == answer.status_code
    return document


def make(editor: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = editor.post(f"{API}/dashboards", json={"title": "A dashboard", "panels": [PANEL], **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_dashboard_is_made_read_saved_listed_and_deleted(editor: httpx.Client) -> None:
    made = make(editor, title="Life of a dashboard", tags=["life"])
    address = f"{API}/dashboards/{made['dashboard_id']}"
    assert made["version"] == 1
    assert made["url"] == f"/d/{made['dashboard_id']}/life-of-a-dashboard"
    read = editor.get(address)
    assert read.headers["ETag"] == '"1"'
    saved = editor.put(address, json={**read.json(), "title": "Renamed"})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    listed = editor.get(f"{API}/dashboards", params={"query": "renam", "tag": "life"}).json()
    assert [item["dashboard_id"] for item in listed["items"]] == [made["dashboard_id"]]
    versions = editor.get(f"{address}/versions").json()["items"]
    assert [entry["version"] for entry in versions] == [2, 1]
    assert editor.delete(address).status_code == 204
    assert problem(editor.get(address))["code"] == "not_found"


def test_a_dashboard_of_grafana_is_brought_with_notes_and_replaced_where_that_is_wanted(editor: httpx.Client) -> None:
    name, address = fresh("grafana"), f"{API}/dashboards/import"
    panel = {"id": 2, "type": "graph", "title": "Up", "targets": [{"refId": "A", "expr": "up"}], "timeFrom": "1h"}
    source = {"type": "prometheus", "uid": "P1"}
    document = {"title": "There", "uid": name, "schemaVersion": 22, "panels": [{**panel, "datasource": source}]}
    tried = editor.post(address, json={"dashboard": document, "dry_run": True})
    assert (tried.status_code, tried.json()["version"]) == (200, None)
    assert problem(editor.get(f"{API}/dashboards/{name}"))["code"] == "not_found"
    made = editor.post(address, json=document)
    assert (made.status_code, made.headers["Location"]) == (201, f"{API}/dashboards/{name}")
    told = made.json()
    assert (told["dashboard_id"], told["version"], told["url"]) == (name, 1, f"/d/{name}/there")
    assert told["panels"] == {"whole": 0, "noted": 1, "left_out": 0}
    assert {(note["panel_id"], note["panel"], note["field"]) for note in told["notes"]} >= {(2, "Up", "timeFrom")}
    saved = editor.get(f"{API}/dashboards/{name}").json()["panels"][0]
    assert (saved["type"], saved["datasource"], saved["targets"]) == (
        "timeseries",
        "prometheus",
        [{"ref": "A", "query": "up"}],
    )
    assert problem(editor.post(address, json=document))["code"] == "duplicate"
    chosen = {"dashboard": document, "overwrite": True, "datasources": {"P1": "store"}}
    again = editor.post(address, json=chosen)
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert editor.get(f"{API}/dashboards/{name}").json()["panels"][0]["datasource"] == "store"
    other = editor.post(address, json={"dashboard": document, "dashboard_id": f"{name}-2"})
    assert other.json()["dashboard_id"] == f"{name}-2"
    for body, path in (
        ({"title": "Ours", "panels": []}, "$.dashboard"),
        ({"dashboard": document, "datasources": {"P1": "nobody"}}, "$.datasources.P1"),
        ({"dashboard": document, "folder": "nowhere"}, "$.folder"),
        ({"dashboard": document, "more": 1}, "$.more"),
        ({"apiVersion": "x"}, "$"),
    ):
        assert problem(editor.post(address, json=body))["path"] == path
    deep = '{"dashboard": {"schemaVersion": 39, "panels": ' + "[" * 200 + "]" * 200 + "}}"
    assert (
        problem(editor.post(address, content=deep, headers={"Content-Type": "application/json"}))["code"] == "malformed"
    )
    assert editor.post(address, content=b" " * (9 * 2**20)).status_code in (400, 413)


def test_of_two_saves_of_one_version_one_wins_and_the_other_is_told(editor: httpx.Client) -> None:
    made = make(editor)
    address = f"{API}/dashboards/{made['dashboard_id']}"
    answers: list[httpx.Response] = []

    def save(title: str) -> None:
        answers.append(editor.put(address, json={"title": title, "version": 1}))

    threads = [threading.Thread(target=save, args=(f"by {index}",)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert (problem(lost)["code"], problem(lost)["current_version"]) == ("version_conflict", 2)


def test_head_is_answered_as_get_without_the_body(product: Product, editor: httpx.Client) -> None:
    address = make(editor)["url"]
    boot = httpx.get(f"{product.url}/live/open?dashboard={address.split('/')[2]}").json()
    live = f"/live/{boot['view']}/panels?ids=1"
    token = {"X-Heliograph-Token": boot["token"]}
    for path in ("/healthz", "/", address, f"{API}/dashboards", "/api/v1/openapi.json", live):
        asked, read = editor.head(path, headers=token), editor.get(path, headers=token)
        assert (asked.status_code, asked.content) == (200, b""), path
        assert asked.headers["Content-Type"] == read.headers["Content-Type"]
    assert httpx.head(f"{product.url}/d/none-of-ours").status_code == 404
    assert editor.head(f"{API}/datasources/store/test").status_code == 405


def test_if_match_says_the_version_too(editor: httpx.Client) -> None:
    made = make(editor)
    address = f"{API}/dashboards/{made['dashboard_id']}"
    assert editor.put(address, json={"title": "x"}, headers={"If-Match": '"1"'}).status_code == 200
    assert editor.put(address, json={"title": "x"}, headers={"If-Match": '"1"'}).status_code == 409
    assert problem(editor.put(address, json={"title": "x"}))["path"] == "$.version"


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        (b"{bad", 400, "malformed", None),
        (b"\xff\xfe", 400, "malformed", None),
        (b'{"title": NaN}', 400, "malformed", None),
        (b"[" * 100_000, 400, "malformed", None),
        (b"[]", 422, "invalid", "$"),
        (b"{}", 422, "invalid", "$.title"),
        (b'{"title": "x", "panels": [{"panel_id": 1, "type": "nope"}]}', 422, "invalid", "$.panels[0].type"),
        (
            b'{"title": "x", "panels": [{"panel_id": 1, "type": "stat", "position": {"x": 23, "w": 9}}]}',
            422,
            "invalid",
            "$.panels[0].position",
        ),
        (b'{"title": "x", "dashboard_id": "../etc"}', 422, "invalid", "$.dashboard_id"),
        (b'{"title": "x\\u0000"}', 422, "invalid", "$.title"),
        (b'{"title": "x", "tags": ["a", "\\ud800"]}', 422, "invalid", "$.tags[1]"),
        (b'{"title": "x", "panels": [{"options": {"a\\u0000": 1}}]}', 422, "invalid", "$.panels[0].options"),
        (b'{"title": "x", "folder": "\\udfff"}', 422, "invalid", "$.folder"),
        (b'{"title": "x", "timezone": "Mars/Olympus"}', 422, "invalid", "$.timezone"),
        (b'{"title": "x", "time": {"from": "yesterday"}}', 422, "invalid", "$.time.from"),
        (b'{"title": "x", "time": {"from": "now-1h", "to": "soon"}}', 422, "invalid", "$.time.to"),
        (b'{"title": "x", "refresh": "10ms"}', 422, "invalid", "$.refresh"),
    ],
)
def test_bad_input_is_named(editor: httpx.Client, body: bytes, status: int, code: str, path: str | None) -> None:
    answer = editor.post(f"{API}/dashboards", content=body)
    found = problem(answer)
    assert (answer.status_code, found["code"], found.get("path")) == (status, code, path)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"from": "x" * 50_000}, "$.from"),
        ({"to": "tomorrow"}, "$.to"),
        ({"from": "now", "to": "now-1h"}, "$.from"),
        ({"interval": "often"}, "$.interval"),
        ({"interval": "-1s"}, "$.interval"),
        ({"interval": "999999d"}, "$.interval"),
    ],
)
def test_a_time_that_is_none_is_named(editor: httpx.Client, changes: dict[str, str], path: str) -> None:
    answer = editor.post(f"{API}/query", json={"query": {"metric": "node_load1"}, **changes})
    assert (answer.status_code, problem(answer)["path"]) == (422, path)
    assert len(answer.text) < 1000


def test_an_argument_and_a_part_of_the_path_hold_no_nul(editor: httpx.Client) -> None:
    assert problem(editor.get(f"{API}/dashboards?query=%00"))["path"] == "$.query"
    assert problem(editor.get(f"{API}/dashboards/%00"))["path"] == "$.id"


def test_a_body_that_is_too_large_is_told_so_and_the_next_request_goes_on(editor: httpx.Client) -> None:
    answer = editor.post(f"{API}/dashboards", content=b'{"title": "' + b"x" * 20_000_000 + b'"}')
    assert answer.status_code == 413
    assert problem(answer)["code"] == "too_large"
    assert editor.get(f"{API}/dashboards").status_code == 200


def test_a_dashboard_may_be_called_as_an_address_beside_it(product: Product, editor: httpx.Client) -> None:
    product.save({"dashboard_id": "import", "title": "Imported"})
    assert editor.get(f"{API}/dashboards/import").json()["title"] == "Imported"
    assert editor.post(f"{API}/dashboards/import", json={}).status_code == 422, "that is the other's"
    assert editor.delete(f"{API}/dashboards/import").status_code == 204
    assert editor.get(f"{API}/dashboards/import").status_code == 404


def test_an_id_that_is_taken_is_a_duplicate(editor: httpx.Client) -> None:
    made = make(editor)
    answer = editor.post(f"{API}/dashboards", json={"title": "x", "dashboard_id": made["dashboard_id"]})
    assert (answer.status_code, problem(answer)["code"]) == (409, "duplicate")


def test_who_is_not_known_is_401_and_who_may_not_is_403(clients: dict[str | None, httpx.Client]) -> None:
    strange = clients[None].get(f"{API}/dashboards", headers={"Authorization": "Bearer hg_no"})
    assert (strange.status_code, problem(strange)["code"]) == (401, "unauthenticated")
    writing = clients["viewer"].post(f"{API}/dashboards", json={"title": "x"})
    assert (writing.status_code, problem(writing)["code"]) == (403, "forbidden")
    asking = clients["viewer"].post(f"{API}/query", json={"query": "select 1"})
    assert (asking.status_code, problem(asking)["code"]) == (403, "forbidden")


NAMED: Mapping[str, dict[str, Any]] = {
    "teams": {"name": ""},
    "tokens": {"name": "", "role": "viewer"},
    "folders": {"title": ""},
    "users": {"login": "", "password": "a good password", "role": "viewer"},
    "datasources": {"name": "", "type": "prometheus", "url": "http://1.1.1.1"},
    "contact-points": {"name": "", "type": "webhook", "url": "http://1.1.1.1"},
    "dashboards": {"title": "", "panels": []},
}


@pytest.mark.parametrize("path", NAMED)
def test_nothing_is_called_by_what_nobody_sees_or_turns_the_text(
    clients: dict[str | None, httpx.Client], path: str
) -> None:
    field = next(iter(NAMED[path]))
    turning = [] if path == "dashboards" else ["admin\u202enimda", "a\x1b[2Jb", "a\u2028b"]
    for name in ["\u200b", "\u3164", *turning]:
        answer = clients["admin"].post(f"/api/v1/{path}", json={**NAMED[path], field: name})
        assert (answer.status_code, answer.json().get("path")) == (422, f"$.{field}"), answer.text


def test_another_site_cannot_act_with_a_cookie_or_as_anybody(clients: dict[str | None, httpx.Client]) -> None:
    answer = clients[None].post(
        f"{API}/query", json={"dashboard_id": "host", "panel_id": 2}, headers={"Origin": "https://evil.example"}
    )
    assert problem(answer)["code"] == "forbidden"


def test_every_route_is_closed_to_the_roles_below_its_own(clients: dict[str | None, httpx.Client]) -> None:
    """Routes × roles: below the route's role 403, from it on anything but 401 and 403. Nobody is a viewer here."""
    levels = {None: 1, "viewer": 1, "editor": 2, "admin": 3}
    for route in table().table:
        address = PREFIX + route.path.replace("{id}", "none-such").replace("{uid}", "none-such")
        for role, client in clients.items():
            body = {"dashboard_id": "none-such", "panel_id": 1} if route.path == "/query" else {}
            answer = client.request(route.method, address, json=body if route.method in ("POST", "PUT") else None)
            where = (route.method, route.path, role, answer.status_code)
            if levels[role] < int(route.role):
                assert answer.status_code == 403, where
            else:
                assert answer.status_code not in (401, 403, 500), where


# The least role of what is no API: 1 is whoever looks, 2 an editor, 0 open to all; `None` asks for a view's token.
LEAST = {
    "/": 1, "/login": 0, "/logout": 0, "/password": 0, "/new": 2, "/drafts/0": 2, "/dashboards": 0,
    "/home": 1, "/account": 1, "/settings": 3, "/settings/r": 3,
    "/d-solo/host": 0, "/d-solo/host/r": 0, "/d/host": 1, "/d/host/r": 1, "/d/host/edit": 2,
    "/d/host/panels/0.0": 1,
    "/s/host": 0, "/s/host/open": 0, "/embed/s/host": 0, "/embed/s/host/open": 0,
    "/embed/heliograph.js": 0, "/snapshots/host": 0,
    "/d/host/bokeh": 1, "/d/host/bokeh/autoload.js": 1,
    "/d/host/bokeh/static/js/bokeh.min.js": 0, "/d/host/bokeh/ws": 0,
    "/explore": 2, "/explore/ws": 2, "/explore/static/0/0": 0, "/live/open": 1, "/static/0/0": 0,
    **{f"/live/{VIEW_ID}/{what}": None for what in ("panels", "columns", "density", "annotations", "rows", "inspect")},
    f"/live/{VIEW_ID}/socket": None,
}  # fmt: skip


def test_every_page_is_closed_to_the_roles_below_its_own(clients: dict[str | None, httpx.Client]) -> None:
    """A route that is new fails here until its role is said."""
    levels = {None: 1, "viewer": 1, "editor": 2, "admin": 3}
    assert set(addresses("host")) == set(LEAST)
    for path, least in LEAST.items():
        for role, client in clients.items():
            status = client.get(path, params={"dashboard": "host"}).status_code
            where = (path, role, status)
            if path.endswith(("/ws", "/socket")):
                assert status == 400, where  # no handshake, nothing told
            elif least is None:
                assert status == 401, where
            elif levels[role] < least:
                assert status == 403, where
            else:
                assert status < 500, where
                assert status not in (401, 403), where


@pytest.fixture(scope="module")
def closed(make_product: ProductMaker) -> Product:
    """A server that nobody may look at without a login."""
    return make_product(HELIOGRAPH_COLLECT_SELF="false")


def test_a_server_without_anonymous_people_asks_all_to_log_in(closed: Product) -> None:
    with httpx.Client(base_url=closed.url) as nobody:
        for route in table().table:
            address = PREFIX + route.path.replace("{id}", "x").replace("{uid}", "x")
            assert nobody.request(route.method, address).status_code == 401, (route.method, route.path)
        assert nobody.get("/d/host").status_code == 302
        assert nobody.get("/explore").status_code == 302
        assert nobody.get("/live/open?dashboard=host").status_code == 401
        assert nobody.get("/healthz").status_code == 200


def test_hundreds_of_dashboards_are_listed_page_by_page(closed: Product) -> None:
    with closed.client("editor") as editor:
        for index in range(350):
            body = {"title": f"Board {index:04d}", "dashboard_id": f"b{index:04d}", "tags": ["many"], "panels": [PANEL]}
            assert editor.post(f"{API}/dashboards", json=body).status_code == 201
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = editor.get(f"{API}/dashboards", params={"limit": 100, "cursor": cursor}).json()
            seen += [item["dashboard_id"] for item in page["items"]]
            cursor = page["next"]
        assert seen == [f"b{index:04d}" for index in range(350)]
        found = editor.get(f"{API}/dashboards", params={"query": "board 0277"}).json()["items"]
        assert [item["dashboard_id"] for item in found] == ["b0277"]
        assert editor.get(f"{API}/dashboards/b0349").json()["title"] == "Board 0349"
    assert closed.stop() == 0


def test_one_series_answers_data_and_labels(editor: httpx.Client) -> None:
    answer = editor.post(
        f"{API}/query", json={"query": {"metric": "node_load1"}, "from": "now-10s", "to": "now", "inspect": True}
    ).json()
    assert {"data", "labels", "inspect"} <= answer.keys()
    assert all({"timestamp", "value"} == point.keys() for point in answer["data"])
    seen = answer["inspect"]
    names = {"query", "cache", "age_s", "pieces", "stages_ms", "points_fetched", "points_returned"}
    assert names == seen.keys()
    assert seen["points_fetched"] == sum(piece["points_fetched"] for piece in seen["pieces"])


def test_inspect_tells_what_was_kept_how_old_it_is_and_what_was_asked(editor: httpx.Client) -> None:
    end_ms = int(time.time()) // 60 * 60_000 - 600_000
    asked = {"query": {"metric": "node_load1", "labels": {"of": "inspect"}}, "to": end_ms, "interval": "1m"}
    whole = {**asked, "from": end_ms - 3_600_000, "inspect": True}
    longer = {**asked, "from": end_ms - 7_200_000, "inspect": True}
    first, again, more = (editor.post(f"{API}/query", json=body).json()["inspect"] for body in (whole, whole, longer))
    assert [first["cache"], again["cache"], more["cache"]] == ["miss", "hit", "partial"]
    assert [piece["cache"] for piece in again["pieces"]] == ["hit"] * len(first["pieces"])
    assert again["age_s"] >= first["age_s"] >= 0
    pieces = {piece["cache"]: piece for piece in more["pieces"]}
    assert set(pieces) == {"hit", "miss"}
    assert pieces["miss"]["to"] < pieces["hit"]["from"], "what was older was asked, what is newer was there"
    assert pieces["hit"]["age_s"] >= pieces["miss"]["age_s"]
    assert {"route", "cache", "range_cache", "execute"} <= more["stages_ms"].keys()
    assert "execute" not in again["stages_ms"]
    assert [json.loads(seen["query"]) for seen in (first, again)] == [asked["query"]] * 2


def test_sql_passes_the_guard_and_nothing_else_does(editor: httpx.Client) -> None:
    good = "select $__bucket(ts) as t, avg(value) as v from samples where $__timeFilter(ts) group by t order by t"
    assert editor.post(f"{API}/query", json={"query": good, "from": "now-30s"}).status_code == 200
    for bad in ("select file('/etc/passwd')", "select 1; select 2", "select * from system.tables"):
        answer = editor.post(f"{API}/query", json={"query": bad})
        assert (answer.status_code, problem(answer)["code"]) == (422, "source_error")


def test_an_error_of_the_store_does_not_tell_where_it_is(editor: httpx.Client) -> None:
    answer = editor.post(f"{API}/query", json={"query": "select n.number from numbers(200000) n, numbers(9) m"})
    assert (answer.status_code, problem(answer)["code"]) == (422, "source_error")
    assert "127.0.0.1" not in answer.text
    assert "TOO_MANY_ROWS" in answer.text


def test_several_queries_answer_each_for_itself(editor: httpx.Client) -> None:
    body = {
        "queries": [
            {"ref": "good", "query": {"metric": "node_load1"}},
            {"ref": "bad", "query": "select nope"},
            {"ref": "lost", "query": "x", "datasource": "none-such"},
        ],
        "from": "now-10s",
    }
    results = editor.post(f"{API}/query", json=body).json()["results"]
    assert "series" in results["good"]
    assert results["bad"]["error"]["code"] == "source_error"
    assert results["lost"]["error"]["code"] == "source_error"


def test_a_viewer_asks_for_a_panel_with_values_that_it_offers(clients: dict[str | None, httpx.Client]) -> None:
    variables = [{"name": "mode", "type": "custom", "query": "idle, user"}]
    panel = {
        "panel_id": 1,
        "type": "timeseries",
        "query": {"metric": "node_cpu_seconds_total", "labels": {"mode": "$mode"}, "agg": "sum", "by": ["mode"]},
    }
    made = make(clients["editor"], variables=variables, panels=[panel])
    body = {"dashboard_id": made["dashboard_id"], "panel_id": 1, "variables": {"mode": ["user"]}, "from": "now-20s"}
    series = clients["viewer"].post(f"{API}/query", json=body).json()["results"]["A"]["series"]
    assert [one["labels"] for one in series] == [{"mode": "user"}]
    strange = clients["viewer"].post(f"{API}/query", json={**body, "variables": {"mode": ["steal"]}})
    assert (strange.status_code, problem(strange)["path"]) == (422, "$.variables.mode")


def test_secrets_of_a_data_source_go_in_and_never_come_out(clients: dict[str | None, httpx.Client]) -> None:
    for item in clients["admin"].get(f"{API}/datasources").json()["items"]:
        assert isinstance(item["secrets"], list)
    health = clients["admin"].post(f"{API}/datasources/store/test").json()
    assert health["ok"] is True
    body = {
        "uid": "kept",
        "name": "Kept",
        "type": "prometheus",
        "url": "http://example.com",
        "secrets": {"token": "hunter2"},
    }
    made = clients["admin"].post(f"{API}/datasources", json=body)
    assert made.status_code == 201
    changed = clients["admin"].put(f"{API}/datasources/kept", json={**body, "secrets": {"password": "hunter3"}})
    assert changed.json()["secrets"] == ["password", "token"]
    read = clients["editor"].get(f"{API}/datasources/kept")
    assert "hunter" not in made.text + changed.text + read.text
    here, there = ({**body, "secrets": {}, "url": url} for url in ("http://127.0.0.2:9", "http://elsewhere.example"))
    tried = clients["admin"].post(f"{API}/datasources/test", json={**here, "uid": "unsaved"}).json()
    assert tried["ok"] is False
    assert 'allowed_networks = ["127.0.0.2/32"]' in tried["message"]
    refused = clients["admin"].post(f"{API}/datasources/test", json=there)
    assert (refused.status_code, problem(refused)["path"]) == (422, "$.secrets.password"), "kept ones go nowhere else"
    assert clients["editor"].post(f"{API}/datasources/test", json=body).status_code == 403
    assert clients["admin"].delete(f"{API}/datasources/kept").status_code == 204


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"options": {"scrape_intervall": "15s"}}, "$.options.scrape_intervall"),
        ({"options": {"http_method": "PATCH"}}, "$.options.http_method"),
        ({"url": "ftp://example.com"}, "$.url"),
        ({"secrets": {"api_key": "x"}}, "$.secrets.api_key"),
        ({"type": "oracle"}, "$.type"),
        ({"uid": "types"}, "$.uid"),
    ],
)
def test_a_data_source_with_a_fault_is_refused_by_the_path_of_it(
    clients: dict[str | None, httpx.Client], change: dict[str, Any], path: str
) -> None:
    body = {"uid": "faulty", "name": "Faulty", "type": "prometheus", "url": "http://example.com", **change}
    refused = clients["admin"].post(f"{API}/datasources", json=body)
    assert (refused.status_code, problem(refused)["path"]) == (422, path)


def test_each_kind_of_data_source_says_what_its_form_asks(editor: httpx.Client) -> None:
    kinds = {one["type"]: one for one in editor.get(f"{API}/datasources/types").json()["items"]}
    assert {"prometheus", "clickhouse", "postgresql"} <= kinds.keys()
    assert kinds["prometheus"]["secrets"] == ["password", "token"]
    for kind in kinds.values():
        options = kind["options"]["properties"]
        assert all(option.get("description") for option in options.values()), kind["type"]


def test_what_is_provisioned_is_changed_in_the_file_alone(clients: dict[str | None, httpx.Client]) -> None:
    body = {"name": "Mine", "type": "prometheus", "url": "http://example.com"}
    assert problem(clients["admin"].put(f"{API}/datasources/store", json=body))["code"] == "forbidden"
    assert problem(clients["admin"].delete(f"{API}/datasources/store"))["code"] == "forbidden"


def test_a_panel_is_asked_by_its_number(editor: httpx.Client) -> None:
    answer = editor.post(f"{API}/query", json={"dashboard_id": make(editor)["dashboard_id"]})
    assert (answer.status_code, problem(answer)["path"]) == (422, "$.panel_id")


def test_what_is_not_there_is_a_problem_and_not_a_page(editor: httpx.Client) -> None:
    assert problem(editor.get(f"{API}/nope"))["code"] == "not_found"
    assert problem(editor.patch(f"{API}/dashboards"))["code"] == "method_not_allowed"


def test_an_address_of_nothing_is_a_page_for_people_and_a_problem_for_programs(editor: httpx.Client) -> None:
    assert problem(editor.get("/nothing"))["code"] == "not_found"
    page = editor.get("/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "/nothing" in page.text
    assert "All dashboards" in page.text


def test_annotations_are_found_by_time_and_changed_by_their_makers(clients: dict[str | None, httpx.Client]) -> None:
    body = {"time": 1_700_000_000_000, "text": "deploy", "tags": ["deploy"]}
    made = clients["editor"].post(f"{API}/annotations", json=body).json()
    span = {"from": "1699999999000", "to": "1700000001000"}
    found = clients["viewer"].get(f"{API}/annotations", params=span).json()["items"]
    assert [one["text"] for one in found if one["id"] == made["id"]] == ["deploy"]
    changed = clients["editor"].put(f"{API}/annotations/{made['id']}", json={**body, "text": "changed"})
    assert changed.json()["text"] == "changed"
    assert clients["admin"].delete(f"{API}/annotations/{made['id']}").status_code == 204


def test_a_revoked_token_is_not_good_any_more(product: Product, clients: dict[str | None, httpx.Client]) -> None:
    made = clients["admin"].post(f"{API}/tokens", json={"name": "to be revoked", "role": "viewer"}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert httpx.get(f"{product.url}{API}/dashboards", headers=headers).status_code == 200
    assert clients["admin"].delete(f"{API}/tokens/{made['id']}").status_code == 204
    assert httpx.get(f"{product.url}{API}/dashboards", headers=headers).status_code == 401


def test_a_folder_that_one_may_not_see_hides_its_dashboards(clients: dict[str | None, httpx.Client]) -> None:
    folder = {"uid": fresh("private"), "title": "Private", "permissions": {"role:editor": "edit"}}
    assert clients["admin"].post(f"{API}/folders", json=folder).status_code == 201
    made = make(clients["editor"], title="Hidden plan", folder=folder["uid"])
    address = f"{API}/dashboards/{made['dashboard_id']}"
    assert clients["editor"].get(address).status_code == 200
    assert clients["viewer"].get(address).status_code == 404
    assert clients["viewer"].get(f"{API}/dashboards", params={"query": "hidden plan"}).json()["items"] == []
    body = {"dashboard_id": made["dashboard_id"], "panel_id": 1}
    assert clients["viewer"].post(f"{API}/query", json=body).status_code == 404


def test_the_openapi_document_names_every_route(editor: httpx.Client) -> None:
    document = editor.get(f"{API}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(route.method, PREFIX + route.path) for route in table().table}
    routes = [route for route in table().table if route.media is None]  # a file has no shape
    silent = {(route.method, route.path) for route in routes if route.shape is None and route.answers != (204,)}
    assert silent == set()  # what a route answers has a shape in `app/api/shapes.py`; fixtures hold answers to it


def test_the_metrics_that_users_rely_on_are_told(editor: httpx.Client) -> None:
    text = editor.get("/metrics").text
    for name in (
        "heliograph_views",
        "heliograph_http_requests_total",
        "heliograph_source_queries_total",
        "process_cpu",
    ):
        assert name in text


def test_no_input_that_the_document_allows_makes_a_fault_of_ours(product: Product, editor: httpx.Client) -> None:
    """schemathesis over the API's own OpenAPI document."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    document = json.loads(editor.get(f"{API}/openapi.json").text)
    schema = schemathesis.openapi.from_dict(document)
    token = editor.headers["Authorization"]
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def hold(case: Any) -> None:
            answer = case.call(base_url=product.url, headers={"Authorization": token})
            assert answer.status_code < 500, (case.method, case.path, answer.status_code, answer.text[:500])

        hold()


def test_a_dashboard_moves_and_each_of_its_versions_is_read(clients: dict[str | None, httpx.Client]) -> None:
    admin, editor, viewer = clients["admin"], clients["editor"], clients["viewer"]
    made, uid = make(editor, title="First"), fresh("place")
    address = f"{API}/dashboards/{made['dashboard_id']}"
    assert editor.put(address, json={"title": "Second", "version": 1}).status_code == 200
    assert editor.get(f"{address}/versions/1").json()["title"] == "First"
    assert [problem(editor.get(f"{address}/versions/{wrong}"))["code"] for wrong in ("3", "x")] == ["not_found"] * 2
    assert admin.post(f"{API}/folders", json={"uid": uid, "title": "Place"}).status_code == 201
    assert editor.put(f"{address}/folder", json={"folder": uid}).status_code == 204
    listed = editor.get(f"{API}/dashboards", params={"folder": uid}).json()["items"]
    assert [one["dashboard_id"] for one in listed] == [made["dashboard_id"]]
    assert problem(editor.put(f"{address}/folder", json={"folder": "none"}))["path"] == "$.folder"
    assert viewer.put(f"{address}/folder", json={"folder": None}).status_code == 403
    assert editor.put(f"{address}/folder", json={"folder": None}).status_code == 204
    closed = {"permissions": {"role:admin": "admin"}}
    assert admin.put(f"{API}/folders/{uid}", json=closed).status_code == 200
    assert editor.put(f"{address}/folder", json={"folder": uid}).status_code == 403


def test_a_list_may_begin_with_what_changed_last(editor: httpx.Client) -> None:
    tag = fresh("order")
    ids = [make(editor, title=title, tags=[tag])["dashboard_id"] for title in ("a", "b", "c")]
    editor.put(f"{API}/dashboards/{ids[0]}", json={"title": "a", "tags": [tag], "version": 1})
    answer = editor.get(f"{API}/dashboards", params={"tag": tag, "order": "changed", "limit": 2}).json()
    rest = editor.get(
        f"{API}/dashboards", params={"tag": tag, "order": "changed", "limit": 2, "cursor": answer["next"]}
    ).json()
    found = [one["dashboard_id"] for one in [*answer["items"], *rest["items"]]]
    assert (found[0], sorted(found)) == (ids[0], sorted(ids))
    assert problem(editor.get(f"{API}/dashboards", params={"order": "size"}))["path"] == "$.order"


def test_stars_belong_to_people_who_are_signed_in(product: Product, clients: dict[str | None, httpx.Client]) -> None:
    made = make(clients["editor"], title="A star")
    assert problem(clients["editor"].put(f"{API}/stars/{made['dashboard_id']}"))["code"] == "forbidden"
    login = product.person("viewer")
    with httpx.Client(base_url=product.url) as person:
        signed = person.post("/login", data={"login": login, "password": PASSWORD})
        assert signed.status_code in (302, 303), signed.text
        assert person.put(f"{API}/stars/{made['dashboard_id']}").status_code == 204
        assert [one["title"] for one in person.get(f"{API}/stars").json()["items"]] == ["A star"]
        assert problem(person.put(f"{API}/stars/none"))["code"] == "not_found"
        assert person.delete(f"{API}/stars/{made['dashboard_id']}").status_code == 204
        assert person.get(f"{API}/stars").json()["items"] == []


def test_a_deleted_dashboard_is_listed_brought_back_and_deleted_for_good(
    clients: dict[str | None, httpx.Client],
) -> None:
    viewer, editor, admin = (clients[role] for role in ROLES)
    name, title = fresh("thrown"), fresh("Thrown away")
    made = make(editor, dashboard_id=name, title=title)

    def deleted() -> dict[str, Any]:
        found = [one for one in editor.get(f"{API}/trash").json()["items"] if one["dashboard_id"] == name]
        return found[0] if found else {}

    assert editor.delete(f"{API}/dashboards/{name}").status_code == 204
    one = deleted()
    assert (one["title"], one["version"], one["folder"]) == (title, 1, None)
    assert one["gone_at"] - one["deleted_at"] == 30 * 86_400_000
    assert problem(viewer.get(f"{API}/trash"))["code"] == "forbidden"
    assert problem(editor.delete(f"{API}/trash/{one['id']}"))["code"] == "forbidden"
    make(editor, dashboard_id=name, title="In its place")
    taken = problem(editor.post(f"{API}/trash/{one['id']}/restore", json={}))
    assert (taken["code"], taken["path"]) == ("duplicate", "$.dashboard_id")
    bad = problem(editor.post(f"{API}/trash/{one['id']}/restore", json={"dashboard_id": "a b"}))
    assert (bad["code"], bad["path"]) == ("invalid", "$.dashboard_id")
    back = editor.post(f"{API}/trash/{one['id']}/restore", json={"dashboard_id": f"{name}-2"})
    assert (back.status_code, back.json()["title"], back.json()["panels"]) == (200, title, made["panels"])
    assert editor.get(f"{API}/dashboards/{name}-2").json()["version"] == 1
    assert deleted() == {}
    assert editor.delete(f"{API}/dashboards/{name}").status_code == 204
    gone = deleted()["id"]
    assert admin.delete(f"{API}/trash/{gone}").status_code == 204
    assert problem(editor.post(f"{API}/trash/{gone}/restore", json={}))["code"] == "not_found"


def test_what_is_deleted_in_a_folder_is_for_those_who_may_edit_there(clients: dict[str | None, httpx.Client]) -> None:
    editor, admin = clients["editor"], clients["admin"]
    uid, name = fresh("shut"), fresh("inside")
    made = admin.post(f"{API}/folders", json={"uid": uid, "title": uid, "permissions": {"role:admin": "admin"}})
    assert made.status_code == 201, made.text
    make(admin, dashboard_id=name, folder=uid)
    assert admin.delete(f"{API}/dashboards/{name}").status_code == 204
    (one,) = [one for one in admin.get(f"{API}/trash").json()["items"] if one["dashboard_id"] == name]
    assert admin.delete(f"{API}/folders/{uid}").status_code == 204
    assert name not in {item["dashboard_id"] for item in editor.get(f"{API}/trash").json()["items"]}
    assert problem(editor.post(f"{API}/trash/{one['id']}/restore", json={}))["code"] == "not_found"
    assert admin.post(f"{API}/trash/{one['id']}/restore", json={}).status_code == 200


def test_dashboards_are_found_by_their_panels_and_sources(clients: dict[str | None, httpx.Client]) -> None:
    word = fresh("needle").replace("-", "")
    made = make(clients["editor"], title="Hay", panels=[{**PANEL, "title": f"The {word.upper()} panel"}])
    viewer = clients["viewer"]

    def found(**wanted: str) -> list[str]:
        answer = viewer.get(f"{API}/dashboards", params=wanted)
        return [item["dashboard_id"] for item in answer.json()["items"]]

    assert found(query=f"hay {word}") == [made["dashboard_id"]]
    (hit,) = viewer.get(f"{API}/dashboards", params={"query": word}).json()["items"]
    assert hit["panel"] == {"panel_id": 1, "title": f"The {word.upper()} panel"}
    (whole,) = viewer.get(f"{API}/dashboards", params={"query": made["dashboard_id"]}).json()["items"]
    assert whole["panel"] is None
    assert found(query=word, datasource="store") == [made["dashboard_id"]]
    assert found(query=word, datasource="nowhere") == []
