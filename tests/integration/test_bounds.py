"""Texts and bodies that cost a node its life or its time elsewhere: it answers all others meanwhile, and goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fixtures.healthy import HEALTHY_WITHIN_S, while_healthy
from fixtures.product import Product, ProductMaker

from heliograph.app.live.snapshot import decode_snapshot

DEEP = "(" * 15_000 + "1" + ")" * 15_000
NOWHERE = {"uid": "nowhere", "name": "nowhere", "type": "prometheus", "url": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def attacked(make_product: ProductMaker) -> Product:
    product = make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="viewer",
        HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8",
        HELIOGRAPH_COLLECT_HOST="true",
    )
    with product.client("admin") as admin:
        made = admin.post("/api/v1/datasources", json=NOWHERE)
        assert made.status_code == 201, made.text
    return product


@pytest.fixture
def living(attacked: Product) -> Iterator[Product]:
    """The product; none of its roles died meanwhile, and nothing failed while it said what was wrong."""

    def faults() -> list[int]:
        log = attacked.log.read_text()
        return [log.count("role died"), log.count("Uncaught exception")]

    before = faults()
    yield attacked
    assert httpx.get(f"{attacked.url}/healthz", timeout=HEALTHY_WITHIN_S).status_code == 200
    assert faults() == before


def query(text: str, source: str = "nowhere", **more: Any) -> dict[str, Any]:
    return {"datasource": source, "query": text, "from": "now-1h", "to": "now", **more}


@pytest.mark.parametrize(
    "text",
    [DEEP, "+".join(["up"] * 300), "+".join(["up"] * 6000), "-" * 50_000 + "1", "{" * 50_000, "2^" * 9000 + "2"],
    ids=["deep", "sum", "long-sum", "signs", "braces", "powers"],
)
def test_promql_that_its_parser_cannot_bear_costs_nobody_else_anything(living: Product, text: str) -> None:
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post("/api/v1/query", json=query(text)))
    assert answer.status_code in (422, 503), answer.text[:300]


@pytest.mark.parametrize("text", ["SELECT " + "(" * 9000 + "1" + ")" * 9000, "SELECT " + "- " * 9000 + "1"])
def test_sql_that_its_parser_cannot_bear_costs_nobody_else_anything(living: Product, text: str) -> None:
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post("/api/v1/query", json=query(text, "store")))
    assert answer.status_code in (200, 422), answer.text[:300]


def test_a_pinned_dashboard_whose_query_ends_its_parser_does_not_keep_a_node_from_starting(attacked: Product) -> None:
    panel = {"panel_id": 1, "type": "timeseries", "datasource": "nowhere", "query": "(" * 49_000 + "1" + ")" * 49_000}
    attacked.save({"dashboard_id": "pinned", "title": "Pinned", "pinned": True, "panels": [panel]})
    assert attacked.stop() == 0
    attacked.start()
    assert httpx.get(f"{attacked.url}/d/pinned", timeout=30).status_code == 200
    with attacked.client("editor") as editor:
        assert editor.delete("/api/v1/dashboards/pinned").status_code == 204


def test_a_variables_pattern_that_backtracks_for_ever_elsewhere_is_answered(living: Product) -> None:
    living.save({"dashboard_id": "tagged", "title": "Tagged", "tags": ["a" * 60 + "!"], "panels": []})
    variable = {"name": "v", "type": "query", "datasource": "heliograph", "query": "tags()", "regex": "/^(a+)+$/"}
    living.save({"dashboard_id": "greedy", "title": "Greedy", "variables": [variable], "panels": []})
    assert while_healthy(living, lambda: httpx.get(f"{living.url}/d/greedy", timeout=60)).status_code == 200


def test_a_viewers_pattern_that_backtracks_for_ever_elsewhere_is_answered(living: Product) -> None:
    wanted = {"metric": "heliograph_source_queries_total", "labels": {"outcome": "~$inst"}}
    panel = {"panel_id": 1, "type": "timeseries", "datasource": "store", "query": wanted}
    variable = {"name": "inst", "type": "textbox", "query": ""}
    living.save({"dashboard_id": "box", "title": "Box", "variables": [variable], "panels": [panel]})
    body = {"dashboard_id": "box", "panel_id": 1, "variables": {"inst": "(.|.|.)*~|(.|.|.)*(.|.|.)*~"}}
    answer = while_healthy(living, lambda: httpx.post(f"{living.url}/api/v1/query", json=body, timeout=60))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("source", ["store", "nowhere"])
def test_thousands_of_references_in_one_text_cost_nobody_else_anything(living: Product, source: str) -> None:
    panel = {"panel_id": 1, "type": "timeseries", "datasource": source, "query": "SELECT " + "$x, " * 12_000 + "'$x'"}
    variable = {"name": "x", "type": "textbox", "query": "v"}
    living.save({"dashboard_id": "many", "title": "Many", "variables": [variable], "panels": [panel]})
    body = {"dashboard_id": "many", "panel_id": 1}
    answer = while_healthy(living, lambda: httpx.post(f"{living.url}/api/v1/query", json=body, timeout=60))
    assert "error" in answer.json()["results"]["A"]


NAMING: list[dict[str, Any]] = [
    {"options": {"content": "$x " * 2_000}},
    {"description": "$x" * 4_900},
    {"links": [{"title": "$x" * 50, "url": "/?" + "$x" * 900}] * 4},
    {"title": "$x" * 240},
    {"transformations": [{"id": "organize", "options": {"renameByName": {"a": "$x" * 2_000}}}]},
]


@pytest.mark.parametrize("said", NAMING, ids=[next(iter(one)) for one in NAMING])
def test_texts_of_a_dashboard_name_variables_so_often_at_most(living: Product, said: dict[str, Any]) -> None:
    panels = [{"panel_id": n, "type": "text", **said} for n in range(1, 401)]
    variable = {"name": "x", "type": "textbox", "query": "v"}
    living.save({"dashboard_id": "named", "title": "Named", "variables": [variable], "panels": panels})

    def opened() -> dict[str, Any]:
        with living.client(None) as viewer:
            query = {"dashboard": "named", "var-x": next(iter(said))}
            boot = viewer.get("/live/open", params=query).raise_for_status().json()
            headers = {"X-Heliograph-Token": boot["token"]}
            path = f"/live/{boot['view']}/panels"
            head, _ = decode_snapshot(viewer.get(path, params={"ids": "1,400"}, headers=headers).content)
            return dict(head["panels"])

    found = while_healthy(living, opened)
    assert found["1"]["state"] == "ready", found["1"]
    assert found["400"]["state"] == "error"
    assert "more than 20,000 times" in found["400"]["message"]


def test_repeats_make_a_bounded_page_that_says_what_it_left_out(living: Product) -> None:
    repeat = {"variable": "v", "direction": "h", "max_per_row": 4}
    panels = [
        {"panel_id": n, "type": "text", "options": {"content": "x"}, "repeat": repeat, "position": {"y": 2 * n, "h": 2}}
        for n in range(1, 496)
    ]
    variable = {
        "name": "v", "type": "custom", "query": ",".join(map(str, range(100))), "multi": True, "include_all": True
    }  # fmt: skip
    living.save({"dashboard_id": "copies", "title": "Copies", "variables": [variable], "panels": panels})
    address = f"{living.url}/d/copies?var-v=$__all"
    page = while_healthy(living, lambda: httpx.get(address, timeout=60))
    assert page.status_code == 200
    assert page.text.count("data-panel-id=") <= 1001
    assert "1,000 panels are shown" in page.text


def test_a_body_of_many_unknown_names_is_refused_shortly(living: Product) -> None:
    body = json.dumps({str(number): 1 for number in range(700_000)}).encode()
    answer = while_healthy(living, lambda: httpx.post(f"{living.url}/api/v1/query", content=body, timeout=60))
    assert answer.status_code == 413
    small = json.dumps({f"{number}{'n' * 500}": 1 for number in range(100)}).encode()
    answer = httpx.post(f"{living.url}/api/v1/query", content=small, timeout=60)
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) <= 20
    assert len(answer.content) < 10_000


def test_a_dashboard_of_many_unknown_names_is_refused_shortly(living: Product) -> None:
    body = json.dumps({"title": "t", **{str(number): 1 for number in range(500_000)}}).encode()
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post("/api/v1/dashboards", content=body, timeout=60))
    assert answer.status_code == 422
    assert len(answer.content) < 10_000


NESTED = [
    '{"a":' * 100_000,
    "[" * 100_000,
    '{"title":' + "[" * 900 + "]" * 900 + "}",
    '{"title":' + '{"a":' * 300 + "1" + "}" * 301,
]


@pytest.mark.parametrize("body", [*NESTED, '{"title": 1e400}', '{"title": NaN}', '{"title": -Infinity}', "\x00", "[]"])
@pytest.mark.parametrize("path", ["/api/v1/query", "/api/v1/dashboards", "/api/v1/annotations"])
def test_json_that_is_nested_or_out_of_range_is_refused(living: Product, path: str, body: str) -> None:
    with living.client("editor") as editor:
        assert editor.post(path, content=body.encode()).status_code in (400, 413, 422)


def test_who_may_not_send_a_body_is_refused_before_it_is_read(living: Product) -> None:
    answer = httpx.post(f"{living.url}/api/v1/dashboards", content=b"{" * 4_000_000, timeout=30)
    assert answer.status_code == 403


ODD_TEXTS = [
    "²",
    "٣",
    "%00",
    "%ED%A0%80",
    "%FF",
    "1e3",
    "-1",
    "9" * 30,
    "http://%5B",
    "//%5B",
    "%0D%0Aa:b",
    "%0B",
    "[",
    "$x",
]
ODD_NAMES = [
    "next",
    "from",
    "to",
    "panels",
    "panel",
    "ids",
    "filter",
    "refresh",
    "tz",
    "var-x",
    "viewPanel",
    "limit",
    "theme",
]
ADDRESSES = [
    "/", "/login", "/d/box", "/d/box/{}", "/api/v1/annotations", "/api/v1/annotations/{}", "/api/v1/dashboards",
    "/api/v1/dashboards/{}", "/api/v1/dashboards/{}/versions", "/api/v1/users/{}", "/api/v1/teams/{}",
    "/api/v1/tokens/{}", "/api/v1/folders/{}", "/api/v1/datasources/{}", "/s/{}",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_text_in_an_address_is_a_failure_of_ours(living: Product, address: str) -> None:
    with living.client("admin") as admin:
        for text in ODD_TEXTS:
            for method in ("GET", "PUT", "DELETE") if "{}" in address else ("GET",):
                asked = address.replace("{}", text)
                assert admin.request(method, asked, json={}).status_code < 500, (method, asked)
            for name in ODD_NAMES:
                asked = f"{address.replace('{}', 'x')}?{name}={text}"
                assert admin.get(asked).status_code < 500, asked
        for origin in ("http://[", "null", "²"):
            headers = [(b"Origin", origin.encode()), (b"Sec-Fetch-Site", b"none")]
            with httpx.Client(base_url=living.url) as nobody:
                assert nobody.post("/login", headers=headers, data={"next": "http://["}).status_code < 500


def test_no_text_in_a_live_route_is_a_failure_of_ours(living: Product) -> None:
    living.save({"dashboard_id": "live", "title": "Live", "panels": [{"panel_id": 1, "type": "text"}]})
    boot = httpx.get(f"{living.url}/live/open?dashboard=live", timeout=30).json()
    view, headers = boot["view"], {"X-Heliograph-Token": boot["token"]}
    with httpx.Client(base_url=living.url, headers=headers, timeout=30) as viewer:
        for kind in ("panels", "columns", "rows", "density"):
            for name in ("ids", "panels", "panel", "from", "to", "page", "sort", "filter", "width", "height"):
                for text in [*ODD_TEXTS, '{"a":"\\ud800"}', "[" * 15_000]:
                    asked = viewer.get(
                        f"/live/{view}/{kind}", params={"from": "now-1h", "to": "now", "panel": "1", name: text}
                    )
                    assert asked.status_code < 500, (kind, name, text[:30])
