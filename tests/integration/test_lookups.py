"""What who edits asks for: the declarations of forms, what exists in a source, what variables would offer."""

from __future__ import annotations

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
