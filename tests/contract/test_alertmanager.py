"""Groups speak as a real Alertmanager's do: the same generated alerts through both, the same messages out."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fixtures.alertmanager import Alertmanager
from fixtures.receivers import HttpReceiver, http_receiver
from fixtures.waiting import wait

from heliograph.alerting.alert import Alert, fingerprint_of
from heliograph.alerting.grouping.group import Muted
from heliograph.alerting.grouping.groups import Groups
from heliograph.alerting.grouping.notification import Notification
from heliograph.alerting.notifiers.registry import default_kinds
from heliograph.alerting.notifiers.times import rfc3339
from heliograph.alerting.routing.policy import PolicyTree
from heliograph.datasources.sources.network import NetworkGuard
from heliograph.storage.config.datasources import StoredSource

TIMES = {"group_wait": "1s", "group_interval": "2s", "repeat_interval": "1h"}
SETTLE_S = 3.5  # a wait and an interval
RECEIVERS = ("root", "a", "b", "c")
Message = tuple[str, str, str]  # receiver, group, what of which alerts


@pytest.fixture
def heard() -> Iterator[HttpReceiver]:
    made = HttpReceiver()
    server = http_receiver(made)
    yield made
    made.ending.set()
    server.shutdown()
    server.server_close()


def tree(chance: random.Random, depth: int) -> dict[str, Any]:
    matchers = (
        f'team="{chance.choice("xyz")}"', f'severity=~"{chance.choice(["page|crit", "w.*", ".+"])}"',
        f'zone!="{chance.choice("12")}"', f'severity!~"{chance.choice(["page", "info|warn"])}"',
    )  # fmt: skip
    node: dict[str, Any] = {
        "matchers": [chance.choice(matchers)],
        "continue": chance.random() < 0.3,
        "routes": [tree(chance, depth - 1) for _ in range(chance.randint(0, 2))] if depth else [],
    }
    if chance.random() < 0.7:
        node["contact_point"] = chance.choice(RECEIVERS)
    if chance.random() < 0.6:
        node["group_by"] = chance.choice([["team"], ["alertname", "zone"], ["..."], []])
    return node


def as_alertmanager(node: Mapping[str, Any]) -> dict[str, Any]:
    named = {"contact_point": "receiver"}
    made = {named.get(name, name): value for name, value in node.items() if name != "routes"}
    return made | {"routes": [as_alertmanager(one) for one in node["routes"]]}


def labels(chance: random.Random, number: int) -> dict[str, str]:
    made = {"alertname": f"alert{number % 7}", "instance": str(number)}
    for name, values in (("team", "xyz"), ("severity", ["page", "crit", "warn", "info"]), ("zone", "123")):
        if chance.random() < 0.85:
            made[name] = chance.choice(values)
    return made


def message(receiver: str, group: Mapping[str, str], alerts: list[tuple[str, Mapping[str, str]]]) -> Message:
    said = sorted((status, sorted(one.items())) for status, one in alerts)
    return receiver, json.dumps(dict(group), sort_keys=True), json.dumps(said)


def theirs(heard: HttpReceiver) -> list[Message]:
    bodies = [json.loads(one.body) for one in heard.posted]
    return sorted(
        message(body["receiver"], body["groupLabels"], [(one["status"], one["labels"]) for one in body["alerts"]])
        for body in bodies
    )


class Ours:
    """Our groups over a clock of their own."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.groups = Groups(PolicyTree.model_validate(document).routes_in_order()[0])
        self.now_ms = 0
        self.messages: list[Message] = []

    def take(self, of: Mapping[str, str], *, ended: bool) -> None:
        starts, ends = (0, self.now_ms) if ended else (self.now_ms, None)
        self.groups.take([Alert(fingerprint_of(of), of, starts_ms=starts, ends_ms=ends)], self.now_ms)

    def settle(self) -> None:
        for _ in range(int(SETTLE_S * 10)):
            self.now_ms += 100
            for group, said in self.groups.flush(self.now_ms, lambda _: Muted(), lambda _: True):
                alerts = [("firing", one.labels) for one in said.firing]
                alerts += [("resolved", one.labels) for one in said.resolved]
                self.messages.append(message(group.contact_point, group.labels, alerts))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_say_what_alertmanagers_say(tmp_path: Path, heard: HttpReceiver, seed: int) -> None:
    chance = random.Random(seed)
    document = {
        "contact_point": "root", "group_by": ["team"], **TIMES, "routes": [tree(chance, 2) for _ in range(3)],
    }  # fmt: skip
    receivers = [
        {"name": name, "webhook_configs": [{"url": f"{heard.url}/{name}", "send_resolved": True}]} for name in RECEIVERS
    ]
    server = Alertmanager(tmp_path, {"route": as_alertmanager(document), "receivers": receivers}).start()
    ours = Ours(document)
    alerts = [labels(chance, number) for number in range(60)]
    first, later = alerts[:40], alerts[40:]
    phases = [(first, []), (later, first[::3]), (first[::6], later[::2]), ([], alerts)]
    firing: set[str] = set()
    try:
        for begins, ends in phases:
            ended = [one for one in ends if fingerprint_of(one) in firing]
            now_ms = int(time.time() * 1000)
            started = {"startsAt": rfc3339(now_ms), "endsAt": rfc3339(now_ms + 3_600_000)}
            over = {"startsAt": rfc3339(now_ms - 1000), "endsAt": rfc3339(now_ms)}
            server.post([{"labels": one, **started} for one in begins] + [{"labels": one, **over} for one in ended])
            for group, is_end in ((begins, False), (ended, True)):
                for one in group:
                    ours.take(one, ended=is_end)
            firing = (firing | {fingerprint_of(one) for one in begins}) - {fingerprint_of(one) for one in ended}
            ours.settle()
            wait(lambda: len(heard.posted) >= len(ours.messages), "as many messages as ours", SETTLE_S + 10)
            time.sleep(SETTLE_S)  # nothing more comes, and all of its groups have looked
            assert theirs(heard) == sorted(ours.messages)
    finally:
        server.stop()
    assert len(ours.messages) > 40


async def test_an_alertmanager_takes_what_we_send_and_names_alerts_as_we_do(tmp_path: Path) -> None:
    server = Alertmanager(tmp_path, {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}).start()
    now_ms = int(time.time() * 1000)
    of = {"alertname": "Down", "place": 'q"\\ü', "service": "api"}
    firing = Alert("1", of, {"summary": "s"}, starts_ms=now_ms - 5000, rule_id="down")
    kinds = default_kinds(NetworkGuard(("127.0.0.0/8",)), time.time)
    notifier = kinds.make(StoredSource("am", "AM", "alertmanager", server.url))
    told = Notification("k", "i", "g", "am", {}, (firing,), (), now_ms, "https://metrics.example.org")
    try:
        await notifier.send(told)
        await notifier.send(told)
        (one,) = server.alerts()
        assert one["labels"] == of
        assert one["fingerprint"] == fingerprint_of(of)
        assert one["generatorURL"] == "https://metrics.example.org/alerts/down"
    finally:
        server.stop()
