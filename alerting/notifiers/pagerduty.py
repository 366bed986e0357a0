"""PagerDuty, Events API v2: one incident for each group, triggered while anything of it fires, resolved after."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import Field

from ...errors import InvalidError
from ...storage.config.datasources import StoredSource
from ..grouping.notification import Notification
from .base import Notifier, NotifierContext, Receipt, Written, template
from .http import HttpContactOptions, Post, encoded, parsed_url, receipt
from .texts import BODY, SUBJECT

EVENTS: Final = "https://events.pagerduty.com/v2/enqueue"
MAX_SUMMARY: Final = 1024
MAX_DETAILS: Final = 100_000  # characters; PagerDuty takes 512 KB
SEVERITIES: Final = {"critical", "error", "warning", "info"}
SEVERITY_OF: Final = {"page": "critical", "crit": "critical", "err": "error", "warn": "warning", "information": "info"}


class PagerDutyOptions(HttpContactOptions):
    """Options of PagerDuty; the secret `routing_key` is the integration key of a service."""

    summary: str = template(SUBJECT, "Title of the incident.")
    details: str = template(BODY, "Details of the incident.")
    source: str = Field("Heliograph", min_length=1, max_length=200, description="Source of the incident.")
    severity: str = Field(
        "",
        pattern="^(|critical|error|warning|info)$",
        description="Severity of all incidents; empty: taken from the label `severity`.",
    )


class PagerDuty(Notifier):
    """`dedup_key` is that of the incident: what is sent twice is one, and the end ends what began."""

    kind = "pagerduty"
    title = "PagerDuty"
    icon = "P"
    Config = PagerDutyOptions
    url_form = EVENTS
    secrets = ("routing_key",)
    trust_options: ClassVar[tuple[str, ...]] = ("insecure",)

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        self._options = PagerDutyOptions.model_validate(dict(stored.options))
        if not stored.secrets.get("routing_key"):
            raise InvalidError("the integration key of a service", path="$.secrets.routing_key")
        url = stored.url or EVENTS
        self._host = parsed_url(url).host
        self._post = Post(url, context.connector, context.timeout_s, insecure=self._options.insecure)

    async def send(self, notification: Notification) -> Receipt:
        content = encoded(self._event(notification))
        return receipt(await self._post(content, {}), self._host)

    def _event(self, notification: Notification) -> dict[str, Any]:
        texts = Written.of(self._options, notification)
        event: dict[str, Any] = {
            "routing_key": self.stored.secrets["routing_key"],
            "event_action": "trigger" if notification.firing else "resolve",
            "dedup_key": notification.incident,
            "client": "Heliograph",
            "payload": {
                "summary": texts["summary"][:MAX_SUMMARY] or "alert",
                "source": self._options.source,
                "severity": self._severity(notification),
                "custom_details": {
                    "details": texts["details"][:MAX_DETAILS],
                    "num_firing": len(notification.firing),
                    "num_resolved": len(notification.resolved),
                },
            },
        }
        return event | ({"client_url": notification.external_url} if notification.external_url else {})

    def _severity(self, notification: Notification) -> str:
        if self._options.severity:
            return self._options.severity
        label = notification.common_labels.get("severity", "").lower()
        return label if label in SEVERITIES else SEVERITY_OF.get(label, "error")
