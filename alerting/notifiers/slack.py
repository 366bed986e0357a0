"""Slack and what takes the same incoming webhooks: Mattermost, Rocket.Chat, Zulip, Discord under `/slack`."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import Field

from ...errors import InvalidError
from ...storage.config.datasources import StoredSource
from ..grouping.notification import Notification
from .base import Notifier, NotifierContext, NotifyError, Receipt, Written, template
from .http import HttpContactOptions, Post, encoded, parsed_url, receipt
from .texts import BODY, SUBJECT

MAX_TITLE: Final = 1000
MAX_BODY: Final = 35_000  # characters; Slack cuts at 40,000
COLOR_FIRING, COLOR_RESOLVED = "#d44a3a", "#2eb67d"
REFUSED_FOR_GOOD: Final = ("invalid", "no_text", "channel", "no_service", "action_prohibited", "no_team")


class SlackOptions(HttpContactOptions):
    """Options of a channel; the secret `url` is the address of its incoming webhook."""

    channel: str = Field(
        "", max_length=100, description="Channel to post to instead of the webhook's own, where that is allowed."
    )
    username: str = Field("", max_length=100, description="Name to post as, where the webhook allows it.")
    heading: str = template(SUBJECT, "First line of the message.")
    text: str = template(BODY, "Text of the message.")


class Slack(Notifier):
    """One message with an attachment in the colour of its status."""

    kind = "slack"
    title = "Slack"
    icon = "#"
    Config = SlackOptions
    url_form = ""
    secrets = ("url",)
    trust_options: ClassVar[tuple[str, ...]] = ("insecure",)

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        super().__init__(stored, context)
        self._options = SlackOptions.model_validate(dict(stored.options))
        self._host, self._post = secret_address(stored, context, self._options)

    async def send(self, notification: Notification) -> Receipt:
        content = encoded(self._message(notification))
        answer = await self._post(content, {})
        if answer.status == 200 and answer.text.startswith(REFUSED_FOR_GOOD):  # some answer so with 200
            raise NotifyError(f"{self._host} answered {answer.text[:100]}", retryable=False, answer=answer.text)
        return receipt(answer, self._host)

    def _message(self, notification: Notification) -> dict[str, Any]:
        texts = Written.of(self._options, notification)
        heading = plain(texts["heading"])[:MAX_TITLE]
        attachment = {
            "fallback": heading,
            "title": heading,
            "title_link": f"{notification.external_url}/alerts" if notification.external_url else "",
            "text": plain(texts["text"])[:MAX_BODY],
            "color": COLOR_FIRING if notification.firing else COLOR_RESOLVED,
            "mrkdwn_in": [],
            "ts": notification.at_ms // 1000,
        }
        named = {"channel": self._options.channel, "username": self._options.username}
        return {name: value for name, value in named.items() if value} | {"attachments": [attachment]}


def plain(text: str) -> str:
    """A text in which no label can mention a channel or hide a link: Slack's three control characters, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def secret_address(stored: StoredSource, context: NotifierContext, options: HttpContactOptions) -> tuple[str, Post]:
    """The host and the way to an address that is a secret itself."""
    url = stored.secrets.get("url", "")
    if not url:
        raise InvalidError("the address of the incoming webhook", path="$.secrets.url")
    try:
        host = parsed_url(url).host
    except InvalidError as error:
        raise InvalidError(error.detail, path="$.secrets.url") from None
    return host, Post(url, context.connector, context.timeout_s, insecure=options.insecure)
