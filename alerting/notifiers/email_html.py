"""The HTML part of a mail: tables and inline styles, as mail programs read them; all text of people is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from ..alert import Alert
from ..grouping.notification import Notification
from ..templates.gofmt import shortest
from .texts import MAX_NAMED, rule_url
from .times import rfc3339

FIRING, RESOLVED = "#c4342b", "#1f7a4d"
FONT: Final = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
PAGE: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    '<body style="margin:0;padding:16px;background:#f4f5f7;{font};color:#1c2430">'
    '<table role="presentation" cellspacing="0" cellpadding="0" style="max-width:680px;width:100%;margin:0 auto;'
    'background:#ffffff;border-radius:8px;border-top:4px solid {color}">'
    '<tr><td style="padding:20px 24px 8px"><h1 style="margin:0;font-size:18px;line-height:1.4">{title}</h1></td></tr>'
    "{parts}{more}</table></body></html>"
)
PART: Final = (
    '<tr><td style="padding:12px 24px 0;font-size:12px;font-weight:600;letter-spacing:.06em;'
    'text-transform:uppercase;color:{color}">{title}</td></tr>{alerts}'
)
ALERT: Final = (
    '<tr><td style="padding:8px 24px 14px;border-bottom:1px solid #e6e8ec;font-size:14px;line-height:1.5">'
    '<strong>{name}</strong>{summary}<div style="color:#5b6572;font-size:12px;margin-top:4px">{labels}</div>'
    '<div style="color:#5b6572;font-size:12px">{facts}</div></td></tr>'
)
MORE: Final = '<tr><td style="padding:14px 24px 20px;font-size:12px;color:#5b6572">{text}</td></tr>'


def as_html(title: str, notification: Notification) -> str:
    """The page of a notification."""
    parts = "".join(
        PART.format(color=color, title=name, alerts="".join(_alert(one, notification) for one in alerts[:MAX_NAMED]))
        for name, color, alerts in (
            ("Firing", FIRING, notification.firing),
            ("Resolved", RESOLVED, notification.resolved),
        )
        if alerts
    )
    return PAGE.format(
        title=escape(title),
        font=FONT,
        color=FIRING if notification.firing else RESOLVED,
        parts=parts,
        more=MORE.format(text=_more(notification)),
    )


def _alert(alert: Alert, notification: Notification) -> str:
    name = escape(alert.labels.get("alertname", "Alert"))
    url = rule_url(notification.external_url, alert)
    told = [alert.annotations[key] for key in ("summary", "description") if alert.annotations.get(key)]
    labels = [f"{key}={value}" for key, value in sorted(alert.labels.items()) if key != "alertname"]
    facts = [f"since {rfc3339(alert.starts_ms)}"]
    if alert.ends_ms is not None:
        facts.append(f"until {rfc3339(alert.ends_ms)}")
    if alert.value is not None:
        facts.insert(0, f"value {shortest(alert.value)}")
    return ALERT.format(
        name=f'<a href="{escape(url)}" style="color:inherit">{name}</a>' if url else name,
        summary="".join(f"<div>{escape(text)}</div>" for text in told),
        labels=escape(" · ".join(labels)),
        facts=escape(" · ".join(facts)),
    )


def _more(notification: Notification) -> str:
    left = _left(notification.firing) + _left(notification.resolved)
    said = f"and {left} more · " if left else ""
    return f"{said}sent to {escape(notification.receiver)} by Heliograph"


def _left(alerts: Sequence[Alert]) -> int:
    return max(0, len(alerts) - MAX_NAMED)
