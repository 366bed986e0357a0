"""The contract of contact points over all of ours, each at a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from fixtures.receivers import HttpReceiver, MailBox

from heliograph.alerting.notifiers.alertmanager import Alertmanager
from heliograph.alerting.notifiers.base import Notifier
from heliograph.alerting.notifiers.email import Email
from heliograph.alerting.notifiers.log import Log
from heliograph.alerting.notifiers.pagerduty import PagerDuty
from heliograph.alerting.notifiers.slack import Slack
from heliograph.alerting.notifiers.teams import Teams
from heliograph.alerting.notifiers.webhook import Webhook
from heliograph.storage.config.datasources import StoredSource
from heliograph.testing import NotifierContract, NotifierSubject

CLOSED = "http://127.0.0.1:9"
OVER_HTTP: tuple[type[Notifier], ...] = (Webhook, Slack, Teams, PagerDuty, Alertmanager)


def at(kind: type[Notifier], url: str) -> StoredSource:
    """A contact point of a kind that speaks HTTP, with a secret where it has one."""
    in_secret = kind in (Slack, Teams)
    secrets: dict[str, Any] = {"url": f"{url}/hook/very-secret"} if in_secret else {}
    if kind is PagerDuty:
        secrets["routing_key"] = "very-secret-key"
    return StoredSource("ops", "Ops", kind.kind, "" if in_secret else url, {}, secrets)


class TestOverHttp(NotifierContract):
    @pytest.fixture(params=OVER_HTTP, ids=lambda kind: kind.kind)
    def subject(self, request: pytest.FixtureRequest, receiver: HttpReceiver) -> NotifierSubject:
        kind: type[Notifier] = request.param
        return NotifierSubject(kind, at(kind, receiver.url), lambda: len(receiver.posted), at(kind, CLOSED))


class TestMail(NotifierContract):
    @pytest.fixture
    def subject(self, mailbox: MailBox) -> NotifierSubject:
        stored = StoredSource("ops", "Ops", "email", mailbox.url, {"from": "a@example.org", "to": ["b@example.org"]})
        away = replace(stored, url="smtp://127.0.0.1:9")
        return NotifierSubject(Email, stored, lambda: len(mailbox.mails), away)


class TestLog(NotifierContract):
    @pytest.fixture
    def subject(self) -> Iterator[NotifierSubject]:
        with structlog.testing.capture_logs() as lines:
            yield NotifierSubject(Log, StoredSource("log", "Log", "log"), lambda: len(lines))
