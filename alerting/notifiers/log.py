"""The log of this server: where alerts go until somebody says where else."""

from __future__ import annotations

from typing import ClassVar

import structlog

from ..grouping.notification import Notification
from .base import ContactOptions, Notifier, Receipt, Written, template
from .texts import SUBJECT

log = structlog.get_logger(__name__)


class LogOptions(ContactOptions):
    """Options of the log."""

    text: str = template(SUBJECT, "Text of the log line.")


class Log(Notifier):
    """One line for each notification."""

    kind = "log"
    title = "Log"
    icon = "≡"
    Config = LogOptions
    url_form = ""
    secret_options: ClassVar[tuple[str, ...]] = ()
    trust_options: ClassVar[tuple[str, ...]] = ()

    async def send(self, notification: Notification) -> Receipt:
        options = LogOptions.model_validate(dict(self.stored.options))
        text = Written.of(options, notification)["text"]
        log.warning(
            "alert" if notification.firing else "alert ended",
            text=text[:1000],
            receiver=notification.receiver,
            key=notification.key,
        )
        return Receipt("written to the log")
