"""Texts of notifications: Go templates over the data that Alertmanager's have, worked out by our own interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...errors import InvalidError
from ..alert import Alert, fingerprint_of
from ..grouping.notification import Notification, example
from ..templates.gofmt import NOTHING, shortest
from ..templates.gotime import FIRST_NS, MS_NS, Timestamp
from ..templates.record import Record
from ..templates.run import Data, expand
from .times import rfc3339

MAX_TEXT: Final = 10_000  # characters of a template
NO_TIME: Final = "0001-01-01T00:00:00Z"
SUBJECT: Final = (
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] '
    "{{ range $i, $v := .GroupLabels.SortedPairs }}{{ if $i }} {{ end }}{{ $v.Value }}{{ end }}"
    "{{ if not .GroupLabels }}{{ .CommonLabels.alertname }}{{ end }}"
)
ONE: Final = (
    "{{ .Labels.alertname }}{{ with .Annotations.summary }}: {{ . }}{{ end }}"
    "{{ with .Annotations.description }}\n  {{ . }}{{ end }}\n"
    "  {{ range $i, $v := .Labels.SortedPairs }}{{ if $i }}, {{ end }}{{ $v.Name }}={{ $v.Value }}{{ end }}"
    "{{ if .ValueText }}\n  value {{ .ValueText }}{{ end }}\n  since {{ .StartsAt }}\n"
)
BODY: Final = (
    f"{{{{ if .Alerts.Firing }}}}Firing\n{{{{ range .Alerts.Firing }}}}- {ONE}{{{{ end }}}}{{{{ end }}}}"
    f"{{{{ if .Alerts.Resolved }}}}Resolved\n{{{{ range .Alerts.Resolved }}}}- {ONE}{{{{ end }}}}{{{{ end }}}}"
)
MAX_NAMED: Final = 50  # alerts of which texts tell


class Pairs(dict[str, str], Record):
    """Labels or annotations: by name, and by `SortedPairs`, `Names`, `Values`."""

    def field(self, name: str) -> Any:
        if name == "SortedPairs":
            return [Named({"Name": key, "Value": self[key]}) for key in sorted(self)]
        if name == "Names":
            return sorted(self)
        if name == "Values":
            return [self[key] for key in sorted(self)]
        return self.get(name, "")


class Named(dict[str, Any], Record):
    """Something with fields that are there or a mistake."""

    def field(self, name: str) -> Any:
        if name not in self:
            raise ValueError(f"can't evaluate field {name}: {', '.join(sorted(self))}")
        return self[name]


class Alerts(tuple[Named, ...], Record):
    """Alerts, and those of them that fire or have ended."""

    __slots__ = ()

    def field(self, name: str) -> Any:
        if name not in ("Firing", "Resolved"):
            raise ValueError(f"can't evaluate field {name} of alerts: Firing, Resolved")
        return Alerts(one for one in self if one["Status"] == name.lower())


@dataclass(frozen=True, slots=True)
class Message(Data):
    """What the templates of a contact point are about."""

    message: Mapping[str, Any] | None = None

    @property
    def dot(self) -> Any:
        """What the receiver is told."""
        return self.message or {}


def message(notification: Notification) -> Message:
    """The data of a notification as templates have it."""
    alerts = Alerts(_alert(one, notification) for one in _some(notification.alerts))
    fields = {
        "Receiver": notification.receiver,
        "Status": notification.status,
        "Alerts": alerts,
        "GroupLabels": Pairs(notification.group_labels),
        "CommonLabels": Pairs(notification.common_labels),
        "CommonAnnotations": Pairs(notification.common_annotations),
        "ExternalURL": notification.external_url,
        "GroupKey": notification.group_text,
        "TruncatedAlerts": len(notification.alerts) - len(alerts),
    }
    return Message(
        labels=Pairs(notification.common_labels),
        external_url=notification.external_url,
        now_ms=notification.at_ms,
        message=Named(fields),
    )


def _some(alerts: Sequence[Alert]) -> Sequence[Alert]:
    return alerts[:MAX_NAMED]


def _alert(alert: Alert, notification: Notification) -> Named:
    return Named(
        {
            "Status": "firing" if alert.firing else "resolved",
            "Labels": Pairs(alert.labels),
            "Annotations": Pairs(alert.annotations),
            "StartsAt": _time(alert.starts_ms),
            "EndsAt": Timestamp(NO_TIME, FIRST_NS) if alert.ends_ms is None else _time(alert.ends_ms),
            "GeneratorURL": rule_url(notification.external_url, alert),
            "Fingerprint": fingerprint_of(alert.labels),
            "Value": alert.value if alert.value is not None else NOTHING,
            "ValueText": shortest(alert.value) if alert.value is not None else "",
        }
    )


def _time(ms: int) -> Timestamp:
    return Timestamp(rfc3339(ms), ms * MS_NS)


def rule_url(external_url: str, alert: Alert) -> str:
    """The page of an alert's rule; empty where nobody said what this server is called."""
    return f"{external_url}/alerts/{alert.rule_id}" if external_url and alert.rule_id else ""


def render(text: str, notification: Notification) -> str:
    """A template's text, or what is wrong with it in its place: a person is told of an alert whatever its text is."""
    try:
        return expand(text, message(notification))
    except ValueError as error:
        return f"<error expanding template: {error}>"


def tried(text: str, path: str) -> None:
    """InvalidError at `path` where a template fails over an example."""
    try:
        expand(text, message(example("example", 0, "http://example.org")))
    except ValueError as error:
        raise InvalidError(f"the template fails: {error}", path=path) from None
