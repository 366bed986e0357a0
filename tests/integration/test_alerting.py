"""Alert rules on real processes: kept by the API, evaluated by their own role, whose death nobody notices.

`HELIOGRAPH_TEST_KILLS` says how often it is killed; `make chaos` asks for more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker, child_role
from fixtures.redis import RedisServer
from fixtures.waiting import wait
from fixtures.waves import waving

from heliograph.alerting.evaluation.keeper import PARTS
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LeaseTable

KILLS = int(os.environ.get("HELIOGRAPH_TEST_KILLS", "20"))
LOAD: dict[str, Any] = {
    "title": "Load",
    "interval": "1s",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}, "range": "1m"}],
    "condition": {"of": "A", "fires": {"above": 0}},
    "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $labels.instance }} has {{ $value | humanize }}"},
}


def figure(product: Product, line: str) -> float:
    """A value at /metrics; 0 where it is not there."""
    text = httpx.get(f"{product.url}/metrics", timeout=10).text
    return next((float(one.rpartition(" ")[2]) for one in text.splitlines() if one.startswith(f"{line} ")), 0.0)


def made(editor: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = editor.post("/api/v1/rules", json={**LOAD, "rule_id": fresh("rule"), **changes})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def alerts(client: httpx.Client, rule_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/alerts", params={"rule_id": rule_id}).json()["items"]
    return found


def events(client: httpx.Client, rule_id: str) -> list[tuple[str, str]]:
    """Its events from the first one on, of all its instances."""
    answer = client.get("/api/v1/alerts/events", params={"rule_id": rule_id, "limit": 1000})
    return [(one["from"], one["to"]) for one in reversed(answer.json()["items"])]


def test_a_rule_is_made_evaluated_and_shown(product: Product, editor: httpx.Client) -> None:
    rule = made(editor, **{"for": "2s"})
    firing = wait(lambda: [one for one in alerts(editor, rule["rule_id"]) if one["state"] == "Firing"], "it to fire")
    (alert,) = firing
    assert alert["labels"]["severity"] == "page"
    assert alert["annotations"]["summary"].startswith(f"{alert['labels']['instance']} has ")
    assert alert["since"] - alert["active_since"] >= 2000
    assert events(editor, rule["rule_id"]) == [("Normal", "Pending"), ("Pending", "Firing")]
    listed = editor.post(
        "/api/v1/query", json={"datasource": "heliograph", "query": {"kind": "alerts", "state": ["Firing"]}}
    ).json()
    assert any("Load" in row for row in listed["rows"])
    ready = httpx.get(f"{product.url}/readyz").json()
    assert (ready["status"], ready["alerting"]) == ("ready", "ready")
    assert figure(product, 'heliograph_rule_evaluations_total{outcome="ok"}') > 2
    text = httpx.get(f"{product.url}/metrics", timeout=10).text
    assert {f'heliograph_rule_evaluations_total{{outcome="{one}"}}' for one in ("error", "missed", "failed")} <= {
        line.rpartition(" ")[0] for line in text.splitlines()
    }, "before the first of them"
    assert re.search(r'^heliograph_build_info\{build="[0-9a-f]{12}",version="\d[^"]*"\} 1\.0$', text, re.MULTILINE)
    wait(lambda: figure(product, 'heliograph_alerts{state="Firing"}') >= 1, "it to be counted")
    editor.delete(f"/api/v1/rules/{rule['rule_id']}").raise_for_status()
    with product.client("admin") as admin:
        wait(lambda: events(admin, rule["rule_id"])[-1] == ("Firing", "Normal"), "it to be over")


def test_a_rule_that_is_paused_is_over_and_one_that_is_changed_goes_on(editor: httpx.Client) -> None:
    rule = made(editor)
    address = f"/api/v1/rules/{rule['rule_id']}"
    wait(lambda: alerts(editor, rule["rule_id"]), "it to fire")
    changed = editor.put(address, json={**rule, "annotations": {"summary": "changed"}})
    assert changed.json()["version"] == 2, changed.text
    lost = editor.put(address, json=rule)
    assert (lost.status_code, lost.json()["current_version"]) == (409, 2)
    assert editor.put(address, json={**changed.json(), "paused": True}).status_code == 200
    wait(lambda: not alerts(editor, rule["rule_id"]), "it to be over")
    assert events(editor, rule["rule_id"]) == [("Normal", "Pending"), ("Pending", "Firing"), ("Firing", "Normal")]
    normal = editor.get("/api/v1/alerts", params={"state": "Normal", "rule_id": rule["rule_id"]}).json()["items"]
    assert [one["state"] for one in normal] == ["Normal"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"targets": [{"datasource": "nowhere", "query": "up"}]}, "$.targets[0].datasource"),
        ({"targets": [{"datasource": "store", "query": {"metric": "a", "nope": 1}}]}, "$.targets[0].query"),
        ({"targets": [{"datasource": "store", "query": "SELECT FROM"}]}, "$.targets[0].query"),
        ({"condition": {"fires": {"above": 5}, "resolves": {"below": 9}}}, "$.condition.resolves"),
        ({"condition": {"fires": {"above": 5}, "reducer": "nope"}}, "$.condition.reducer"),
        ({"for": "-5m"}, "$.for"),
        ({"interval": "0s"}, "$.interval"),
        ({"annotations": {"summary": "{{ $labels.x "}}, "$.annotations.summary"),
        ({"labels": {"a-b": "c"}}, "$.labels"),
        ({"title": ""}, "$.title"),
        ({"folder": "nowhere"}, "$.folder"),
        ({"colour": "red"}, "$.colour"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_path(editor: httpx.Client, changes: dict[str, Any], path: str) -> None:
    answer = editor.post("/api/v1/rules", json={**LOAD, **changes})
    assert (answer.status_code, answer.json()["path"]) == (422, path), answer.text


def test_a_rule_says_what_its_writer_said_the_defaults_too(editor: httpx.Client) -> None:
    said: dict[str, Any] = {
        "group": "default", "interval": "1m", "for": "0s", "keep_firing_for": "0s", "missing_after": 2,
        "no_data": "NoData", "error": "Error", "strict_for": False, "paused": False, "labels": {}, "annotations": {},
        "dashboard_id": None, "condition": {"of": "A", "reducer": "last", "fires": {"above": 1e9}, "resolves": None},
    }  # fmt: skip
    rule = made(editor, **said)
    read = editor.get(f"/api/v1/rules/{rule['rule_id']}").json()
    again = editor.put(f"/api/v1/rules/{rule['rule_id']}", json=read).json()
    for document in (rule, read, again):
        assert {name: document.get(name, "nothing") for name in said} == said
        assert document["targets"] == LOAD["targets"]
    assert editor.get(f"/alerts/{rule['rule_id']}").status_code == 200
    assert editor.get(f"/live/open?dashboard=rule:{rule['rule_id']}").status_code == 200
    editor.delete(f"/api/v1/rules/{rule['rule_id']}").raise_for_status()


def test_a_preview_says_what_a_rule_would_have_done(editor: httpx.Client) -> None:
    body = {"rule": {**LOAD, "for": "2s", "no_data": "Normal"}, "from": "now-20s", "to": "now"}
    found = wait(
        lambda: (answer := editor.post("/api/v1/rules/preview", json=body).json()).get("fired") and answer, "data"
    )
    (instance,) = found["instances"]
    assert [change["state"] for change in instance["changes"]][:2] == ["Pending", "Firing"]
    assert found["fired"] == 1
    wrong = editor.post("/api/v1/rules/preview", json={**body, "rule": {**LOAD, "for": "x"}})
    assert (wrong.status_code, wrong.json()["path"]) == (422, "$.rule.for")
    assert [one["path"] for one in wrong.json()["faults"]] == ["$.rule.for"]
    long = editor.post("/api/v1/rules/preview", json={**body, "from": "now-7d"})
    assert (long.status_code, long.json()["path"]) == (422, "$.from")


def test_a_preview_works_expressions_out_at_each_instant_and_draws_them(editor: httpx.Client) -> None:
    targets = [
        *LOAD["targets"],
        {**LOAD["targets"][0], "ref": "B", "query": {"metric": "node_load5"}},
        {"ref": "C", "datasource": "__expr__", "query": {"type": "reduce", "of": "A", "reducer": "last"}},
        {"ref": "D", "datasource": "__expr__", "query": {"type": "reduce", "of": "B", "reducer": "max"}},
        {"ref": "E", "datasource": "__expr__", "query": "$C * 0 + $D * 0 + 7"},
    ]
    rule = {**LOAD, "targets": targets, "condition": {"of": "E", "fires": {"above": 5}}, "no_data": "Normal"}
    body = {"rule": rule, "from": "now-20s", "to": "now"}
    found = wait(
        lambda: (answer := editor.post("/api/v1/rules/preview", json=body).json()).get("fired") and answer, "data"
    )
    (line,) = found["lines"]
    assert {value for _, value in line["data"]} == {7}
    assert (found["series"], found["errors"]) == (1, 0)
    assert found["instances"][0]["changes"][-1]["state"] == "Firing"
    broken = {**rule, "targets": [*targets[:4], {**targets[4], "query": {"type": "sql", "query": "SELECT 1 FROM A"}}]}
    refused = editor.post("/api/v1/rules/preview", json={**body, "rule": broken})
    assert (refused.status_code, refused.json()["path"]) == (422, "$.rule.targets[4].query"), refused.text


def test_a_rule_is_made_of_a_panel_with_its_variables_and_threshold(product: Product, editor: httpx.Client) -> None:
    name, uid = fresh("board"), fresh("prom")
    with product.client("admin") as admin:
        source = {"uid": uid, "name": uid, "type": "prometheus", "url": "https://prometheus.example.org"}
        assert admin.post("/api/v1/datasources", json=source).status_code == 201
    promql = {"ref": "A", "datasource": "$ds", "query": 'max(node_load1{instance=~"$instance"}) > $least'}
    hidden = {"ref": "H", "datasource": "store", "query": {"metric": "$metric"}, "hidden": True}
    panel = {
        "panel_id": 4, "title": "Load of $metric", "type": "timeseries", "targets": [promql, hidden],
        "options": {"thresholds": [{"value": 3, "level": "warn"}, {"value": 5, "level": "bad"}]},
    }  # fmt: skip
    variables = [
        {"name": "instance", "type": "custom", "query": "a,b,c", "multi": True},
        {"name": "least", "type": "textbox", "query": "2"},
        {"name": "metric", "type": "custom", "query": "node_load1,node_load5"},
        {"name": "ds", "type": "constant", "query": uid},
    ]
    product.save({"dashboard_id": name, "title": name, "panels": [panel], "variables": variables})
    asked = {"dashboard_id": name, "panel_id": 4, "variables": {"instance": ["a", "b"]}}
    found = editor.post("/api/v1/rules/from-panel", json=asked)
    assert found.status_code == 200, found.text
    rule, notes = found.json()["rule"], found.json()["notes"]
    assert (rule["title"], rule["dashboard_id"], rule["panel_id"]) == ("Load of node_load1", name, 4)
    assert rule["condition"] == {"of": "A", "reducer": "last", "fires": {"above": 5}}
    assert rule["targets"][1]["query"] == {"metric": "node_load1"}
    assert any("$metric" in note for note in notes)
    assert rule["targets"][0]["datasource"] == uid
    assert rule["targets"][0]["query"] == 'max by (instance) (node_load1{instance=~"a|b"}) > 2'
    assert any(note.startswith("$instance: an instance for each") for note in notes)
    lost = editor.post("/api/v1/rules/from-panel", json={**asked, "panel_id": 9})
    assert lost.status_code == 404
    with product.client("admin") as admin:
        assert admin.delete(f"/api/v1/datasources/{uid}").status_code == 204
    taken = editor.post("/api/v1/rules", json={**LOAD, "rule_id": "new"})
    assert (taken.status_code, taken.json()["path"]) == (422, "$.rule_id")


def test_an_alert_says_what_keeps_it_from_being_told(product: Product, editor: httpx.Client) -> None:
    team, timing = fresh("team"), fresh("always")
    rule, cause = made(editor, labels={"team": team}), made(editor, labels={"cause": team})
    with product.client("admin") as admin:
        always = {"name": timing, "intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}
        assert admin.post("/api/v1/mute-timings", json=always).status_code == 201
        before = admin.get("/api/v1/notification-policy").json()
        tree = {"contact_point": "log", "version": before["version"]}
        route = {"matchers": [f"team={team}"], "mute_timings": [timing]}
        assert admin.put("/api/v1/notification-policy", json={**tree, "routes": [route]}).status_code == 200
        hides = {"source": [f"cause={team}"], "target": [f"team={team}"]}
        version = admin.get("/api/v1/inhibitions").json()["version"]
        assert admin.put("/api/v1/inhibitions", json={"items": [hides], "version": version}).status_code == 200
        silence = {"matchers": [f"team={team}"], "ends_with_alert": True}
        made_ = editor.post("/api/v1/silences", json=silence).json()
        kept = ([made_["id"]], [cause["rule_id"]], [timing])
        names = ("silenced_by", "inhibited_by", "muted_by")

        def told() -> bool:
            found = alerts(editor, rule["rule_id"])
            return bool(found) and tuple(found[0][name] for name in names) == kept

        wait(told, "it to fire, and to be kept")
        way = {"labels": {"team": team, "alertname": "Load"}}
        told_way = editor.post("/api/v1/notification-policy/preview", json=way).json()
        assert told_way["silenced_by"] == [made_["id"]]
        assert [(one["path"], one["muted_by"]) for one in told_way["items"]] == [("$.routes[0]", [timing])]
        other = editor.post(
            "/api/v1/notification-policy/preview", json={**way, "policy": {"contact_point": "log"}}
        ).json()
        assert [(one["path"], one["muted_by"]) for one in other["items"]] == [("$", [])]
        wrong = editor.post("/api/v1/notification-policy/preview", json={**way, "policy": {"group_by": 3}}).json()
        assert wrong["path"].startswith("$.policy."), wrong
        version = admin.get("/api/v1/notification-policy").json()["version"]
        assert admin.put("/api/v1/notification-policy", json={**tree, "version": version}).status_code == 200


def test_alerts_are_told_in_the_form_of_prometheus(product: Product, editor: httpx.Client) -> None:
    rule = made(editor, group=fresh("group"))
    wait(lambda: alerts(editor, rule["rule_id"]), "it to fire")
    groups = editor.get("/prometheus/api/v1/rules", params={"type": "alert"}).json()["data"]["groups"]
    (told,) = next(group["rules"] for group in groups if group["name"] == rule["group"])
    assert (told["state"], told["type"], told["alerts"][0]["labels"]["severity"]) == ("firing", "alerting", "page")
    assert told["alerts"][0] in editor.get("/prometheus/api/v1/alerts").json()["data"]["alerts"]
    assert httpx.get(f"{product.url}/prometheus/api/v1/rules", params={"type": "x"}).status_code == 422


def test_a_rule_that_cannot_be_evaluated_is_shown_so_whatever_its_policy(
    product: Product, editor: httpx.Client
) -> None:
    uid, group = fresh("away"), fresh("group")
    with product.client("admin") as admin:
        away = {"uid": uid, "name": uid, "type": "prometheus", "url": "http://127.0.0.1:9"}
        assert admin.post("/api/v1/datasources", json=away).status_code == 201
    asks = {"targets": [{"ref": "A", "datasource": uid, "query": "up", "range": "1m"}], "group": group}
    rules = [made(editor, **asks, error=policy) for policy in ("Normal", "KeepLast")]

    def listed() -> list[dict[str, Any]]:
        groups = editor.get("/live/alerts").json()["groups"]
        return [rule for one in groups if one["group"] == group for rule in one["rules"]]

    def told() -> list[dict[str, Any]]:
        groups = editor.get("/prometheus/api/v1/rules").json()["data"]["groups"]
        return [rule for one in groups if one["name"] == group for rule in one["rules"]]

    wait(lambda: [one["state"] for one in listed()] == ["Error", "Error"], "both to be shown as failing")
    assert all(one["fault"] and one["detail"] == one["fault"] and one["marks"][-1] == "Error" for one in listed())
    wait(lambda: [one["health"] for one in told()] == ["err", "err"], "both to be told as failing")
    assert [one["lastError"] for one in told()] == [one["fault"] for one in listed()]
    asked = {
        "datasource": "heliograph",
        "query": {"kind": "alerts", "state": ["Error"], "rule_id": rules[0]["rule_id"]},
    }
    assert "Error" in editor.post("/api/v1/query", json=asked).json()["rows"][0]
    failing = {one["rule_id"] for one in editor.get("/api/v1/alerts", params={"state": "Error"}).json()["items"]}
    assert failing >= {one["rule_id"] for one in rules}
    for rule in rules:
        body = {
            **LOAD,
            "group": group,
            "error": rule["error"],
            "version": rule["version"],
            "condition": {"of": "A", "fires": {"above": 1e9}},
        }
        assert editor.put(f"/api/v1/rules/{rule['rule_id']}", json=body).status_code == 200
    wait(lambda: [one["state"] for one in listed()] == ["Normal", "Normal"], "both to be well again")
    wait(lambda: [(one["health"], "lastError" in one) for one in told()] == [("ok", False)] * 2, "both to be told so")


def test_folders_say_who_sees_and_who_changes_a_rule(product: Product, editor: httpx.Client) -> None:
    with product.client("admin") as admin, product.client("viewer") as viewer:
        uid = fresh("folder")
        admin.post("/api/v1/folders", json={"uid": uid, "title": uid}).raise_for_status()
        rule = made(editor, folder=uid)
        address = f"/api/v1/rules/{rule['rule_id']}"
        wait(lambda: alerts(viewer, rule["rule_id"]), "it to fire")
        admin.put(f"/api/v1/folders/{uid}", json={"permissions": {"role:editor": "view"}}).raise_for_status()
        wait(lambda: viewer.get(address).status_code == 404, "the folder to be closed")
        assert alerts(viewer, rule["rule_id"]) == []
        assert events(viewer, rule["rule_id"]) == []
        assert editor.get(address).status_code == 200
        assert editor.put(address, json=rule).status_code == 403
        assert editor.delete(address).status_code == 403
        assert admin.delete(address).status_code == 204


def test_what_a_source_says_against_the_rules_of_a_file_is_told(editor: httpx.Client) -> None:
    text = "groups:\n- name: g\n  rules:\n  - {alert: Fine, expr: up > 0}\n  - {alert: Broken, expr: sum(}\n"
    answer = editor.post("/api/v1/rules/import", content=text, params={"datasource": "store"})
    assert answer.status_code == 200, answer.text
    # The store takes no PromQL: it says so itself.
    assert {fault["path"] for fault in answer.json()["faults"]} == {f"$.groups[0].rules[{n}].expr" for n in (0, 1)}
    nobody = {"datasource": fresh("nobody")}
    assert editor.post("/api/v1/rules/import", content=text, params=nobody).json()["path"] == "$.datasource"
    assert editor.post("/api/v1/rules/import", content="groups: [").status_code == 400


WAVE: dict[str, Any] = {
    **LOAD,
    "rule_id": "wave",
    "for": "1s",
    "missing_after": 10,
    "no_data": "KeepLast",
    "error": "KeepLast",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "wave"}, "range": "10s"}],
    "condition": {"of": "A", "fires": {"above": 0.5}},
}


def check_chains(rows: list[tuple[int, str, str, str, int]]) -> dict[str, str]:
    """Each instance went on from the state in which it was, in the order of time; the states in which they are."""
    states: dict[str, str] = {}
    times: dict[str, int] = {}
    for _, key, before, after, at_ms in sorted(rows):
        assert before == states.get(key, "Normal"), (key, before, after)
        assert at_ms >= times.get(key, 0), key
        states[key], times[key] = after, at_ms
    return states


@pytest.mark.timeout(240 + 10 * KILLS)
async def test_events_have_neither_gap_nor_double_however_often_the_role_is_killed(
    make_product: ProductMaker, tmp_path: Path
) -> None:
    product = make_product()
    dice = random.Random(5)
    async with waving(product, tmp_path):
        with product.client("editor") as editor:
            made(editor, **WAVE)
            await asyncio.to_thread(wait, lambda: events(editor, "wave"), "the first event")
            for _ in range(KILLS):
                await asyncio.sleep(dice.uniform(0.2, 5.0))  # as it starts, and as it evaluates
                victim = child_role(product, "alert")
                if victim is not None:
                    victim.send_signal(signal.SIGKILL)
            count = len(events(editor, "wave"))
            # One that dies again and again is started less and less often.
            await asyncio.to_thread(wait, lambda: len(events(editor, "wave")) > count, "events to go on", 150)
    assert product.stop() == 0
    with contextlib.closing(sqlite3.connect(product.data_dir / "heliograph.db")) as database:
        rows = database.execute("SELECT id, fingerprint, from_state, to_state, at_ms FROM alert_events").fetchall()
        instances = dict(database.execute("SELECT fingerprint, state FROM alert_instances").fetchall())
    states = check_chains(rows)
    assert states
    assert {key: state for key, state in states.items() if state != "Normal"} == instances
    assert len(rows) >= len(states) * 2


def test_what_was_pending_goes_on_after_a_kill(product: Product, editor: httpx.Client) -> None:
    rule = made(editor, **{"for": "12s"})
    (pending,) = wait(lambda: alerts(editor, rule["rule_id"]), "it to be pending")
    victim = child_role(product, "alert")
    assert victim is not None
    victim.kill()
    (firing,) = wait(lambda: [one for one in alerts(editor, rule["rule_id"]) if one["state"] == "Firing"], "it to fire")
    assert firing["active_since"] == pending["active_since"]
    assert events(editor, rule["rule_id"]) == [("Normal", "Pending"), ("Pending", "Firing")]


def test_a_role_that_hangs_is_ended_and_what_it_held_is_evaluated_again(product: Product, editor: httpx.Client) -> None:
    # On a busy machine the store may be late too.
    rule = made(editor, error="KeepLast", group=fresh("group"))
    wait(lambda: alerts(editor, rule["rule_id"]), "it to fire")
    before = child_role(product, "alert")
    assert before is not None
    before.send_signal(signal.SIGSTOP)
    wait(lambda: child_role(product, "alert") not in (None, before), "it to be started anew")
    ok = 'heliograph_rule_evaluations_total{outcome="ok"}'
    wait(lambda: figure(product, ok) > 2, "rules to be evaluated")
    assert events(editor, rule["rule_id"]) == [("Normal", "Pending"), ("Pending", "Firing")]
    check_missed(product, rule)


def missed_of(client: httpx.Client, rule_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/alerts/missed", params={"rule_id": rule_id}).json()["items"]
    return found


def check_missed(product: Product, rule: Mapping[str, Any]) -> None:
    """What nobody evaluated meanwhile is said by the API, on the page of the rule, in the list, and as a figure."""
    rule_id, group = rule["rule_id"], rule.get("group", "")
    with product.client("admin") as admin, product.client("viewer") as viewer:
        gap = max(wait(lambda: missed_of(viewer, rule_id), "the gap"), key=lambda one: int(one["missed"]))
        assert gap["to"] - gap["from"] >= (gap["missed"] + 1) * 1000 >= 5000
        assert gap["interval"] == "1s"

        def listed() -> bool:
            found = viewer.get("/live/alerts").json()
            missed = next(one["missed"] for one in found["groups"] if one["group"] == group)
            return found["waits_since"] is None and missed >= gap["missed"]

        wait(listed, "the list to be made anew")
        assert figure(product, 'heliograph_rule_evaluations_total{outcome="missed"}') > 0
        states = {"datasource": "heliograph", "query": {"kind": "alert_states", "rule_id": rule_id}, "from": "now-15m"}
        assert "Not evaluated" in json.dumps(admin.post("/api/v1/query", json=states).json())

        def evaluated_again() -> bool:
            told = admin.get("/prometheus/api/v1/rules").json()["data"]["groups"]
            return bool(next(one for one in told if one["name"] == group)["lastEvaluation"] > "2020")

        wait(evaluated_again, "the group to be evaluated since")
        folder = fresh("closed")
        admin.post("/api/v1/folders", json={"uid": folder, "title": folder}).raise_for_status()
        moved = {**admin.get(f"/api/v1/rules/{rule_id}").json(), "folder": folder}
        admin.put(f"/api/v1/rules/{rule_id}", json=moved).raise_for_status()
        admin.put(f"/api/v1/folders/{folder}", json={"permissions": {"role:editor": "edit"}}).raise_for_status()
        wait(lambda: viewer.get(f"/api/v1/rules/{rule_id}").status_code == 404, "the folder to be closed")
        assert missed_of(viewer, rule_id) == []


def end_all(product: Product) -> None:
    """As a machine that lost power: nothing is given back."""
    assert product.process is not None
    parent = psutil.Process(product.process.pid)
    for one in [parent, *parent.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            one.kill()
    product.process.wait()


def shared_by(*products: Product) -> Mapping[str, float]:
    ok = 'heliograph_rule_evaluations_total{outcome="ok"}'
    return {product.url: figure(product, ok) for product in products}


@pytest.mark.timeout(240)
async def test_nodes_share_the_rules_and_a_dead_nodes_are_anothers_within_half_a_minute(
    make_product: ProductMaker, postgres_database: Callable[[], str], redis_server: RedisServer, tmp_path: Path
) -> None:
    shared = {
        "HELIOGRAPH_DATABASE_URL": postgres_database(),
        "HELIOGRAPH_REDIS_URL": redis_server.url,
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
    }
    first = Product(tmp_path / "one" / "data", environment=shared)
    first.data_dir.parent.mkdir()
    assert first.command("db", "upgrade").returncode == 0
    one = make_product(data_dir=first.data_dir, **shared)
    two = make_product(**shared, HELIOGRAPH_METRICS_URL=(one.data_dir / "store.url").read_text().strip())
    database = Database(shared["HELIOGRAPH_DATABASE_URL"])
    leases = LeaseTable(database)
    with one.client("editor") as editor:
        async with waving(one, tmp_path):
            for number in range(20):
                made(editor, **{**WAVE, "rule_id": f"wave-{number}", "group": f"g{number}"})

            def both() -> bool:
                before = shared_by(one, two)
                time.sleep(2)
                after = shared_by(one, two)
                return all(after[url] > before[url] for url in before)

            await asyncio.to_thread(wait, both, "both nodes to evaluate")
            end_all(two)
            died_ms = int(time.time() * 1000)

            def all_go_on() -> bool:
                answer = editor.get("/api/v1/alerts/events", params={"from": str(died_ms), "limit": 1000})
                return len({item["rule_id"] for item in answer.json()["items"]}) == 20

            async with asyncio.timeout(30):
                while len(held := await leases.owners("alerts/")) < PARTS or len(set(held.values())) > 1:
                    await asyncio.sleep(0.2)
            await asyncio.to_thread(wait, all_go_on, "all rules to go on")
        found = []
        for number in range(20):
            items = editor.get("/api/v1/alerts/events", params={"rule_id": f"wave-{number}", "limit": 1000}).json()[
                "items"
            ]
            found += [
                (item["id"], f"{number}/{item['fingerprint']}", item["from"], item["to"], item["at"]) for item in items
            ]
    await database.close()
    assert len({key.partition("/")[0] for key in check_chains(found)}) == 20
    assert one.stop() == 0
