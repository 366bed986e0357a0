"""Microsoft Teams: an adaptive card to the address of a workflow ("when a webhook request is received")."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from ...storage.config.datasources import StoredSource
from ..grouping.notification import Notification
from .base import Notifier, NotifierContext, Receipt, Written, template
from .http import HttpContactOptions, encoded, receipt
from .slack import secret_address
from .texts import BODY, SUBJECT

MAX_TITLE: Final = 1000
MAX_BODY: Final = 20_000  # characters; a card has at most 28 KB
MAX_BYTES: Final = 20_000
SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
CARD: Final = "application/vnd.microsoft.card.adaptive"


class TeamsOptions(HttpContactOptions):
    """Options of a channel; the secret `url` is the address of its workflow."""

    heading: str = template(SUBJECT, "Title of the card.")
    text: str = template(BODY, "Text of the card.")


class Teams(Notifier):
    """One message with one card."""

    kind = "teams"
    title = "Microsoft Teams"
    icon = "T"
    Config = TeamsOptions
    url_form = ""
    secrets = ("url",)
    trust_options: ClassVar[tuple[str, ...]] = ("insecure",)

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        self._options = TeamsOptions.model_validate(dict(stored.options))
        self._host, self._post = secret_address(stored, context, self._options)

    async def send(self, notification: Notification) -> Receipt:
        content = encoded({"type": "message", "attachments": [_attachment(self._card(notification))]})
        return receipt(await self._post(content, {}), self._host)

    def _card(self, notification: Notification) -> dict[str, Any]:
        texts = Written.of(self._options, notification)
        heading = {
            "text": texts["heading"][:MAX_TITLE],
            "weight": "bolder",
            "size": "large",
            "color": "attention" if notification.firing else "good",
        }
        body = cut(texts["text"][:MAX_BODY], MAX_BYTES)
        card: dict[str, Any] = {
            "$schema": SCHEMA,
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": {"width": "Full"},
            # Runs of text, as text blocks would read Markdown, links and mentions in what a label says.
            "body": [_run(**heading), *(_run(text=line) for line in body.splitlines() if line)],
        }
        if notification.external_url:
            url = f"{notification.external_url}/alerts"
            card["actions"] = [{"type": "Action.OpenUrl", "title": "Open Heliograph", "url": url}]
        return card


def _attachment(card: dict[str, Any]) -> dict[str, Any]:
    return {"contentType": CARD, "contentUrl": None, "content": card}


def _run(**properties: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", **properties}]}


def cut(text: str, most: int) -> str:
    """The beginning of a text that has so many bytes at most."""
    return text.encode()[:most].decode("utf-8", "ignore")
