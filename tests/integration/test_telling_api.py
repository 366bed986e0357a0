"""Contact points, policy, silences, inhibitions and mute timings over the API: faults by their path, secrets kept."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.receivers import HttpReceiver

API = "/api/v1"
SECRET = "hush-hush"
HOOK: dict[str, Any] = {"type": "webhook", "url": "https://hooks.example.org/a"}
MAIL: dict[str, Any] = {
    "type": "email", "url": "smtp://mail.example.org", "options": {"from": "a@example.org", "to": ["b@example.org"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def telling(make_product: ProductMaker) -> Product:
    return make_product(HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8")


@pytest.fixture(scope="module")
def admin(telling: Product) -> Iterator[httpx.Client]:
    with telling.client("admin") as client:
        yield client


def made(admin: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = admin.post(f"{API}/contact-points", json={"contact_point_id": f"c{uuid4().hex[:8]}", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def options(**more: Any) -> dict[str, Any]:
    return {**MAIL, "options": {**MAIL["options"], **more}}


def test_without_rules_the_page_of_alerts_says_how_to_bring_some(telling: Product) -> None:
    with telling.client("editor") as editor, telling.client("viewer") as viewer:
        assert "heliograph import" in editor.get("/alerts").text
        page = viewer.get("/alerts")
        assert page.status_code == 200
        assert "heliograph import" not in page.text
        assert viewer.get("/alerts/nothing").status_code == 404
        assert viewer.get("/live/alerts").json()["groups"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "pigeon"}, "$.type"),
        ({**HOOK, "url": "ftp://x"}, "$.url"),
        ({**HOOK, "url": "https://"}, "$.url"),
        ({**HOOK, "options": {"max_alerts": -1}}, "$.options.max_alerts"),
        ({**HOOK, "options": {"nonsense": 1}}, "$.options.nonsense"),
        ({**HOOK, "options": {"headers": {"A": "b\r\nEvil: 1"}}}, "$.options.headers"),
        ({**HOOK, "options": {"retry_for": "0s"}}, "$.options.retry_for"),
        ({**HOOK, "secrets": {"pasword": "x"}}, "$.secrets.pasword"),
        ({"type": "slack"}, "$.secrets.url"),
        ({"type": "slack", "secrets": {"url": "javascript:alert(1)"}}, "$.secrets.url"),
        ({"type": "slack", "url": "https://x", "secrets": {"url": "https://x"}}, "$.url"),
        ({"type": "pagerduty"}, "$.secrets.routing_key"),
        ({"type": "log", "options": {"text": "{{ .Nope }}"}}, "$.options.text"),
        ({"type": "log", "options": {"text": "{{ if"}}, "$.options.text"),
        (options(to=["x\r\nBcc: y@z"]), "$.options.to[0]"),
        (options(starttls="perhaps"), "$.options.starttls"),
        ({**MAIL, "url": "smtp://x/path"}, "$.url"),
        ({**HOOK, "contact_point_id": "a b"}, "$.contact_point_id"),
    ],
)
def test_a_fault_of_a_contact_point_is_named_when_it_is_saved(
    admin: httpx.Client, body: dict[str, Any], path: str
) -> None:
    answer = admin.post(f"{API}/contact-points", json=body)
    assert (answer.status_code, answer.json()["path"]) == (422, path), answer.text


def test_secrets_go_in_and_never_come_out(telling: Product, admin: httpx.Client) -> None:
    one = made(
        admin,
        type="webhook",
        url=f"https://mira:{SECRET}1@hooks.example.org/a?token={SECRET}2&team=a",
        options={"headers": {"X-Key": f"{SECRET}3"}},
        secrets={"signing_key": f"{SECRET}4"},
    )
    assert one["url"] == "https://mira@hooks.example.org/a?team=a"
    assert one["secrets"] == ["headers.X-Key", "password", "signing_key", "url.token"]
    for path in ("/contact-points", f"/contact-points/{one['contact_point_id']}"):
        assert SECRET not in admin.get(API + path).text
    for file in telling.data_dir.glob("heliograph.db*"):
        assert SECRET.encode() not in file.read_bytes()


def test_secrets_stay_unless_they_would_be_told_to_another_host(admin: httpx.Client) -> None:
    one = made(admin, **HOOK, secrets={"signing_key": SECRET})
    place = f"{API}/contact-points/{one['contact_point_id']}"
    kept = admin.put(place, json={**HOOK, "name": "Renamed", "version": 1})
    assert (kept.status_code, kept.json()["secrets"], kept.json()["version"]) == (200, ["signing_key"], 2)
    moved = {**HOOK, "url": "https://evil.example.org/a", "version": 2}
    refused = admin.put(place, json=moved)
    assert (refused.status_code, refused.json()["path"]) == (422, "$.secrets.signing_key")
    trusting = {**HOOK, "options": {"insecure": True}, "version": 2}
    assert admin.put(place, json=trusting).json()["path"] == "$.secrets.signing_key"
    given = admin.put(place, json={**moved, "secrets": {"signing_key": "another"}})
    assert given.status_code == 200, given.text


def test_a_mail_server_that_need_not_encrypt_any_more_is_another_one(admin: httpx.Client) -> None:
    one = made(admin, **options(user="mira", starttls="required"), secrets={"password": SECRET})
    changed = {**options(user="mira", starttls="never"), "version": 1}
    answer = admin.put(f"{API}/contact-points/{one['contact_point_id']}", json=changed)
    assert (answer.status_code, answer.json()["path"]) == (422, "$.secrets.password")


def test_a_lost_race_is_said(admin: httpx.Client) -> None:
    one = made(admin, **HOOK)
    place = f"{API}/contact-points/{one['contact_point_id']}"
    assert admin.put(place, json={**HOOK, "name": "a", "version": 1}).status_code == 200
    lost = admin.put(place, json={**HOOK, "name": "b"}, headers={"If-Match": '"1"'})
    assert (lost.status_code, lost.json()["current_version"]) == (409, 2)
    assert admin.put(place, json=HOOK).json()["path"] == "$.version"


def test_trying_a_contact_point_says_what_its_receiver_said(admin: httpx.Client, receiver: HttpReceiver) -> None:
    one = made(admin, type="webhook", url=f"{receiver.url}/hook")
    place = f"{API}/contact-points/{one['contact_point_id']}/test"
    receiver.text = "thanks"
    said = admin.post(place).json()
    assert (said["ok"], said["answer"]) == (True, "thanks")
    receiver.script, receiver.text = [403], "who are you"
    said = admin.post(place).json()
    assert (said["ok"], said["answer"], said["retryable"]) == (False, "who are you", False)
    assert "403" in said["message"]
    assert json.loads(receiver.posted[0].body)["alerts"][0]["labels"]["alertname"] == "Test of a contact point"


def test_a_contact_point_reaches_no_network_that_the_operator_did_not_name(admin: httpx.Client) -> None:
    for host in ("169.254.169.254", "10.1.2.3", "[::ffff:169.254.169.254]", "metadata.google.internal"):
        one = made(admin, type="webhook", url=f"http://{host}/latest/meta-data")
        said = admin.post(f"{API}/contact-points/{one['contact_point_id']}/test").json()
        assert (said["ok"], said["answer"]) == (False, "")
        assert "allowed_networks" in said["message"]


def policy(admin: httpx.Client, **tree: Any) -> httpx.Response:
    version = admin.get(f"{API}/notification-policy").json()["version"]
    return admin.put(f"{API}/notification-policy", json={"contact_point": "log", "version": version, **tree})


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"contact_point": "nobody"}, "$.contact_point"),
        ({"routes": [{"contact_point": "nobody"}]}, "$.routes[0].contact_point"),
        ({"routes": [{"mute_timings": ["never-made"]}]}, "$.routes[0].mute_timings[0]"),
        ({"routes": [{"matchers": ["a=~("]}]}, "$.routes[0].matchers[0]"),
        ({"routes": [{"routes": [{"group_interval": "0s"}]}]}, "$.routes[0].routes[0].group_interval"),
        ({"receiver": "x"}, "$.receiver"),
    ],
)
def test_a_fault_of_the_policy_is_named_when_it_is_saved(admin: httpx.Client, tree: dict[str, Any], path: str) -> None:
    answer = policy(admin, **tree)
    assert (answer.status_code, answer.json()["path"]) == (422, path), answer.text


def test_a_policy_says_where_an_alert_would_go(admin: httpx.Client) -> None:
    one = made(admin, **HOOK)["contact_point_id"]
    tree = {"routes": [{"matchers": ["team=a"], "contact_point": one, "group_by": ["team"]}]}
    assert policy(admin, **tree).status_code == 200
    for labels, contact in (({"team": "a"}, one), ({"team": "b"}, "log")):
        found = admin.post(f"{API}/notification-policy/preview", json={"labels": labels}).json()["items"]
        assert [item["contact_point"] for item in found] == [contact]
    refused = admin.delete(f"{API}/contact-points/{one}")
    assert (refused.status_code, refused.json()["path"]) == (422, "$.routes[0].contact_point")
    kept = admin.get(f"{API}/notification-policy").json()
    lost = admin.put(f"{API}/notification-policy", json={"contact_point": "log", "version": kept["version"] - 1})
    assert lost.status_code == 409
    assert policy(admin).status_code == 200
    assert admin.delete(f"{API}/contact-points/{one}").status_code == 204


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"matchers": ["a"], "ends_at": 9_000_000_000_000}, "$.matchers[0]"),
        ({"matchers": [], "ends_at": 9_000_000_000_000}, "$.matchers"),
        ({"matchers": ["a=b"], "ends_at": 5}, "$.ends_at"),
        ({"matchers": ["a=b"], "ends_at": "soon"}, "$.ends_at"),
        ({"matchers": ["a=b"], "ends_at": "now-5m"}, "$.ends_at"),
        ({"matchers": ["a=b"], "starts_at": 9, "ends_at": 5}, "$.ends_at"),
        ({"matchers": ["a=b"], "starts_at": "2099-12-02T00:00:00Z", "ends_at": "2099-12-01T00:00:00Z"}, "$.ends_at"),
        ({"matchers": ["a=b"]}, "$.ends_at"),
    ],
)
def test_a_fault_of_a_silence_is_named_when_it_is_saved(admin: httpx.Client, body: dict[str, Any], path: str) -> None:
    answer = admin.post(f"{API}/silences", json=body)
    assert (answer.status_code, answer.json()["path"]) == (422, path), answer.text


def test_a_silence_begins_and_ends_at_times_of_iso_8601(admin: httpx.Client) -> None:
    body = {"matchers": ["a=b"], "starts_at": "2099-12-01T02:00:00+02:00", "ends_at": "2099-12-01T01:00:00.5Z"}
    one = admin.post(f"{API}/silences", json=body)
    assert one.status_code == 201, one.text
    assert (one.json()["starts_at"], one.json()["ends_at"]) == (4_099_766_400_000, 4_099_770_000_500)
    admin.delete(f"{API}/silences/{one.json()['id']}").raise_for_status()


def test_a_silence_is_changed_by_who_read_it_last_and_ends_once(admin: httpx.Client) -> None:
    body = {"matchers": ["a=b"], "ends_at": 9_000_000_000_000, "comment": "one"}
    one = admin.post(f"{API}/silences", json=body).json()
    place = f"{API}/silences/{one['id']}"
    assert admin.put(place, json={**body, "comment": "two", "version": 1}).json()["comment"] == "two"
    assert admin.put(place, json={**body, "version": 1}).status_code == 409
    assert one["id"] in [item["id"] for item in admin.get(f"{API}/silences?state=active").json()["items"]]
    assert [admin.delete(place).status_code for _ in range(2)] == [204, 204]
    assert admin.get(place).json()["state"] == "expired"
    assert admin.put(place, json={**body, "version": 3}).status_code == 403


def test_mute_timings_and_inhibitions_are_saved_with_their_version(admin: httpx.Client) -> None:
    timing = {"name": "weekends", "intervals": [{"weekdays": ["saturday", "sunday"], "location": "Europe/Berlin"}]}
    assert admin.post(f"{API}/mute-timings", json=timing).status_code == 201
    assert admin.post(f"{API}/mute-timings", json=timing).status_code == 409
    bad = {"name": "w", "intervals": [{"weekdays": ["caturday"]}]}
    assert admin.post(f"{API}/mute-timings", json=bad).json()["path"] == "$.intervals[0].weekdays[0]"
    assert admin.put(f"{API}/mute-timings/weekends", json={**timing, "version": 2}).status_code == 409
    assert admin.delete(f"{API}/mute-timings/weekends").status_code == 204
    rules = {"items": [{"source": ["a=b"], "target": ["a"]}], "version": 0}
    assert admin.put(f"{API}/inhibitions", json=rules).json()["path"] == "$.items[0].target[0]"
    rules["items"] = [{"source": ["a=b"], "target": ["a=c"], "equal": []}]
    assert admin.put(f"{API}/inhibitions", json=rules).status_code == 200
    assert admin.put(f"{API}/inhibitions", json=rules).status_code == 409


@pytest.mark.parametrize(("operator", "each"), [("=", 50), ("=~", 40)])
def test_silences_that_stand_are_no_more_than_alerts_can_be_looked_up_in(
    admin: httpx.Client, operator: str, each: int
) -> None:
    made: list[int] = []
    matchers = [f"l{number}{operator}x" for number in range(each)]
    body = {"matchers": matchers, "ends_at": int(time.time() * 1000) + 3_600_000}
    try:
        while (answer := admin.post(f"{API}/silences", json=body)).status_code == 201 and len(made) < 60:
            made.append(answer.json()["id"])
        assert answer.status_code == 422
        assert "end some" in answer.json()["detail"]
        kept = {**body, "version": admin.get(f"{API}/silences/{made[0]}").json()["version"]}
        assert admin.put(f"{API}/silences/{made[0]}", json=kept).status_code == 200
    finally:
        for number in made:
            assert admin.delete(f"{API}/silences/{number}").status_code == 204
