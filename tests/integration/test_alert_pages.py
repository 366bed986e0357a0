"""The pages of alerts over HTTP: who sees which rule, that a rule's page is one view for all, what the list says."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import wait
from websockets.sync.client import connect

LOAD: dict[str, Any] = {
    "title": "Load",
    "interval": "1s",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}, "range": "1m"}],
    "condition": {"of": "A", "fires": {"above": 99999}, "resolves": {"below": 3}},
    "for": "1m",
}


def made(product: Product, **changes: Any) -> str:
    with product.client("admin") as admin:
        answer = admin.post("/api/v1/rules", json={**LOAD, "rule_id": fresh("rule"), **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["rule_id"])


def closed_folder(product: Product) -> str:
    """A folder that viewers may not see."""
    uid: str = fresh("closed")
    with product.client("admin") as admin:
        body = {"uid": uid, "title": "Closed", "permissions": {"role:editor": "edit"}}
        assert admin.post("/api/v1/folders", json=body).status_code == 201
    return uid


def listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    document = client.get("/live/alerts").json()
    return {rule["rule_id"]: rule for group in document["groups"] for rule in group["rules"]}


def state_of(client: httpx.Client, rule_id: str) -> str | None:
    """A rule's state in the list; None where the list, which is kept for a moment, does not know it yet."""
    rule = listed(client).get(rule_id)
    return None if rule is None else str(rule["state"])


def boot(client: httpx.Client, rule_id: str) -> dict[str, Any]:
    answer = client.get("/live/open", params={"dashboard": f"rule:{rule_id}"})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_the_list_says_what_fires_and_nothing_anew_while_it_is_the_same(product: Product) -> None:
    calm, loud = made(product), made(product, **{"for": "0s", "condition": {"of": "A", "fires": {"above": 0}}})
    with product.client("viewer") as viewer:
        wait(lambda: state_of(viewer, loud) == "Firing", "it to fire")
        rules = listed(viewer)
        assert rules[calm]["state"] == "Normal"
        assert rules[loud]["marks"][-1] == "Firing"
        assert rules[loud]["marks"][0] == "", "the rule was not there yet"
        assert re.match(r"1 instance · .+ at \d", rules[loud]["detail"])
        counts = viewer.get("/live/alerts?only=counts").json()
        assert set(counts) == {"counts"}
        assert counts["counts"]["Firing"] >= 1

        def same() -> bool:
            etag = viewer.get("/live/alerts?only=counts").headers["ETag"]
            return bool(viewer.get("/live/alerts?only=counts", headers={"If-None-Match": etag}).status_code == 304)

        wait(same, "an answer that is the same")
        page = viewer.get(f"/alerts/{calm}").text
        assert "above 99999 for 1m" in page
        assert "below 3" in page


def test_a_rule_in_a_closed_folder_is_not_there_for_viewers(product: Product) -> None:
    hidden = made(product, folder=closed_folder(product))
    with product.client("viewer") as viewer, product.client("editor") as editor:
        wait(lambda: hidden in listed(editor), "the list to be made anew")
        assert hidden not in listed(viewer)
        assert viewer.get(f"/alerts/{hidden}").status_code == 404
        assert viewer.get("/live/open", params={"dashboard": f"rule:{hidden}"}).status_code == 404
        asked = {"dashboard_id": f"rule:{hidden}", "panel_id": 1}
        assert viewer.post("/api/v1/query", json=asked).status_code == 404
        assert editor.get(f"/alerts/{hidden}").status_code == 200


def test_a_rule_is_one_view_for_all_who_may_see_it(product: Product) -> None:
    rule_id = made(product)
    with product.client("viewer") as viewer, product.client("admin") as admin:
        first, second = boot(viewer, rule_id), boot(admin, rule_id)
        asked = {"dashboard_id": f"rule:{rule_id}", "panel_id": 1, "from": "now-5m", "to": "now"}
        assert "A" in viewer.post("/api/v1/query", json=asked).json()["results"]  # as its menu does for a file
    assert first["view"] == second["view"]
    assert first["range"] == {"from": "now-15m", "to": "now"}, "it has no history of six hours yet"
    assert [panel["title"] for panel in first["panels"]] == ["Value", "History", "Events", "Active instances"]
    assert second["can_edit"] is False
    assert second["annotate"] is None


def test_a_rule_that_is_deleted_or_closed_ends_its_view(product: Product) -> None:
    deleted, moved = made(product), made(product)
    folder = closed_folder(product)
    with product.client("viewer") as viewer, product.client("admin") as admin:
        views = {rule_id: boot(viewer, rule_id) for rule_id in (deleted, moved)}

        def fetched(rule_id: str) -> int:
            view = views[rule_id]
            headers = {"X-Heliograph-Token": view["token"]}
            return int(viewer.get(f"/live/{view['view']}/panels?ids=1", headers=headers).status_code)

        assert fetched(deleted) == fetched(moved) == 200
        assert admin.delete(f"/api/v1/rules/{deleted}").status_code == 204
        kept = admin.get(f"/api/v1/rules/{moved}").json()
        assert admin.put(f"/api/v1/rules/{moved}", json={**kept, "folder": folder}).status_code == 200
        wait(lambda: fetched(deleted) == 404, "the view of a deleted rule to end")
        wait(lambda: fetched(moved) == 404, "the view of a moved rule to end")


def test_the_texts_of_a_rule_stay_texts(product: Product) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    rule_id = made(product, title=evil, annotations={"description": evil}, labels={"a": evil})
    with product.client("viewer") as viewer:
        assert evil not in viewer.get(f"/alerts/{rule_id}").text
        wait(lambda: rule_id in listed(viewer), "the list to be made anew")
        assert listed(viewer)[rule_id]["title"] == evil


def test_a_view_says_how_many_rules_fire_that_any_viewer_may_see(product: Product) -> None:
    always = {"for": "0s", "condition": {"of": "A", "fires": {"above": -1}}}
    seen, hidden = made(product, **always), made(product, **always, folder=closed_folder(product))
    with product.client("admin") as admin, product.client("viewer") as viewer:
        wait(lambda: {state_of(admin, one) for one in (seen, hidden)} == {"Firing"}, "both to fire")
        wait(lambda: state_of(viewer, seen) == "Firing", "the list of viewers too")
        firing = [one["rule_id"] for one in listed(viewer).values() if one["state"] == "Firing"]
        assert seen in firing
        assert hidden not in firing
        opened = boot(viewer, seen)
        address = f"ws://127.0.0.1:{product.port}/live/{opened['view']}/socket?token={opened['token']}"
        with connect(address) as socket:
            said: list[int] = []

            def told() -> bool:
                tick = json.loads(socket.recv(timeout=40))
                said.extend([tick["firing"]] if "firing" in tick else [])
                return said[-1:] == [viewer.get("/live/alerts?only=counts").json()["counts"]["Firing"]]

            wait(told, "the number in a tick")
        assert boot(viewer, seen)["firing"] >= 1
