"""What a kind of contact point is, and what comes back of sending."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import Field

from ...datasources.sources.configured import Configured
from ...datasources.sources.connector import Connector
from ...declared import Spec, hint
from ...storage.config.datasources import StoredSource
from ..grouping.notification import Notification
from ..rules.durations import Interval, duration_ms
from ..templates.run import check
from .texts import MAX_TEXT, render, tried

MAX_ANSWER = 2000  # characters of a receiver's answer that are kept


class NotifyError(Exception):
    """A notification did not arrive. `retryable`: whether trying again can help; `wait_s` is what the receiver asks.

    `answer` is what it said, as it said it.
    """

    def __init__(self, reason: str, *, retryable: bool, answer: str = "", wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.answer = answer
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver said as it took a notification."""

    message: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierContext:
    """What a notifier is made with: the one way out, judged for a contact point that people made."""

    connector: Connector
    timeout_s: float
    clock: Callable[[], float]  # seconds since the epoch


class ContactOptions(Spec):
    """What all contact points have."""

    send_resolved: bool = Field(True, description="Send a notification when alerts resolve, too.")
    retry_for: Interval = Field("1h", description="How long a failing notification is retried before it is given up.")

    @property
    def retry_ms(self) -> int:
        """How long a message is tried again, in ms."""
        return duration_ms(self.retry_for)

    def templates(self) -> dict[str, str]:
        """The options that are templates, by name."""
        marked = [name for name, one in type(self).model_fields.items() if one.json_schema_extra == TEMPLATE]
        return {name: getattr(self, name) for name in marked}


TEMPLATE: dict[str, Any] = {"format": "template", **hint("text")}


def template(text: str, description: str) -> Any:
    """An option whose text is a template over the notification."""
    return Field(text, max_length=MAX_TEXT, description=description, json_schema_extra=TEMPLATE)


class Notifier(Configured, ABC):
    """A kind of contact point. What does not arrive leaves `send` as NotifyError, and as nothing else."""

    called: ClassVar[str] = "contact point"
    Config: ClassVar[type[ContactOptions]]
    icon: ClassVar[str]  # one character that stands for it beside its title
    file_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, stored: StoredSource, context: NotifierContext) -> None:
        """InvalidError with its path where the configuration cannot be."""
        self.stored = stored
        self.context = context

    @classmethod
    def check_templates(cls, options: ContactOptions) -> None:
        """InvalidError with the path of the first option that is no template, or that fails over an example."""
        for name, text in options.templates().items():
            check(text, f"$.options.{name}")
            tried(text, f"$.options.{name}")

    @abstractmethod
    async def send(self, notification: Notification) -> Receipt:
        """Tell a receiver; once for each key where the receiver can tell."""

    async def close(self) -> None:
        """Give back connections. Idempotent."""


@dataclass(frozen=True, slots=True)
class Written:
    """The texts of a notification, worked out."""

    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, options: ContactOptions, notification: Notification) -> Written:
        """All texts of a contact point, its templates run over the notification."""
        return cls({name: render(text, notification) for name, text in options.templates().items()})

    def __getitem__(self, name: str) -> str:
        return self.texts[name]
