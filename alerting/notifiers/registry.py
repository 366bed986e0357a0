"""The kinds of contact point by name, and notifiers made of what is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError

from ...datasources.sources.connector import Connector
from ...datasources.sources.network import NetworkGuard
from ...datasources.sources.sealing import opened, sealed
from ...errors import InvalidError
from ...plugins import installed
from ...storage.config.datasources import StoredSource
from .alertmanager import Alertmanager
from .base import ContactOptions, Notifier, NotifierContext
from .email import Email
from .log import Log
from .pagerduty import PagerDuty
from .slack import Slack
from .teams import Teams
from .webhook import Webhook

TIMEOUT_S = 10.0
BUILT_IN = StoredSource("log", "Log", "log", provisioned=True)  # where alerts go until somebody says where else


class NotifierKinds:
    """The kinds; whatever they make reaches only what `guard` lets a contact point reach."""

    def __init__(self, guard: NetworkGuard, clock: Callable[[], float], timeout_s: float = TIMEOUT_S) -> None:
        connector = Connector(guard, provisioned=False)
        self._context = NotifierContext(connector=connector, timeout_s=timeout_s, clock=clock)
        self._kinds: dict[str, type[Notifier]] = {}

    def register(self, kind: type[Notifier]) -> None:
        """ValueError where there is a kind of that name."""
        if kind.kind in self._kinds:
            raise ValueError(f"two kinds of contact point are named {kind.kind}")
        self._kinds[kind.kind] = kind

    @property
    def all(self) -> Sequence[type[Notifier]]:
        """All kinds, by name."""
        return sorted(self._kinds.values(), key=lambda one: one.kind)

    def class_of(self, name: str) -> type[Notifier]:
        """The kind of that name; InvalidError where there is none."""
        if name not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            raise InvalidError(f"there is no contact point of type {name}: {known}", path="$.type")
        return self._kinds[name]

    def options(self, stored: StoredSource) -> ContactOptions:
        """The options of a stored contact point; ValidationError."""
        return self.class_of(stored.type).Config.model_validate(dict(stored.options))

    def make(self, stored: StoredSource) -> Notifier:
        """A notifier; InvalidError with its path where the configuration cannot be."""
        kind = self.class_of(stored.type)
        made = opened(kind, sealed(kind, stored))
        if made.url and not kind.url_form:
            raise InvalidError(f"a {kind.title} contact point has no URL beside its secrets", path="$.url")
        return kind(made, self._context)

    def tells_ends(self, stored: StoredSource) -> bool:
        """Whether a contact point hears of alerts that have ended."""
        try:
            return self.options(stored).send_resolved
        except (InvalidError, ValidationError):
            return True


def default_kinds(guard: NetworkGuard, clock: Callable[[], float], timeout_s: float = TIMEOUT_S) -> NotifierKinds:
    """All kinds of contact point that this product has, and those of plugins."""
    kinds = NotifierKinds(guard, clock, timeout_s)
    for kind in (Webhook, Email, Slack, Teams, PagerDuty, Alertmanager, Log):
        kinds.register(kind)
    for brought in installed().notifiers:
        kinds.register(brought)
    return kinds
