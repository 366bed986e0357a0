"""The small lines of dashboards that home shows beside those that one has starred."""

from __future__ import annotations

from fixtures.naming import fresh
from fixtures.product import Product

AT = "fromUnixTimestamp64Milli(toInt64($__from + (number % 30 + 1) * 100000))"
LINES = f"SELECT {AT} AS time, ['a', 'b'][intDiv(number, 30) + 1] AS s, number AS v FROM numbers(60)"


def panel(number: int, kind: str, y: int, query: str) -> dict[str, object]:
    position = {"x": 0, "y": y, "w": 12, "h": 4}
    return {"panel_id": number, "type": kind, "title": kind, "position": position, "query": query}


def test_the_line_of_a_dashboard_is_worked_out_once_for_all_who_may_see_it(product: Product) -> None:
    name = fresh("sparks")
    panels = [
        panel(1, "timeseries", 8, "SELECT now() AS time, -1 AS v"),
        panel(2, "timeseries", 4, LINES),
        panel(3, "stat", 0, "SELECT now() AS time, -2 AS v"),
    ]
    board = {"dashboard_id": name, "title": name, "panels": panels, "time": {"from": "now-1h", "to": "now"}}
    product.save(board)
    address = f"/api/v1/dashboards/{name}/spark"
    with product.client("viewer") as one, product.client("editor") as other:
        found = one.get(address).json()
        assert [value for _, value in found["points"]] == list(range(30)), "the first series of the first such panel"
        assert found["from_ms"] <= found["points"][0][0] <= found["points"][-1][0] <= found["to_ms"]
        assert other.get(address).json() == found, "the times tell that it was asked once"
        assert one.get("/api/v1/dashboards/no-such/spark").status_code == 404
        saved = other.get(f"/api/v1/dashboards/{name}").json()
        changed = {**board, "version": saved["version"], "panels": panels[2:]}
        assert other.put(f"/api/v1/dashboards/{name}", json=changed).status_code == 200
        assert one.get(address).json()["points"] == []


def test_who_may_not_see_a_dashboard_sees_no_line_of_it_and_a_source_that_fails_says_so(product: Product) -> None:
    name, folder = fresh("unseen"), fresh("folder")
    with product.client("admin") as admin, product.client("viewer") as viewer:
        closed = {"uid": folder, "title": folder, "permissions": {"role:editor": "edit"}}
        assert admin.post("/api/v1/folders", json=closed).status_code == 201
        broken = [panel(1, "timeseries", 0, "SELECT nothing FROM nowhere")]
        product.save({"dashboard_id": name, "title": name, "panels": broken, "folder": folder})
        address = f"/api/v1/dashboards/{name}/spark"
        assert viewer.get(address).status_code == 404
        assert admin.get(address).json()["code"] == "source_error"
