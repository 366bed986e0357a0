"""Alerts are told by the product itself: events go in where the evaluator writes them, and real receivers hear.

Receivers fail, hang and break off; the role that tells is killed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker, child_role
from fixtures.receivers import HttpReceiver, MailBox
from fixtures.waiting import wait

from heliograph.storage.config.alert_rows import AlertEvent, RuleChange
from heliograph.storage.config.alert_states import AlertStates
from heliograph.storage.config.database import Database
from heliograph.storage.config.leases import LeaseTable

API = "/api/v1"
SENTINEL = "-sentinel"
QUICK = {"group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"}


@dataclass
class Alerts:
    """Writes what the evaluator would: an instance fires, or has ended."""

    product: Product
    firing: set[str] = field(default_factory=set)

    def fire(self, *names: str, **labels: str) -> None:
        self._write([self._event(name, "Normal", "Firing", labels) for name in names])

    def end(self, *names: str, **labels: str) -> None:
        self._write([self._event(name, "Firing", "Normal", labels) for name in names])

    def _event(self, name: str, before: str, after: str, labels: dict[str, str]) -> AlertEvent:
        at_ms = int(time.time() * 1000)
        of = {"alertname": name, **labels}
        return AlertEvent(1, at_ms, name, name, name, of, {"summary": f"{name} says so"}, before, after, 7.5)

    def _write(self, events: list[AlertEvent]) -> None:
        asyncio.run(self._commit(events))

    async def _commit(self, events: list[AlertEvent]) -> None:
        database = Database(f"sqlite:///{self.product.data_dir / 'heliograph.db'}")
        lease = (await LeaseTable(database).take([f"test/{uuid4()}"], "test/1", 60_000))[0]
        await AlertStates(database).commit(lease, [RuleChange(1, one.rule_id, None, events=[one]) for one in events])
        await database.close()


@pytest.fixture(scope="module")
def telling(make_product: ProductMaker) -> Product:
    return make_product(HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8", HELIOGRAPH_PUBLIC_URL="https://metrics.example.org")


@pytest.fixture(scope="module")
def admin(telling: Product) -> Iterator[httpx.Client]:
    with telling.client("admin") as client:
        yield client


@pytest.fixture
def alerts(telling: Product) -> Alerts:
    return Alerts(telling)


def contact(admin: httpx.Client, kind: str, url: str, **more: Any) -> str:
    uid: str = fresh(kind)
    made = admin.post(f"{API}/contact-points", json={"contact_point_id": uid, "type": kind, "url": url, **more})
    assert made.status_code == 201, made.text
    return uid


def arrange(admin: httpx.Client, *routes: dict[str, Any], **root: Any) -> None:
    """Save the policy over whatever stands."""
    version = admin.get(f"{API}/notification-policy").json()["version"]
    tree = {"contact_point": "log", "group_by": ["..."], **QUICK, **root, "routes": list(routes), "version": version}
    saved = admin.put(f"{API}/notification-policy", json=tree)
    assert saved.status_code == 200, saved.text


def heard(receiver: HttpReceiver) -> list[tuple[str, list[str]]]:
    """What a webhook took: status and names, in order."""
    return [
        (body["status"], sorted(one["labels"]["alertname"] for one in body["alerts"]))
        for body in (json.loads(one.body) for one in receiver.taken)
    ]


def told(receiver: HttpReceiver) -> list[tuple[str, list[str]]]:
    """The same without sentinels."""
    return [(status, names) for status, names in heard(receiver) if not names[0].endswith(SENTINEL)]


def only(name: str, uid: str, **more: Any) -> dict[str, Any]:
    return {"matchers": [f'alertname=~"{name}|{name}{SENTINEL}"'], "contact_point": uid, **more}


def looked(alerts: Alerts, receiver: HttpReceiver, name: str) -> None:
    """Until all that had to be told by now would have been: another alert of the same node was, and its end too."""
    alerts.fire(name + SENTINEL)
    wait(lambda: ("firing", [name + SENTINEL]) in heard(receiver), "the sentinel is told")
    alerts.end(name + SENTINEL)
    wait(lambda: ("resolved", [name + SENTINEL]) in heard(receiver), "its end is told")


def test_an_alert_is_told_once_by_webhook_and_mail_and_so_is_its_end(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver, mailbox: MailBox
) -> None:
    name = fresh("down")
    hook = contact(admin, "webhook", receiver.url)
    options = {"from": "alerts@example.org", "to": ["ops@example.org"]}
    mail = contact(admin, "email", mailbox.url, options=options)
    arrange(admin, only(name, hook, **{"continue": True}), only(name, mail))
    alerts.fire(name)
    wait(lambda: receiver.taken and mailbox.mails, "both are told")
    alerts.end(name)
    wait(lambda: len(receiver.taken) > 1 and len(mailbox.mails) > 1, "both are told of the end")
    looked(alerts, receiver, name)
    assert told(receiver) == [("firing", [name]), ("resolved", [name])]
    assert [one["Subject"] for one in mailbox.mails[:2]] == [f"[FIRING:1] {name}", f"[RESOLVED] {name}"]
    assert f'heliograph_notifications_total{{contact="{hook}",outcome="delivered"}}' in admin.get("/metrics").text
    body = json.loads(receiver.taken[0].body)
    assert body["alerts"][0]["generatorURL"] == f"https://metrics.example.org/alerts/{name}"
    params = {"contact_point": hook, "rule_id": name}
    listed = admin.get(f"{API}/notifications", params=params).json()["items"]
    assert [(one["titles"], one["contact_name"]) for one in listed] == [({name: name}, hook)] * 2
    assert [(one["state"], one["status"], one["tries"], one["answer"]) for one in listed] == [
        ("delivered", "resolved", 1, "taken"),
        ("delivered", "firing", 1, "taken"),
    ]


@pytest.mark.parametrize("script", [[500, 503, "reset"], [429], ["reset", "reset"]])
def test_a_receiver_that_fails_for_a_while_is_told_in_the_end_under_one_key(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver, script: list[int | str]
) -> None:
    name, receiver.script = fresh("flaky"), list(script)
    arrange(admin, only(name, contact(admin, "webhook", receiver.url)))
    alerts.fire(name)
    wait(lambda: receiver.taken, "it is told")
    assert [one.headers["X-Was"] for one in receiver.posted] == [*map(str, script), "200"]
    assert len({one.headers["Idempotency-Key"] for one in receiver.posted}) == 1


def test_an_end_waits_for_its_beginning_to_arrive(admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver) -> None:
    name, receiver.script = fresh("late"), [500, 500]
    arrange(admin, only(name, contact(admin, "webhook", receiver.url)))
    alerts.fire(name)
    wait(lambda: receiver.posted, "the first try")
    alerts.end(name)
    wait(lambda: len(receiver.taken) == 2, "both are told")
    assert told(receiver) == [("firing", [name]), ("resolved", [name])]


def test_who_hangs_keeps_nobody_else_waiting(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver, mailbox: MailBox
) -> None:
    names = [fresh("hang") for _ in range(20)]
    receiver.script = ["hang"] * 100
    hook = contact(admin, "webhook", receiver.url)
    mail = contact(admin, "email", mailbox.url, options={"from": "a@example.org", "to": ["b@example.org"]})
    match = "|".join(names)
    routes = [{"matchers": [f'alertname=~"{match}"'], "contact_point": uid, "continue": True} for uid in (hook, mail)]
    arrange(admin, *routes)
    alerts.fire(*names)
    wait(lambda: len(mailbox.mails) == len(names), "all mails")
    assert receiver.taken == []


def test_what_is_refused_is_a_dead_letter_that_is_sent_again(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    name, receiver.script, receiver.text = fresh("dead"), [400], "no such channel"
    uid = contact(admin, "webhook", receiver.url)
    arrange(admin, only(name, uid))
    alerts.fire(name)
    letters = {"state": "dead", "contact_point": uid}
    (dead,) = wait(lambda: admin.get(f"{API}/notifications", params=letters).json()["items"], "a dead letter")
    assert (dead["tries"], dead["answer"], dead["rules"]) == (1, "no such channel", [name])
    assert dead["gone"] == [name], "pages lead to no rule that is not there"
    again = admin.post(f"{API}/notifications/{dead['id']}/resend")
    assert again.status_code == 200, again.text
    wait(lambda: receiver.taken, "it is told")
    keys = [one.headers["Idempotency-Key"] for one in receiver.posted]
    assert keys == [dead["key"]] * 2
    wait(lambda: admin.get(f"{API}/notifications", params=letters).json()["items"] == [], "none is left")
    assert admin.post(f"{API}/notifications/{dead['id']}/resend").status_code == 422


def test_a_dead_letter_whose_receiver_was_told_more_is_not_sent_again(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    name, receiver.script = fresh("over"), [400]
    uid = contact(admin, "webhook", receiver.url)
    arrange(admin, only(name, uid))
    alerts.fire(name)
    letters = {"state": "dead", "contact_point": uid}
    (dead,) = wait(lambda: admin.get(f"{API}/notifications", params=letters).json()["items"], "a dead letter")
    alerts.end(name)
    wait(lambda: told(receiver) == [("resolved", [name])], "its end")
    delivered = {"state": "delivered", "contact_point": uid}  # which is written once the receiver has answered
    wait(lambda: admin.get(f"{API}/notifications", params=delivered).json()["items"], "its end to be written down")
    assert admin.post(f"{API}/notifications/{dead['id']}/resend").status_code == 422


def test_a_receiver_that_is_away_for_too_long_leaves_a_dead_letter(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    name, receiver.script = fresh("away"), [500] * 100
    uid = contact(admin, "webhook", receiver.url, options={"retry_for": "2s"})
    arrange(admin, only(name, uid))
    alerts.fire(name)
    letters = {"state": "dead", "contact_point": uid}
    (dead,) = wait(lambda: admin.get(f"{API}/notifications", params=letters).json()["items"], "a dead letter")
    assert 1 <= dead["tries"] <= len(receiver.posted)


def test_what_is_silenced_is_not_told_until_the_silence_ends_and_its_end_is(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    name = fresh("quiet")
    arrange(admin, only(name, contact(admin, "webhook", receiver.url)))
    ends = int(time.time() * 1000) + 3_600_000
    silence = {"matchers": [f"alertname={name}"], "ends_at": ends, "comment": "at work on it"}
    made = admin.post(f"{API}/silences", json=silence)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "active"
    alerts.fire(name)
    looked(alerts, receiver, name)
    assert told(receiver) == []
    assert admin.delete(f"{API}/silences/{made.json()['id']}").status_code == 204
    wait(lambda: told(receiver) == [("firing", [name])], "it is told")
    assert admin.post(f"{API}/silences", json=silence).status_code == 201
    alerts.end(name)
    wait(lambda: told(receiver)[1:] == [("resolved", [name])], "its end")


def test_a_silence_ends_with_its_alert(admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver) -> None:
    name = fresh("once")
    arrange(admin, only(name, contact(admin, "webhook", receiver.url)))
    silence = {"matchers": [f"alertname={name}"], "ends_with_alert": True}
    made = admin.post(f"{API}/silences", json=silence).json()
    alerts.fire(name)
    alerts.end(name)
    ended: Callable[[], bool] = lambda: admin.get(f"{API}/silences/{made['id']}").json()["state"] == "expired"  # noqa: E731
    wait(ended, "the silence ends")
    alerts.fire(name)
    wait(lambda: told(receiver) == [("firing", [name])], "it is told")


def test_an_alert_that_follows_from_another_is_not_told(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    cause, effect = fresh("cause"), fresh("effect")
    uid = contact(admin, "webhook", receiver.url)
    arrange(admin, only(cause, uid), only(effect, uid, group_wait="1s"))
    version = admin.get(f"{API}/inhibitions").json()["version"]
    rule = {"source": [f"alertname={cause}"], "target": [f"alertname={effect}"], "equal": ["cluster"]}
    saved = admin.put(f"{API}/inhibitions", json={"items": [rule], "version": version})
    assert saved.status_code == 200, saved.text
    alerts.fire(cause, cluster="a")
    alerts.fire(effect, cluster="a")
    wait(lambda: told(receiver) == [("firing", [cause])], "the cause is told")
    looked(alerts, receiver, effect)
    assert told(receiver) == [("firing", [cause])]
    alerts.end(cause, cluster="a")
    wait(lambda: ("firing", [effect]) in told(receiver), "then the effect")


def test_a_group_is_told_at_once_and_a_muted_one_when_it_is_not_muted_any_more(
    admin: httpx.Client, alerts: Alerts, receiver: HttpReceiver
) -> None:
    team = fresh("team")
    names = [fresh("night") for _ in range(3)]
    always = {"name": team, "intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}
    made = admin.post(f"{API}/mute-timings", json=always)
    assert made.status_code == 201, made.text
    uid = contact(admin, "webhook", receiver.url)
    route = {
        "matchers": [f"team={team}"], "contact_point": uid, "group_by": ["team"], "group_wait": "2s",
        "mute_timings": [team],
    }  # fmt: skip
    arrange(admin, route, only(team, uid, group_wait="2s"))
    alerts.fire(*names, team=team)
    looked(alerts, receiver, team)
    assert told(receiver) == []
    where = admin.post(f"{API}/notification-policy/preview", json={"labels": {"team": team}}).json()["items"]
    assert [(one["contact_point"], one["muted_by"]) for one in where] == [(uid, [team])]
    never = {"name": team, "intervals": [{"years": ["1999"]}], "version": made.json()["version"]}
    assert admin.put(f"{API}/mute-timings/{team}", json=never).status_code == 200
    wait(lambda: told(receiver) == [("firing", sorted(names))], "they are told")
    assert admin.delete(f"{API}/mute-timings/{team}").status_code == 422


def alert_role(product: Product) -> psutil.Process:
    """The process that tells, once it is there."""
    role: psutil.Process = wait(lambda: child_role(product, "alert"), "the alert role")
    return role


def test_a_killed_teller_tells_again_under_the_same_key_and_nothing_new(
    admin: httpx.Client, telling: Product, alerts: Alerts, receiver: HttpReceiver
) -> None:
    name = fresh("killed")
    uid = contact(admin, "webhook", receiver.url)
    arrange(admin, only(name, uid))
    receiver.script = ["hang"]
    alerts.fire(name)
    wait(lambda: receiver.posted, "it is under way")
    alert_role(telling).kill()  # flushed, sent, not written down
    wait(lambda: receiver.taken, "it is told again")
    assert len({one.headers["Idempotency-Key"] for one in receiver.posted}) == 1
    assert len(receiver.posted) == 2
    done = {"state": "delivered", "contact_point": uid}
    wait(lambda: admin.get(f"{API}/notifications", params=done).json()["items"], "it is written down")
    alert_role(telling).kill()  # with an alert that fires, and was told
    alerts.end(name)
    wait(lambda: len(receiver.taken) == 2, "its end")
    assert told(receiver) == [("firing", [name]), ("resolved", [name])]
