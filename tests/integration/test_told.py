"""The whole way: a rule over a real Prometheus, its alert, one webhook and one mail, and one of each for its end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fixtures.product import ProductMaker
from fixtures.prometheus import Prometheus, written
from fixtures.receivers import HttpReceiver, MailBox
from fixtures.waiting import wait

API = "/api/v1"
RATE = "sum by (service) (rate(shop_errors_total[4s])) / sum by (service) (rate(shop_requests_total[4s])) * 100"
RULE: dict[str, Any] = {
    "rule_id": "error-rate", "title": "Error rate", "group": "http", "interval": "1s",
    "targets": [{"ref": "A", "datasource": "prometheus", "query": RATE}],
    "condition": {"of": "A", "reducer": "last", "fires": {"above": 5}, "resolves": {"below": 3}},
    "for": "3s", "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $labels.service }} at {{ $value | humanize }} %"},
}  # fmt: skip


class Shop(threading.Thread):
    """Requests and errors of two services, written to Prometheus as they happen; `percent` of those of api fail."""

    def __init__(self, server: Prometheus) -> None:
        super().__init__(daemon=True)
        self.percent = 1.0
        self.over = threading.Event()
        self._server = server
        self._requests = 0.0
        self._errors = {"api": 0.0, "web": 0.0}

    def run(self) -> None:
        while not self.over.wait(0.5):
            self._requests += 100
            self._errors["api"] += self.percent
            self._errors["web"] += 1
            at_ms = int(time.time() * 1000)
            self._server.write(
                *(
                    written({"__name__": name, "service": service}, [(at_ms, value)])
                    for service, errors in self._errors.items()
                    for name, value in (("shop_requests_total", self._requests), ("shop_errors_total", errors))
                )
            )


@contextmanager
def selling(server: Prometheus) -> Iterator[Shop]:
    shop = Shop(server)
    shop.start()
    try:
        yield shop
    finally:
        shop.over.set()
        shop.join()


def sources_of(server: Prometheus) -> str:
    return f'[[datasources]]\nuid = "prometheus"\ntype = "prometheus"\nurl = "{server.url}"\n'


def arrange(admin: httpx.Client, receiver: HttpReceiver, mailbox: MailBox) -> None:
    hook = {"contact_point_id": "hook", "type": "webhook", "url": f"{receiver.url}/alerts"}
    mail = {
        "contact_point_id": "mail", "type": "email", "url": mailbox.url,
        "options": {"from": "alerts@example.org", "to": ["ops@example.org"]},
    }  # fmt: skip
    for contact in (hook, mail):
        assert admin.post(f"{API}/contact-points", json=contact).status_code == 201
    tree = {
        "contact_point": "log", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "2s",
        "repeat_interval": "1h", "version": 0,
        "routes": [
            {"matchers": ["severity=page"], "contact_point": "hook", "continue": True},
            {"matchers": ["severity=page"], "contact_point": "mail"},
        ],
    }  # fmt: skip
    saved = admin.put(f"{API}/notification-policy", json=tree)
    assert saved.status_code == 200, saved.text


def value(admin: httpx.Client) -> float:
    """Of the instance of api as it was last evaluated."""
    answer = admin.post(f"{API}/query", json={"datasource": "prometheus", "query": RATE, "from": "now-2s", "to": "now"})
    series = [one for one in answer.json().get("series", []) if one["labels"].get("service") == "api"]
    return float(series[0]["data"][-1]["value"]) if series and series[0]["data"] else 0.0


def states(admin: httpx.Client) -> dict[str, str]:
    found = admin.get(f"{API}/alerts", params={"rule_id": "error-rate"}).json()["items"]
    return {one["labels"]["service"]: one["state"] for one in found if "service" in one["labels"]}


def test_an_alert_fires_above_five_percent_is_told_once_and_ends_below_three(
    tmp_path: Path, make_product: ProductMaker, own_prometheus: Prometheus, receiver: HttpReceiver, mailbox: MailBox
) -> None:
    config = tmp_path / "heliograph.toml"
    config.write_text(sources_of(own_prometheus))
    product = make_product(
        data_dir=tmp_path / "ours", HELIOGRAPH_CONFIG=str(config), HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8"
    )
    with product.client("admin") as admin, selling(own_prometheus) as shop:
        arrange(admin, receiver, mailbox)
        shop.percent = 10
        made = admin.post(f"{API}/rules", json=RULE)
        assert made.status_code == 201, made.text
        wait(lambda: receiver.posted and mailbox.mails, "both are told that it fires")
        assert states(admin) == {"api": "Firing"}
        shop.percent = 4  # between the thresholds: it neither fires anew nor ends
        wait(lambda: abs(value(admin) - 4) < 0.2, "the rate is between the thresholds")
        assert states(admin) == {"api": "Firing"}
        assert (len(receiver.posted), len(mailbox.mails)) == (1, 1)
        shop.percent = 1
        wait(lambda: len(receiver.posted) > 1 and len(mailbox.mails) > 1, "both are told that it has ended")
        assert states(admin) == {}
        assert admin.get(f"{API}/notifications", params={"state": "pending"}).json()["items"] == []
    bodies = [json.loads(one.body) for one in receiver.posted]
    assert [(one["status"], [alert["labels"] for alert in one["alerts"]]) for one in bodies] == [
        (status, [{"alertname": "Error rate", "service": "api", "severity": "page"}])
        for status in ("firing", "resolved")
    ]
    assert bodies[0]["alerts"][0]["annotations"]["summary"].startswith("api at ")
    assert [mail["Subject"] for mail in mailbox.mails] == ["[FIRING:1] Error rate", "[RESOLVED] Error rate"]
    assert product.stop() == 0
