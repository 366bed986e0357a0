"""Webhooks: Alertmanager's JSON, version 4, signed where a key is given."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, ClassVar, Final

from pydantic import Field

from ...storage.config.datasources import StoredSource
from ..alert import Alert, fingerprint_of
from ..grouping.notification import Notification
from .base import Notifier, NotifierContext, Receipt
from .http import HttpContactOptions, Post, credentials, encoded, parsed_url, receipt
from .texts import NO_TIME, rule_url
from .times import rfc3339

SIGNATURE: Final = "X-Heliograph-Signature"
TIMESTAMP: Final = "X-Heliograph-Timestamp"
ONCE: Final = "Idempotency-Key"


class WebhookOptions(HttpContactOptions):
    """Options of a webhook."""

    max_alerts: int = Field(0, ge=0, description="Most alerts in one request; the rest are counted. 0: no limit.")


class Webhook(Notifier):
    """`POST` of what Alertmanager posts. The signature is HMAC-SHA256 over timestamp, a dot and the body."""

    kind = "webhook"
    title = "Webhook"
    icon = "⇢"
    Config = WebhookOptions
    url_form = "https://host/path"
    secrets = ("password", "token", "signing_key")
    trust_options: ClassVar[tuple[str, ...]] = ("insecure",)

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        self._options = WebhookOptions.model_validate(dict(stored.options))
        url, self._auth, self._headers = credentials(stored, self._options)
        self._host = parsed_url(url).host
        self._post = Post(url, context.connector, context.timeout_s, insecure=self._options.insecure)

    async def send(self, notification: Notification) -> Receipt:
        content = encoded(document(notification, self._options.max_alerts))
        headers = {**self._headers, ONCE: notification.key}
        key = self.stored.secrets.get("signing_key", "")
        if key:
            at = str(int(self.context.clock()))
            headers |= {TIMESTAMP: at, SIGNATURE: signature(key, at, content)}
        return receipt(await self._post(content, headers, self._auth), self._host)


def signature(key: str, timestamp: str, content: bytes) -> str:
    """`sha256=…`, of the timestamp (s since the epoch, as text), a dot and the body."""
    digest = hmac.new(key.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def document(notification: Notification, max_alerts: int = 0) -> dict[str, Any]:
    """The JSON of Alertmanager's webhooks. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"""
    alerts = notification.alerts[:max_alerts] if max_alerts else notification.alerts
    return {
        "version": "4",
        "groupKey": notification.group_text,
        "truncatedAlerts": len(notification.alerts) - len(alerts),
        "status": notification.status,
        "receiver": notification.receiver,
        "groupLabels": dict(notification.group_labels),
        "commonLabels": dict(notification.common_labels),
        "commonAnnotations": dict(notification.common_annotations),
        "externalURL": notification.external_url,
        "alerts": [alert_json(one, notification.external_url) for one in alerts],
    }


def alert_json(alert: Alert, external_url: str) -> dict[str, Any]:
    """One alert as Alertmanager writes it."""
    return {
        "status": "firing" if alert.firing else "resolved",
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": rfc3339(alert.starts_ms),
        "endsAt": NO_TIME if alert.ends_ms is None else rfc3339(alert.ends_ms),
        "generatorURL": rule_url(external_url, alert),
        "fingerprint": fingerprint_of(alert.labels),
    }
