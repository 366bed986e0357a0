"""What who edits asks for: the declarations of forms, what exists in a source, what variables would offer."""

from __future__ import annotations

from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import wait


def test_declarations_are_named_by_an_etag_and_told_to_editors_alone(product: Product) -> None:
    with product.client("editor") as editor, product.client("viewer") as viewer:
        answer = editor.get("/api/v1/declarations")
        document = answer.json()
        types = {one["type"] for one in document["panels"]}
        assert types >= {"timeseries", "stat", "table"}
        assert {one["kind"] for one in document["sources"]} >= {"store", "prometheus", "elasticsearch"}
        etag = answer.headers["ETag"]
        again = editor.get("/api/v1/declarations", headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert editor.get("/api/v1/declarations", headers={"If-None-Match": '"other"'}).status_code == 200
        assert viewer.get("/api/v1/declarations").status_code == 403


def test_metrics_and_values_of_a_source_are_looked_up(product: Product) -> None:
    with product.client("editor") as editor, product.client("viewer") as viewer:
        address = "/api/v1/datasources/store"
        wait(lambda: editor.post(f"{address}/metrics", json={}).json()["items"], "metrics of this machine")
        found = editor.post(f"{address}/metrics", json={"from": "now-1h"}).json()["items"]
        assert {"name": "node_load1", "type": "", "help": "", "unit": ""} in found
        asked = {"query": "label_values(node_cpu_seconds_total, mode)"}
        modes = {one["value"] for one in editor.post(f"{address}/values", json=asked).json()["items"]}
        assert {"idle", "user"} <= modes
        asked = {"query": "label_names(node_cpu_seconds_total)"}
        labels = [one["value"] for one in editor.post(f"{address}/values", json=asked).json()["items"]]
        assert labels == sorted(labels)
        assert {"cpu", "mode"} <= set(labels)
        of_all = editor.post(f"{address}/values", json={"query": "label_names()"}).json()["items"]
        assert set(labels) < {one["value"] for one in of_all}
        assert editor.post(f"{address}/values", json={"query": ""}).json()["path"] == "$.query"
        assert editor.post("/api/v1/datasources/no-such/values", json=asked).status_code == 422
        for client, what in ((viewer, "metrics"), (viewer, "values")):
            assert client.post(f"{address}/{what}", json=asked).status_code == 403


def test_variables_that_are_not_saved_show_what_they_would_offer(product: Product) -> None:
    variables = [
        {"name": "shop", "type": "custom", "query": "berlin, paris", "current": "paris"},
        {"name": "item", "type": "query", "query": "SELECT concat('$shop', '-', toString(number)) FROM numbers(2)"},
        {"name": "lost", "type": "query", "query": "SELECT nothing FROM nowhere"},
    ]
    with product.client("editor") as editor, product.client("viewer") as viewer:
        body = {"variables": variables, "values": {"shop": "berlin"}, "from": "now-1h", "to": "now"}
        found = {one["name"]: one for one in editor.post("/api/v1/variables/preview", json=body).json()["items"]}
        assert found["shop"]["values"] == ["berlin", "paris"]
        assert (found["item"]["values"], found["item"]["count"]) == (["berlin-0", "berlin-1"], 2)
        assert found["lost"]["values"] == []
        assert found["lost"]["error"]
        wrong = editor.post("/api/v1/variables/preview", json={"variables": [{"name": "a b", "type": "custom"}]})
        assert wrong.json()["path"] == "$.variables[0].name"
        assert viewer.post("/api/v1/variables/preview", json=body).status_code == 403


def test_rows_of_a_panel_are_told_after_each_of_its_transformations(product: Product) -> None:
    name = fresh("steps")
    steps = [
        {"id": "limit", "options": {"limitField": 3}},
        {"id": "limit", "options": {"limitField": 1}, "disabled": True},
        {"id": "limit", "options": {"limitField": 2}},
    ]
    panel = {"panel_id": 1, "type": "table", "query": "SELECT number AS n FROM numbers(5)", "transformations": steps}
    product.save({"dashboard_id": name, "title": name, "panels": [panel]})
    with product.client("editor") as editor, product.client("viewer") as viewer:
        asked = {"dashboard_id": name, "panel_id": 1}
        for shown, rows in ((0, 5), (1, 3), (2, 3), (3, 2), (None, 2), (9, 2)):
            found = editor.post("/api/v1/query", json=asked | ({} if shown is None else {"steps": shown})).json()
            assert len(found["results"]["A"]["rows"]) == rows, shown
        draft = editor.post(f"/api/v1/dashboards/{name}/draft").json()
        own = {**asked, "dashboard_id": f"draft:{draft['draft_id']}", "steps": 1}
        assert len(editor.post("/api/v1/query", json=own).json()["results"]["A"]["rows"]) == 3
        assert len(viewer.post("/api/v1/query", json=asked).json()["results"]["A"]["rows"]) == 2
        assert viewer.post("/api/v1/query", json={**asked, "steps": 0}).status_code == 403
        assert editor.post("/api/v1/query", json={**asked, "steps": -1}).json()["path"] == "$.steps"


def test_rules_are_listed_by_the_panel_that_shows_them(product: Product) -> None:
    board = fresh("board")
    rule = {
        "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "up"}}],
        "condition": {"of": "A", "reducer": "last", "fires": {"above": 5}},
        "dashboard_id": board,
    }
    with product.client("editor") as editor:
        for panel_id in (1, 2):
            made = editor.post("/api/v1/rules", json={**rule, "title": f"Of {panel_id}", "panel_id": panel_id})
            assert made.status_code == 201, made.text

        def titles(**asked: object) -> set[str]:
            found = editor.get("/api/v1/rules", params={"dashboard_id": board, **asked}).json()["items"]
            return {one["title"] for one in found}

        assert titles() == {"Of 1", "Of 2"}
        assert titles(panel_id=2) == {"Of 2"}
        assert titles(panel_id=3) == set()
