"""An Alertmanager: alerts go there as a Prometheus sends them, and its own routing has the rest."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from ...storage.config.datasources import StoredSource
from ..alert import Alert
from ..grouping.notification import Notification
from ..rules.durations import Interval, duration_ms
from .base import Notifier, NotifierContext, Receipt
from .http import HttpContactOptions, Post, credentials, encoded, parsed_url, receipt
from .texts import rule_url
from .times import rfc3339

PATH = "/api/v2/alerts"


class AlertmanagerOptions(HttpContactOptions):
    """Options of an Alertmanager."""

    valid_for: Interval = Field(
        "24h",
        description="After this time without an update, Alertmanager resolves an alert; longer than `repeat_interval`.",
    )


class Alertmanager(Notifier):
    """`POST /api/v2/alerts`: equal alerts are one there, so that one sent twice does no harm."""

    kind = "alertmanager"
    title = "Alertmanager"
    icon = "A"
    Config = AlertmanagerOptions
    url_form = "http://host:9093"
    secrets = ("password", "token")
    trust_options: ClassVar[tuple[str, ...]] = ("insecure",)

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        options = AlertmanagerOptions.model_validate(dict(stored.options))
        url, self._auth, self._headers = credentials(stored, options)
        self._valid_ms = duration_ms(options.valid_for)
        self._host = parsed_url(url).host
        self._post = Post(url.rstrip("/") + PATH, context.connector, context.timeout_s, insecure=options.insecure)

    async def send(self, notification: Notification) -> Receipt:
        content = encoded([self._alert(one, notification) for one in notification.alerts])
        return receipt(await self._post(content, self._headers, self._auth), self._host)

    def _alert(self, alert: Alert, notification: Notification) -> dict[str, Any]:
        ends_ms = alert.ends_ms if alert.ends_ms is not None else notification.at_ms + self._valid_ms
        made: dict[str, Any] = {
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "startsAt": rfc3339(alert.starts_ms),
            "endsAt": rfc3339(ends_ms),
        }
        url = rule_url(notification.external_url, alert)
        return {**made, "generatorURL": url} if url else made
