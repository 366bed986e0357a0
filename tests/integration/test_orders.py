"""The demo's dashboard "Orders": SQL, an API and the store, mixed in one panel, over data that the demo makes."""

from __future__ import annotations

import math
import time
from typing import Any

import httpx
from fixtures.product import Product
from fixtures.waiting import wait


def panel(viewer: httpx.Client, number: int) -> dict[str, Any]:
    now = int(time.time() * 1000)
    body = {"dashboard_id": "orders", "panel_id": number, "from": now - 3_600_000, "to": now, "max_points": 300}
    reply = viewer.post("/api/v1/query", json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["results"]
    return found


def line(answer: dict[str, Any]) -> list[float]:
    """The values of the only series; none of an error."""
    series = answer.get("series") or [{"data": []}]
    assert len(series) == 1
    return [point["value"] for point in series[0]["data"]]


def an_hour_is_there(viewer: httpx.Client) -> bool:
    return all(len(line(answer)) > 30 for answer in panel(viewer, 5).values())


def test_three_sources_are_lines_of_one_chart_and_columns_of_one_table(product: Product) -> None:
    with product.client(None) as viewer:
        wait(lambda: an_hour_is_there(viewer), "the shop")
        values = {"branch": ["Oslo", "Vienna"]}
        chosen = {"dashboard_id": "orders", "panel_id": 8, "variables": values, "from": "now-1h"}
        (latest,) = viewer.post("/api/v1/query", json=chosen).json()["results"].values()
        assert {row[1] for row in latest["rows"]} == {"Oslo", "Vienna"}
        document = viewer.get("/api/v1/dashboards/orders").json()
        for one in document["panels"]:
            for ref, answer in panel(viewer, one["panel_id"]).items():
                assert "error" not in answer, (one["title"], ref, answer)
                assert answer.get("series") or answer.get("rows"), (one["title"], ref)
        lines = {ref: line(answer) for ref, answer in panel(viewer, 5).items()}
        assert set(lines) == {"A", "B", "C"}
        assert all(value > 0 for value in lines["B"])
        (table,) = panel(viewer, 6).values()
    columns = [column["name"] for column in table["columns"]]
    assert columns == ["Branch", "Revenue", "Of the goal", "Goal an hour", "Orders", "Visitors"]
    rows = [dict(zip(columns, row, strict=True)) for row in table["rows"]]
    assert {row["Branch"] for row in rows} == {"Berlin", "Lisbon", "Oslo", "Vienna"}
    for row in rows:
        assert math.isclose(row["Of the goal"], row["Revenue"] / row["Goal an hour"])
        assert row["Visitors"] > 0
    revenues = [row["Revenue"] for row in rows]
    assert revenues == sorted(revenues, reverse=True)
