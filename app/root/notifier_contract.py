"""The contract that every kind of contact point keeps, ours and those of plugins; `heliograph.testing` offers it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import ValidationError

from heliograph.alerting.alert import Alert
from heliograph.alerting.grouping.notification import Notification, example
from heliograph.alerting.notifiers.base import Notifier, NotifyError
from heliograph.alerting.notifiers.registry import NotifierKinds
from heliograph.datasources.sources.network import NetworkGuard
from heliograph.storage.config.datasources import StoredSource

LOOPBACK = ("127.0.0.0/8", "::1/128")
NOWHERE = ("10.255.0.0/16",)
EVIL = "x\r\nBcc: all@example.org\r\n\r\n</b><script>alert(1)</script> {{ .Labels }} \u2028 \x00"


@dataclass(frozen=True)
class NotifierSubject:
    """One kind over its receiver. `arrived` counts what it got; `nowhere` is the same where nobody listens."""

    kind: type[Notifier]
    stored: StoredSource
    arrived: Callable[[], int]
    nowhere: StoredSource | None = None  # None: it leaves this machine by no network

    def make(self, stored: StoredSource | None = None, allowed: tuple[str, ...] = LOOPBACK) -> Notifier:
        """The notifier as a server makes it, of this declaration or another one."""
        kinds = NotifierKinds(NetworkGuard(allowed), time.time, timeout_s=5.0)
        kinds.register(self.kind)
        return kinds.make(stored or self.stored)

    @property
    def told(self) -> Notification:
        """An example that fires."""
        return example(self.stored.name, int(time.time() * 1000), "https://metrics.example.org")

    @property
    def ended(self) -> Notification:
        """The same alerts, ended."""
        told = self.told
        return replace(told, firing=(), resolved=tuple(replace(one, ends_ms=told.at_ms) for one in told.firing))

    @property
    def nasty(self) -> Notification:
        """One whose every text tries to be more than a text."""
        labels, value = {"alertname": EVIL, "host": EVIL}, float("nan")
        alert = Alert("nasty", labels, {"summary": EVIL * 50}, starts_ms=1, value=value)
        return replace(self.told, group_labels={"alertname": EVIL}, firing=(alert,) * 50)


class NotifierContract:
    """Tests of one kind; `subject` is a fixture that whoever inherits this gives."""

    def test_its_options_are_described_and_no_others_are_taken(self, subject: NotifierSubject) -> None:
        assert subject.kind.kind
        assert subject.kind.title
        for name, described in subject.kind.Config.model_json_schema().get("properties", {}).items():
            assert described.get("description"), f"{name} has no description"
        with pytest.raises(ValidationError):
            subject.kind.Config.model_validate({"no_such_option": 1})

    def test_its_own_templates_can_be_filled(self, subject: NotifierSubject) -> None:
        subject.kind.check_templates(subject.kind.Config.model_validate(dict(subject.stored.options)))

    async def test_what_fires_and_what_ended_arrives_once_each(self, subject: NotifierSubject) -> None:
        notifier, before = subject.make(), subject.arrived()
        for number, told in enumerate((subject.told, subject.ended), start=1):
            receipt = await notifier.send(told)
            assert receipt.message
            assert subject.arrived() == before + number
            self._tells_no_secret(subject, receipt.message)
        await notifier.close()
        await notifier.close()

    async def test_texts_stay_texts_whatever_they_hold(self, subject: NotifierSubject) -> None:
        notifier, before = subject.make(), subject.arrived()
        await notifier.send(subject.nasty)
        assert subject.arrived() == before + 1
        await notifier.close()

    async def test_where_nobody_listens_is_tried_again(self, subject: NotifierSubject) -> None:
        if subject.nowhere is None:
            return  # it leaves this machine by no network
        notifier = subject.make(subject.nowhere)
        with pytest.raises(NotifyError) as caught:
            await notifier.send(subject.told)
        assert caught.value.retryable
        self._tells_no_secret(subject, caught.value.reason)
        await notifier.close()

    async def test_a_network_that_the_operator_did_not_allow_is_never_reached(self, subject: NotifierSubject) -> None:
        if subject.nowhere is None:
            return  # it leaves this machine by no network
        notifier, before = subject.make(allowed=NOWHERE), subject.arrived()
        with pytest.raises(NotifyError) as caught:
            await notifier.send(subject.told)
        assert not caught.value.retryable
        assert subject.arrived() == before
        await notifier.close()

    def _tells_no_secret(self, subject: NotifierSubject, text: str) -> None:
        secrets: Any = subject.stored.secrets.values()
        assert not [one for one in secrets if one in text], "a secret is told"
